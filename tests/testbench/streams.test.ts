import { describe, expect, test } from 'vitest';
import { bursts, type Simulation, simulate } from '../../src/testbench/index.ts';

const FILE = 'tests/testbench/hdl/bad_stream.sv';

/** Sends random frames through and compares: what any test of a stream module does. */
function exercise(sim: Simulation, pauses: { source: number; sink: number }): void {
  const source = sim.source('s_axis', { pause: pauses.source });
  const sink = sim.sink('m_axis', { pause: pauses.sink });
  sim.reset();
  const frames = Array.from({ length: 40 }, () => sim.random.bytes(sim.random.int(1, 12)));
  for (const frame of frames) source.enqueue(frame);
  const received = sim.run(sink.receiveMany(frames.length), { max: 5000 });
  expect(received.map(({ data }) => data)).toEqual(frames);
}

describe('a stream module without bugs passes', () => {
  for (const source of [0, 0.5]) {
    for (const sink of [0, 0.5]) {
      test(`with source pauses ${source} and sink pauses ${sink}`, async () => {
        exercise(await simulate(FILE), { source, sink });
      });
    }
  }
});

describe('a stream module with a bug is noticed', () => {
  const pauses = { source: 0.3, sink: 0.5 };
  test.for([
    [1, 'tvalid fell before the beat was taken'],
    [2, 'tdata changed while stalled'],
    [3, 'did not end in 5000 cycles|to deeply equal'],
    [4, 'to deeply equal'],
    [6, 'did not end in 5000 cycles'],
  ] as const)('bug %i: %s', async ([BUG, message]) => {
    // A seed by which each bug shows: one run of 40 frames does not find all of them with every seed.
    const sim = await simulate(FILE, { parameters: { BUG }, seed: 1 });
    expect(() => exercise(sim, pauses)).toThrow(new RegExp(message));
  });

  test('bug 5: a register that no reset reaches starts at random', async () => {
    const starts = new Set<number>();
    for (let seed = 1; seed <= 16; seed++) {
      const sim = await simulate(FILE, { parameters: { BUG: 5 }, seed });
      sim.ports.rst = 1;
      sim.cycles(1);
      starts.add(sim.ports.m_axis_tvalid);
    }
    expect(starts).toEqual(new Set([0, 1]));
  });
});

test('bursts of pauses are idle and busy for several cycles', async () => {
  const sim = await simulate(FILE);
  const pause = bursts(sim.random, { busy: 8, idle: 8 });
  const pattern = Array.from({ length: 2000 }, () => (pause() ? '.' : '#')).join('');
  expect(pattern).toMatch(/#{6,}/);
  expect(pattern).toMatch(/\.{6,}/);
  expect(pattern).not.toMatch(/\.{25,}/);
});

test('promises of transactions share the cycles', async () => {
  const sim = await simulate(FILE);
  const source = sim.source('s_axis');
  const sink = sim.sink('m_axis');
  sim.reset();
  const [, frame] = await Promise.all([
    sim.start(source.send(Uint8Array.of(1, 2, 3))),
    sim.start(sink.receive()),
  ]);
  expect(frame.data).toEqual(Uint8Array.of(1, 2, 3));
  await expect(sim.start(sink.receive(), { max: 50 })).rejects.toThrow(/had not ended by cycle/);
});

test('error: an empty frame is refused', async () => {
  const sim = await simulate(FILE);
  expect(() => sim.source('s_axis').enqueue(new Uint8Array(0))).toThrow(/one or more beats/);
  expect(() => sim.source('x_axis')).toThrow(/no port x_axis_tvalid/);
});
