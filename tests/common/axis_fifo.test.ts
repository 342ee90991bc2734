import { describe, expect, test } from 'vitest';
import { SETTLED, simulate } from '../../src/testbench/index.ts';
import { CROSSED, expectSameFrames, randomFrames } from './streams.ts';

const FILE = 'hdl/common/axis_fifo.sv';
const SHAPES = [
  { dataWidth: 8, userWidth: 1, depth: 4 },
  { dataWidth: 64, userWidth: 9, depth: 16 },
  { dataWidth: 300, userWidth: 3, depth: 128 },
];
const parametersOf = ({ dataWidth, userWidth, depth }: (typeof SHAPES)[number]) => ({
  DATA_W: dataWidth,
  USER_W: userWidth,
  DEPTH: depth,
});

describe.for(SHAPES)('axis_fifo of $depth beats of $dataWidth bits, tuser $userWidth', (shape) => {
  test.for(CROSSED)('source pauses $source.name, sink $sink.name', async (pausing) => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    expectSameFrames(sim, shape, pausing);
    expect(sim.ports.level).toBe(0);
  });

  test('takes exactly its depth, and stalls until a beat has left', async () => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    const source = sim.source('s_axis');
    const sink = sim.sink('m_axis', { pause: 1 });
    sim.reset();
    for (const frame of randomFrames(sim.random, shape, { count: shape.depth + 8, maxBeats: 1 })) {
      source.enqueue(frame);
    }
    sim.cycles(2 * shape.depth + 8);
    expect(source.beats).toBe(shape.depth);
    expect(sim.ports.level).toBe(shape.depth);
    expect(sim.ports.s_axis_tready).toBe(0);
    sink.pause = 0;
    sim.run(sink.receiveMany(shape.depth + 8));
    expect(sink.beats).toBe(shape.depth + 8);
  });

  test('gives a beat in every cycle without pauses', async () => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    const source = sim.source('s_axis');
    const sink = sim.sink('m_axis');
    sim.reset();
    source.enqueue({ data: new Uint8Array(500 * Math.ceil(shape.dataWidth / 8)) });
    const frame = sim.run(sink.receive());
    expect(frame.lastCycle - frame.firstCycle).toBe(499);
  });
});

test('a beat falls through an empty FIFO in two cycles', async () => {
  const sim = await simulate(FILE, { parameters: { DEPTH: 16 } });
  sim.reset();
  sim.ports.s_axis_tvalid = 1;
  sim.cycles(1);
  sim.ports.s_axis_tvalid = 0;
  expect([sim.ports.level, sim.ports.m_axis_tvalid]).toEqual([1, 0]);
  sim.cycles(1);
  expect([sim.ports.level, sim.ports.m_axis_tvalid]).toEqual([1, 1]);
});

test('level counts the beats that entered and have not left, in every cycle', async () => {
  const sim = await simulate(FILE, { parameters: { DEPTH: 16, DATA_W: 8 } });
  const source = sim.source('s_axis', { pause: 0.4 });
  sim.sink('m_axis', { pause: 0.5 });
  sim.reset();
  for (const frame of randomFrames(sim.random, { dataWidth: 8 }, { count: 300 })) {
    source.enqueue(frame);
  }
  sim.run(
    function* () {
      const { ports } = sim;
      let inside = 0;
      for (let i = 0; i < 1500; i++) {
        yield SETTLED;
        expect(ports.level).toBe(inside);
        inside += ports.s_axis_tvalid & ports.s_axis_tready;
        inside -= ports.m_axis_tvalid & ports.m_axis_tready;
        yield;
      }
    },
    { max: 4000 },
  );
});

test('a reset empties it', async () => {
  const sim = await simulate(FILE, { parameters: { DEPTH: 16, DATA_W: 8 } });
  sim.reset();
  sim.ports.s_axis_tvalid = 1;
  sim.cycles(7);
  sim.ports.s_axis_tvalid = 0;
  sim.reset();
  expect(sim.ports.level).toBe(0);
  sim.cycles(8);
  expect(sim.ports.m_axis_tvalid).toBe(0);
});

test.for([0, 2, 12])('error: a depth of %i stops the build', async (DEPTH) => {
  const building = simulate(FILE, { parameters: { DEPTH } });
  await expect(building).rejects.toThrow(`DEPTH=${DEPTH} is no power of two >= 4`);
});
