// SPDX-License-Identifier: Apache-2.0
// One contract, one suite: groups, the seen-filter and the quorum counter of every backend.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Accelerator,
  Broadcast,
  Session,
  SessionEnd,
  TransportSocket,
} from '../../src/driver/index.ts';
import { BACKENDS } from './helpers/backends.ts';
import { seededRandom } from './helpers/random.ts';

const QUEUES = [
  { name: 'votes', maxBytes: 1_000, overflow: 'close' },
  { name: 'transactions', maxBytes: 4_000, overflow: 'drop' },
] as const;

/** A listener's end and the connected one, of `count` connections. */
async function connections({ transport }: Accelerator, count: number) {
  const accepted: TransportSocket[] = [];
  const listener = await transport.listen({ port: 0 }, (socket) => accepted.push(socket));
  const far: TransportSocket[] = [];
  for (let i = 0; i < count; i++) {
    far.push(await transport.connect({ host: '127.0.0.1', port: listener.port }));
    while (accepted.length <= i) await new Promise((resolve) => setImmediate(resolve));
  }
  const close = async () => {
    for (const socket of [...accepted, ...far]) socket.destroy();
    await listener.close();
  };
  return { near: accepted, far, close };
}

/** Collects what a socket receives; resolves when it has so many bytes. */
async function receive(socket: TransportSocket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) await once(socket, 'readable');
    else {
      chunks.push(chunk);
      length += chunk.length;
    }
  }
  return Buffer.concat(chunks);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(BACKENDS.map((b) => ({ label: b.name, ...b })))('$label', ({ open }) => {
  let accelerator: Accelerator;
  let broadcast: Broadcast;
  beforeAll(async () => {
    accelerator = await open();
    broadcast = accelerator.broadcast;
  });
  afterAll(() => accelerator?.close());

  test('says who sends', () => {
    expect(broadcast.backend).toBe('node:net');
  });

  describe('group', () => {
    test('a frame reaches every session once, except those left out', async () => {
      const { near, far, close } = await connections(accelerator, 4);
      const group = broadcast.group({ queues: QUEUES });
      const sessions = near.map((socket) => group.add(socket));
      expect(group.size).toBe(4);
      expect(group.publish(Buffer.from('first '), 0)).toBe(4);
      expect(group.publish(Buffer.from('second'), 0, new Set([sessions[2]!]))).toBe(3);
      sessions[2]!.send(Buffer.from('alone '), 0);
      const got = await Promise.all(far.map((socket) => receive(socket, 12)));
      expect(got.map(String)).toEqual([
        'first second',
        'first second',
        'first alone ',
        'first second',
      ]);
      group.close();
      expect(group.size).toBe(0);
      await close();
    });

    test('earlier queues overtake later ones; each keeps its order', async () => {
      const { near, far, close } = await connections(accelerator, 1);
      const group = broadcast.group({ queues: QUEUES });
      const session = group.add(near[0]!);
      for (const text of ['c', 'd']) session.send(Buffer.from(text), 1);
      for (const text of ['a', 'b']) session.send(Buffer.from(text), 0);
      expect([session.queuedFrames, session.queuedBytes, session.waiting]).toEqual([4, 4, true]);
      expect(String(await receive(far[0]!, 4))).toBe('abcd');
      while (session.waiting) await turn();
      expect(session.progress).toBeGreaterThan(0);
      group.close();
      await close();
    });

    test('a full queue drops, or closes the session, and no other notices', async () => {
      const { near, far, close } = await connections(accelerator, 2);
      const group = broadcast.group({ queues: QUEUES, windowBytes: 1 << 16 });
      const ends: [number, SessionEnd][] = [];
      const sessions = near.map((socket, i) => group.add(socket, (end) => ends.push([i, end])));
      const [stuck, other] = sessions as [Session, Session];
      far[1]!.resume();
      // Fills the window and the buffers of the system: nothing moves any more.
      let sent = 0;
      for (let still = 0; still < 200; ) {
        const { progress } = stuck;
        if (stuck.send(new Uint8Array(1 << 16), 1)) sent += 1;
        await turn();
        still = stuck.progress === progress ? still + 1 : 0;
        expect(sent).toBeLessThan(1_000);
      }
      const dropped = stuck.dropped[1]!;
      expect(dropped).toBeGreaterThan(0);
      expect(group.publish(new Uint8Array(100), 1)).toBe(1);
      expect(stuck.dropped[1]).toBe(dropped + 1);
      expect(stuck.queuedBytes).toBeLessThanOrEqual(1 << 16);
      // The queue of votes still takes its thousand bytes, and not more.
      for (let i = 0; i < 10; i++) expect(stuck.send(new Uint8Array(100), 0)).toBe(true);
      expect(ends).toEqual([]);
      expect(stuck.send(new Uint8Array(100), 0)).toBe(false);
      expect(ends).toEqual([[0, 'overflow']]);
      expect(group.size).toBe(1);
      expect(stuck.send(new Uint8Array(1), 0)).toBe(false);
      expect(stuck.queuedBytes).toBe(0);
      expect(other.send(new Uint8Array(1), 0)).toBe(true);
      group.close();
      await close();
    });

    test('a frame longer than its queue passes when nothing waits', async () => {
      const { near, far, close } = await connections(accelerator, 1);
      const group = broadcast.group({ queues: QUEUES });
      const session = group.add(near[0]!);
      const frame = seededRandom('long frame').bytes(300_000);
      expect(session.send(frame, 1)).toBe(true);
      expect(session.send(new Uint8Array(1), 1)).toBe(false);
      expect((await receive(far[0]!, frame.length)).equals(frame)).toBe(true);
      group.close();
      await close();
    });

    test('a session whose peer goes away leaves and says so', async () => {
      const { near, far, close } = await connections(accelerator, 2);
      const group = broadcast.group({ queues: QUEUES });
      const end = new Promise<SessionEnd>((resolve) => group.add(near[0]!, resolve));
      group.add(near[1]!);
      near[0]!.resume();
      far[0]!.destroy();
      expect(await end).toBe('closed');
      expect(group.size).toBe(1);
      expect(group.publish(new Uint8Array(8), 0)).toBe(1);
      group.close();
      await close();
    });

    test('end: the last frame arrives, what waits does not', async () => {
      const { near, far, close } = await connections(accelerator, 1);
      const group = broadcast.group({ queues: QUEUES });
      const session = group.add(near[0]!);
      session.send(Buffer.from('waits'), 1);
      session.end(Buffer.from('goodbye'));
      let text = '';
      for await (const chunk of far[0]!) text += String(chunk);
      expect(text).toBe('goodbye');
      expect(group.size).toBe(0);
      await close();
    });

    test('error: queues that are none', () => {
      const code = { code: 'ACCEL_ARGUMENT' };
      const wrong = (run: () => unknown) => expect(run).toThrow(expect.objectContaining(code));
      wrong(() => broadcast.group({ queues: [] }));
      wrong(() => broadcast.group({ queues: [{ name: 'a', maxBytes: 0, overflow: 'drop' }] }));
      wrong(() => broadcast.group({ queues: QUEUES, windowBytes: 0.5 }));
      const group = broadcast.group({ queues: QUEUES });
      wrong(() => group.publish(new Uint8Array(8), 2));
      wrong(() => group.publish(new Uint8Array(8), -1));
      group.close();
    });
  });

  describe('seen-filter', () => {
    test('knows the last ids of its capacity, forgets the oldest, never exceeds two generations', () => {
      const random = seededRandom('seen');
      const filter = broadcast.seenFilter(1_000);
      const ids = Array.from({ length: 5_000 }, () => random.bytes(32));
      ids.forEach((id, i) => {
        expect(filter.has(id)).toBe(false);
        expect(filter.seen(id)).toBe(false);
        expect(filter.seen(id)).toBe(true);
        expect(filter.size).toBeLessThanOrEqual(2_000);
        if (i >= 999) expect(filter.has(ids[i - 999]!)).toBe(true);
      });
      expect(filter.has(ids[0]!)).toBe(false);
      expect(filter.has(ids[2_999]!)).toBe(false);
    });

    test('tells ids apart that share all but one of their first 16 bytes', () => {
      const filter = broadcast.seenFilter(64);
      const base = seededRandom('near').bytes(32);
      filter.seen(base);
      for (let i = 0; i < 16; i++) {
        const near = Uint8Array.from(base);
        near[i]! ^= 0x80;
        expect(filter.has(near)).toBe(false);
      }
    });

    test('error: capacities and ids that are none', () => {
      const code = expect.objectContaining({ code: 'ACCEL_ARGUMENT' });
      for (const capacity of [0, -1, 1.5, 2 ** 25, Number.NaN]) {
        expect(() => broadcast.seenFilter(capacity)).toThrow(code);
      }
      expect(() => broadcast.seenFilter(1).seen(new Uint8Array(31))).toThrow(code);
    });
  });

  describe('quorum counter', () => {
    const target = (n: number) => new Uint8Array(32).fill(n);

    test('counts each voter once, and says when K is reached', () => {
      const counter = broadcast.quorumCounter({ voters: 4, needed: 3 });
      const counted = [0, 3, 3, 1, 2].map((voter) => counter.count(target(1), voter));
      expect(counted).toEqual([
        { count: 1, needed: 3, reached: false, fresh: true },
        { count: 2, needed: 3, reached: false, fresh: true },
        { count: 2, needed: 3, reached: false, fresh: false },
        { count: 3, needed: 3, reached: true, fresh: true },
        { count: 4, needed: 3, reached: true, fresh: true },
      ]);
      expect(counter.get(target(1))).toEqual({ count: 4, needed: 3, reached: true });
      expect(counter.get(target(2))).toBeUndefined();
    });

    test('agrees with sets of voters, for random votes', () => {
      const random = seededRandom('quorum');
      const voters = 1 + random.below(1_024);
      const needed = Math.floor((2 * voters) / 3) + (voters < 3 ? 0 : 1) || 1;
      const counter = broadcast.quorumCounter({ voters, needed, targets: 8 });
      const model = Array.from({ length: 8 }, () => new Set<number>());
      for (let i = 0; i < 4_000; i++) {
        const at = random.below(8);
        const voter = random.below(voters);
        const fresh = !model[at]!.has(voter);
        model[at]!.add(voter);
        const count = model[at]!.size;
        const expected = { count, needed, reached: count >= needed, fresh };
        expect(counter.count(target(at), voter)).toEqual(expected);
      }
    });

    test('forgets what it is told to, and the oldest target when there are too many', () => {
      const counter = broadcast.quorumCounter({ voters: 3, needed: 2, targets: 2 });
      for (const n of [1, 2, 3]) counter.count(target(n), 0);
      expect(counter.size).toBe(2);
      expect(counter.get(target(1))).toBeUndefined();
      counter.delete(target(2));
      expect(counter.size).toBe(1);
      expect(counter.count(target(2), 0).count).toBe(1);
    });

    test('error: sizes, voters and targets that are none', () => {
      const code = expect.objectContaining({ code: 'ACCEL_ARGUMENT' });
      for (const options of [
        { voters: 0, needed: 1 },
        { voters: 1_025, needed: 1 },
        { voters: 3, needed: 4 },
        { voters: 3, needed: 0 },
        { voters: 3, needed: 2, targets: 0 },
      ]) {
        expect(() => broadcast.quorumCounter(options)).toThrow(code);
      }
      const counter = broadcast.quorumCounter({ voters: 3, needed: 2 });
      for (const voter of [-1, 3, 0.5]) expect(() => counter.count(target(1), voter)).toThrow(code);
      expect(() => counter.count(new Uint8Array(20), 0)).toThrow(code);
    });
  });
});
