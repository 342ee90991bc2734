import { expect, test } from 'vitest';
import { join } from '../../src/testbench/index.ts';
import { queuesBench } from './bench/queues-bench.ts';
import { receiveTraffic, sendTraffic } from './bench/queues-traffic.ts';

test('bytes stored in order are read back, and the buffers are free again', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    for (let at = 0; at < 20_000; at += 1000) bench.store(stream, at, at + 1000);
    yield* bench.settle();
    expect(stream.contiguous).toBe(20_000);
    for (let at = 0; at < 20_000; at += 2500) bench.readNext(stream, 2500);
    yield* bench.settleFree();
  });
});

test('bytes written are added, fetched and freed, and all buffers and nodes are free again', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openTx(3);
    yield* bench.settle();
    for (let i = 0; i < 20; i++) bench.writeBytes(stream, bench.random.bytes(1001));
    yield* bench.settle();
    expect(stream.added).toBe(20_020);
    for (let at = 0; at < 20_000; at += 1448) {
      bench.fetch(stream, at, Math.min(1448, stream.end - at));
      bench.freeTo(stream, Math.min(at + 1448, stream.end));
    }
    bench.freeTo(stream, stream.end);
    yield* bench.settleFree();
    expect(bench.faults).toBe(0);
  });
});

const SURROUNDINGS = [
  { name: 'that never pause', pause: 0, memory: { pause: 0, latency: [4, 8] as const } },
  { name: 'that pause', pause: 0.4, memory: { pause: 0.2, latency: [1, 60] as const } },
  { name: 'with slow memory', pause: 0.05, memory: { pause: 0.5, latency: [50, 400] as const } },
];

test.for(SURROUNDINGS)('random traffic both ways, in surroundings $name', async (surroundings) => {
  const bench = await queuesBench();
  bench.pause = surroundings.pause;
  bench.memory.timing = surroundings.memory;
  bench.sim.run(function* () {
    const receiving = bench.sim.fork(receiveTraffic(bench, 1000));
    const sending = bench.sim.fork(sendTraffic(bench, 1000));
    yield* join(receiving);
    yield* join(sending);
    yield* bench.settleFree();
    expect(bench.faults).toBe(0);
    expect(bench.granted).toBeGreaterThan(400);
    expect(bench.refused).toBeGreaterThan(20);
  });
});
