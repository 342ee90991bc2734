import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';
import { CROSSED, expectSameFrames, randomFrames } from './streams.ts';

const FILE = 'hdl/common/axis_register.sv';
const SHAPES = [
  { dataWidth: 64, userWidth: 1 },
  { dataWidth: 13, userWidth: 5 },
  { dataWidth: 256, userWidth: 32 },
];
const parametersOf = (shape: (typeof SHAPES)[number]) => ({
  DATA_W: shape.dataWidth,
  USER_W: shape.userWidth,
});

describe.for(SHAPES)('axis_register of $dataWidth bits, tuser $userWidth', (shape) => {
  test.for(CROSSED)('source pauses $source.name, sink $sink.name', async (pausing) => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    expectSameFrames(sim, shape, pausing);
  });
});

test('without pauses it takes and gives a beat in every cycle', async () => {
  const sim = await simulate(FILE);
  const source = sim.source('s_axis');
  const sink = sim.sink('m_axis');
  sim.reset();
  source.enqueue(sim.random.bytes(1000 * 8));
  const frame = sim.run(sink.receive());
  expect(frame.beats).toBe(1000);
  expect(frame.lastCycle - frame.firstCycle).toBe(999);
});

test('it holds two beats, and a reset empties it', async () => {
  const sim = await simulate(FILE);
  const source = sim.source('s_axis');
  const sink = sim.sink('m_axis', { pause: 1 });
  sim.reset();
  source.enqueue(sim.random.bytes(8 * 8));
  sim.cycles(10);
  expect(source.beats).toBe(2);
  expect(sim.ports.s_axis_tready).toBe(0);

  sim.reset();
  sink.pause = 0;
  const frame = sim.run(sink.receive());
  expect(frame.beats).toBe(8);
});

test('every output depends on registers alone', async () => {
  const sim = await simulate(FILE, { parameters: { DATA_W: 32 } });
  const outputs = () => {
    sim.settle();
    const { s_axis_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast, m_axis_tuser } = sim.ports;
    return { s_axis_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast, m_axis_tuser };
  };
  sim.reset();
  const source = sim.source('s_axis', { pause: 0.3 });
  for (const frame of randomFrames(sim.random, { dataWidth: 32 }, { count: 40 })) {
    source.enqueue(frame);
  }
  for (let i = 0; i < 200; i++) {
    sim.ports.m_axis_tready = 0;
    const before = outputs();
    sim.ports.m_axis_tready = 1;
    expect(outputs()).toEqual(before);
    sim.ports.m_axis_tready = sim.random.int(2);
    sim.cycles(1);
  }
});

test('error: a width of zero stops the build', async () => {
  await expect(simulate(FILE, { parameters: { DATA_W: 0 } })).rejects.toThrow(
    /DATA_W=0 is below 1/,
  );
  await expect(simulate(FILE, { parameters: { USER_W: 0 } })).rejects.toThrow(
    /USER_W=0 is below 1/,
  );
});
