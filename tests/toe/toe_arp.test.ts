/** ARP inside toe_ip: who is answered, asked, learnt and forgotten, to the millisecond. */
import { describe, expect, test } from 'vitest';
import { askFrame, EMPTY, replyFrame, requestFrame, teach } from './helpers/arp.ts';
import { expectReceived } from './helpers/expected.ts';
import * as frames from './helpers/frames.ts';
import { CARD, type IpBench, ipBench } from './helpers/ip-bench.ts';
import { type Peer, randomArpFrame } from './helpers/random-frames.ts';
import { type Card, receive } from './helpers/receiver.ts';
import { NO_OPTIONS, packSegment } from './helpers/segment-word.ts';

const PEER: Peer = { mac: 0x02_00_00_00_00_99, ip: frames.ip4('10.77.0.9') };
const neighbour = (n: number): Peer => ({ mac: PEER.mac + n, ip: CARD.ip + 8 + n });
const FAR = frames.ip4('192.0.2.1');

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A segment to send; its sequence number says which. */
function send(bench: IpBench, ip: number, seq = 0, payload = EMPTY): void {
  const ports = { remoteIp: ip, remotePort: 80, localPort: 4000, window: 100, urgent: 0 };
  const rest = { seq, ack: 0, flags: 16, ...NO_OPTIONS, len: payload.length };
  bench.toSend.enqueue(packSegment({ ...ports, ...rest }));
  if (payload.length > 0) bench.toSendPayload.enqueue(payload);
  bench.sim.cycles(600);
}

/** What went out: hardware addresses and sequence numbers of segments, addresses that were asked for. */
function wentOut(bench: IpBench): string[] {
  return bench.tx.take().map(({ data }) => {
    const to = frames.number(data, 0, 6);
    if (frames.number(data, 12, 2) === frames.TYPE_ARP) {
      const asked = frames.number(data, 38, 4);
      if (frames.number(data, 20, 2) === 2) return `answer to ${to.toString(16)}`;
      expect(hex(data)).toBe(hex(askFrame(bench, asked)));
      return `who has ${asked}`;
    }
    const outcome = receive(data, false, { ...CARD, mac: to, ip: frames.number(data, 30, 4) });
    if (outcome.kind !== 'segment') throw new Error(`no segment: ${hex(data)}`);
    return `segment ${outcome.segment.seq} to ${to.toString(16)}`;
  });
}

/** Lets time go by: fast first, a cycle each, the last milliseconds slowly enough for each to be seen. */
function wait(bench: IpBench, milliseconds: number): void {
  const slow = Math.min(5, milliseconds);
  bench.milliseconds(milliseconds - slow, 1);
  bench.sim.cycles(2000);
  bench.milliseconds(slow, 2000);
}

const segment = (seq: number, peer = PEER) => `segment ${seq} to ${peer.mac.toString(16)}`;
const whoHas = (peer = PEER) => `who has ${peer.ip}`;

test('random ARP packets: requests for the card are answered, others not', async () => {
  const bench = await ipBench();
  const random = bench.sim.random.fork('arp');
  bench.rx.pause = 0.5;
  const given = Array.from({ length: 200 }, () => ({ frame: randomArpFrame(random, CARD) }));
  const { answers } = expectReceived(bench, given);
  expect(answers.length).toBeGreaterThan(30);
});

test('a probe (RFC 5227) is answered and teaches nothing', async () => {
  const bench = await ipBench();
  expectReceived(bench, [{ frame: requestFrame(bench, { ...PEER, ip: 0 }) }]);
  send(bench, PEER.ip, 1);
  expect(wentOut(bench)).toEqual([whoHas()]);
});

test('who has asked for the card is sent to at once', async () => {
  const bench = await ipBench();
  teach(bench, PEER);
  send(bench, PEER.ip, 1);
  send(bench, PEER.ip, 2, new Uint8Array(100));
  expect(wentOut(bench)).toEqual([segment(1), segment(2)]);
  expect(bench.takeCounts()).toEqual({ txSegments: 2 });
});

test('segments without payload wait for the answer, others are dropped and counted', async () => {
  const bench = await ipBench();
  send(bench, PEER.ip, 1);
  send(bench, PEER.ip, 2, new Uint8Array(1000));
  send(bench, PEER.ip, 3);
  expect(wentOut(bench)).toEqual([whoHas()]);
  expect(bench.takeCounts()).toEqual({ txArpRequests: 1, dropTxUnreachable: 1 });
  bench.receive(replyFrame(bench, PEER));
  bench.settle();
  send(bench, PEER.ip, 4, new Uint8Array(1000));
  expect(wentOut(bench)).toEqual([segment(1), segment(3), segment(4)]);
  expect(bench.takeCounts()).toEqual({ txSegments: 3 });
});

test('what waits does not hold up what can go; eight wait, the ninth is dropped', async () => {
  const bench = await ipBench();
  const known = neighbour(50);
  teach(bench, known);
  for (let seq = 0; seq < 9; seq++) send(bench, neighbour(seq).ip, seq);
  send(bench, known.ip, 100);
  const asked = Array.from({ length: 9 }, (_, n) => whoHas(neighbour(n)));
  expect(wentOut(bench)).toEqual([...asked, segment(100, known)]);
  expect(bench.takeCounts()).toMatchObject({ dropTxUnreachable: 1 });
  for (const n of [7, 0, 8, 3]) {
    bench.receive(replyFrame(bench, neighbour(n)));
    bench.settle();
    expect(wentOut(bench)).toEqual(n === 8 ? [] : [segment(n, neighbour(n))]);
  }
});

test('nobody answers: asked at 0, 1,000 and 2,000 ms, given up at 3,000 ms', async () => {
  const bench = await ipBench();
  send(bench, PEER.ip, 1);
  expect(wentOut(bench)).toEqual([whoHas()]);
  for (const repeated of [1, 2]) {
    wait(bench, 999);
    expect(wentOut(bench), `before second ${repeated}`).toEqual([]);
    wait(bench, 1);
    expect(wentOut(bench), `second ${repeated}`).toEqual([whoHas()]);
  }
  wait(bench, 999);
  expect(bench.takeCounts()).toEqual({ txArpRequests: 3 });
  wait(bench, 1);
  expect(wentOut(bench)).toEqual([]);
  expect(bench.takeCounts()).toEqual({ dropTxUnreachable: 1 });
  // The next segment asks anew
  send(bench, PEER.ip, 2);
  expect(wentOut(bench)).toEqual([whoHas()]);
  bench.receive(replyFrame(bench, PEER));
  bench.settle();
  expect(wentOut(bench)).toEqual([segment(2)]);
});

describe('beyond the prefix', () => {
  test('the gateway is asked for and sent to', async () => {
    const bench = await ipBench();
    const gateway = { mac: 0x02_00_00_00_00_01, ip: CARD.gateway };
    send(bench, FAR, 1);
    expect(wentOut(bench)).toEqual([whoHas(gateway)]);
    bench.receive(replyFrame(bench, gateway));
    bench.settle();
    send(bench, frames.ip4('10.77.1.1'), 2);
    expect(wentOut(bench)).toEqual([segment(1, gateway), segment(2, gateway)]);
  });

  test('without a gateway there is no way', async () => {
    const bench = await ipBench({}, { ...CARD, gateway: 0 });
    send(bench, FAR, 1);
    send(bench, FAR, 2, new Uint8Array(50));
    expect(wentOut(bench)).toEqual([]);
    expect(bench.takeCounts()).toEqual({ dropTxUnreachable: 2 });
  });

  test.for([
    [0, FAR, true],
    [8, frames.ip4('10.0.0.1'), true],
    [31, CARD.ip ^ 1, true],
    [31, CARD.ip ^ 2, false],
    [32, CARD.ip ^ 1, false],
  ] as const)('a prefix of %i bits', async ([prefixLen, ip, isNear]) => {
    const bench = await ipBench({}, { ...CARD, prefixLen });
    send(bench, ip, 1);
    expect(wentOut(bench)).toEqual([`who has ${isNear ? ip : CARD.gateway}`]);
  });
});

describe('who teaches', () => {
  const cases: readonly { name: string; peer: Partial<Peer>; card?: Card; teaches: boolean }[] = [
    { name: 'a neighbour', peer: {}, teaches: true },
    { name: 'a group address', peer: { mac: 0x03_00_00_00_00_01 }, teaches: false },
    { name: 'no hardware address', peer: { mac: 0 }, teaches: false },
    { name: "the card's hardware address", peer: { mac: CARD.mac }, teaches: false },
    { name: 'somebody beyond the prefix', peer: { ip: FAR }, teaches: false },
    {
      name: 'a gateway beyond the prefix',
      peer: { ip: FAR },
      card: { ...CARD, gateway: FAR },
      teaches: true,
    },
  ];
  test.for(cases)('$name: $teaches', async ({ peer, card, teaches }) => {
    const bench = await ipBench({}, card);
    const sender = { ...PEER, ...peer };
    bench.receive(requestFrame(bench, sender));
    bench.settle();
    bench.tx.take();
    send(bench, sender.ip, 1);
    const asked = bench.tx.take().map(({ data }) => frames.number(data, 12, 2));
    expect(asked).toEqual([teaches ? frames.TYPE_IPV4 : frames.TYPE_ARP]);
  });

  test('an answer that nobody asked for, and a request for somebody else: no', async () => {
    const bench = await ipBench();
    bench.receive(replyFrame(bench, PEER));
    bench.receive(requestFrame(bench, neighbour(1), CARD.ip + 1));
    bench.settle();
    expect(wentOut(bench)).toEqual([]);
    send(bench, PEER.ip, 1);
    send(bench, neighbour(1).ip, 2);
    expect(wentOut(bench)).toEqual([whoHas(), whoHas(neighbour(1))]);
  });

  test('a known neighbour that has a new hardware address: at once', async () => {
    const bench = await ipBench();
    teach(bench, PEER);
    send(bench, PEER.ip, 1);
    send(bench, PEER.ip, 2);
    const moved = { ...PEER, mac: PEER.mac + 77 };
    bench.receive(requestFrame(bench, moved, PEER.ip)); // gratuitous
    bench.settle();
    send(bench, PEER.ip, 3);
    expect(wentOut(bench)).toEqual([segment(1), segment(2), segment(3, moved)]);
  });
});

describe('ageing', () => {
  test('after 60 s without a segment a neighbour is forgotten', async () => {
    const bench = await ipBench();
    teach(bench, PEER);
    wait(bench, 59_999);
    bench.milliseconds(1, 2000);
    send(bench, PEER.ip, 1);
    expect(wentOut(bench)).toEqual([whoHas()]);
  });

  test('after 60 s with segments it is asked for, and sent to until nobody answers', async () => {
    const bench = await ipBench();
    teach(bench, PEER);
    send(bench, PEER.ip, 1);
    wait(bench, 59_999);
    send(bench, PEER.ip, 2);
    expect(wentOut(bench)).toEqual([segment(1), segment(2)]);
    for (const seq of [3, 4, 5]) {
      wait(bench, seq === 3 ? 1 : 1000);
      send(bench, PEER.ip, seq);
      expect(wentOut(bench)).toEqual([whoHas(), segment(seq)]);
    }
    wait(bench, 999);
    send(bench, PEER.ip, 6);
    expect(wentOut(bench)).toEqual([segment(6)]);
    wait(bench, 1);
    send(bench, PEER.ip, 7);
    expect(wentOut(bench)).toEqual([whoHas()]);
  });

  test('an answer keeps it for another 60 s', async () => {
    const bench = await ipBench();
    teach(bench, PEER);
    send(bench, PEER.ip, 1);
    wait(bench, 60_000);
    expect(wentOut(bench)).toEqual([segment(1), whoHas()]);
    bench.receive(replyFrame(bench, PEER));
    bench.settle();
    send(bench, PEER.ip, 2);
    wait(bench, 59_999);
    expect(wentOut(bench)).toEqual([segment(2)]);
    wait(bench, 1);
    expect(wentOut(bench)).toEqual([whoHas()]);
  });
});

test('five neighbours of one set: one of them is asked for again, nobody is sent to wrongly', async () => {
  const bench = await ipBench({}, { ...CARD, prefixLen: 8 });
  // The same low twelve bits, so the same set
  const peers = Array.from({ length: 5 }, (_, n) => ({
    mac: PEER.mac + n,
    ip: frames.ip4('10.0.0.9') + n * 4096,
  }));
  for (const peer of peers) teach(bench, peer);
  let asked = 0;
  for (const [n, peer] of peers.entries()) {
    send(bench, peer.ip, n);
    const out = wentOut(bench);
    if (out[0] === whoHas(peer)) asked++;
    else expect(out).toEqual([segment(n, peer)]);
  }
  expect(asked).toBeGreaterThanOrEqual(1);
});

describe('addresses that nobody has', () => {
  const card = { ...CARD, prefixLen: 8 };
  const ofSet = (n: number): Peer => ({ mac: PEER.mac + n, ip: frames.ip4('10.0.0.9') + n * 4096 });

  test.for([3, 4])('push none of %i neighbours in use out of their set', async (known) => {
    const bench = await ipBench({}, card);
    const peers = Array.from({ length: known }, (_, n) => ofSet(n));
    for (const peer of peers) {
      teach(bench, peer);
      send(bench, peer.ip);
    }
    bench.tx.take();
    bench.takeCounts();
    for (let n = 0; n < 12; n++) send(bench, ofSet(100 + n).ip, n);
    // The fourth place is asked about for each in turn; who waited for the one before is dropped
    const free = 4 - known;
    const asked = Array.from({ length: 12 * free }, (_, n) => whoHas(ofSet(100 + n)));
    expect(wentOut(bench)).toEqual(asked);
    expect(bench.takeCounts().dropTxUnreachable).toBe(12 - free);
    for (const [n, peer] of peers.entries()) send(bench, peer.ip, n);
    expect(wentOut(bench)).toEqual(peers.map((peer, n) => segment(n, peer)));
  });

  test('a neighbour that comes forward by itself gets a place', async () => {
    const bench = await ipBench({}, card);
    for (let n = 0; n < 5; n++) {
      teach(bench, ofSet(n));
      send(bench, ofSet(n).ip, n);
      expect(wentOut(bench)).toEqual([segment(n, ofSet(n))]);
    }
  });
});

test('all 256 places are used, before anybody is forgotten', async () => {
  const bench = await ipBench({}, { ...CARD, prefixLen: 16 });
  const peers = Array.from({ length: 256 }, (_, n) => ({
    mac: PEER.mac + n,
    ip: frames.ip4('10.77.8.0') + n,
  }));
  for (const peer of peers) teach(bench, peer);
  for (const [n, peer] of peers.entries()) {
    send(bench, peer.ip, n);
    expect(wentOut(bench)).toEqual([segment(n, peer)]);
  }
  // A reset forgets each of them
  bench.sim.reset();
  bench.sim.cycles(300);
  for (const peer of peers) {
    send(bench, peer.ip);
    expect(wentOut(bench)).toEqual([whoHas(peer)]);
  }
});
