import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';
import { CROSSED, contents, randomFrames } from './streams.ts';

const FILE = 'hdl/common/axis_demux.sv';
const SHAPES = [
  { ports: 1, dataWidth: 64, userWidth: 1 },
  { ports: 3, dataWidth: 64, userWidth: 4 },
  { ports: 8, dataWidth: 24, userWidth: 7 },
];
const parametersOf = ({ ports, dataWidth, userWidth }: (typeof SHAPES)[number]) => ({
  PORTS: ports,
  DATA_W: dataWidth,
  USER_W: userWidth,
});

describe.for(SHAPES)('axis_demux of $ports ports of $dataWidth bits', (shape) => {
  const lanes = Array.from({ length: shape.ports }, (_, lane) => lane);
  const destinations = 2 ** Math.max(1, Math.ceil(Math.log2(shape.ports)));

  test.for(CROSSED)('source pauses $source.name, sinks $sink.name', async (pausing) => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    const source = sim.source('s_axis', {
      pause: pausing.source.of(sim.random.fork('source pauses')),
    });
    const sinks = lanes.map((lane) =>
      sim.sink('m_axis', {
        lane,
        lanes: shape.ports,
        pause: pausing.sink.of(sim.random.fork(`sink pauses ${lane}`)),
      }),
    );
    sim.reset();
    const frames = randomFrames(sim.random, shape, { count: 200, maxBeats: 6 }).map((frame) => ({
      ...frame,
      dest: sim.random.int(destinations),
    }));
    for (const frame of frames) source.enqueue(frame);
    sim.run(source.drain(), { max: 40_000 });
    sim.cycles(4);
    for (const lane of lanes) {
      const expected = frames.filter(({ dest }) => dest === lane);
      expect(contents(sinks[lane]?.take() ?? []), `port ${lane}`).toEqual(contents(expected));
    }
  });
});

test('tdest counts on the first beat of a frame only', async () => {
  const sim = await simulate(FILE, { parameters: { PORTS: 2, DATA_W: 8 } });
  const dut = sim.ports;
  sim.reset();
  dut.m_axis_tready = 3;
  dut.s_axis_tvalid = 1;
  const offered = [1, 0, 0, 0].map((dest, beat) => {
    dut.s_axis_tdest = dest;
    dut.s_axis_tlast = beat === 2 ? 1 : 0;
    sim.settle();
    const valid = dut.m_axis_tvalid;
    sim.cycles(1);
    return valid;
  });
  expect(offered).toEqual([2, 2, 2, 1]);
});

test('a frame to no port is discarded at full speed, whatever the ports do', async () => {
  const sim = await simulate(FILE, { parameters: { PORTS: 3, DATA_W: 8 } });
  const source = sim.source('s_axis');
  sim.reset();
  sim.ports.m_axis_tready = 0;
  source.enqueue({ data: sim.random.bytes(100), dest: 3 });
  sim.run(source.drain(), { max: 110 });
  expect(sim.ports.m_axis_tvalid).toBe(0);
});

test('error: no ports stop the build', async () => {
  await expect(simulate(FILE, { parameters: { PORTS: 0 } })).rejects.toThrow(/PORTS=0 is below 1/);
});
