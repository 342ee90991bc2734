// SPDX-License-Identifier: Apache-2.0
// Two cards on one wire: bytes from host memory to host memory, over any weather.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { ToeApp } from './bench/toe-app.ts';
import { BUILD_MS, buildCard, ToeCard, WHOLE } from './bench/toe-card.ts';

interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  /** Chance that a frame is held back behind the next ones. */
  readonly late: number;
}

const CYCLES_PER_MS = 600;
const STEPS = 6;

const cards: ToeCard[] = [];
beforeAll(buildCard, BUILD_MS);
afterEach(() => {
  for (const card of cards.splice(0)) card.sim.close();
});

/** Runs both until something holds; while both rest, time jumps to what is due. */
function run(apps: readonly ToeApp[], random: Random, weather: Weather, holds: () => boolean) {
  const late: { to: ToeCard; frame: Uint8Array; steps: number }[] = [];
  for (let step = 0; step < 40_000; step++) {
    if (holds()) return;
    let moved = late.length > 0;
    for (const [i, { card }] of apps.entries()) {
      const { sim, ports } = card;
      sim.cycles(CYCLES_PER_MS / STEPS);
      const to = (apps[1 - i] as ToeApp).card;
      for (const frame of card.takeFrames()) {
        moved = true;
        if (random.chance(weather.loss)) continue;
        if (random.chance(weather.late)) late.push({ to, frame, steps: random.int(1, 30) });
        else to.deliver(frame);
        if (random.chance(weather.duplicate)) to.deliver(frame);
      }
      if (!ports.idle) moved = true;
    }
    for (const [i, held] of [...late.entries()].reverse()) {
      if (--held.steps > 0) continue;
      held.to.deliver(held.frame);
      late.splice(i, 1);
    }
    const due = Math.min(...apps.map(({ card }) => card.ports.tick_due_ms as number));
    const ticks = !moved && due > 0 ? Math.min(due, 60_000) : step % STEPS === 0 ? 1 : 0;
    if (ticks === 0) continue;
    for (const { card } of apps) {
      card.ports.tick_ms = 1;
      card.sim.cycles(ticks);
      card.ports.tick_ms = 0;
    }
  }
  throw new Error(
    `not over: ${apps.map(({ all }) => all.map((each) => JSON.stringify(each))).join('\n')}`,
  );
}

/** TIME-WAIT outlasts retransmissions of a FIN: else its peer would be reset. */
const MSL_MS = 10_000;

const weathers: [string, Weather, number, number][] = [
  ['a calm wire, memories that take their time', { loss: 0, duplicate: 0, late: 0 }, 40_000, 60],
  ['loss, duplicates and disorder', { loss: 0.04, duplicate: 0.02, late: 0.06 }, 12_000, 12],
];

test.each(weathers)(
  'sessions of two cards over %s: every byte, every buffer, every number comes back',
  async (_, weather, most, latency) => {
    const random = testRandom('toe pair');
    const apps: ToeApp[] = [];
    for (const number of [1, 2]) {
      const card = await ToeCard.open({ number, config: { TX_LIMIT: 12_000, MSL_MS } });
      cards.push(card);
      card.hostBus.timing = { pause: 0.1, latency: [2, latency] };
      for (const bus of card.memoryBuses) bus.timing = { pause: 0.1, latency: [2, latency] };
      card.run(() => card.start());
      const app = new ToeApp(card, 5000);
      card.sim.fork(app.serve());
      apps.push(app);
    }
    const [client, server] = apps as [ToeApp, ToeApp];
    const rounds = 2;
    const sessions = 5;
    const sent = new Map<string, Buffer>();
    server.do({ op: 'LISTEN', localPort: 80 });
    for (let round = 1; round <= rounds; round++) {
      for (let i = 0; i < sessions; i++) {
        const localPort = 40_000 + 100 * round + i;
        client.do({ op: 'OPEN', remoteIp: server.card.ip, remotePort: 80, localPort });
      }
      const all = sessions * round;
      run(apps, random, weather, () => apps.every((app) => app.all.length === all));
      for (const [i, app] of apps.entries()) {
        for (const session of app.all.slice(-sessions)) {
          const bytes = random.bytes(random.int(0, most));
          sent.set(`${i} ${session.name}`, Buffer.from(bytes));
          for (let at = 0; at < bytes.length; ) {
            const length = random.int(1, 9000);
            session.toWrite.push(bytes.subarray(at, at + length));
            at += length;
          }
          session.closes = true;
        }
      }
      run(apps, random, weather, () => apps.every(({ isDone }) => isDone));
    }
    // TIME-WAIT goes by
    run(apps, random, weather, () =>
      apps.every(({ card }) => card.run(() => card.pools()).inUse === 0),
    );
    for (const [i, app] of apps.entries()) {
      expect(app.failed).toEqual([]);
      for (const session of app.all) {
        const from = sent.get(`${1 - i} ${session.name}`);
        expect(session.bytes.equals(from as Buffer)).toBe(true);
        expect([...session.happened]).toContain('CLOSED');
      }
      const { card } = app;
      card.run(() => card.rest());
      expect(card.run(() => card.pools())).toEqual(WHOLE);
    }
    // The limits were felt
    const refused = apps.flatMap(({ all }) => all).reduce((sum, each) => sum + each.refused, 0);
    if (most > 30_000) expect(refused).toBeGreaterThan(0);
  },
);
