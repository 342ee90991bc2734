import { beforeAll, expect, test } from 'vitest';
import type { Task } from '../../src/testbench/index.ts';
import { type QueuesBench, queuesBench, type TxStream } from './bench/queues-bench.ts';

const MSS = 1448;
const LATENCY = [40, 40] as const; // 256 ns at 156.25 MHz, of DDR4 with its controller

let bench: QueuesBench;
beforeAll(async () => {
  bench = await queuesBench({ rxLimit: 1 << 19, txLimit: 1 << 19 });
  bench.memory.timing = { pause: 0, latency: LATENCY };
});

/** Cycles that a task takes until all it asked for is answered. */
function cyclesOf(task: () => Task): number {
  const start = bench.sim.cycle;
  bench.sim.run(task);
  return bench.sim.cycle - start;
}

test('full segments are stored at a beat a cycle', () => {
  const segments = 100;
  let cycles = 0;
  bench.sim.run(function* () {
    const stream = bench.openRx(0);
    yield* bench.settle();
    const start = bench.sim.cycle;
    for (let i = 0; i < segments; i++) bench.store(stream, i * MSS, (i + 1) * MSS);
    while (!bench.storeSource.isIdle) yield;
    cycles = bench.sim.cycle - start;
    bench.releaseRx(stream);
    yield* bench.settleFree();
  });
  expect((segments * MSS) / 8 / cycles).toBeGreaterThan(0.95);
});

test('full segments are fetched at a beat a cycle, in pieces of one write or of many', () => {
  for (const size of [MSS, 100]) {
    bench.sim.run(function* () {
      const stream = yield* filled(0, 200_000, size);
      const start = bench.sim.cycle;
      let at = 0;
      for (; at + MSS <= stream.end; at += MSS) bench.fetch(stream, at, MSS);
      yield* bench.settle();
      expect(at / 8 / (bench.sim.cycle - start)).toBeGreaterThan(0.95);
      bench.releaseTx(stream);
      yield* bench.settleFree();
    });
  }
});

test('segments to send are fetched from references at a beat a cycle', () => {
  bench.sim.run(function* () {
    const buffer = (yield* bench.takeBuffer()) ?? Number.NaN;
    const streams = Array.from({ length: bench.sessions }, (_, i) => bench.openTx(i));
    yield* bench.settle();
    for (const stream of streams) {
      for (let i = 0; i < 4; i++) bench.referBytes(stream, buffer, 3 + i, MSS / 4);
    }
    yield* bench.settle();
    const start = bench.sim.cycle;
    for (const stream of streams) bench.fetch(stream, 0, MSS);
    yield* bench.settle();
    // Each of the four pieces begins and ends within a beat: a beat more
    const cycles = bench.sim.cycle - start - LATENCY[0];
    expect((streams.length * (MSS / 8 + 4)) / cycles).toBeGreaterThan(0.93);
    for (const stream of streams) bench.releaseTx(stream);
    yield* bench.dropBuffer(buffer);
    yield* bench.settleFree();
  });
});

test('small operations take few cycles each', () => {
  const count = 256;
  const cost: Record<string, number> = {};
  bench.sim.run(function* () {
    const rx = bench.openRx(1);
    const tx = bench.openTx(1);
    yield* bench.settle();
    const measure = function* (name: string, operation: (i: number) => void): Task {
      const start = bench.sim.cycle;
      for (let i = 0; i < count; i++) operation(i);
      yield* bench.settle();
      cost[name] = (bench.sim.cycle - start - LATENCY[0]) / count;
    };
    yield* measure('store', (i) => bench.store(rx, i * 64, (i + 1) * 64));
    yield* measure('read', () => bench.readNext(rx, 64));
    const bytes = bench.random.bytes(64);
    yield* measure('write', () => bench.writeBytes(tx, bytes));
    yield* measure('fetch', (i) => bench.fetch(tx, i * 64, 64));
    yield* measure('free', (i) => bench.freeTo(tx, (i + 1) * 64));
    bench.releaseRx(rx);
    bench.releaseTx(tx);
    yield* bench.settleFree();
  });
  expect(cost.store).toBeLessThan(11);
  expect(cost.read).toBeLessThan(10);
  expect(cost.write).toBeLessThan(16);
  expect(cost.fetch).toBeLessThan(16);
  expect(cost.free).toBeLessThan(10);
});

test('all four flows at once go at a beat a cycle each', () => {
  const bytes = 100 * MSS;
  let moved = 0;
  cyclesOf(function* () {
    const rx = bench.openRx(2);
    const tx = yield* filled(2, bytes, MSS);
    const before = bench.memory.beats;
    const start = bench.sim.cycle;
    // All four at once: received and read by the host, written by the host and sent
    let read = 0;
    let sent = 0;
    for (let at = 0; at < bytes; at += MSS) {
      bench.store(rx, at, at + MSS);
      bench.writeBytes(tx, bench.random.bytes(MSS));
    }
    while (read < bytes || sent < bytes) {
      if (rx.contiguous > read && bench.read.queue.length < 4) {
        const length = Math.min(rx.contiguous - read, 16_384);
        bench.readNext(rx, length);
        read += length;
      }
      if (sent < bytes && bench.tx.queue.length < 4) {
        bench.fetch(tx, sent, MSS);
        bench.freeTo(tx, sent);
        sent += MSS;
      }
      yield;
    }
    yield* bench.settle();
    moved = (bench.memory.beats - before) / (bench.sim.cycle - start);
    bench.releaseRx(rx);
    bench.releaseTx(tx);
    yield* bench.settleFree();
  });
  expect(moved / 4).toBeGreaterThan(0.9);
});

/** A session with bytes to send, written in pieces of a size. */
function* filled(session: number, bytes: number, size: number): Task<TxStream> {
  const stream = bench.openTx(session);
  yield* bench.settle();
  for (let at = 0; at < bytes; at += size) bench.writeBytes(stream, bench.random.bytes(size));
  yield* bench.settle();
  return stream;
}
