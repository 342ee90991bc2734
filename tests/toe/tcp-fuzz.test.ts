// SPDX-License-Identifier: Apache-2.0
// toe_tcp given segments of every kind, near and far from what is right.

import { expect, test } from 'vitest';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { flagsOf, OP, type Sent, TcpBench } from './helpers/tcp-bench.ts';
import type { Segment } from './helpers/words.ts';

const MODULUS = 2 ** 32;
const COUNT = Number(process.env.FUZZ ?? 5_000);
const KINDS = ['A', 'PA', 'S', 'FA', 'R', 'RA', 'SA', 'FPA'];

/** A number near an interesting one, or anywhere. */
function near(random: Random, centre: number): number {
  const span = Math.min(random.pick([0, 1, 2, 1460, 65_536, 1 << 20, MODULUS]), 2 ** 31);
  return (centre + random.int(-span, span) + MODULUS) % MODULUS;
}

/** What the peer of one pair of ports knows, and what may be acknowledged to it. */
interface Known {
  next: number;
  ours: number;
  /** Bytes and FINs taken and not acknowledged yet, at most. */
  owed: number;
}

test(`${COUNT} segments: no hang, no reset in answer to one, nothing acknowledged that was not taken`, async () => {
  const random = testRandom('tcp fuzz');
  const bench = await TcpBench.open({ mslMs: 50, synTries: 3, dataTries: 3 });
  bench.listening.add(80).add(81);
  bench.room = () => random.chance(0.9);
  const known = new Map<string, Known>();
  const reached = new Map<string, number>();
  const count = (name: string) => reached.set(name, (reached.get(name) ?? 0) + 1);

  const of = ({ remotePort, localPort }: Pick<Segment, 'remotePort' | 'localPort'>): Known => {
    const key = `${remotePort}/${localPort}`;
    const found = known.get(key) ?? { next: 0, ours: 0, owed: 0 };
    known.set(key, found);
    return found;
  };

  const hear = (sent: Sent): void => {
    const peer = of(sent);
    if (sent.flags.includes('S')) {
      expect(sent.flags).toBe('SA');
      Object.assign(peer, { next: sent.ack, ours: (sent.seq + 1) % MODULUS, owed: 0 });
      count('SYN-ACK');
    } else if (!sent.flags.includes('R')) {
      const moved = (sent.ack - peer.next + MODULUS) % MODULUS;
      expect(moved).toBeLessThanOrEqual(peer.owed);
      if (moved > 0) count('moved');
      Object.assign(peer, { next: sent.ack, ours: sent.seq, owed: peer.owed - moved });
    }
  };

  for (let i = 0; i < COUNT; i++) {
    const remotePort = 1000 + random.int(0, 9);
    const localPort = random.pick([80, 80, 80, 81, 82]);
    const peer = of({ remotePort, localPort });
    const flags = random.chance(0.6)
      ? random.pick(KINDS)
      : [...'FSRPAU'].filter(() => random.chance(0.4)).join('');
    bench.rxq.length = bench.txq.length = 0;
    bench.inject({
      remoteIp: 7,
      remotePort,
      localPort,
      seq: near(random, peer.next),
      ack: near(random, peer.ours),
      flags: flagsOf(flags),
      window: random.pick([0, 1, 500, 65_535]),
      len: random.pick([0, 0, 1, 10, 1460, 65_535]),
      mssValid: random.int(0, 1),
      mss: random.int(0, 65_535),
      wsValid: random.int(0, 1),
      ws: random.int(0, 15),
      sackOk: random.int(0, 1),
      tsValid: Number(random.chance(0.2)),
      tsVal: near(random, 0),
      tsEcr: near(random, bench.now % MODULUS),
    });
    for (const { op, len } of bench.rxq) if (op === 'store') peer.owed += len;
    if (flags.includes('F')) peer.owed++;
    const heard = bench.take();
    if (flags.includes('R')) expect(heard.filter((sent) => sent.flags.includes('R'))).toEqual([]);
    heard.forEach(hear);
    // What the host has let go of is not its own any more, whatever was told meanwhile.
    const gone = new Set<number>();
    for (const event of bench.takeEvents()) {
      event.what.forEach(count);
      if (gone.has(event.session)) continue;
      const over = event.what.some((what) => ['reset', 'timed out', 'closed'].includes(what));
      if (over || random.chance(0.3)) {
        bench.command(random.pick([OP.free, OP.abort]), event.session);
        gone.add(event.session);
      } else if (random.chance(0.5)) {
        bench.command(OP.sent, event.session, { value: 5000 });
      } else if (random.chance(0.2)) {
        bench.command(OP.close, event.session);
      }
    }
    if (random.chance(0.05)) bench.advance(random.int(1, 3000));
    bench.take().forEach(hear);
  }
  for (const session of [...bench.sessions.values()]) bench.command(OP.abort, session);
  expect([...bench.sessions]).toEqual([]);
  expect([...bench.timers]).toEqual([]);
  // It went where it meant to
  for (const name of ['SYN-ACK', 'accepted', 'received', 'reset', 'peer closed', 'moved', 'sent']) {
    expect([name, (reached.get(name) ?? 0) > 0]).toEqual([name, true]);
  }
});
