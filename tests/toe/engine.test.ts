// SPDX-License-Identifier: Apache-2.0
// toe_engine as a whole: two of them exchange frames, bytes go from memory to memory.

import { beforeAll, expect, test } from 'vitest';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { EngineHost } from './helpers/engine-host.ts';
import * as frames from './helpers/frames.ts';
import { mutate, randomFrame } from './helpers/random-frames.ts';

const CYCLES_PER_MS = 2000;

// On a busy machine two engines take minutes to build
beforeAll(async () => (await EngineHost.open(1)).sim.close(), 1_800_000);

interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  /** Chance that a frame is held back behind the next ones. */
  readonly late: number;
}

const CALM: Weather = { loss: 0, duplicate: 0, late: 0 };

/** Segments and payload of each pair of ports that went over the wire, into an engine and out of it. */
class WireCounts {
  readonly #counts = new Map<string, { segments: number; bytes: number }>();

  add(host: EngineHost, way: 'in' | 'out', frame: Uint8Array): void {
    if (frames.number(frame, 12, 2) !== frames.TYPE_IPV4) return;
    const at = 14 + 20;
    const ports = [frames.number(frame, at, 2), frames.number(frame, at + 2, 2)];
    const count = this.of(host, way, Math.max(...ports));
    count.segments++;
    count.bytes += frames.number(frame, 16, 2) - 20 - (frame[at + 12]! >> 4) * 4;
  }

  of(host: EngineHost, way: 'in' | 'out', port: number) {
    const key = `${host.ip}/${way}/${port}`;
    const known = this.#counts.get(key) ?? { segments: 0, bytes: 0 };
    this.#counts.set(key, known);
    return known;
  }
}

/** Runs both, frames between them, until something holds. */
function run(
  hosts: readonly [EngineHost, EngineHost],
  random: Random,
  weather: Weather,
  holds: () => boolean,
  limit: number,
  wire = new WireCounts(),
): number {
  const late: { to: EngineHost; frame: Uint8Array; steps: number }[] = [];
  const steps = 20;
  for (let step = 0; step < limit * steps; step++) {
    if (holds()) return step / steps;
    for (const [i, host] of hosts.entries()) {
      if (step % steps === 0) host.tick(CYCLES_PER_MS / steps);
      else host.sim.cycles(CYCLES_PER_MS / steps);
      const to = hosts[1 - i]!;
      const deliver = (frame: Uint8Array) => {
        to.deliver(frame);
        wire.add(to, 'in', frame);
      };
      for (const frame of host.take()) {
        wire.add(host, 'out', frame);
        if (random.chance(weather.loss)) continue;
        if (random.chance(weather.late)) late.push({ to, frame, steps: random.int(1, 40) });
        else deliver(frame);
        if (random.chance(weather.duplicate)) deliver(frame);
      }
    }
    for (const [i, held] of [...late.entries()].reverse()) {
      if (--held.steps > 0) continue;
      held.to.deliver(held.frame);
      wire.add(held.to, 'in', held.frame);
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
  'sessions over %s: every byte arrives, every buffer comes back, each segment is counted',
  async (_, weather, most) => {
    const random = testRandom('toe engine');
    const [client, server] = [await EngineHost.open(1), await EngineHost.open(2)];
    const hosts = [client, server] as const;
    server.listen(80);
    const sessions = 4;
    const sent = new Map<string, Buffer>();
    const wire = new WireCounts();
    for (let i = 0; i < sessions; i++) client.connect(server.ip, 80, 40_000 + i);
    const areOpen = () => hosts.every(({ all }) => all.length === sessions);
    run(hosts, random, weather, areOpen, 20_000, wire);
    for (const host of hosts) {
      for (const session of host.all) {
        const bytes = Buffer.from(random.bytes(random.int(0, most)));
        const port = Math.max(session.localPort, session.remotePort);
        sent.set(`${host.ip}/${port}`, bytes);
        session.write(bytes);
        session.closes = true;
      }
    }
    run(hosts, random, weather, () => hosts.every(({ isEmpty }) => isEmpty), 60_000, wire);
    let dropped = 0;
    for (const [i, host] of hosts.entries()) {
      let [retransmitted, segmentsIn] = [0, 0];
      for (const session of host.all) {
        const port = Math.max(session.localPort, session.remotePort);
        const [there, back] = [wire.of(host, 'in', port), wire.of(host, 'out', port)];
        const counts = host.counters(session.session);
        retransmitted += counts.retransmitted;
        segmentsIn += counts.segmentsIn;
        dropped += counts.outOfOrder + counts.unacceptable;
        expect(counts).toMatchObject({ state: 0, bytesOut: back.bytes });
        // What found no room in toe_ip, or came for a session that was over, is nobody's
        expect(counts.segmentsIn).toBeLessThanOrEqual(there.segments);
        expect(counts.bytesIn).toBeLessThanOrEqual(there.bytes);
        expect(counts.bytesIn).toBeGreaterThanOrEqual(session.bytes.length);
        if (weather === CALM) expect(counts.segmentsOut).toBe(back.segments);
        else expect(counts.segmentsOut).toBeLessThanOrEqual(back.segments);
        expect(session.bytes.equals(sent.get(`${hosts[1 - i]!.ip}/${port}`)!)).toBe(true);
        // Whose last FIN is lost often enough finds nobody: TIME-WAIT is over at the other end
        const ends = weather === CALM ? (['closed'] as const) : (['closed', 'reset'] as const);
        expect(ends.some((end) => session.happened.has(end))).toBe(true);
      }
      expect(retransmitted).toBe(host.counts[5]);
      if (weather === CALM) expect(segmentsIn).toBe(host.segmentsTaken);
    }
    if (weather !== CALM) expect(dropped).toBeGreaterThan(0);
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

test('what comes after any pause finds the same engine, whether its clocks rested or not', async () => {
  const random = testRandom('toe engine pauses');
  const host = await EngineHost.open(1);
  host.listen(80);
  const card = { mac: host.mac, ip: host.ip, prefixLen: 24, gateway: 0 };
  for (let i = 0; i < 1500; i++) {
    const frame = randomFrame(random, card);
    host.deliver(random.chance(0.2) ? mutate(random, frame) : frame);
    if (random.chance(0.02)) host.connect(card.ip + random.int(1, 5), 80, random.int(1024, 65_536));
    // From one right behind the other to when all has come to rest
    const pause = random.chance(0.5) ? random.int(1, 60) : random.int(60, 400);
    if (random.chance(0.3)) host.tick(pause);
    else host.sim.cycles(pause);
    host.take();
  }
});
