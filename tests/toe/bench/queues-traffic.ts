/** Random traffic for toe_queues, as legal callers may ask for it, with illegal requests that are to be refused. */
import { delay, type Random, type Task } from '../../../src/testbench/index.ts';
import { BUFFER, type QueuesBench, type RxStream, type TxStream } from './queues-bench.ts';

/** A stream's first position: 0, or close to where positions wrap. */
function startOf(random: Random): number {
  return random.chance(0.3)
    ? 0
    : random.chance(0.7)
      ? 2 ** 32 - random.int(1, 30_000)
      : random.uint32();
}

function lengthOf(random: Random): number {
  const kind = random.int(10);
  if (kind < 4) return random.int(1, 64);
  if (kind < 9) return random.int(1, 1500);
  return random.int(1, 9000);
}

/** Opens, stores, reads and releases on all sessions; ends with all of them released. */
export function* receiveTraffic(bench: QueuesBench, operations: number): Task {
  const random = bench.random.fork('receive traffic');
  const streams: (RxStream | undefined)[] = Array.from({ length: bench.sessions });
  for (let i = 0; i < operations; i++) {
    while (bench.rx.queue.length > 6 || bench.read.queue.length > 6) yield;
    if (random.chance(0.3)) yield* delay(random.int(1, 60));
    const session = random.int(bench.sessions);
    const stream = streams[session];
    if (stream === undefined) streams[session] = bench.openRx(session, { start: startOf(random) });
    else if (!stream.isOpen) {
      if (random.chance(0.2)) store(bench, random, stream);
      else streams[session] = undefined;
    } else if (mayRelease(stream) && (random.chance(0.02) || stream.end > 200_000)) {
      bench.releaseRx(stream);
    } else if (stream.contiguous > stream.readAsked && random.chance(0.45)) {
      const most = stream.contiguous - stream.readAsked;
      bench.readNext(stream, random.chance(0.4) ? most : random.int(1, most));
    } else store(bench, random, stream);
  }
  yield* bench.settle();
  for (const stream of streams) if (stream?.isOpen) bench.releaseRx(stream);
}

function mayRelease(stream: RxStream): boolean {
  return stream.read === stream.readAsked;
}

function store(bench: QueuesBench, random: Random, stream: RxStream): void {
  const length = lengthOf(random);
  const next = stream.contiguous;
  const kind = random.int(20);
  let from = next;
  if (kind < 4) from = next + random.int(1, 20_000);
  else if (kind < 7) from = Math.max(stream.read, next - random.int(1, 3000));
  else if (kind === 7) from = stream.read + bench.ports.rx_limit - random.int(0, length);
  else if (kind === 8) from = Math.max(0, stream.read - random.int(1, 100));
  const to = Math.min(from + length, stream.content.length);
  if (to <= from) return;
  const skip = random.chance(0.3) ? random.int(0, 40) : 0;
  const rest = random.chance(0.3) ? random.int(0, 40) : 0;
  bench.store(stream, from, random.chance(0.03) ? from : to, { skip, rest });
}

/** Opens, writes, refers, fetches, frees and releases on all sessions; ends with all released. */
export function* sendTraffic(bench: QueuesBench, operations: number): Task {
  const random = bench.random.fork('send traffic');
  const streams: (TxStream | undefined)[] = Array.from({ length: bench.sessions });
  let shared: number | undefined;
  for (let i = 0; i < operations; i++) {
    while (bench.tx.queue.length > 6 || bench.write.queue.length > 3) yield;
    while (bench.refer.queue.length > 3) yield;
    if (random.chance(0.3)) yield* delay(random.int(1, 60));
    if (shared === undefined || random.chance(0.03)) shared = yield* renew(bench, random, shared);
    const session = random.int(bench.sessions);
    const stream = streams[session];
    if (stream === undefined) {
      const opened = bench.openTx(session, { start: startOf(random) });
      yield* until(() => opened.isOpen);
      streams[session] = opened;
    } else if (!stream.isOpen) {
      if (random.chance(0.2)) bench.writeBytes(stream, random.bytes(random.int(1, 100)));
      else if (stream.pending === 0) streams[session] = undefined;
    } else if (stream.pending === 0 && (random.chance(0.02) || stream.end > 150_000)) {
      bench.releaseTx(stream);
      yield* until(() => !stream.isOpen);
    } else if (stream.added > stream.freeAsked && random.chance(0.55)) {
      const from = random.int(stream.freeAsked, stream.added - 1);
      if (random.chance(0.4)) bench.freeTo(stream, random.chance(0.3) ? stream.added : from);
      else bench.fetch(stream, from, Math.min(stream.added - from, random.int(1, 3000)));
    } else if (shared !== undefined && random.chance(0.2)) {
      const offset = random.int(0, BUFFER - 1);
      const length = random.chance(0.05)
        ? BUFFER - offset + 1
        : random.int(1, Math.min(BUFFER - offset, 700));
      bench.referBytes(stream, shared, offset, length);
    } else {
      bench.writeBytes(stream, random.bytes(lengthOf(random)), { excess: random.int(0, 20) });
    }
  }
  yield* bench.settle();
  if (shared !== undefined) yield* bench.dropBuffer(shared);
  for (const stream of streams) if (stream?.isOpen) bench.releaseTx(stream);
}

function* until(condition: () => boolean): Task {
  while (!condition()) yield;
}

/** Another buffer to refer to, with bytes of its own. The old one goes, but for those who refer to it. */
function* renew(
  bench: QueuesBench,
  random: Random,
  old: number | undefined,
): Task<number | undefined> {
  if (old !== undefined) {
    yield* until(() => bench.hasReferred);
    yield* bench.dropBuffer(old);
  }
  const buffer = yield* bench.takeBuffer();
  if (buffer !== undefined) bench.memory.bytes.set(random.bytes(BUFFER), buffer * BUFFER);
  return buffer;
}
