// SPDX-License-Identifier: Apache-2.0
// toe_tcp by scripted segments, exact in sequence numbers and milliseconds.

import { describe, expect, test } from 'vitest';
import { ip4 } from './helpers/frames.ts';
import { Peer, type PeerOptions } from './helpers/peer.ts';
import { STATES } from './helpers/session-counts.ts';
import { OP, TcpBench } from './helpers/tcp-bench.ts';
import type { Config } from './helpers/words.ts';

async function accepted(options: PeerOptions = {}, config: Partial<Config> = {}) {
  const bench = await TcpBench.open(config);
  const peer = new Peer(bench, options);
  peer.accepted();
  bench.rxq.length = bench.txq.length = 0;
  return { bench, peer };
}

/** What of the host's sides is left when all is over: nothing. */
function expectEmpty(bench: TcpBench): void {
  expect([...bench.sessions]).toEqual([]);
  expect([...bench.timers]).toEqual([]);
}

describe('opening', () => {
  test('passive: SYN, SYN-ACK, ACK', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    bench.listening.add(80);
    peer.syn();
    expect(peer.heard()).toMatchObject([
      { flags: 'SA', seq: 0, ack: 1, mss: 1460, wsValid: 1, ws: 5, sackOk: 1, window: 65_535 },
    ]);
    peer.say({ ack: 1 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['accepted'] }]);
    expect(peer.heard()).toEqual([]);
    expect([...bench.timers]).toEqual([]);
  });

  test('passive: the SYN-ACK is sent again after 1, 2, 4 .. s, then the session is forgotten', async () => {
    const bench = await TcpBench.open({ synTries: 3 });
    const peer = new Peer(bench);
    bench.listening.add(80);
    peer.syn();
    expect(peer.heard()).toHaveLength(1);
    for (const wait of [1000, 2000, 4000]) {
      bench.advance(wait - 1);
      expect(peer.heard()).toEqual([]);
      bench.advance(1);
      expect(peer.heard()).toMatchObject([{ flags: 'SA', seq: 0, ack: 1 }]);
    }
    bench.advance(60_000);
    expect(peer.heard()).toEqual([]);
    expect(bench.takeEvents()).toEqual([]);
    expectEmpty(bench);
  });

  test('passive: a SYN that is sent again is answered again', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    bench.listening.add(80);
    peer.syn();
    peer.heard();
    peer.syn();
    expect(peer.heard()).toMatchObject([{ flags: 'SA', seq: 0, ack: 1 }]);
    expect(bench.sessions.size).toBe(1);
  });

  test('passive: without options neither scale nor SACK nor timestamps, and an MSS of 536', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench, { ws: 0, sack: false });
    bench.listening.add(80);
    peer.syn({ mssValid: 0, mss: 0 });
    expect(peer.heard()).toMatchObject([
      { flags: 'SA', mssValid: 1, mss: 1460, wsValid: 0, sackOk: 0, tsValid: 0 },
    ]);
    peer.say({ window: 10_000 });
    peer.session = bench.takeEvents()[0]!.session;
    peer.write(2000);
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 536 }, { len: 536 }, { len: 536 }]);
  });

  test.each([
    ['F', 0, 1],
    ['', 0, 0],
    ['', 10, 10],
    ['FPU', 0, 1],
    ['P', 10, 10],
  ])(
    'a segment of no session, neither SYN nor ACK (%j, %d bytes): silence where somebody listens, a reset elsewhere',
    async (flags, len, length) => {
      const bench = await TcpBench.open();
      const peer = new Peer(bench);
      peer.say({ flags, seq: 5, len });
      const reset = { flags: 'RA', ack: 5 + length };
      expect(peer.heard()).toMatchObject([reset]);
      bench.listening.add(80);
      peer.say({ flags, seq: 5, len });
      expect(peer.heard()).toEqual([]);
      // And an acknowledgement of nothing is reset there, too
      peer.say({ flags: `A${flags}`, seq: 5, ack: 9, len });
      expect(peer.heard()).toMatchObject([{ flags: 'R', seq: 9 }]);
      expectEmpty(bench);
    },
  );

  test('active: SYN, SYN-ACK, ACK', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench, { ts: true });
    peer.command(OP.open);
    expect(peer.heard()).toMatchObject([
      { flags: 'S', seq: 0, ack: 0, mss: 1460, wsValid: 1, sackOk: 1, tsValid: 1, tsEcr: 0 },
    ]);
    peer.syn({ flags: 'SA', ack: 1, tsEcr: bench.now });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 1, tsValid: 1, tsEcr: 777 }]);
    expect(bench.takeEvents()).toMatchObject([{ what: ['opened'] }]);
    expect([...bench.timers]).toEqual([]);
  });

  test('active: refused', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open);
    peer.heard();
    peer.say({ flags: 'RA', seq: 0, ack: 1 });
    expect(peer.heard()).toEqual([]);
    const [event] = bench.takeEvents();
    expect(event).toMatchObject({ what: ['refused'] });
    peer.session = event!.session;
    peer.command(OP.free);
    expectEmpty(bench);
  });

  test.each([
    ['too low', 0],
    ['too high', 2],
  ])(
    'active: a reset whose acknowledgement is %s is ignored, other segments are reset',
    async (_, ack) => {
      const bench = await TcpBench.open();
      const peer = new Peer(bench);
      peer.command(OP.open);
      peer.heard();
      peer.say({ flags: 'RA', seq: 0, ack });
      expect(peer.heard()).toEqual([]);
      peer.syn({ flags: 'SA', ack });
      expect(peer.heard()).toMatchObject([{ flags: 'R', seq: ack }]);
      expect(bench.takeEvents()).toEqual([]);
    },
  );

  test('active: no answer for more than three minutes, then it has timed out', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open);
    const began = bench.now;
    while (bench.events.length === 0) bench.advance(1000);
    expect(bench.now - began).toBeGreaterThan(180_000); // MUST-23
    expect(peer.heard().map(({ flags }) => flags)).toEqual(Array(9).fill('S'));
    const [event] = bench.takeEvents();
    expect(event).toMatchObject({ what: ['timed out'] });
    peer.session = event!.session;
    peer.command(OP.free);
    expectEmpty(bench);
  });

  test('simultaneous: both SYNs cross', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open);
    peer.heard();
    peer.syn();
    expect(peer.heard()).toMatchObject([{ flags: 'SA', seq: 0, ack: 1 }]);
    peer.say({ seq: 1, ack: 1 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['opened'] }]);
  });

  test('a reset in SYN-RECEIVED: a passive open listens again, an active one is refused', async () => {
    const bench = await TcpBench.open();
    const passive = new Peer(bench);
    bench.listening.add(80);
    passive.syn();
    passive.say({ flags: 'R', seq: 1 });
    expect(bench.takeEvents()).toEqual([]);
    expectEmpty(bench);
    bench.take();
    passive.syn();
    expect(passive.heard()).toMatchObject([{ flags: 'SA' }]);
    const active = new Peer(bench, { remotePort: 41_000 });
    active.command(OP.open);
    active.syn();
    active.say({ flags: 'R', seq: 1 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['refused'] }]);
  });

  test('a segment of no session is reset', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.say({ seq: 5, ack: 9 });
    expect(peer.heard()).toMatchObject([{ flags: 'R', seq: 9 }]);
    peer.syn();
    expect(peer.heard()).toMatchObject([{ flags: 'RA', seq: expect.any(Number), ack: 1 }]);
    peer.say({ flags: 'R', seq: 5 });
    expect(peer.heard()).toEqual([]);
  });

  test('a flood of SYNs takes no more than its share', async () => {
    const bench = await TcpBench.open({ halfOpen: 4 });
    const alive = new Peer(bench);
    alive.accepted();
    for (let i = 0; i < 20; i++) new Peer(bench, { remotePort: 1000 + i }).syn();
    expect(bench.sessions.size).toBe(5);
    expect(bench.counts.flooded).toBe(16);
    bench.take();
    alive.say({ len: 100 });
    bench.advance(40);
    expect(alive.heard()).toMatchObject([{ flags: 'A', ack: 101 }]);
    alive.write(10);
    expect(alive.heard()).toMatchObject([{ seq: 1, len: 10 }]);
  });

  test('in a flood who came last gets in: the oldest half-open session makes room', async () => {
    const bench = await TcpBench.open({ halfOpen: 4 });
    bench.listening.add(80);
    for (let i = 0; i < 50; i++) new Peer(bench, { remotePort: 1000 + i }).syn({ len: i % 3 });
    const peer = new Peer(bench);
    bench.take();
    peer.syn();
    expect(peer.heard()).toMatchObject([{ flags: 'SA', remotePort: 40_000 }]);
    for (let i = 0; i < 3; i++) new Peer(bench, { remotePort: 2000 + i }).syn();
    peer.say({ ack: 1, len: 7 });
    expect(bench.takeEvents().map(({ what }) => what)).toEqual([['accepted'], ['received']]);
    expect(bench.counts.flooded).toBe(50);
    // Who was pushed out has neither entry nor timer, and is a stranger
    expect(bench.sessions.size).toBe(4);
    expect(bench.timers.size).toBe(4);
    bench.take();
    new Peer(bench, { remotePort: 1049 }).say({ ack: 1 });
    expect(bench.take()).toMatchObject([{ flags: 'R' }]);
    bench.advance(600_000);
    expect([...bench.sessions.values()]).toHaveLength(1);
  });

  test('who is through, reset or given up is not pushed out for another', async () => {
    const bench = await TcpBench.open({ halfOpen: 3 });
    bench.listening.add(80);
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((i) => new Peer(bench, { remotePort: 1000 + i }));
    for (const peer of [a!, b!, c!]) peer.syn();
    b!.say({ ack: 1 });
    a!.say({ flags: 'R', seq: 1 });
    for (const peer of [d!, e!]) peer.syn();
    expect(bench.counts.flooded).toBeUndefined();
    // Half-open are c, d, e
    const f = new Peer(bench, { remotePort: 1006 });
    f.syn();
    expect(bench.counts.flooded).toBe(1);
    expect(bench.takeEvents().map(({ what }) => what)).toEqual([['accepted']]);
    bench.take();
    for (const peer of [d!, e!, f]) peer.say({ ack: 1 });
    expect(bench.takeEvents().map(({ what }) => what)).toEqual(Array(3).fill(['accepted']));
    c!.say({ ack: 1 });
    expect(bench.take().map(({ flags, remotePort }) => [flags, remotePort])).toEqual([['R', 1003]]);
  });

  test('a SYN that comes again at the limit pushes nobody out; a limit of 0 takes none', async () => {
    const bench = await TcpBench.open({ halfOpen: 2 });
    bench.listening.add(80);
    const peers = [0, 1].map((i) => new Peer(bench, { remotePort: 1000 + i }));
    for (const peer of peers) peer.syn();
    bench.take();
    for (const peer of peers) peer.syn();
    expect(bench.take().map(({ flags, remotePort }) => [flags, remotePort])).toEqual([
      ['SA', 1000],
      ['SA', 1001],
    ]);
    expect(bench.counts.flooded).toBeUndefined();
    const shut = await TcpBench.open({ halfOpen: 0 });
    shut.listening.add(80);
    new Peer(shut).syn({ len: 3 });
    expect(shut.take()).toEqual([]);
    expect(shut.counts.flooded).toBe(1);
    expectEmpty(shut);
  });
});

describe('what is counted of a session', () => {
  const counted = ({ bench, session }: Peer) => {
    const { state, ...counts } = bench.sessionCounts.of(session);
    return { state: STATES[state], ...counts };
  };
  const ZERO = {
    segmentsIn: 0,
    segmentsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    retransmitted: 0,
    dupAcks: 0,
    outOfOrder: 0,
    unacceptable: 0,
    noRoom: 0,
  };

  test('segments and bytes, both ways, from its first SYN to its last acknowledgement', async () => {
    const { bench, peer } = await accepted();
    expect(counted(peer)).toEqual({ ...ZERO, state: 'ESTABLISHED', segmentsIn: 2, segmentsOut: 1 });
    peer.say({ len: 100 });
    peer.say({ seq: 101, len: 1460 });
    peer.write(2920);
    peer.say({ seq: 1561, ack: 2921 });
    const open = { ...ZERO, segmentsIn: 5, bytesIn: 1560, segmentsOut: 4, bytesOut: 2920 };
    expect(counted(peer)).toEqual({ ...open, state: 'ESTABLISHED' });
    peer.command(OP.close);
    expect(counted(peer)).toMatchObject({ state: 'FIN_WAIT_1', segmentsOut: 5 });
    peer.say({ seq: 1561, ack: 2922 });
    expect(counted(peer)).toMatchObject({ state: 'FIN_WAIT_2', segmentsIn: 6 });
    peer.say({ seq: 1561, ack: 2922, flags: 'FA' });
    const over = { ...open, segmentsIn: 7, segmentsOut: 6 };
    expect(counted(peer)).toEqual({ ...over, state: 'TIME_WAIT' });
    peer.command(OP.free);
    bench.advance(60_000);
    expect(bench.sessions.size).toBe(0);
    expect(counted(peer)).toEqual({ ...over, state: 'CLOSED' });
  });

  test.each([
    ['LAST_ACK', 'FA', OP.close, 'CLOSE_WAIT'],
    ['CLOSED', 'RA', undefined, 'CLOSED'],
  ] as const)('its state: %s', async (state, flags, then, before) => {
    const { peer } = await accepted();
    peer.say({ flags });
    expect(counted(peer).state).toBe(before);
    if (then !== undefined) peer.command(then);
    expect(counted(peer).state).toBe(state);
  });

  test('an active open; a number that is used again counts from zero', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open);
    peer.session = [...bench.sessions.values()][0]!;
    expect(counted(peer)).toEqual({ ...ZERO, state: 'SYN_SENT', segmentsOut: 1 });
    peer.say({ flags: 'RA', seq: 0, ack: 9 });
    expect(counted(peer)).toMatchObject({ segmentsIn: 1, unacceptable: 1 });
    peer.syn({ flags: 'SA', ack: 1 });
    expect(counted(peer)).toMatchObject({
      state: 'ESTABLISHED',
      segmentsIn: 2,
      segmentsOut: 2,
      unacceptable: 1,
    });
    peer.command(OP.abort);
    expect(counted(peer)).toMatchObject({ state: 'CLOSED', segmentsOut: 3 });
    // All the others come first
    for (let port = 5000; bench.sessions.size < 16; port++) {
      bench.command(OP.open, 0, { ...peer.tuple, localPort: port });
    }
    expect(counted(peer)).toEqual({ ...ZERO, state: 'SYN_SENT', segmentsOut: 1 });
  });

  test('what was sent again, and duplicate acknowledgements', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1000 });
    peer.write(2920);
    const sent = peer.heard().length;
    for (let i = 0; i < 3; i++) peer.say({ ack: 1 });
    expect(counted(peer)).toMatchObject({ dupAcks: 3, retransmitted: 1 });
    bench.advance(1000);
    const { segmentsOut, retransmitted } = counted(peer);
    const again = peer.heard().length;
    expect(retransmitted).toBe(bench.counts.retransmit);
    expect(segmentsOut).toBe(1 + sent + again);
    // What changes the window, brings text or acknowledges something is no duplicate
    peer.say({ ack: 1, window: 499 });
    peer.say({ ack: 1, len: 1 });
    peer.say({ seq: 2, ack: 2921 });
    peer.say({ seq: 2, ack: 2921 });
    expect(counted(peer).dupAcks).toBe(3);
    // Nor is what is not acceptable
    peer.write(100);
    peer.say({ seq: 200_000, ack: 2921 });
    expect(counted(peer)).toMatchObject({ dupAcks: 3, unacceptable: 1 });
  });

  test('segments ahead of a gap, repeated ones, those outside of the window', async () => {
    const { peer } = await accepted();
    peer.say({ seq: 101, len: 50 });
    peer.say({ seq: 201, len: 50 }); // not kept
    expect(counted(peer)).toMatchObject({ outOfOrder: 2, unacceptable: 0, bytesIn: 100 });
    peer.say({ seq: 1, len: 100 });
    expect(counted(peer)).toMatchObject({ outOfOrder: 2, unacceptable: 0 });
    peer.say({ seq: 1, len: 100 }); // again
    peer.say({ seq: 100_001, len: 10 });
    peer.say({ seq: 151, flags: '', len: 10 });
    peer.say({ seq: 151, flags: 'S' });
    peer.say({ seq: 151, ack: 99 }); // of what was never sent
    expect(counted(peer)).toMatchObject({ outOfOrder: 2, unacceptable: 5, segmentsIn: 10 });
  });

  test('text that found no buffer', async () => {
    const { bench, peer } = await accepted();
    bench.room = () => false;
    peer.say({ len: 100 });
    bench.room = () => true;
    peer.say({ len: 100 });
    expect(counted(peer)).toMatchObject({ noRoom: 1, segmentsIn: 4, bytesIn: 200 });
    expect(bench.counts.no_room).toBe(1);
  });

  test('each session its own; strangers none', async () => {
    const bench = await TcpBench.open();
    const [a, b] = [new Peer(bench), new Peer(bench, { remotePort: 41_000 })];
    a.accepted();
    b.accepted();
    a.say({ len: 10 });
    b.write(20);
    new Peer(bench, { remotePort: 42_000 }).say({ len: 30 });
    const both = { segmentsIn: 2, segmentsOut: 1, bytesIn: 0, bytesOut: 0 };
    expect(counted(a)).toMatchObject({ ...both, segmentsIn: 3, bytesIn: 10 });
    expect(counted(b)).toMatchObject({ ...both, segmentsOut: 2, bytesOut: 20 });
  });

  test('a SYN in TIME-WAIT counts for the new session', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.say({ ack: 2, flags: 'FA' });
    peer.command(OP.free);
    const before = counted(peer);
    expect(before.state).toBe('TIME_WAIT');
    peer.syn({ seq: 1000 });
    const after = [...bench.sessions.values()][0]!;
    expect(after).not.toBe(peer.session);
    expect(counted(peer)).toEqual({ ...before, state: 'CLOSED' });
    expect(bench.sessionCounts.of(after)).toMatchObject({ segmentsIn: 1, segmentsOut: 1 });
  });
});

describe('receiving', () => {
  test('in order: stored, told, and acknowledged with the second full segment', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 1, len: 1460 });
    expect(peer.heard()).toEqual([]);
    peer.say({ seq: 1461, len: 1460 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 2921 }]);
    expect(bench.takeEvents()).toMatchObject([{ what: ['received'] }, { what: ['received'] }]);
    expect(bench.rxq).toMatchObject([
      { op: 'store', skip: 0, len: 1460 },
      { op: 'store', skip: 0, len: 1460 },
    ]);
    expect((bench.rxq[1]!.pos - bench.rxq[0]!.pos + 2 ** 32) % 2 ** 32).toBe(1460);
  });

  test('a single segment is acknowledged after the delay', async () => {
    const { bench, peer } = await accepted();
    peer.say({ len: 10 });
    bench.advance(39);
    expect(peer.heard()).toEqual([]);
    bench.advance(1);
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 11 }]);
  });

  test('sequence numbers wrap', async () => {
    const { bench, peer } = await accepted();
    for (let seq = 1; seq < 600; seq += 100) peer.say({ seq, len: 100 });
    bench.advance(40);
    expect(peer.heard().at(-1)).toMatchObject({ flags: 'A', ack: 601 });
  });

  test('a gap: a duplicate acknowledgement with SACK at once, filled it is acknowledged at once', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 101, len: 100 });
    let [heard] = peer.heard();
    expect(heard).toMatchObject({ flags: 'A', ack: 1, sackValid: 1 });
    expect((heard!.sackRight - heard!.sackLeft + 2 ** 32) % 2 ** 32).toBe(100);
    peer.say({ seq: 201, len: 100 });
    [heard] = peer.heard();
    expect((heard!.sackRight - heard!.sackLeft + 2 ** 32) % 2 ** 32).toBe(200);
    expect(bench.takeEvents()).toEqual([]);
    peer.say({ seq: 1, len: 100 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 301, sackValid: 0 }]);
    const [event] = bench.takeEvents();
    expect(event).toMatchObject({ what: ['received'] });
    expect((event!.received - peer.isn + 2 ** 32) % 2 ** 32).toBe(301);
  });

  test('what touches the block ahead is kept, a second block is not', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 1001, len: 100 });
    peer.say({ seq: 901, len: 100 });
    peer.say({ seq: 1501, len: 100 });
    expect(bench.rxq.map(({ op, len }) => [op, len])).toEqual([
      ['store', 100],
      ['store', 100],
      ['store', 0],
    ]);
    peer.heard();
    peer.say({ seq: 1, len: 900 });
    expect(peer.heard()).toMatchObject([{ ack: 1101 }]);
  });

  test('what was received already is left out', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 1, len: 100 });
    peer.say({ seq: 51, len: 100 });
    expect(bench.rxq.at(-1)).toMatchObject({ op: 'store', skip: 50, len: 50 });
    peer.say({ seq: 1, len: 100 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 151 }]);
    expect(bench.rxq.at(-1)).toMatchObject({ op: 'store', len: 0 });
  });

  test('what is beyond the window is cut off', async () => {
    const { bench, peer } = await accepted({}, { rxLimit: 3200 });
    peer.say({ seq: 1, len: 1460 });
    peer.say({ seq: 1461, len: 1460 });
    peer.say({ seq: 2921, len: 1460 });
    expect(bench.rxq.at(-1)).toMatchObject({ op: 'store', skip: 0 });
    const stored = bench.rxq.reduce((sum, { len }) => sum + len, 0);
    expect(stored).toBeLessThanOrEqual(3200);
    expect(peer.heard().at(-1)).toMatchObject({ window: 0, ack: 1 + stored });
  });

  test('a closed window opens when the host reads, by a segment at least', async () => {
    const { bench, peer } = await accepted({}, { rxLimit: 4096 });
    for (let seq = 1; seq < 4097; seq += 1024) peer.say({ seq, len: 1024 });
    expect(peer.heard().at(-1)).toMatchObject({ ack: 4097, window: 0 });
    peer.read(1000);
    expect(peer.heard()).toEqual([]);
    peer.read(1000);
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 4097, window: 2000 >> 5 }]);
    bench.advance(1000);
    expect(peer.heard()).toEqual([]);
  });

  test('while half of the window is open nobody is told of more', async () => {
    const { peer } = await accepted({}, { rxLimit: 16_384 });
    let seq = 1;
    const say = (len: number) => {
      peer.say({ seq, len });
      seq += len;
    };
    for (let i = 0; i < 5; i++) say(1460);
    peer.heard();
    peer.read(2920);
    peer.read(2920);
    expect(peer.heard()).toEqual([]);
    for (let i = 0; i < 5; i++) say(1460);
    peer.heard();
    peer.read(1400); // windows are told in units of 32 bytes
    expect(peer.heard()).toEqual([]);
    peer.read(60);
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: seq, len: 0 }]);
  });

  test('a peer that still sends after our FIN is told of the window, too', async () => {
    const { peer } = await accepted({}, { rxLimit: 4096 });
    peer.command(OP.close);
    peer.heard();
    peer.say({ seq: 1, ack: 2 });
    for (let seq = 1; seq < 4097; seq += 1024) peer.say({ seq, ack: 2, len: 1024 });
    expect(peer.heard().at(-1)).toMatchObject({ ack: 4097, window: 0 });
    peer.read(2000);
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 2, ack: 4097, window: 2000 >> 5 }]);
  });

  test('a probe of a closed window is answered and not taken', async () => {
    const { bench, peer } = await accepted({}, { rxLimit: 2048 });
    peer.say({ seq: 1, len: 1024 });
    peer.say({ seq: 1025, len: 1024 });
    peer.heard();
    peer.say({ seq: 2049, len: 1 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 2049, window: 0 }]);
    expect(bench.rxq.at(-1)).toMatchObject({ op: 'store', len: 0 });
  });

  test('a reset is taken at a closed window', async () => {
    const { bench, peer } = await accepted({}, { rxLimit: 2048 });
    peer.say({ seq: 1, len: 1024 });
    peer.say({ seq: 1025, len: 1024 });
    bench.takeEvents();
    peer.say({ flags: 'R', seq: 2049 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['reset'] }]);
  });

  test('without a buffer it is not acknowledged, and taken when it comes again', async () => {
    const { bench, peer } = await accepted();
    bench.room = () => false;
    peer.say({ len: 100 });
    expect(peer.heard()).toMatchObject([{ ack: 1 }]);
    expect(bench.counts.no_room).toBe(1);
    bench.room = () => true;
    peer.say({ len: 100 });
    bench.advance(40);
    expect(peer.heard()).toMatchObject([{ ack: 101 }]);
  });
});

describe('sending', () => {
  test('segments of the agreed size, as the windows allow', async () => {
    const { bench, peer } = await accepted();
    peer.write(10_000);
    // RFC 5681: three segments at first
    expect(peer.heard()).toMatchObject([
      { seq: 1, len: 1460, flags: 'A' },
      { seq: 1461, len: 1460 },
      { seq: 2921, len: 1460 },
    ]);
    expect(bench.txq.filter(({ op }) => op === 'fetch').map(({ len }) => len)).toEqual([
      1460, 1460, 1460,
    ]);
    peer.say({ ack: 2921 });
    // Two acknowledged, the window grows by one segment (RFC 5681, at most SMSS an acknowledgement)
    expect(peer.heard()).toMatchObject([{ seq: 4381 }, { seq: 5841 }, { seq: 7301 }]);
    peer.say({ ack: 8761 });
    expect(peer.heard()).toMatchObject([{ seq: 8761, len: 1240, flags: 'PA' }]);
    peer.say({ ack: 10_001 });
    expect([...bench.timers]).toEqual([]);
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['sent'] });
  });

  test('without room for it nothing new is sent, but acknowledgements are; then it goes on', async () => {
    const { bench, peer } = await accepted();
    bench.fetchRoom = false;
    peer.write(10_000);
    expect(peer.heard()).toEqual([]);
    expect([...bench.timers]).toEqual([]); // it is no closed window
    peer.say({ seq: 1, len: 1460 });
    peer.say({ seq: 1461, len: 1460 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 2921, len: 0 }]);
    bench.fetchRoom = true;
    bench.settle();
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 1460 }, { seq: 1461 }, { seq: 2921 }]);
    // What was acknowledged makes room in the window, not in toe_queues
    bench.fetchRoom = false;
    peer.say({ seq: 2921, ack: 4381 });
    expect(peer.heard()).toEqual([]);
    expect(bench.txq.at(-1)).toMatchObject({ op: 'free' });
    bench.fetchRoom = true;
    bench.settle();
    expect(peer.heard()).toMatchObject([{ seq: 4381 }, { seq: 5841 }, { seq: 7301 }]);
  });

  test('what a timeout gave up on and a FIN wait for room, a probe does not', async () => {
    const { bench, peer } = await accepted();
    peer.write(1000);
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 1000 }]);
    bench.fetchRoom = false;
    bench.advance(1000);
    expect(peer.heard()).toEqual([]);
    bench.fetchRoom = true;
    bench.settle();
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 1000 }]);
    expect(bench.timers.size).toBe(1);
    peer.say({ ack: 1001, window: 0 });
    peer.write(100);
    bench.fetchRoom = false;
    bench.advance(2000);
    const [probe, ...later] = peer.heard();
    expect(probe).toMatchObject({ seq: 1001, len: 1 });
    for (const again of later) expect(again).toMatchObject({ seq: 1001, len: 1 });
    peer.say({ ack: 1002, window: 500 });
    peer.command(OP.close);
    expect(peer.heard()).toEqual([]);
    bench.fetchRoom = true;
    bench.settle();
    expect(peer.heard()).toMatchObject([{ flags: 'FPA', seq: 1002, len: 99 }]);
  });

  test('with timestamps a segment carries twelve bytes less', async () => {
    const { peer } = await accepted({ ts: true });
    peer.write(3000);
    expect(peer.heard()).toMatchObject([{ len: 1448, tsValid: 1, mssValid: 0 }, { len: 1448 }]);
  });

  test('a window above 32,767 is a positive number', async () => {
    const { bench, peer } = await accepted({ ws: 0 });
    peer.say({ window: 65_535 });
    peer.write(100_000);
    for (let ack = 1; ack < 64_000; ) {
      const last = peer.heard().at(-1);
      if (!last) break;
      ack = last.seq + last.len;
      peer.say({ ack, window: 65_535 });
    }
    // So many are under way when nobody acknowledges any more
    bench.take();
    peer.heard();
    const end = bench.txq.filter(({ op }) => op === 'fetch').at(-1)!;
    expect((end.pos + end.len - peer.cardIsn + 2 ** 32) % 2 ** 32).toBeGreaterThan(64_000);
  });

  test('the peer takes back a part of its window: what is beyond is sent when it opens again', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1000 });
    peer.write(4380);
    expect(peer.heard()).toHaveLength(3);
    peer.say({ ack: 1461, window: 1 }); // 128 bytes of 2,920 that are under way
    expect(peer.heard()).toEqual([]);
    bench.advance(3000);
    for (const { seq, len } of peer.heard()) expect(seq + len).toBeLessThanOrEqual(1461 + 128);
    peer.say({ ack: 1461, window: 500 });
    bench.advance(10_000);
    expect(peer.heard().map(({ seq }) => seq)).toContain(1461);
    peer.say({ ack: 4381 });
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['sent'] });
  });

  test('Karn: what was sent again is no sample of the round trip', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1 });
    // From the SYN a first sample of 1 ms, doubled deviation
    peer.write(100);
    bench.advance(500);
    peer.heard();
    const before = bench.timers.get(`${peer.session}/0`)! - bench.now;
    peer.say({ ack: 101 });
    peer.write(100);
    const after = bench.timers.get(`${peer.session}/0`)! - bench.now;
    expect(after).toBeLessThan(100);
    expect(before).toBeGreaterThan(0);
  });

  test('an open without timestamps takes its first round trip from the SYN', async () => {
    const bench = await TcpBench.open({ rtoMinMs: 1 });
    const peer = new Peer(bench);
    peer.command(OP.open);
    bench.advance(300);
    peer.syn({ flags: 'SA', ack: 1 });
    peer.session = bench.takeEvents()[0]!.session;
    peer.write(100);
    // RFC 6298 2.2
    expect(bench.timers.get(`${peer.session}/0`)! - bench.now).toBe(300 + 4 * 150);
  });

  test('Nagle: a small segment waits for what is under way; not so with nodelay', async () => {
    const { peer } = await accepted();
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 10, flags: 'PA' }]);
    peer.write(10);
    expect(peer.heard()).toEqual([]);
    peer.write(10);
    peer.say({ ack: 11 });
    expect(peer.heard()).toMatchObject([{ seq: 11, len: 20 }]);
    peer.command(OP.options, { value: 1 });
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ seq: 31, len: 10 }]);
  });

  test('the retransmission timer: once after 1 s, doubled each time, all given up after R2', async () => {
    const { bench, peer } = await accepted({}, { dataTries: 3, rtoMinMs: 1000 });
    peer.write(100);
    expect(peer.heard()).toHaveLength(1);
    for (const wait of [1000, 2000, 4000]) {
      bench.advance(wait - 1);
      expect(peer.heard()).toEqual([]);
      bench.advance(1);
      expect(peer.heard()).toMatchObject([{ seq: 1, len: 100 }]);
    }
    bench.advance(8000);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out'] }]);
  });

  test('after a timeout one segment, then what the acknowledgements allow', async () => {
    const { bench, peer } = await accepted();
    peer.write(4380);
    peer.heard();
    bench.advance(3000);
    expect(peer.heard()[0]).toMatchObject({ seq: 1, len: 1460 });
    bench.take();
    peer.say({ ack: 1461 });
    expect(peer.heard()).toMatchObject([{ seq: 1461 }, { seq: 2921 }]);
    peer.say({ ack: 4381 });
    expect([...bench.timers]).toEqual([]);
  });

  test('three duplicate acknowledgements: the first segment at once, then partial ones one by one', async () => {
    const { bench, peer } = await accepted();
    peer.write(100_000);
    peer.heard();
    for (let ack = 1461; ack <= 7301; ack += 1460) peer.say({ ack });
    peer.heard();
    for (let i = 0; i < 2; i++) peer.say({ ack: 7301 });
    // RFC 3042: one new segment for each of the first two
    expect(peer.heard()).toHaveLength(2);
    peer.say({ ack: 7301 });
    expect(peer.heard()[0]).toMatchObject({ seq: 7301, len: 1460 });
    bench.take();
    peer.say({ ack: 8761 });
    expect(peer.heard()[0]).toMatchObject({ seq: 8761, len: 1460 });
    expect(bench.counts.retransmit).toBe(2);
  });

  test('a closed window does not end a session whose peer answers', async () => {
    const { bench, peer } = await accepted({}, { dataTries: 3 });
    peer.say({ window: 0 });
    peer.write(100);
    for (let i = 0; i < 2_000; i++) {
      bench.advance(100);
      if (peer.heard().length > 0) peer.say({ window: 0, ack: 1 });
    }
    expect(bench.takeEvents()).toEqual([]);
    peer.say({ window: 500, ack: 1 });
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 100 }]);
  });

  test('the window of the peer closes: probes that double, and on when it opens', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1000 });
    peer.say({ window: 0 });
    peer.write(100);
    expect(peer.heard()).toEqual([]);
    bench.advance(1000);
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 1 }]);
    peer.say({ window: 0, ack: 1 });
    bench.advance(60_000);
    expect(peer.heard().length).toBeGreaterThan(2);
    peer.say({ window: 500, ack: 1 });
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 100 }]);
  });

  test('an estimate of the round trip sets the timer', async () => {
    const { bench, peer } = await accepted({ ts: true }, { rtoMinMs: 1 });
    for (let i = 0, seq = 1; i < 30; i++, seq += 100) {
      peer.write(100);
      bench.advance(50);
      peer.clock += 50;
      peer.say({ ack: seq + 100, tsEcr: (bench.now - 50) % 2 ** 32 });
    }
    peer.heard();
    peer.write(100);
    peer.heard();
    let waited = 0;
    while (bench.segments.length === 0) {
      bench.advance(1);
      waited++;
    }
    // 50 ms, and a variance that has all but gone
    expect(waited).toBeGreaterThanOrEqual(50);
    expect(waited).toBeLessThan(70);
  });
});

describe('closing', () => {
  test('the card first: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT of two MSL', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    expect(peer.heard()).toMatchObject([{ flags: 'FA', seq: 1, ack: 1 }]);
    peer.say({ ack: 2 });
    peer.say({ flags: 'FA', ack: 2 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 2, ack: 2 }]);
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['peer closed', 'closed'] });
    peer.command(OP.free);
    bench.advance(59_999);
    expect(bench.sessions.size).toBe(1);
    bench.advance(1);
    expectEmpty(bench);
  });

  test('the peer first: CLOSE-WAIT, still sending, LAST-ACK', async () => {
    const { bench, peer } = await accepted();
    peer.say({ flags: 'FA' });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 2 }]);
    expect(bench.takeEvents()).toMatchObject([{ what: ['peer closed'] }]);
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ seq: 1, len: 10 }]);
    peer.command(OP.close);
    peer.say({ seq: 2, ack: 11 });
    expect(peer.heard()).toMatchObject([{ flags: 'FA', seq: 11 }]);
    peer.say({ seq: 2, ack: 12 });
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['sent', 'closed'] });
    peer.command(OP.free);
    expectEmpty(bench);
  });

  test('both at once: CLOSING, TIME-WAIT', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.heard();
    peer.say({ flags: 'FA', ack: 1 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 2 }]);
    peer.say({ seq: 2, ack: 2 });
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['sent', 'closed'] });
    // A FIN that comes again is acknowledged, and the wait begins anew
    bench.advance(59_000);
    peer.say({ flags: 'FA', ack: 2 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 2 }]);
    peer.command(OP.free);
    bench.advance(59_000);
    expect(bench.sessions.size).toBe(1);
    bench.advance(1_000);
    expectEmpty(bench);
  });

  test('data and FIN in one segment', async () => {
    const { bench, peer } = await accepted();
    peer.write(10);
    peer.heard();
    peer.write(20);
    peer.command(OP.close);
    // FIN pushes it past Nagle
    expect(peer.heard()).toMatchObject([{ flags: 'FPA', seq: 11, len: 20 }]);
    peer.say({ ack: 32, flags: 'FPA', len: 5 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 7 }]);
    expect(bench.takeEvents().at(-1)).toMatchObject({
      what: ['received', 'sent', 'peer closed', 'closed'],
    });
  });

  test('a lost FIN is sent again', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1000 });
    peer.command(OP.close);
    peer.heard();
    bench.advance(1000);
    expect(peer.heard()).toMatchObject([{ flags: 'FA', seq: 1 }]);
  });

  test('a FIN ahead of what is missing counts when that has come', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 101, len: 100, flags: 'FPA' });
    expect(bench.takeEvents()).toEqual([]);
    peer.heard();
    peer.say({ seq: 1, len: 100 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 202 }]);
    expect(bench.takeEvents()).toMatchObject([{ what: ['received', 'peer closed'] }]);
  });

  test('abort: a reset, and nothing is left', async () => {
    const { bench, peer } = await accepted();
    peer.write(100);
    peer.heard();
    peer.command(OP.abort);
    expect(peer.heard()).toMatchObject([{ flags: 'RA', seq: 101, ack: 1 }]);
    expectEmpty(bench);
    expect(bench.txq.at(-1)).toMatchObject({ op: 'release' });
    expect(bench.rxq.at(-1)).toMatchObject({ op: 'release' });
  });

  test('freed with the FIN on its way: data that comes is reset', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.command(OP.free);
    peer.heard();
    peer.say({ ack: 2, len: 10 });
    expect(peer.heard()).toMatchObject([{ flags: 'RA' }]);
    expectEmpty(bench);
  });

  test('freed in FIN-WAIT-2: gone after a while', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.command(OP.free);
    peer.say({ ack: 2 });
    bench.advance(60_000);
    expectEmpty(bench);
  });

  test('a SYN in TIME-WAIT opens a new session', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.say({ ack: 2 });
    peer.say({ flags: 'FA', ack: 2 });
    peer.command(OP.free);
    peer.heard();
    bench.isn = 77_000_000;
    peer.cardIsn = bench.isn;
    peer.syn({ seq: 5000 });
    expect(peer.heard()).toMatchObject([{ flags: 'SA', seq: 0, ack: 5001 }]);
    expect(bench.sessions.size).toBe(1);
  });

  test('a SYN in TIME-WAIT with a payload: it opens a session, the payload is dropped once', async () => {
    const { bench, peer } = await accepted();
    peer.command(OP.close);
    peer.say({ ack: 2 });
    peer.say({ flags: 'FA', ack: 2 });
    peer.command(OP.free);
    peer.heard();
    bench.rxq.length = 0;
    peer.syn({ seq: 5000, len: 10 });
    expect(peer.heard()).toMatchObject([{ flags: 'SA' }]);
    expect(bench.rxq.filter(({ op }) => op === 'store')).toMatchObject([{ len: 0 }]);
  });
});

describe('robustness', () => {
  test('a reset counts at exactly what is next, within the window it is challenged', async () => {
    const { bench, peer } = await accepted();
    peer.say({ flags: 'R', seq: 2 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 1 }]);
    peer.say({ flags: 'R', seq: 1_000_000 });
    peer.say({ flags: 'R', seq: 0 });
    expect(peer.heard()).toEqual([]);
    expect(bench.takeEvents()).toEqual([]);
    peer.say({ flags: 'R', seq: 1 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['reset'] }]);
    peer.command(OP.free);
    expectEmpty(bench);
  });

  test('a SYN in the window is challenged', async () => {
    const { bench, peer } = await accepted();
    peer.say({ flags: 'S', seq: 10 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 1 }]);
    expect(bench.counts.challenge).toBe(1);
  });

  test('challenges: at most so many a second for all sessions, the others are counted', async () => {
    const { bench, peer } = await accepted({}, { challenges: 10 });
    const other = new Peer(bench, { remotePort: 41_000 });
    other.accepted();
    bench.take();
    const kinds = [
      () => peer.say({ flags: 'S', seq: 10 }),
      () => other.say({ flags: 'R', seq: 2 }),
      () => peer.say({ ack: 500 }),
    ];
    const allowances = [];
    for (let second = 0; second < 40; second++) {
      // To the next multiple of 1,024 ms
      bench.now = (Math.floor(bench.now / 1024) + 1) * 1024;
      bench.counts.challenge = bench.counts.suppressed = 0;
      for (let i = 0; i < 30; i++) kinds[i % 3]!();
      const { challenge, suppressed } = bench.counts;
      expect(bench.take()).toHaveLength(challenge);
      expect(challenge + suppressed).toBe(30);
      allowances.push(challenge);
      // What is no forgery is answered all the same: here a probe of an idle session
      peer.say({ seq: 0 });
      expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 1 }]);
    }
    // Nobody outside can tell how many are left
    expect(new Set(allowances).size).toBeGreaterThan(2);
    expect(Math.max(...allowances)).toBeLessThanOrEqual(10);
    expect(Math.min(...allowances)).toBeGreaterThanOrEqual(5);
    expect(bench.takeEvents().filter(({ what }) => what.includes('reset'))).toEqual([]);
  });

  test('challenges: with an allowance of 0 none, and resets still count', async () => {
    const { bench, peer } = await accepted({}, { challenges: 0 });
    bench.takeEvents();
    peer.say({ flags: 'R', seq: 2 });
    expect(peer.heard()).toEqual([]);
    expect(bench.counts).toMatchObject({ suppressed: 1 });
    peer.say({ flags: 'R', seq: 1 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['reset'] }]);
  });

  test('acknowledgements of what was never sent, or long ago, are challenged', async () => {
    const { peer } = await accepted();
    peer.say({ ack: 500 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 1 }]);
    peer.say({ ack: 2 ** 31 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 1 }]);
  });

  test('old timestamps (PAWS) are acknowledged and dropped, missing ones dropped', async () => {
    const { bench, peer } = await accepted({ ts: true });
    peer.clock += 10;
    peer.say({ len: 10 });
    bench.advance(40);
    peer.heard();
    peer.say({ seq: 11, len: 10, tsVal: 5 });
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 11 }]);
    peer.say({ seq: 11, len: 10, tsValid: 0, tsVal: 0, tsEcr: 0 });
    expect(peer.heard()).toEqual([]);
    peer.say({ seq: 11, len: 10 });
    bench.advance(40);
    expect(peer.heard()).toMatchObject([{ flags: 'A', ack: 21, tsEcr: peer.clock }]);
  });

  test('a segment without ACK is dropped, its payload, too', async () => {
    const { bench, peer } = await accepted();
    peer.say({ flags: 'P', len: 10 });
    expect(peer.heard()).toEqual([]);
    expect(bench.rxq).toMatchObject([{ op: 'store', len: 0 }]);
  });

  test('keep-alive: off by default; on, probes after two hours, then given up', async () => {
    const { bench, peer } = await accepted(
      {},
      { keepIdleMs: 7_200, keepEveryMs: 750, keepTries: 2 },
    );
    bench.advance(10_000);
    expect(peer.heard()).toEqual([]);
    peer.command(OP.options, { value: 2 });
    bench.advance(7_200);
    expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 0, len: 0 }]);
    peer.say({});
    bench.advance(7_199);
    expect(peer.heard()).toEqual([]);
    bench.advance(1 + 750);
    expect(peer.heard()).toHaveLength(2);
    bench.advance(750);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out'] }]);
  });

  test('what came behind a FIN is forgotten with it, and told by no SACK', async () => {
    const { bench, peer } = await accepted();
    peer.say({ seq: 2, len: 10 });
    expect(peer.heard()).toMatchObject([{ ack: 1, sackValid: 1, sackLeft: expect.any(Number) }]);
    peer.say({ flags: 'FA' });
    expect(peer.heard()).toMatchObject([{ ack: 2, sackValid: 0 }]);
    expect(bench.takeEvents()).toMatchObject([{ what: ['peer closed'] }]);
  });

  test('an acknowledgement that was overtaken does not widen the window', async () => {
    const { peer } = await accepted({ ws: 0, mss: 500 });
    peer.say({ ack: 1, window: 1000 });
    peer.write(4000);
    expect(peer.heard()).toMatchObject([
      { seq: 1, len: 500 },
      { seq: 501, len: 500 },
    ]);
    // The window ends at 1500: 500 behind the later one, 1000 behind the earlier
    peer.say({ ack: 1001, window: 500 });
    peer.say({ ack: 501, window: 1000 });
    expect(peer.heard()).toMatchObject([{ seq: 1001, len: 500 }]);
    peer.say({ ack: 1501, window: 1000 });
    expect(peer.heard()).toMatchObject([
      { seq: 1501, len: 500 },
      { seq: 2001, len: 500 },
    ]);
  });

  test('keep-alive: one that was on ends no session that is closing, nor one where it is off', async () => {
    const { bench, peer } = await accepted({}, { keepIdleMs: 7_200 });
    peer.command(OP.options, { value: 2 });
    peer.command(OP.options, { value: 0 });
    bench.advance(7_200);
    peer.say({ len: 10 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['received'] }]);
    peer.command(OP.options, { value: 2 });
    peer.command(OP.close);
    peer.say({ seq: 11, ack: 2 });
    bench.advance(7_200);
    peer.heard();
    bench.takeEvents();
    // FIN-WAIT-2 lasts as long as the peer likes
    peer.say({ seq: 11, ack: 2, len: 10 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['received'] }]);
    peer.say({ flags: 'FA', seq: 21, ack: 2 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['peer closed', 'closed'] }]);
  });

  test('events take at most 16 cycles', async () => {
    const { bench, peer } = await accepted();
    bench.eventCycles.length = 0;
    const at = (seq: number) => ({
      ...peer.tuple,
      seq: (peer.isn + seq) % 2 ** 32,
      ack: (peer.cardIsn + 1) % 2 ** 32,
      flags: 16,
      window: 500,
      len: 1,
    });
    bench.injectAll(Array.from({ length: 50 }, (_, i) => at(1 + i)));
    const busy = bench.eventCycles.filter((cycles) => cycles < 40);
    expect(busy.length).toBeGreaterThan(40);
    expect(Math.max(...busy)).toBeLessThanOrEqual(16);
  });

  test('back to back, each begins with what the one before left, on its session or another', async () => {
    const { bench, peer } = await accepted();
    const other = new Peer(bench, { remotePort: 40_001 });
    other.accepted();
    bench.rxq.length = 0;
    const order = [peer, peer, other, peer, other, other, peer, other, peer, peer];
    const said = new Map([peer, other].map((one) => [one, 0]));
    const segments = order.map((one) => {
      const before = said.get(one) ?? 0;
      said.set(one, before + 100);
      const seq = (one.isn + 1 + before) % 2 ** 32;
      const ack = (one.cardIsn + 1) % 2 ** 32;
      return { ...one.tuple, seq, ack, flags: 16, window: 500, len: 100 };
    });
    bench.injectAll(segments);
    const stores = bench.rxq.map(({ session, pos, skip, len }) => ({ session, pos, skip, len }));
    expect(stores).toEqual(
      segments.map(({ seq }, i) => ({ session: order[i]?.session, pos: seq, skip: 0, len: 100 })),
    );
    for (const one of [peer, other]) {
      one.say({ seq: 1 + (said.get(one) ?? 0), len: 0, flags: 'AF' });
      expect(one.heard()).toMatchObject([{ ack: 2 + (said.get(one) ?? 0) }]);
    }
  });
});

describe('ICMP errors', () => {
  const UNREACHABLE = 3;
  const hard = [
    ['protocol unreachable', 2],
    ['port unreachable', 3],
  ] as const;
  const soft = [
    ['network unreachable', UNREACHABLE, 0],
    ['host unreachable', UNREACHABLE, 1],
    ['source route failed', UNREACHABLE, 5],
    ['time to live exceeded', 11, 0],
    ['reassembly time exceeded', 11, 1],
    ['parameter problem', 12, 0],
  ] as const;

  test.each(hard)('%s: an open that is under way is refused', async (_, code) => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open);
    peer.icmp(UNREACHABLE, code, { seq: 0 });
    const [event] = bench.takeEvents();
    expect(event).toMatchObject({ what: ['refused', 'unreachable'] });
    peer.session = event!.session;
    peer.command(OP.free);
    expectEmpty(bench);
  });

  test.each(hard)('%s: a passive open is forgotten, room for another is back', async (_, code) => {
    const bench = await TcpBench.open({ halfOpen: 1 });
    const peer = new Peer(bench);
    bench.listening.add(80);
    peer.syn();
    peer.icmp(UNREACHABLE, code, { seq: 0 });
    expect(bench.takeEvents()).toEqual([]);
    expectEmpty(bench);
    peer.heard();
    peer.syn();
    expect(peer.heard()).toMatchObject([{ flags: 'SA' }]);
  });

  test.each(hard)('%s: an open session goes on, and tells when it times out', async (_, code) => {
    const { bench, peer } = await accepted({}, { dataTries: 2 });
    peer.write(100);
    peer.icmp(UNREACHABLE, code);
    expect(bench.takeEvents()).toEqual([]);
    peer.say({ ack: 101 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['sent'] }]);
    peer.write(100);
    peer.icmp(UNREACHABLE, code, { seq: 101 });
    bench.advance(60_000);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out', 'unreachable'] }]);
  });

  test.each(soft)('%s: kept, and told with the time-out', async (_, kind, code) => {
    const { bench, peer } = await accepted({}, { dataTries: 2 });
    peer.write(100);
    peer.icmp(kind, code);
    expect(bench.takeEvents()).toEqual([]);
    bench.advance(60_000);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out', 'unreachable'] }]);
  });

  test.each(soft)('%s: an open goes on, and tells when it times out', async (_, kind, code) => {
    const bench = await TcpBench.open({ synTries: 2 });
    const peer = new Peer(bench);
    peer.command(OP.open);
    peer.icmp(kind, code, { seq: 0 });
    bench.advance(1000);
    expect(peer.heard().map(({ flags }) => flags)).toEqual(['S', 'S']);
    bench.advance(60_000);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out', 'unreachable'] }]);
  });

  test('forgotten when something is acknowledged', async () => {
    const { bench, peer } = await accepted({}, { dataTries: 2 });
    peer.write(100);
    peer.icmp(UNREACHABLE, 1);
    peer.say({ ack: 101 });
    peer.write(100);
    bench.advance(60_000);
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['timed out'] });
  });

  test('told with a keep-alive that nobody answers', async () => {
    const { bench, peer } = await accepted(
      {},
      { keepIdleMs: 7_200, keepEveryMs: 750, keepTries: 2 },
    );
    peer.command(OP.options, { value: 2 });
    peer.write(10);
    peer.icmp(UNREACHABLE, 1);
    bench.advance(7_200 + 3 * 750);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out', 'unreachable'] }]);
  });

  test('only about what is under way: other sequence numbers and sessions are not believed', async () => {
    const bench = await TcpBench.open({ synTries: 2 });
    const peer = new Peer(bench);
    peer.command(OP.open);
    for (const seq of [-1, 1, 2 ** 31]) peer.icmp(UNREACHABLE, 3, { seq });
    new Peer(bench, { remotePort: 9 }).icmp(UNREACHABLE, 3, { seq: 0 });
    expect(bench.counts.disbelieved).toBe(4);
    expect(bench.takeEvents()).toEqual([]);
    peer.syn({ flags: 'SA', ack: 1 });
    peer.session = bench.takeEvents()[0]!.session;
    peer.write(100);
    peer.heard();
    for (const seq of [0, 101, -(2 ** 31)]) {
      peer.icmp(UNREACHABLE, 1, { seq });
      peer.icmp(UNREACHABLE, 4, { seq, mtu: 1000 });
    }
    expect(bench.counts.disbelieved).toBe(10);
    expect(peer.heard()).toEqual([]);
    bench.advance(200_000);
    bench.advance(1_000_000);
    expect(bench.takeEvents()).toMatchObject([{ what: ['timed out'] }]);
  });

  test.each([
    ['1,400 bytes', 1400, false, 1360],
    ['1,400 bytes, with timestamps', 1400, true, 1348],
    ['no size, as of old: 1,492 bytes', 0, false, 1452],
    ['less than 552 bytes: that much', 296, false, 512],
  ])(
    'fragmentation needed, %s: sent again at once in smaller segments',
    async (_, mtu, ts, mss) => {
      const { bench, peer } = await accepted({ ts });
      peer.write(6000);
      const before = peer.heard();
      expect(before).toHaveLength(3);
      peer.icmp(UNREACHABLE, 4, { mtu });
      // In slow start: one segment
      expect(peer.heard()).toMatchObject([{ seq: 1, len: mss }]);
      // The same told of the next segment says nothing new
      peer.icmp(UNREACHABLE, 4, { seq: 1 + before[0]!.len, mtu: mtu || 1492 });
      expect(peer.heard()).toEqual([]);
      peer.say({ ack: 1 + mss, ...(ts && { tsEcr: bench.now % 2 ** 32 }) });
      expect(peer.heard()).toMatchObject([
        { seq: 1 + mss, len: mss },
        { seq: 1 + 2 * mss, len: mss },
      ]);
    },
  );

  test('fragmentation needed without a size: down the plateaus of RFC 1191, to 552 bytes', async () => {
    const { peer } = await accepted();
    peer.write(6000);
    const sizes = [];
    for (let i = 0; i < 4; i++) {
      peer.heard();
      peer.icmp(UNREACHABLE, 4);
      sizes.push(...peer.heard().map(({ len }) => len + 40));
    }
    expect(sizes).toEqual([1492, 1006, 552]);
  });

  test('fragmentation needed of a SYN, or of more than is sent, is nothing', async () => {
    const bench = await TcpBench.open();
    const opening = new Peer(bench);
    opening.command(OP.open);
    opening.heard();
    opening.icmp(UNREACHABLE, 4, { seq: 0, mtu: 552 });
    expect(opening.heard()).toEqual([]);
    opening.syn({ flags: 'SA', ack: 1 });
    opening.session = bench.takeEvents()[0]!.session;
    opening.write(3000);
    opening.heard();
    opening.icmp(UNREACHABLE, 4, { mtu: 1500 });
    opening.icmp(UNREACHABLE, 4, { mtu: 65_535 });
    expect(opening.heard()).toEqual([]);
    expect(bench.counts.disbelieved).toBe(3);
  });
});

describe('urgent data', () => {
  const ahead = (from: number, to: number) => (to - from + 2 ** 32) % 2 ** 32;

  test('received: told where it ends, before it is there; the bytes come as they would', async () => {
    const { bench, peer } = await accepted();
    const urgent = () => bench.takeEvents().map((event) => ahead(peer.isn, event.urgent));
    // Nothing but the pointer, 1,000 bytes ahead
    peer.say({ flags: 'UA', urgent: 1000 });
    expect(urgent()).toEqual([1001]);
    expect(bench.rxq).toEqual([]);
    peer.say({ flags: 'UA', urgent: 1000, len: 600 });
    const [event] = bench.takeEvents();
    expect(event).toMatchObject({ what: ['received', 'urgent'] });
    expect(ahead(peer.isn, event!.urgent)).toBe(1001);
    expect(ahead(peer.isn, event!.received)).toBe(601);
    // It advances; ahead of what is missing, too
    peer.say({ seq: 1301, flags: 'UA', urgent: 65_535, len: 100 });
    expect(urgent()).toEqual([1301 + 65_535]);
    peer.say({ seq: 601, flags: 'UA', urgent: 400, len: 700 });
    expect(urgent()).toEqual([1001]);
    peer.say({ seq: 1401, len: 100 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['received'], urgent: 0 }]);
  });

  test('received: a pointer that is behind, without URG, or of a segment not acceptable is nothing', async () => {
    const { bench, peer } = await accepted();
    peer.say({ len: 100 });
    bench.takeEvents();
    peer.say({ seq: 1, len: 100, flags: 'UA', urgent: 100 });
    peer.say({ seq: 101, flags: 'UA', urgent: 0 });
    peer.say({ seq: 101, urgent: 50 });
    peer.say({ seq: 1_000_000, flags: 'UA', urgent: 50 });
    expect(bench.takeEvents()).toEqual([]);
    peer.say({ seq: 101, flags: 'UFA', urgent: 1 });
    peer.say({ seq: 102, flags: 'UA', urgent: 50 });
    expect(bench.takeEvents().map(({ what }) => what)).toEqual([['peer closed', 'urgent']]);
  });

  test('sent: the pointer is behind the last urgent byte, in each segment before it', async () => {
    const { peer } = await accepted();
    peer.command(OP.options, { value: 1 });
    peer.write(4000);
    expect(peer.heard()).toMatchObject([
      { flags: 'A' },
      { flags: 'A' },
      { flags: 'PA', len: 1080 },
    ]);
    peer.write(500);
    peer.command(OP.urgent);
    // At once, without waiting for the bytes to go
    expect(peer.heard()).toMatchObject([{ flags: 'AU', seq: 4001, len: 0, urgent: 500 }]);
    peer.write(100); // this is not urgent
    peer.say({ ack: 2921 });
    peer.say({ ack: 4001 });
    expect(peer.heard()).toMatchObject([{ flags: 'PAU', seq: 4001, len: 600, urgent: 500 }]);
    peer.say({ ack: 4301 });
    peer.write(1460);
    expect(peer.heard()).toMatchObject([{ flags: 'PA', seq: 4601, len: 1460, urgent: 0 }]);
    peer.say({ ack: 4501 });
    peer.say({ ack: 6061 });
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ flags: 'PA', urgent: 0 }]);
  });

  test('sent again with its pointer; told to a closed window', async () => {
    const { bench, peer } = await accepted({}, { rtoMinMs: 1000 });
    peer.say({ window: 0 });
    peer.write(100);
    peer.command(OP.urgent);
    expect(peer.heard()).toMatchObject([{ flags: 'AU', seq: 1, len: 0, urgent: 100 }]);
    peer.say({ window: 500 });
    expect(peer.heard()).toMatchObject([{ flags: 'PAU', seq: 1, len: 100, urgent: 100 }]);
    bench.advance(1000);
    expect(peer.heard()).toMatchObject([{ flags: 'PAU', seq: 1, len: 100, urgent: 100 }]);
  });

  test('sent: of any length; where the field does not reach it the pointer moves on', async () => {
    const { peer } = await accepted({ window: 4000 });
    peer.say({ window: 0 });
    peer.write(200_000);
    peer.command(OP.urgent);
    expect(peer.heard()).toMatchObject([{ flags: 'AU', seq: 1, urgent: 65_535 }]);
    peer.say({ window: 4000 });
    const pointers: number[] = [];
    let next = 1;
    for (;;) {
      const heard = peer.heard();
      if (heard.length === 0) break;
      for (const { seq, len, flags, urgent } of heard) {
        expect(flags).toContain('U');
        pointers.push(seq + urgent);
        next = Math.max(next, seq + len);
      }
      peer.say({ ack: next });
    }
    expect(next).toBe(200_001);
    expect(pointers).toEqual(pointers.toSorted((a, b) => a - b));
    expect(pointers.at(-1)).toBe(200_001);
    // Nothing is urgent any more, however far the session goes on
    for (let i = 0; i < 6; i++) {
      peer.write(400_000);
      for (const end = next + 400_000; next < end; peer.say({ ack: next })) {
        for (const { seq, len, flags } of peer.heard()) {
          expect(flags).not.toContain('U');
          next = seq + len;
        }
      }
    }
  });

  test('sent: told ahead of bytes to come, also to a closed window; no byte of them goes without', async () => {
    const { bench, peer } = await accepted({ window: 0 });
    peer.command(OP.options, { value: 1 });
    peer.write(10);
    peer.command(OP.urgent, { value: 2000 });
    expect(peer.heard()).toMatchObject([{ flags: 'AU', seq: 1, urgent: 2010, len: 0 }]);
    peer.write(2000);
    peer.write(100);
    peer.say({ window: 500 });
    const heard = peer.heard();
    expect(heard.map(({ seq, len }) => seq + len).at(-1)).toBe(2111);
    for (const { seq, flags, urgent } of heard) {
      if (seq < 2011) expect([flags.includes('U'), seq + urgent]).toEqual([true, 2011]);
      else expect(flags).not.toContain('U');
    }
    peer.say({ ack: 2111 });
    expect(bench.takeEvents().at(-1)).toMatchObject({ what: ['sent'] });
    // Nothing written, and urgent: told all the same
    peer.command(OP.urgent, { value: 1 });
    expect(peer.heard()).toMatchObject([{ flags: 'AU', seq: 2111, urgent: 1, len: 0 }]);
  });

  test('sent: nothing queued, nothing urgent', async () => {
    const { peer } = await accepted();
    peer.command(OP.urgent);
    expect(peer.heard()).toEqual([]);
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ flags: 'PA' }]);
  });
});

describe('what the host may set of a session', () => {
  test('R2: closed after so many retransmissions, others as the card says', async () => {
    const { bench, peer } = await accepted({}, { dataTries: 4 });
    const other = new Peer(bench, { remotePort: 41_000 });
    other.accepted();
    bench.take();
    peer.command(OP.options, { value: 2 << 4 });
    peer.write(100);
    other.write(100);
    bench.takeEvents();
    bench.advance(600_000);
    const to = (port: number) => bench.segments.filter(({ remotePort }) => remotePort === port);
    expect(to(40_000)).toHaveLength(1 + 2);
    expect(to(41_000)).toHaveLength(1 + 4);
    expect(bench.takeEvents()).toMatchObject([
      { session: peer.session, what: ['timed out'] },
      { session: other.session, what: ['timed out'] },
    ]);
  });

  test('R1: the host is told before all is given up', async () => {
    const { bench, peer } = await accepted({}, { dataTries: 4, stalledTries: 3, rtoMinMs: 1000 });
    peer.write(100);
    bench.advance(1000 + 2000 + 4000 - 1);
    expect(bench.takeEvents()).toEqual([]);
    bench.advance(1);
    expect(bench.takeEvents()).toMatchObject([{ what: ['stalled'] }]);
    peer.say({ ack: 101 });
    expect(bench.takeEvents()).toMatchObject([{ what: ['sent'] }]);
    peer.write(100);
    bench.advance(600_000);
    expect(bench.takeEvents().map(({ what }) => what)).toEqual([['stalled'], ['timed out']]);
  });

  test('R1 of a SYN: an active open is told, a passive one nobody knows of', async () => {
    const bench = await TcpBench.open({ synTries: 3, stalledTries: 2 });
    bench.listening.add(80);
    new Peer(bench, { remotePort: 41_000 }).syn();
    bench.advance(600_000);
    expect(bench.takeEvents()).toEqual([]);
    new Peer(bench).command(OP.open);
    bench.advance(600_000);
    expect(bench.takeEvents().map(({ what }) => what)).toEqual([['stalled'], ['timed out']]);
  });

  test('the Diffserv code point, from the SYN of an active open on', async () => {
    const bench = await TcpBench.open();
    const peer = new Peer(bench);
    peer.command(OP.open, { value: 46 << 8 });
    expect(peer.heard()).toMatchObject([{ flags: 'S', dscp: 46 }]);
    peer.syn({ flags: 'SA', ack: 1 });
    peer.session = bench.takeEvents()[0]!.session;
    peer.write(10);
    expect(peer.heard()).toMatchObject([{ dscp: 46 }, { len: 10, dscp: 46 }]);
    peer.command(OP.options, { value: 10 << 8 });
    peer.command(OP.abort);
    expect(peer.heard()).toMatchObject([{ flags: 'RA', dscp: 10 }]);
    // A reset in answer to a segment of no session is nobody's
    peer.say({});
    expect(peer.heard()).toMatchObject([{ flags: 'R', dscp: 0 }]);
  });

  test.each([
    ['a group', '224.0.0.1', true],
    ['all hosts', '255.255.255.255', true],
    ['all hosts of this network', '10.77.0.255', true],
    ['this network', '0.1.2.3', true],
    ['the loop', '127.0.0.1', true],
    ['a host', '10.77.0.254', false],
    ['a host of another network', '10.78.0.255', false],
  ])('an open to %s (%s)', async (_, address, fails) => {
    const bench = await TcpBench.open();
    bench.command(OP.open, 9, { remoteIp: ip4(address), remotePort: 80, localPort: 5000 });
    expect(bench.takeEvents().map(({ what }) => what)).toEqual(fails ? [['open failed']] : []);
    expect(bench.take()).toHaveLength(fails ? 0 : 1);
    expect(bench.sessions.size).toBe(fails ? 0 : 1);
  });
});
