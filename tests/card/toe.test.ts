// SPDX-License-Identifier: Apache-2.0
// The TCP engine on the card, against a scripted peer: sessions opened and closed, bytes both ways.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { StatusCode } from '../../src/driver/generated/registers.ts';
import { BUILD_MS, buildCard, type ToeCard, type ToeCardOptions, WHOLE } from './bench/toe-card.ts';
import { ToePeer } from './bench/toe-peer.ts';

let card: ToeCard;
beforeAll(buildCard, BUILD_MS);
afterEach(() => card.sim.close());

async function open(options: ToeCardOptions = {}): Promise<ToePeer> {
  const peer = await ToePeer.open(options);
  card = peer.card;
  return peer;
}

test('LISTEN, a SYN, ACCEPTED; bytes in, bytes out, CLOSE behind them, FREE', async () => {
  const peer = await open();
  card.run(function* () {
    const listen = yield* card.submit({ id: 7, op: 'LISTEN', localPort: 80 });
    expect(listen).toMatchObject({ id: 7, status: StatusCode.OK, index: 0, events: [] });

    yield* peer.connect();
    const { session } = peer;
    const accepted = card.entries.at(-1);
    expect(accepted).toMatchObject({
      id: 0,
      events: ['ACCEPTED'],
      remoteIp: peer.ip,
      remotePort: 40_000,
      localPort: 80,
      received: (peer.isn + 1) % 2 ** 32,
      acknowledged: (peer.cardIsn + 1) % 2 ** 32,
      index: 0,
    });

    const hello = card.random.bytes(1000);
    peer.say('AP', { data: hello });
    const received = yield* card.nextEvent('RECEIVED');
    expect(received.received).toBe((peer.isn + 1001) % 2 ** 32);
    expect(yield* card.readBytes(session, 1000)).toEqual(hello);

    const answer = card.random.bytes(3001);
    card.put(card.writeOf(session, answer, 9));
    card.put({ id: 10, op: 'CLOSE', session });
    yield* card.ringDoorbell();
    const parts: Uint8Array[] = [];
    let flags = '';
    while (!flags.includes('F')) {
      const segment = yield* peer.hear();
      ({ flags } = segment);
      if (segment.data.length === 0 && !flags.includes('F')) continue;
      const sent = parts.reduce((sum, part) => sum + part.length, 0);
      expect(segment.seq).toBe(1 + sent);
      parts.push(segment.data);
      peer.say('A', { seq: 1001, ack: segment.seq + segment.data.length });
    }
    expect(Buffer.concat(parts).equals(Buffer.from(answer))).toBe(true);
    expect(yield* card.nextAnswer()).toMatchObject({ id: 9, status: 0, received: 3001, session });
    expect(yield* card.nextAnswer()).toMatchObject({ id: 10, status: 0, index: 3 });

    peer.say('FA', { seq: 1001, ack: 3003 });
    yield* card.nextEvent('CLOSED');
    expect(yield* card.submit({ id: 11, op: 'FREE', session })).toMatchObject({
      id: 11,
      status: 0,
    });
    // TIME-WAIT
    for (let ms = 0; ms < 45; ms++) {
      yield* card.tick();
      yield* card.rest();
    }
    expect(yield* card.pools()).toEqual(WHOLE);
  });
});

test('OPEN is answered when it is begun; its outcome is an event with the same addresses', async () => {
  const peer = await open();
  card.run(function* () {
    const ends = { remoteIp: peer.ip, remotePort: peer.remotePort, localPort: peer.localPort };
    expect(yield* card.submit({ op: 'OPEN', ...ends, id: 3 })).toMatchObject({
      id: 3,
      status: StatusCode.OK,
      events: [],
    });
    expect((yield* peer.hear()).flags).toBe('S');

    // Another one like it
    card.put({ op: 'OPEN', ...ends, id: 4 });
    yield* card.ringDoorbell();
    expect(yield* card.nextAnswer()).toMatchObject({ id: 4, status: StatusCode.OK });
    expect(yield* card.heard('OPEN_FAILED')).toMatchObject(ends);

    peer.say('SA', { seq: 0 });
    const opened = yield* card.nextEvent('OPENED');
    expect(opened).toMatchObject({
      ...ends,
      events: ['OPENED'],
      received: (peer.isn + 1) % 2 ** 32,
      acknowledged: (peer.cardIsn + 1) % 2 ** 32,
    });
    expect((yield* peer.hear()).flags).toBe('A');

    const refused = new ToePeer(card, 81);
    const others = { ...ends, localPort: 81 };
    yield* card.submit({ op: 'OPEN', ...others });
    yield* refused.hear();
    refused.say('RA', { seq: 0 });
    const event = yield* card.nextEvent('REFUSED');
    expect(event).toMatchObject(others);
    yield* card.submit({ op: 'FREE', session: event.session });
    yield* card.submit({ op: 'ABORT', session: opened.session });
    expect((yield* peer.hear()).flags).toContain('R');
    yield* card.rest();
    expect(yield* card.pools()).toEqual(WHOLE);
  });
});

test('text that comes with the ACK of the handshake is told behind ACCEPTED', async () => {
  const peer = await open();
  card.run(function* () {
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    peer.say('S', { seq: 0 });
    yield* peer.hear();
    peer.say('FA', { data: card.random.bytes(10) });
    const accepted = yield* card.nextEvent('ACCEPTED');
    expect(accepted).toMatchObject({ events: ['ACCEPTED'], received: (peer.isn + 1) % 2 ** 32 });
    expect(yield* card.nextEvent('RECEIVED')).toMatchObject({
      events: ['RECEIVED', 'PEER_CLOSED'],
      received: (peer.isn + 12) % 2 ** 32,
    });
  });
});

test('UNLISTEN: what was accepted stays, what comes is refused', async () => {
  const peer = await open();
  card.run(function* () {
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    yield* peer.connect();
    yield* card.submit({ op: 'UNLISTEN', localPort: 80 });
    const other = new ToePeer(card, 80, 40_001);
    other.say('S', { seq: 0 });
    expect((yield* other.hear()).flags).toBe('RA');
    peer.say('A', { data: card.random.bytes(10) });
    yield* card.nextEvent('RECEIVED');
  });
});

test('OPTIONS: without NODELAY a small segment waits for the one before, with it none does', async () => {
  const peer = await open();
  card.run(function* () {
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    yield* peer.connect();
    const { session } = peer;
    yield* card.submit(card.writeOf(session, card.random.bytes(10)));
    expect((yield* peer.hear()).data.length).toBe(10);
    yield* card.submit(card.writeOf(session, card.random.bytes(20)));
    yield* card.rest();
    expect(card.takeFrames()).toEqual([]);
    yield* card.submit({ op: 'OPTIONS', session, value: 1 });
    expect((yield* peer.hear()).data.length).toBe(20);
  });
});

test('numbers come back with the answer to FREE or ABORT, and not before', async () => {
  const peer = await open();
  card.run(function* () {
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    const owned = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const each = new ToePeer(card, 80, 41_000 + i);
      // A SYN, while the last session is given back
      each.say('S', { seq: 0 });
      let session = -1;
      let isAnswered = false;
      while (session < 0) {
        const entry = card.takeEntry();
        if (entry) {
          if (entry.events.includes('ACCEPTED')) {
            ({ session } = entry);
            expect(owned).not.toContain(session);
            owned.add(session);
          } else if (entry.status === StatusCode.OK) {
            owned.delete(entry.session);
          }
          yield* card.giveBack();
        }
        if (!isAnswered) {
          const answer = yield* each.hear();
          if (answer.flags !== 'SA') continue;
          each.say('A');
          isAnswered = true;
        }
        yield;
      }
      if (i % 2) {
        each.say('RA');
        while (!card.takeEntry()?.events.includes('RESET')) yield;
        yield* card.giveBack();
      }
      card.put({ op: i % 2 ? 'FREE' : 'ABORT', session });
      yield* card.ringDoorbell();
    }
    yield* card.rest();
    expect(yield* card.pools()).toEqual(WHOLE);
    expect(peer.session).toBe(-1);
  });
});
