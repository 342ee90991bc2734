/** toe_commit_fifo: frames come out whole, in order, or not at all. */
import { describe, expect, test } from 'vitest';
import { SETTLED, simulate, type Task } from '../../src/testbench/index.ts';

const FILE = 'hdl/toe/toe_commit_fifo.sv';

describe.for([
  { name: 'never', writes: 1, reads: 1 },
  { name: 'the writer', writes: 0.4, reads: 1 },
  { name: 'the reader', writes: 1, reads: 0.3 },
  { name: 'both', writes: 0.5, reads: 0.5 },
])('pauses: $name', ({ writes, reads }) => {
  test.for([true, false])('the writer waits for room: %s', async (waits) => {
    const sim = await simulate(FILE, { parameters: { DATA_W: 32, DEPTH: 16 } });
    const dut = sim.ports;
    const random = sim.random.fork('frames');
    const expected: number[] = [];
    const got: number[] = [];
    let [lostFrames, discarded, committed] = [0, 0, 0];
    // What the FIFO holds, by the rules: words written of open and whole frames, less those fetched
    let frame: number[] = [];
    let isLost = false;
    sim.reset();

    function* writer(): Task {
      for (let i = 0; i < 20_000; i++) {
        const isWord = random.chance(writes);
        const isEnd = random.chance(0.15);
        Object.assign(dut, { s_data: random.uint32(), s_valid: 0, s_commit: 0, s_discard: 0 });
        yield SETTLED;
        const isFull = dut.s_ready === 0;
        expect(dut.s_lost).toBe(isLost ? 1 : 0);
        const isWritten = isWord && !(waits && isFull);
        const isDiscarded = isEnd && random.chance(0.3);
        // A frame that fills the FIFO by itself never goes on; who waits gives it up
        const isStuck = waits && isFull && frame.length >= 15;
        dut.s_valid = isWritten ? 1 : 0;
        dut.s_discard = isDiscarded || isStuck ? 1 : 0;
        dut.s_commit = isEnd && dut.s_discard === 0 ? 1 : 0;
        if (isWritten && isFull) isLost = true;
        if (isWritten && !isFull) frame.push(dut.s_data as number);
        if (dut.s_commit === 1 || dut.s_discard === 1) {
          if (dut.s_discard === 1) discarded++;
          else if (isLost) lostFrames++;
          else {
            committed++;
            expected.push(...frame);
          }
          frame = [];
          isLost = false;
        }
        yield;
      }
      Object.assign(dut, { s_valid: 0, s_commit: 0, s_discard: 1 });
      yield;
      dut.s_discard = 0;
    }
    function* reader(): Task {
      for (;;) {
        dut.m_ready = random.chance(reads) ? 1 : 0;
        yield SETTLED;
        if (dut.m_valid === 1 && dut.m_ready === 1) got.push(dut.m_data as number);
        yield;
      }
    }
    sim.fork(reader());
    sim.run(writer(), { max: 30_000 });
    sim.cycles(400);
    expect(got).toEqual(expected);
    expect(committed).toBeGreaterThan(500);
    expect(discarded).toBeGreaterThan(100);
    if (waits) expect(lostFrames).toBe(0);
    else if (writes > reads) expect(lostFrames).toBeGreaterThan(100);
    expect(dut.m_valid).toBe(0);
    expect(dut.s_ready).toBe(1);
  });
});

test('a word waits for its commit, and comes two cycles behind it', async () => {
  const sim = await simulate(FILE, { parameters: { DATA_W: 8, DEPTH: 4 } });
  const dut = sim.ports;
  sim.reset();
  Object.assign(dut, { s_valid: 1, s_data: 7 });
  sim.cycles(1);
  dut.s_valid = 0;
  sim.cycles(10);
  expect(dut.m_valid).toBe(0);
  dut.s_commit = 1;
  sim.cycles(1);
  dut.s_commit = 0;
  expect(dut.m_valid).toBe(0);
  sim.cycles(1);
  expect([dut.m_valid, dut.m_data]).toEqual([1, 7]);
});

test.for([0, 2, 12])('error: a depth of %i stops the build', async (DEPTH) => {
  const building = simulate(FILE, { parameters: { DEPTH } });
  await expect(building).rejects.toThrow(`DEPTH=${DEPTH} is no power of two >= 4`);
});
