// SPDX-License-Identifier: Apache-2.0
// toe_engine as a whole: two of them exchange frames, bytes go from memory to memory.

import { expect, test } from 'vitest';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { EngineHost } from './helpers/engine-host.ts';
import * as frames from './helpers/frames.ts';

const CYCLES_PER_MS = 2000;

interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  /** Chance that a frame is held back behind the next ones. */
  readonly late: number;
}

const CALM: Weather = { loss: 0, duplicate: 0, late: 0 };

/** Runs both, frames between them, until something holds. */
function run(
  hosts: readonly [EngineHost, EngineHost],
  random: Random,
  weather: Weather,
  holds: () => boolean,
  limit: number,
): number {
  const late: { to: EngineHost; frame: Uint8Array; steps: number }[] = [];
  const steps = 20;
  for (let step = 0; step < limit * steps; step++) {
    if (holds()) return step / steps;
    for (const [i, host] of hosts.entries()) {
      if (step % steps === 0) host.tick(CYCLES_PER_MS / steps);
      else host.sim.cycles(CYCLES_PER_MS / steps);
      const to = hosts[1 - i]!;
      for (const frame of host.take()) {
        if (random.chance(weather.loss)) continue;
        if (random.chance(weather.late)) late.push({ to, frame, steps: random.int(1, 40) });
        else to.deliver(frame);
        if (random.chance(weather.duplicate)) to.deliver(frame);
      }
    }
    for (const [i, held] of [...late.entries()].reverse()) {
      if (--held.steps > 0) continue;
      held.to.deliver(held.frame);
      late.splice(i, 1);
    }
  }
  throw new Error(`not over after ${limit} ms: ${hosts.map(({ state }) => state)}`);
}

const weathers: [string, Weather, number][] = [
  ['a calm wire', CALM, 60_000],
  ['loss, duplicates and disorder', { loss: 0.03, duplicate: 0.01, late: 0.05 }, 20_000],
];

test.each(weathers)(
  'sessions over %s: every byte arrives, every buffer comes back',
  async (_, weather, most) => {
    const random = testRandom('toe engine');
    const [client, server] = [await EngineHost.open(1), await EngineHost.open(2)];
    const hosts = [client, server] as const;
    server.listen(80);
    const sessions = 4;
    const sent = new Map<string, Buffer>();
    for (let i = 0; i < sessions; i++) client.connect(server.ip, 80, 40_000 + i);
    run(hosts, random, weather, () => hosts.every(({ all }) => all.length === sessions), 20_000);
    for (const host of hosts) {
      for (const session of host.all) {
        const bytes = Buffer.from(random.bytes(random.int(0, most)));
        const port = Math.max(session.localPort, session.remotePort);
        sent.set(`${host.ip}/${port}`, bytes);
        session.write(bytes);
        session.closes = true;
      }
    }
    run(hosts, random, weather, () => hosts.every(({ isEmpty }) => isEmpty), 60_000);
    for (const [i, host] of hosts.entries()) {
      for (const session of host.all) {
        const port = Math.max(session.localPort, session.remotePort);
        expect(session.bytes.equals(sent.get(`${hosts[1 - i]!.ip}/${port}`)!)).toBe(true);
        expect([...session.happened]).toContain('closed');
      }
    }
  },
);

test('an ICMP error about a SYN refuses the open', async () => {
  const host = await EngineHost.open(1);
  const remote = { mac: 0x0200_0000_0009, ip: 0x0a4d_0009 };
  host.connect(remote.ip, 80, 40_000);
  host.tick(CYCLES_PER_MS);
  const [question] = host.take();
  expect(question && frames.number(question, 12, 2)).toBe(frames.TYPE_ARP);
  const to = { to: host.mac, from: remote.mac };
  const answer = { operation: 2, senderMac: remote.mac, senderIp: remote.ip };
  host.deliver(
    frames.ethernet(
      { ...to, type: frames.TYPE_ARP },
      frames.arp({ ...answer, targetMac: host.mac, targetIp: host.ip }),
    ),
  );
  host.tick(CYCLES_PER_MS);
  const [syn] = host.take();
  const about = syn!.subarray(14, 14 + 28);
  const portUnreachable = frames.icmp(3, 3, Uint8Array.from([0, 0, 0, 0, ...about]));
  const between = { source: remote.ip, destination: host.ip };
  host.deliver(
    frames.ethernet(
      { ...to, type: frames.TYPE_IPV4 },
      frames.ipv4({ ...between, protocol: 1 }, portUnreachable),
    ),
  );
  host.tick(CYCLES_PER_MS);
  expect(host.failed).toEqual([['refused', 'unreachable']]);
  expect(host.isEmpty).toBe(true);
});
