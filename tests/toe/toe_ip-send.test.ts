/** toe_ip, segments out: headers, options, checksums, line rate. */
import { describe, expect, test } from 'vitest';
import type { Random } from '../../src/testbench/index.ts';
import { EMPTY, replyFrame, teach } from './helpers/arp.ts';
import * as frames from './helpers/frames.ts';
import { CARD, type IpBench, ipBench } from './helpers/ip-bench.ts';
import type { Peer } from './helpers/random-frames.ts';
import { receive } from './helpers/receiver.ts';
import { NO_OPTIONS, packSegment, type Segment } from './helpers/segment-word.ts';

const PEER: Peer = { mac: 0x02_00_00_00_00_99, ip: frames.ip4('10.77.0.9') };

/** A segment to send, with the options that `which` has bits for. */
function segmentTo(random: Random, ip: number, len: number, which = random.int(32)): Segment {
  const bit = (n: number) => (which >> n) & 1;
  return {
    remoteIp: ip,
    remotePort: random.int(2 ** 16),
    localPort: random.int(2 ** 16),
    seq: random.uint32(),
    ack: random.uint32(),
    flags: random.int(256),
    window: random.int(2 ** 16),
    urgent: random.int(2 ** 16),
    // What is not valid is not looked at
    mssValid: bit(0),
    mss: random.int(2 ** 16),
    wsValid: bit(1),
    ws: random.int(15),
    sackOk: bit(2),
    tsValid: bit(3),
    tsVal: random.uint32(),
    tsEcr: random.uint32(),
    sackValid: bit(4),
    sackLeft: random.uint32(),
    sackRight: random.uint32(),
    len,
  };
}

function send(bench: IpBench, segment: Segment, payload: Uint8Array): void {
  bench.toSend.enqueue(packSegment(segment));
  if (payload.length > 0) bench.toSendPayload.enqueue(payload);
}

/** Bytes of options by the layout that the header of toe_tx_segment promises. */
function optionsOf(segment: Segment): number[] {
  const { big } = frames;
  return [
    ...(segment.mssValid ? [2, 4, ...big(segment.mss, 2)] : []),
    ...(segment.wsValid ? [1, 3, 3, segment.ws] : []),
    ...(segment.tsValid
      ? [
          ...(segment.sackOk ? [4, 2] : [1, 1]),
          8,
          10,
          ...big(segment.tsVal, 4),
          ...big(segment.tsEcr, 4),
        ]
      : segment.sackOk
        ? [1, 1, 4, 2]
        : []),
    ...(segment.sackValid
      ? [1, 1, 5, 10, ...big(segment.sackLeft, 4), ...big(segment.sackRight, 4)]
      : []),
  ];
}

/** The frame that a segment has to become. */
function frameOf(
  segment: Segment,
  payload: Uint8Array,
  to: Peer,
  ip: Pick<frames.Ipv4, 'ttl' | 'dscp'> = {},
): Uint8Array {
  const route = { source: CARD.ip, destination: segment.remoteIp };
  const header = { ...segment, sourcePort: segment.localPort, destinationPort: segment.remotePort };
  const options = Uint8Array.from(optionsOf(segment));
  const packet = frames.ipv4(
    { ...route, ...ip, protocol: 6 },
    frames.tcp({ ...header, options }, payload, route),
  );
  const frame = frames.ethernet({ to: to.mac, from: CARD.mac, type: frames.TYPE_IPV4 }, packet);
  return Uint8Array.from([...frame, ...new Uint8Array(Math.max(0, 60 - frame.length))]);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const sent = (bench: IpBench) => bench.tx.take().map(({ data }) => hex(data));

async function taughtBench(): Promise<IpBench> {
  const bench = await ipBench();
  teach(bench, PEER);
  return bench;
}

test('time to live and Diffserv code point are what they are set to, each segment its own', async () => {
  const bench = await taughtBench();
  const random = bench.sim.random.fork('segments');
  const stranger: Peer = { mac: 0x02_00_00_00_00_77, ip: frames.ip4('10.77.0.7') };
  bench.sim.ports.ttl = 255;
  // The first waits for a hardware address, and keeps its code point
  bench.sim.ports.s_seg_dscp = 46;
  const waits = segmentTo(random, stranger.ip, 0);
  send(bench, waits, EMPTY);
  bench.settle();
  bench.tx.take();
  bench.sim.ports.s_seg_dscp = 10;
  const goes = segmentTo(random, PEER.ip, 5);
  const payload = random.bytes(5);
  send(bench, goes, payload);
  bench.settle();
  expect(sent(bench)).toEqual([hex(frameOf(goes, payload, PEER, { ttl: 255, dscp: 10 }))]);
  bench.receive(replyFrame(bench, stranger));
  bench.settle();
  expect(sent(bench)).toEqual([hex(frameOf(waits, EMPTY, stranger, { ttl: 255, dscp: 46 }))]);
});

test('the frame is what a peer takes apart to the same segment', async () => {
  const bench = await taughtBench();
  const random = bench.sim.random.fork('segments');
  const segment = segmentTo(random, PEER.ip, 33, 0b01111);
  const payload = random.bytes(33);
  send(bench, segment, payload);
  bench.settle();
  const [frame] = bench.tx.take();
  const outcome = receive(frame?.data as Uint8Array, false, { ...CARD, ...PEER });
  const { sackLeft, sackRight } = NO_OPTIONS;
  expect(outcome).toEqual({
    kind: 'segment',
    segment: {
      ...segment,
      ...{ remoteIp: CARD.ip, remotePort: segment.localPort, localPort: segment.remotePort },
      ...{ sackLeft, sackRight },
    },
    payload,
  });
});

test('all combinations of options with payloads of 0 to 9 bytes', async () => {
  const bench = await taughtBench();
  const random = bench.sim.random.fork('segments');
  const expected: string[] = [];
  for (let which = 0; which < 32; which++) {
    for (let len = 0; len < 10; len++) {
      const segment = segmentTo(random, PEER.ip, len, which);
      const payload = random.bytes(len);
      send(bench, segment, payload);
      expected.push(hex(frameOf(segment, payload, PEER)));
    }
  }
  bench.settle();
  expect(sent(bench)).toEqual(expected);
  expect(bench.takeCounts()).toEqual({ txSegments: expected.length });
});

describe.for([0, 0.4, 0.9])('sources and sink pause with probability %f', (pause) => {
  test('random segments, in order', async () => {
    const bench = await taughtBench();
    const random = bench.sim.random.fork('segments');
    bench.tx.pause = pause;
    bench.toSend.pause = pause / 2;
    bench.toSendPayload.pause = pause / 2;
    const expected = Array.from({ length: 250 }, () => {
      const which = random.int(32);
      const room = 1460 - optionsOf(segmentTo(random, PEER.ip, 0, which)).length;
      const len = random.chance(0.1)
        ? random.int(room - 16, room)
        : random.int(random.pick([1, 30, 300]));
      const segment = segmentTo(random, PEER.ip, len, which);
      const payload = random.bytes(len);
      send(bench, segment, payload);
      return hex(frameOf(segment, payload, PEER));
    });
    bench.settle();
    expect(sent(bench)).toEqual(expected);
  });
});

describe('line rate', () => {
  test.for([
    { name: 'full segments', len: 1460, which: 0, cycles: 190 },
    { name: 'full segments with timestamps', len: 1448, which: 8, cycles: 190 },
    { name: 'segments without payload', len: 0, which: 0, cycles: 8 },
    { name: 'segments without payload, with timestamps', len: 0, which: 8, cycles: 9 },
  ])('$name: $cycles cycles each', async ({ len, which, cycles }) => {
    const bench = await taughtBench();
    const random = bench.sim.random.fork('segments');
    const count = len > 0 ? 40 : 400;
    for (let i = 0; i < count + 10; i++) {
      send(bench, segmentTo(random, PEER.ip, len, which), random.bytes(len));
    }
    const all = bench.sim.run(bench.tx.receiveMany(count + 10));
    const [from, to] = [all[5]?.lastCycle ?? 0, all[5 + count]?.lastCycle ?? 0];
    expect((to - from) / count).toBeLessThanOrEqual(cycles);
  });

  test('segments to changing neighbours: 12 cycles each', async () => {
    const bench = await taughtBench();
    const random = bench.sim.random.fork('segments');
    const peers = Array.from({ length: 50 }, (_, i) => ({
      mac: PEER.mac + 1 + i,
      ip: frames.ip4('10.77.0.100') + i,
    }));
    for (const peer of peers) teach(bench, peer);
    const expected = Array.from({ length: 400 }, (_, i) => {
      const peer = peers[i % peers.length] as Peer;
      const segment = segmentTo(random, peer.ip, 0, 0);
      send(bench, segment, EMPTY);
      return hex(frameOf(segment, EMPTY, peer));
    });
    const start = bench.sim.cycle;
    bench.sim.run(bench.toSend.drain());
    expect((bench.sim.cycle - start) / 400).toBeLessThanOrEqual(12);
    bench.settle();
    expect(sent(bench)).toEqual(expected);
  });
});

test('segments, echo answers and ARP answers take turns, frames whole', async () => {
  const bench = await taughtBench();
  const random = bench.sim.random.fork('segments');
  bench.tx.pause = 0.2;
  const expected: string[] = [];
  for (let i = 0; i < 40; i++) {
    const segment = segmentTo(random, PEER.ip, random.int(100));
    const payload = random.bytes(segment.len);
    send(bench, segment, payload);
    expected.push(hex(frameOf(segment, payload, PEER)));
  }
  const data = random.bytes(200);
  const request = frames.ipv4(
    { source: PEER.ip, destination: CARD.ip, protocol: 1 },
    frames.icmp(8, 0, data),
  );
  for (let i = 0; i < 3; i++) {
    bench.receive(
      frames.ethernet({ to: CARD.mac, from: PEER.mac, type: frames.TYPE_IPV4 }, request),
    );
  }
  bench.settle();
  const all = sent(bench);
  expect(all.filter((frame) => expected.includes(frame))).toEqual(expected);
  const others = all.filter((frame) => !expected.includes(frame));
  const answer = frames.ipv4(
    { source: CARD.ip, destination: PEER.ip, protocol: 1 },
    frames.icmp(0, 0, data),
  );
  const to = { to: PEER.mac, from: CARD.mac, type: frames.TYPE_IPV4 };
  expect(others).toEqual(Array(3).fill(hex(frames.ethernet(to, answer))));
  expect(all.indexOf(others[0] as string)).toBeLessThan(expected.length);
});
