import { describe, expect, test } from 'vitest';
import { SETTLED, simulate } from '../../src/testbench/index.ts';
import { CROSSED, contents, randomFrames, receiveExactly } from './streams.ts';

const FILE = 'hdl/common/axis_arb.sv';
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

describe.for(SHAPES)('axis_arb of $ports ports of $dataWidth bits', (shape) => {
  const lanes = Array.from({ length: shape.ports }, (_, lane) => lane);

  test.for(CROSSED)('sources pause $source.name, sink $sink.name', async (pausing) => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    const sources = lanes.map((lane) =>
      sim.source('s_axis', {
        lane,
        lanes: shape.ports,
        pause: pausing.source.of(sim.random.fork(`source pauses ${lane}`)),
      }),
    );
    const sink = sim.sink('m_axis', { pause: pausing.sink.of(sim.random.fork('sink pauses')) });
    sim.reset();
    const sent = lanes.map(() => randomFrames(sim.random, shape, { count: 60, maxBeats: 6 }));
    for (const lane of lanes) {
      for (const frame of sent[lane] ?? []) sources[lane]?.enqueue(frame);
    }
    const received = receiveExactly(sim, sink, 60 * shape.ports);
    for (const lane of lanes) {
      const own = received.filter(({ id }) => id === lane);
      expect(contents(own), `port ${lane}`).toEqual(contents(sent[lane] ?? []));
    }
  });

  test('without pauses: no gap between frames, and each port in its turn', async () => {
    const sim = await simulate(FILE, { parameters: parametersOf(shape) });
    const beatBytes = shape.dataWidth / 8;
    for (const lane of lanes) {
      const source = sim.source('s_axis', { lane, lanes: shape.ports });
      for (let i = 0; i < 20; i++) source.enqueue(sim.random.bytes(beatBytes * (1 + (i % 3))));
    }
    const sink = sim.sink('m_axis');
    sim.reset();
    const received = sim.run(sink.receiveMany(20 * shape.ports));
    received.forEach((frame, i) => {
      expect(frame.id).toBe(i % shape.ports);
      const before = received[i - 1];
      if (before) expect(frame.firstCycle).toBe(before.lastCycle + 1);
    });
  });
});

test('a source that pauses in mid frame keeps its turn', async () => {
  const sim = await simulate(FILE, { parameters: { PORTS: 2, DATA_W: 8 } });
  const slow = sim.source('s_axis', { lane: 0, lanes: 2 });
  const quick = sim.source('s_axis', { lane: 1, lanes: 2 });
  const sink = sim.sink('m_axis');
  sim.reset();
  slow.enqueue(Uint8Array.of(1, 2, 3));
  sim.cycles(2);
  slow.pause = 1;
  quick.enqueue(Uint8Array.of(9));
  sim.cycles(50);
  expect(quick.beats).toBe(0);
  slow.pause = 0;
  const received = sim.run(sink.receiveMany(2));
  expect(received.map(({ data }) => [...data])).toEqual([[1, 2, 3], [9]]);
});

test('a port that offers a frame waits for one frame of each other port at most', async () => {
  const sim = await simulate(FILE, { parameters: { PORTS: 4, DATA_W: 8 } });
  for (const lane of [0, 1, 2]) {
    const source = sim.source('s_axis', { lane, lanes: 4 });
    for (let i = 0; i < 200; i++) source.enqueue(sim.random.bytes(sim.random.int(1, 16)));
  }
  const rare = sim.source('s_axis', { lane: 3, lanes: 4, pause: 0.95 });
  for (let i = 0; i < 20; i++) rare.enqueue(Uint8Array.of(i));
  sim.sink('m_axis', { pause: 0.2 });
  sim.reset();
  let passed = 0;
  let mostPassed = 0;
  let startsFrame = true;
  sim.run(
    function* () {
      const { ports } = sim;
      while (rare.frames < 20) {
        yield SETTLED;
        const taken = ports.s_axis_tvalid & ports.s_axis_tready;
        if (taken === 8 || (ports.s_axis_tvalid & 8) === 0) passed = 0;
        else if (taken !== 0 && startsFrame) passed++;
        if (taken !== 0) startsFrame = (taken & ports.s_axis_tlast) !== 0;
        mostPassed = Math.max(mostPassed, passed);
        yield;
      }
    },
    { max: 20_000 },
  );
  expect(mostPassed).toBeGreaterThan(0);
  expect(mostPassed).toBeLessThanOrEqual(3);
});

test('error: no ports stop the build', async () => {
  await expect(simulate(FILE, { parameters: { PORTS: 0 } })).rejects.toThrow(/PORTS=0 is below 1/);
});
