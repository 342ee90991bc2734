// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  CoverGroup,
  ReadyValidMonitor,
  ReadyValidSink,
  ReadyValidSource,
  ranges,
  Scoreboard,
  SETTLED,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts'; // installed: 'hpb-accel/testbench'

const FILE = 'docs/testbench/fifo/sync_fifo.sv';
const DEPTH = 4;

/** What happened in a cycle, and how full the FIFO was. */
interface Moment {
  readonly count: number;
  readonly moves: 'none' | 'push' | 'pop' | 'both';
}

const cover = new CoverGroup<Moment>('sync_fifo')
  .point('count', ({ count }) => count, ranges([0, 0], [1, DEPTH - 1], [DEPTH, DEPTH]))
  .point('moves', ({ moves }) => moves, ['none', 'push', 'pop', 'both'])
  .cross('count by moves', ['count', 'moves'], {
    // An empty FIFO has nothing to give, a full one takes nothing
    ignore: (count, moves) =>
      (count === '0' && (moves === 'pop' || moves === 'both')) ||
      (count === `${DEPTH}` && (moves === 'push' || moves === 'both')),
  });

/** Pushes 500 random items through and compares them in order. */
async function exercise(file: string, pause: { push: number; pop: number }): Promise<void> {
  const sim = await simulate(file, { parameters: { DEPTH } });
  const dut = sim.ports;
  const board = new Scoreboard<number>({ name: 'fifo', cycle: () => sim.cycle });
  new ReadyValidMonitor(sim, 'push', {
    onTransfer: ({ payload }) => board.expect(Number(payload.data)),
  });
  new ReadyValidMonitor(sim, 'pop', {
    onTransfer: ({ payload }) => board.observe(Number(payload.data)),
  });
  const source = new ReadyValidSource(sim, 'push', { pause: pause.push });
  new ReadyValidSink(sim, 'pop', { pause: pause.pop });

  sim.reset();
  sim.fork(watch());
  for (let i = 0; i < 500; i++) source.enqueue({ data: sim.random.int(0, 255) });
  sim.until(() => board.matched === 500, { max: 10_000 });
  board.finish();
  expect(dut.count).toBe(0);

  function* watch(): Task {
    for (;;) {
      yield SETTLED; // inputs have taken effect, the edge is ahead
      const push = dut.push_valid && dut.push_ready;
      const pop = dut.pop_valid && dut.pop_ready;
      const moves = push ? (pop ? 'both' : 'push') : pop ? 'pop' : 'none';
      cover.sample({ count: dut.count, moves });
      yield;
    }
  }
}

describe('a FIFO gives what it took, in order', () => {
  for (const push of [0, 0.5]) {
    for (const pop of [0, 0.5]) {
      test(`with pauses of ${push} and ${pop}`, () => exercise(FILE, { push, pop }));
    }
  }

  test('and all together fill it, drain it, and move both ends at once', () => cover.expectFull());
});

test('it holds DEPTH items and not one more', async () => {
  const sim = await simulate(FILE, { parameters: { DEPTH } });
  const source = new ReadyValidSource(sim, 'push');
  sim.reset();
  for (let i = 0; i < 2 * DEPTH; i++) source.enqueue({ data: i });
  sim.cycles(50);
  expect(sim.ports).toMatchObject({ count: DEPTH, push_ready: 0, pop_valid: 1, pop_data: 0 });
});

test('error: a depth that is no power of two does not build', async () => {
  await expect(simulate(FILE, { parameters: { DEPTH: 12 } })).rejects.toThrow(
    'DEPTH=12 is no power of two',
  );
});

describe('a FIFO with a bug is noticed', () => {
  test.for([
    [
      'one_too_deep',
      'count < (',
      'count <= (',
      /pop, cycle \d+: pop_data changed while stalled|fifo, cycle \d+: item/,
    ],
    ['pops_when_empty', 'if (pop_valid && pop_ready)', 'if (pop_ready)', /fifo, cycle|pop_/],
    ['loses_items', "tail_q + 1'b1", 'tail_q + !pop_ready', /did not come|expected/],
  ] as const)('%s', async ([name, right, wrong, message]) => {
    // A FIFO that is often empty shows one of them, one that is often full another.
    const pauses = name === 'pops_when_empty' ? { push: 0.7, pop: 0.1 } : { push: 0.2, pop: 0.5 };
    const file = `build/examples/${name}/sync_fifo.sv`;
    const text = readFileSync(FILE, 'utf8');
    expect(text).toContain(right);
    mkdirSync(`build/examples/${name}`, { recursive: true });
    writeFileSync(file, text.replace(right, wrong));
    await expect(exercise(file, pauses)).rejects.toThrow(message);
  });
});
