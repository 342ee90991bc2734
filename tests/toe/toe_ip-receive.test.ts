/** toe_ip, frames in: every malformation, back-pressure, full FIFOs, line rate. */
import { describe, expect, test } from 'vitest';
import { bursts } from '../../src/testbench/index.ts';
import { comeOut, expectedOf, expectReceived, type Given } from './helpers/expected.ts';
import * as frames from './helpers/frames.ts';
import { CARD, ipBench } from './helpers/ip-bench.ts';
import {
  type Peer,
  randomEchoFrame,
  randomErrorFrame,
  randomFrame,
  randomSegmentFrame,
  repairChecksums,
} from './helpers/random-frames.ts';
import { receive } from './helpers/receiver.ts';

const PEER: Peer = { mac: 0x02_00_00_00_00_99, ip: frames.ip4('10.77.0.9') };
const ROUTE = { source: PEER.ip, destination: CARD.ip };

/** A segment of the peer's. */
function segmentFrame({
  payload = new Uint8Array(),
  options = new Uint8Array(),
  ipOptions = new Uint8Array(),
  seq = 0x0102_0304,
  ip = {},
}: {
  payload?: Uint8Array;
  options?: Uint8Array;
  ipOptions?: Uint8Array;
  seq?: number;
  ip?: Partial<frames.Ipv4>;
}): Uint8Array {
  const header = { sourcePort: 40_000, destinationPort: 80, ack: 0x0506_0708, flags: 0x18 };
  const route = { ...ROUTE, ...ip };
  const segment = frames.tcp({ ...header, seq, window: 7, urgent: 9, options }, payload, route);
  const packet = frames.ipv4({ ...route, protocol: 6, options: ipOptions, ...ip }, segment);
  return frames.ethernet({ to: CARD.mac, from: PEER.mac, type: frames.TYPE_IPV4 }, packet);
}

const counted = (n: number) => Uint8Array.from({ length: n }, (_, i) => i + 1);
const TIMESTAMPS = Uint8Array.of(1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8);
const asGiven = (list: readonly Uint8Array[]): Given[] => list.map((frame) => ({ frame }));
const causes = (given: readonly Given[]) =>
  new Set(given.map(({ frame }) => (receive(frame, false, CARD) as { cause?: string }).cause));

describe.for([
  { name: 'never', gaps: 0, pause: 0 },
  { name: 'now and then', gaps: 0.2, pause: 0.3 },
  { name: 'mostly', gaps: 0.9, pause: 0.8 },
])('sinks pause $name', ({ gaps, pause }) => {
  test('random frames come out as the model says', async () => {
    const bench = await ipBench();
    const random = bench.sim.random.fork('frames');
    bench.rx.pause = gaps;
    bench.tx.pause = pause / 2;
    bench.segments.pause = pause;
    bench.payloads.pause = pause;
    for (let i = 0; i < 6; i++) {
      const given = Array.from({ length: 100 }, () => randomFrame(random, CARD));
      const { counts } = expectReceived(bench, asGiven(given));
      expect(counts.rxSegments).toBeGreaterThan(50);
    }
  });
});

test('a frame is cut at every byte, and followed by a whole one', async () => {
  const bench = await ipBench();
  const whole = [
    segmentFrame({ payload: counted(21), options: TIMESTAMPS }),
    segmentFrame({ payload: counted(8), ipOptions: Uint8Array.of(1, 1, 1, 0) }),
    randomEchoFrame(bench.sim.random, CARD).subarray(0, 80),
  ];
  const good = segmentFrame({ payload: counted(5) });
  const given = whole.flatMap((frame) =>
    Array.from({ length: frame.length }, (_, i) => [frame.slice(0, i + 1), good]).flat(),
  );
  expectReceived(bench, asGiven(given));
});

test('each bit of a frame is wrong once: what the checksums cover is dropped', async () => {
  const bench = await ipBench();
  const frame = segmentFrame({ payload: counted(11), options: TIMESTAMPS });
  const given = Array.from({ length: frame.length * 8 }, (_, bit) => {
    const wrong = frame.slice();
    wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7));
    return wrong;
  });
  const { segments } = expectReceived(bench, asGiven(given));
  expect(segments).toHaveLength(6 * 8); // the sender's hardware address is all that nobody checks
});

test('lengths that lie, with checksums that fit', async () => {
  const bench = await ipBench();
  const given: Uint8Array[] = [];
  const lie = (at: number, values: readonly number[]) => {
    const frame = Uint8Array.from([...segmentFrame({ payload: counted(30) }), ...counted(20)]);
    frame.set(values, at);
    repairChecksums(frame);
    given.push(frame);
  };
  for (let total = 0; total < 120; total++) lie(16, [0, total]);
  for (const total of [1499, 1500, 1501, 0x7fff, 0xffff]) lie(16, frames.big(total, 2));
  for (let first = 0; first < 256; first++) lie(14, [first]); // version and header length
  for (let offset = 0; offset < 16; offset++) lie(14 + 20 + 12, [offset << 4]);
  expectReceived(bench, asGiven(given));
  expect(causes(asGiven(given))).toEqual(
    new Set([undefined, 'dropIpLength', 'dropIpHeader', 'dropTcpHeader']),
  );
});

test('a packet of 1,500 bytes is taken, one of 1,501 is not', async () => {
  const bench = await ipBench();
  const given = [1460, 1461].map((length) => segmentFrame({ payload: new Uint8Array(length) }));
  expect(expectReceived(bench, asGiven(given)).counts).toEqual({ rxSegments: 1, dropIpLength: 1 });
});

test('addresses, fragments, protocols: each has its counter', async () => {
  const bench = await ipBench();
  const frame = (ip: Partial<frames.Ipv4>) => ({ frame: segmentFrame({ ip }) });
  const all = CARD.ip | 255; // of the card's network
  const sources = ['0.1.2.3', '127.0.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'];
  const { counts } = expectReceived(bench, [
    ...sources.map((source) => frame({ source: frames.ip4(source) })),
    frame({ source: CARD.ip }),
    frame({ source: all >>> 0 }),
    frame({ source: frames.ip4('223.255.255.255') }), // a host, though far away
    frame({ destination: CARD.ip ^ 1 }),
    frame({ fragment: 0x2000 }),
    frame({ fragment: 1 }),
    frame({ fragment: 0x1000 }),
    frame({ fragment: 0 }),
    frame({ fragment: 0xc000 }), // reserved bit and don't fragment
    frame({ protocol: 17 }),
    { ...frame({}), isBad: true },
  ]);
  expect(counts).toEqual({
    rxSegments: 3,
    dropIpSource: 7,
    dropIpOther: 1,
    dropIpFragment: 3,
    dropIpProtocol: 1,
    dropMacError: 1,
  });
});

test('nothing is taken, answered or counted while not enabled', async () => {
  const bench = await ipBench();
  bench.sim.ports.enable = 0;
  const random = bench.sim.random.fork('frames');
  for (let i = 0; i < 50; i++) bench.receive(randomFrame(random, CARD), random.chance(0.2));
  bench.settle();
  const nothing = { segments: [], payloads: [], errors: [], answers: [], counts: {} };
  expect(comeOut(bench)).toEqual(nothing);
  bench.sim.ports.enable = 1;
  expectReceived(bench, asGiven([segmentFrame({ payload: counted(9) })]));
});

test('a payload is never offered ahead of its segment', async () => {
  const bench = await ipBench();
  bench.segments.pause = 1;
  const given = Array.from({ length: 10 }, (_, i) => segmentFrame({ payload: counted(i * 5) }));
  for (const frame of given) bench.receive(frame);
  bench.settle();
  expect(bench.payloads.beats).toBe(0);
  for (let taken = 1; taken <= given.length; taken++) {
    bench.segments.pause = () => bench.segments.beats >= taken;
    bench.sim.cycles(40);
    expect(bench.payloads.take()).toHaveLength(taken === 1 ? 0 : 1); // the first has none
  }
});

describe.for([
  { name: 'payload', length: 1460, parameters: {}, holds: 11 },
  { name: 'segments', length: 0, parameters: { RX_SEGMENTS: 16 }, holds: 16 },
])('the FIFO of $name is full', ({ length, parameters, holds }) => {
  test('whole frames are dropped and counted, later ones come through', async () => {
    const bench = await ipBench(parameters);
    bench.payloads.pause = 1;
    bench.segments.pause = length === 0 ? 1 : 0;
    const frame = (seq: number) =>
      segmentFrame({ seq, payload: new Uint8Array(length).fill(seq + 1) });
    for (let seq = 0; seq < 40; seq++) bench.receive(frame(seq));
    // A small one still fits where a large one does not
    const small = segmentFrame({ seq: 40, payload: counted(length > 0 ? 3 : 0) });
    bench.receive(small);
    bench.settle();
    bench.payloads.pause = 0;
    bench.segments.pause = 0;
    bench.settle();
    const first = comeOut(bench);
    const kept = first.segments.map(({ seq }) => seq);
    expect(kept.slice(0, holds)).toEqual(Array.from({ length: holds }, (_, seq) => seq));
    expect(kept).toHaveLength(holds + (length > 0 ? 1 : 0));
    expect(first.counts).toEqual({ rxSegments: kept.length, dropTcpFull: 41 - kept.length });
    const whole = kept.map((seq) => ({ frame: seq === 40 ? small : frame(seq) }));
    expect(first.payloads).toEqual(expectedOf(whole, CARD).payloads);
    // Afterwards there is as much room as before
    expectReceived(bench, asGiven(Array.from({ length: holds }, (_, seq) => frame(seq))));
  });
});

test('echo requests that find no room are dropped whole, ARP requests too', async () => {
  const bench = await ipBench();
  bench.tx.pause = 1;
  const random = bench.sim.random.fork('echoes');
  const ask = frames.arp({
    operation: 1,
    senderMac: PEER.mac,
    senderIp: PEER.ip,
    targetMac: 0,
    targetIp: CARD.ip,
  });
  const to = { to: frames.BROADCAST, from: PEER.mac, type: frames.TYPE_ARP };
  for (let i = 0; i < 30; i++) {
    bench.receive(randomEchoFrame(random, CARD));
    bench.receive(frames.ethernet(to, ask));
  }
  bench.settle();
  bench.tx.pause = 0;
  bench.settle();
  const { counts, answers } = comeOut(bench);
  expect(counts.dropIcmpFull).toBeGreaterThan(10);
  expect(counts.dropArpFull).toBeGreaterThan(5);
  expect((counts.rxEchoes ?? 0) + (counts.dropIcmpFull ?? 0)).toBe(30);
  expect(counts.rxArpRequests).toBe(30);
  expect(answers).toHaveLength((counts.rxEchoes ?? 0) + 30 - (counts.dropArpFull ?? 0));
  expectReceived(bench, asGiven(Array.from({ length: 5 }, () => randomEchoFrame(random, CARD))));
});

test('echo answers verify where their checksum is zero, in both of its forms', async () => {
  const bench = await ipBench();
  for (const data of [new Uint8Array(4), Uint8Array.of(0xcd, 0xe1, 0x32, 0x1e)]) {
    const packet = frames.ipv4({ ...ROUTE, protocol: 1 }, frames.icmp(8, 0, data));
    const to = { to: CARD.mac, from: PEER.mac, type: frames.TYPE_IPV4 };
    const { answers } = expectReceived(bench, [{ frame: frames.ethernet(to, packet) }]);
    const message = Buffer.from(answers[0]!, 'hex').subarray(34, 42);
    expect(frames.onesSum(message)).toBe(0xffff);
  }
});

test('echo answers of every length', async () => {
  const bench = await ipBench();
  const lengths = [...Array.from({ length: 40 }, (_, i) => i), 1463, 1470, 1471, 1472];
  const given = lengths.map((length) => {
    const data = bench.sim.random.bytes(4 + length);
    const packet = frames.ipv4({ ...ROUTE, protocol: 1 }, frames.icmp(8, 0, data));
    return frames.ethernet({ to: CARD.mac, from: PEER.mac, type: frames.TYPE_IPV4 }, packet);
  });
  for (const frame of given) expectReceived(bench, [{ frame }]);
});

describe('ICMP errors', () => {
  test('about segments of the card are passed on, others are not', async () => {
    const bench = await ipBench();
    const random = bench.sim.random.fork('errors');
    bench.errors.pause = 0.5;
    bench.rx.pause = 0.3;
    const given = Array.from({ length: 400 }, () => randomErrorFrame(random, CARD));
    const { counts } = expectReceived(bench, asGiven(given));
    expect(counts.rxIcmpErrors).toBeGreaterThan(100);
    expect(counts.dropIcmpType).toBeGreaterThan(50);
  });

  test('for which there is no room are dropped and counted', async () => {
    const bench = await ipBench();
    bench.errors.pause = 1;
    const about = frames.ipv4(
      { source: CARD.ip, destination: PEER.ip, protocol: 6 },
      Uint8Array.of(0, 80, 0, 90, 1, 2, 3, 4),
    );
    const message = frames.icmp(3, 1, Uint8Array.from([0, 0, 5, 0xdc, ...about]));
    const packet = frames.ipv4({ ...ROUTE, protocol: 1 }, message);
    const to = { to: CARD.mac, from: PEER.mac, type: frames.TYPE_IPV4 };
    for (let i = 0; i < 12; i++) bench.receive(frames.ethernet(to, packet));
    bench.settle();
    bench.errors.pause = 0;
    bench.settle();
    const { errors, counts } = comeOut(bench);
    const error = { type: 3, code: 1, mtu: 1500, remoteIp: PEER.ip, seq: 0x0102_0304 };
    expect(errors).toEqual(Array(8).fill({ ...error, localPort: 80, remotePort: 90 }));
    expect(counts).toEqual({ rxIcmpErrors: 8, dropIcmpErrorFull: 4 });
  });
});

describe('line rate', () => {
  test.for([
    { name: '60 bytes', payload: 0, options: 0, count: 400 },
    { name: '60 bytes, four of options', payload: 0, options: 1, count: 400 },
    { name: '94 bytes, 40 of options', payload: 0, options: 10, count: 400 },
    { name: '1,514 bytes', payload: 1460, options: 0, count: 60 },
  ])('frames of $name without a gap', async ({ payload, options, count }) => {
    const bench = await ipBench();
    const random = bench.sim.random.fork('frames');
    const given = Array.from({ length: count }, (_, seq) => {
      const bytes = random.bytes(options * 4).map((byte) => (byte < 100 ? 1 : byte));
      const frame = segmentFrame({ seq, payload: random.bytes(payload), options: bytes });
      return frame.length < 60
        ? Uint8Array.from([...frame, ...new Uint8Array(60 - frame.length)])
        : frame;
    });
    const start = bench.sim.cycle;
    for (const frame of given) bench.receive(frame);
    bench.sim.run(bench.rx.drain());
    const beats = Math.ceil((given[0] as Uint8Array).length / 8);
    expect(bench.sim.cycle - start).toBeLessThanOrEqual(beats * count + 2);
    bench.settle();
    expect(comeOut(bench)).toEqual(expectedOf(asGiven(given), CARD));
  });
});

test('headers of every length, a short or a cut frame behind each, without a gap', async () => {
  const bench = await ipBench();
  const random = bench.sim.random.fork('frames');
  const given: Uint8Array[] = [];
  for (let ipWords = 0; ipWords <= 10; ipWords++) {
    for (let words = 0; words <= 10; words++) {
      const [options, ipOptions] = [random.bytes(4 * words), random.bytes(4 * ipWords)];
      options[0] = random.pick([2, 3, 4, 8]);
      options[1] = random.pick([2, 3, 4, 10]);
      for (const length of [0, 1, 6]) {
        const payload = random.bytes(length);
        given.push(segmentFrame({ options, ipOptions, payload }), segmentFrame({ seq: words }));
      }
    }
  }
  // The longest options are still being read when a frame behind them ends early
  const options = Uint8Array.from([...TIMESTAMPS, ...TIMESTAMPS, ...TIMESTAMPS, 3, 3, 7, 0]);
  const [long, short] = [segmentFrame({ options }), segmentFrame({ seq: 1 })];
  for (let cut = 1; cut <= short.length; cut++) given.push(long, short.slice(0, cut));
  expectReceived(bench, asGiven(given));
});

test('gaps in bursts within frames', async () => {
  const bench = await ipBench();
  const random = bench.sim.random.fork('frames');
  bench.rx.pause = bursts(random, { busy: 3, idle: 9 });
  const given = Array.from({ length: 200 }, () => randomSegmentFrame(random, CARD));
  expectReceived(bench, asGiven(given));
});

test('a reset in the middle of a frame forgets it, and what was in the FIFOs', async () => {
  const bench = await ipBench();
  bench.segments.pause = 1;
  bench.receive(segmentFrame({ payload: counted(100) }));
  bench.receive(segmentFrame({ payload: counted(1000) }));
  bench.sim.cycles(60);
  expect(bench.rx.isIdle).toBe(false);
  bench.sim.reset();
  bench.segments.pause = 0;
  bench.sim.cycles(300);
  bench.settle();
  // The source begins its frame anew
  const again = [segmentFrame({ payload: counted(1000) })];
  expect(comeOut(bench)).toMatchObject({ ...expectedOf(asGiven(again), CARD), counts: {} });
});
