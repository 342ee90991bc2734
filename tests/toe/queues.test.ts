import { expect, test } from 'vitest';
import { delay, join, simulate } from '../../src/testbench/index.ts';
import { BUFFER, queuesBench } from './bench/queues-bench.ts';
import { receiveTraffic, sendTraffic } from './bench/queues-traffic.ts';

test('bytes stored in order are read back, and the buffers are free again', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    for (let at = 0; at < 20_000; at += 1000) bench.store(stream, at, at + 1000);
    yield* bench.settle();
    expect(bench.free).toBe(bench.buffers - 10);
    for (let at = 0; at < 20_000; at += 2500) bench.readNext(stream, 2500);
    yield* bench.settleFree();
  });
});

test('bytes ahead of what is missing wait in their places until the gap is filled', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openRx(3, { start: 2 ** 32 - 5000 });
    for (const from of [9000, 3000, 6000, 12_000, 0]) bench.store(stream, from, from + 3000);
    yield* bench.settle();
    // Positions 2^32 - 5000 to 10,000 lie in 8 buffers
    expect(bench.free).toBe(bench.buffers - 8);
    bench.readNext(stream, 15_000);
    yield* bench.settleFree();
    expect(bench.refused).toBe(0);
  });
});

test('an unread byte ends the limit, exactly', async () => {
  const bench = await queuesBench({ rxLimit: 10_000 });
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    bench.store(stream, 0, 5000);
    bench.store(stream, 9000, 10_001);
    bench.store(stream, 9000, 10_000);
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([2, 1]);
    bench.readNext(stream, 1);
    yield* bench.settle();
    bench.store(stream, 9000, 10_001);
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([3, 1]);
    bench.releaseRx(stream);
    yield* bench.settleFree();
  });
});

test('a read behind what is stored, or of a closed session, gives zeros and says so', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    bench.store(stream, 0, 6000);
    yield* bench.settle();
    bench.readNext(stream, 6001, { isOdd: true });
    bench.readNext(stream, 5000);
    yield* bench.settle();
    bench.releaseRx(stream);
    yield* bench.settle();
    bench.readNext(stream, 10, { isOdd: true });
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

test('small writes share a buffer', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openTx(3);
    yield* bench.settle();
    for (let i = 0; i < 320; i++) bench.writeBytes(stream, bench.random.bytes(64));
    yield* bench.settle();
    expect(bench.free).toBe(bench.buffers - 10);
    expect(bench.ports.free_nodes).toBe(bench.nodes - 10);
    bench.fetch(stream, 0, 20_480);
    bench.releaseTx(stream);
    yield* bench.settleFree();
  });
});

test('a buffer that many sessions refer to is free when the last one is done with it', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const streams = Array.from({ length: bench.sessions }, (_, i) => bench.openTx(i));
    yield* bench.settle();
    const buffer = (yield* bench.takeBuffer()) ?? Number.NaN;
    for (let round = 0; round < 3; round++) {
      for (const stream of streams) {
        bench.writeBytes(stream, bench.random.bytes(5));
        bench.referBytes(stream, buffer, 100 * round, 700);
      }
    }
    yield* bench.settle();
    expect(bench.granted).toBe(6 * bench.sessions);
    yield* bench.dropBuffer(buffer);
    for (const stream of streams) bench.fetch(stream, 0, 2115);
    const last = streams.pop();
    for (const stream of streams) bench.freeTo(stream, 2115);
    // The last session's writes and the shared buffer; references end a buffer's filling
    yield* bench.settleFree(bench.buffers - 4, bench.nodes - 6);
    if (last) bench.freeTo(last, 2115);
    yield* bench.settleFree();
  });
});

test('references that reach out of their buffer, to a free one or to none are refused', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openTx(3);
    yield* bench.settle();
    const buffer = (yield* bench.takeBuffer()) ?? Number.NaN;
    bench.referBytes(stream, buffer, 2047, 2);
    bench.referBytes(stream, buffer, 0, 0);
    bench.referBytes(stream, buffer, 0, 2048);
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([1, 2]);
    yield* bench.dropBuffer(buffer);
    bench.freeTo(stream, 2048);
    yield* bench.settleFree();
    bench.referBytes(stream, buffer, 0, 10, { isOdd: true });
    bench.releaseTx(stream);
    yield* bench.settleFree();
    bench.referBytes(stream, buffer, 0, 10);
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([1, 4]);
  });
});

test('a fetch or free of what is not held gives zeros or is told, and harms nothing', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openTx(3);
    yield* bench.settle();
    bench.writeBytes(stream, bench.random.bytes(3000));
    yield* bench.settle();
    bench.freeTo(stream, 1000);
    bench.fetch(stream, 999, 10, { isOdd: true });
    bench.fetch(stream, 2991, 10, { isOdd: true });
    bench.fetch(stream, 1000, 5000, { isOdd: true });
    bench.fetch(stream, 1000, 2000);
    yield* bench.settle();
    expect(bench.faults).toBe(0);
    bench.freeTo(stream, 3001);
    bench.freeTo(stream, 999);
    bench.fetch(stream, 1000, 2000);
    yield* bench.settle();
    expect(bench.faults).toBe(2);
    yield* bench.dropBuffer(77);
    yield* delay(4);
    expect(bench.faults).toBe(3);
    bench.releaseTx(stream);
    yield* bench.settleFree();
  });
});

test('a payload shorter than it says ends in zeros, and the next one is whole', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openTx(3);
    yield* bench.settle();
    bench.writeBytes(stream, bench.random.bytes(3));
    // 24 bytes come of 100
    const bytes = bench.random.bytes(100).fill(0, 24);
    bench.writeBytes(stream, bytes, { excess: -76 });
    bench.writeBytes(stream, bench.random.bytes(50));
    yield* bench.settle();
    bench.fetch(stream, 0, 153);
    bench.freeTo(stream, 153);
    yield* bench.settleFree();
  });
});

test('what the bus refuses to give comes as zeros, and is told', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    bench.store(stream, 0, 3000);
    yield* bench.settle();
    bench.memory.refusedFrom = 0;
    bench.readNext(stream, 3000, { isRefused: true });
    yield* bench.settleFree();
  });
});

test('a session held by its limit is refused, and none but it', async () => {
  const bench = await queuesBench({ txLimit: 5000 });
  bench.sim.run(function* () {
    const [one, other] = [bench.openTx(1), bench.openTx(2)];
    yield* bench.settle();
    bench.writeBytes(one, bench.random.bytes(5000));
    bench.writeBytes(one, bench.random.bytes(1));
    bench.writeBytes(other, bench.random.bytes(5000));
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([2, 1]);
    bench.freeTo(one, 1);
    yield* bench.settle();
    bench.writeBytes(one, bench.random.bytes(1));
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([3, 1]);
    bench.releaseTx(one);
    bench.releaseTx(other);
    yield* bench.settleFree();
  });
});

test('a pool that is exhausted refuses whole operations, and recovers', async () => {
  const bench = await queuesBench();
  bench.sim.run(function* () {
    const streams = Array.from({ length: 8 }, (_, i) => bench.openTx(i));
    const received = bench.openRx(9);
    yield* bench.settle();
    for (const stream of streams) bench.writeBytes(stream, bench.random.bytes(31 * BUFFER));
    yield* bench.settle();
    expect(bench.free).toBe(8);
    // 9 buffers are refused, 8 are not
    bench.store(received, 8 * BUFFER, 8 * BUFFER + 1);
    yield* bench.settle();
    expect([bench.refused, bench.free]).toEqual([1, 8]);
    bench.store(received, 7 * BUFFER, 7 * BUFFER + 1);
    yield* bench.settle();
    expect([bench.refused, bench.free]).toEqual([1, 0]);
    expect(yield* bench.takeBuffer()).toBeUndefined();
    bench.store(received, 0, BUFFER);
    const [first] = streams;
    if (first) bench.writeBytes(first, bench.random.bytes(1));
    yield* bench.settle();
    expect([bench.granted, bench.refused]).toEqual([10, 2]);
    for (const stream of streams) {
      bench.fetch(stream, 0, stream.end);
      bench.freeTo(stream, stream.end);
    }
    yield* bench.settle();
    bench.readNext(received, BUFFER);
    yield* bench.settle();
    bench.releaseRx(received);
    yield* bench.settleFree();
  });
});

test('a buffer is not free while bursts that read or write it are under way', async () => {
  const bench = await queuesBench();
  const { buffers } = bench;
  bench.memory.timing = { pause: 0, latency: [900, 900] };
  bench.sim.run(function* () {
    const received = bench.openRx(1);
    const sent = bench.openTx(2);
    yield* bench.settle();
    bench.store(received, 0, BUFFER);
    bench.writeBytes(sent, bench.random.bytes(BUFFER));
    yield* bench.settle();
    bench.readNext(received, BUFFER);
    bench.fetch(sent, 0, BUFFER);
    bench.freeTo(sent, BUFFER);
    // The read begins when the store is answered; all of it is asked for by then, nothing has come
    while (received.read < BUFFER) yield;
    yield* delay(400);
    expect(bench.free).toBe(buffers - 2);
    yield* bench.settleFree();
    bench.store(received, BUFFER, 2 * BUFFER);
    bench.writeBytes(sent, bench.random.bytes(BUFFER));
    yield* delay(400);
    bench.releaseRx(received);
    bench.releaseTx(sent);
    yield* delay(400);
    expect(bench.free).toBe(buffers - 2);
    yield* bench.settleFree();
  });
});

test('what the bus refuses is told, and the rest goes on', async () => {
  const bench = await queuesBench();
  let told = 0;
  bench.sim.fork(
    (function* () {
      for (;;) {
        told += bench.ports.bus_fault;
        yield;
      }
    })(),
  );
  bench.sim.run(function* () {
    const stream = bench.openRx(3);
    bench.memory.refusedFrom = 0;
    bench.store(stream, 0, 1000);
    yield* bench.settle();
    yield* delay(300);
    expect(told).toBe(1);
    bench.memory.refusedFrom = Number.POSITIVE_INFINITY;
    bench.store(stream, 0, 1000);
    yield* bench.settle();
    bench.readNext(stream, 1000);
    yield* bench.settleFree();
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

test.for([
  ['BUFFERS_LOG2', 4, 'BUFFERS_LOG2=4 is not 5 to 19'],
  ['BUFFERS_LOG2', 20, 'BUFFERS_LOG2=20 is not 5 to 19'],
  ['NODES_LOG2', 1, 'NODES_LOG2=1 is below 2'],
] as const)('error: %s of %i stops the build', async ([name, value, message]) => {
  const building = simulate('hdl/toe/toe_queues.sv', { parameters: { [name]: value } });
  await expect(building).rejects.toThrow(message);
});
