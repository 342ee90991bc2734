// SPDX-License-Identifier: Apache-2.0
// What the driver sets on the card, and what it reads of single sessions, on doubles of the card.

import { describe, expect, test } from 'vitest';
import { fieldOf } from '../../../src/driver/device/registers.ts';
import { Block, ToeField, ToeRegister } from '../../../src/driver/generated/registers.ts';
import { SessionCounters } from '../../../src/driver/transport/card/session-counters.ts';
import { type DoubleWorld, doublesOfTest } from './helpers/double-world.ts';
import { pair, read } from './helpers/world.ts';

const open = doublesOfTest();

describe('keep-alive', () => {
  const written = (it: DoubleWorld) => {
    const register = (offset: number) => it.cards[0].register(Block.TOE + offset)!;
    return {
      idleMs: register(ToeRegister.KEEP_IDLE_MS),
      everyMs: register(ToeRegister.KEEP_EVERY_MS),
      probes: fieldOf(register(ToeRegister.TRIES), ToeField.TRIES_KEEP),
    };
  };

  test('a silent peer is asked after two hours, unless told otherwise (RFC 9293 MUST-28)', async () => {
    const { idleMs, everyMs, probes } = written(await open());
    expect(idleMs).toBeGreaterThanOrEqual(2 * 60 * 60 * 1000);
    expect([everyMs, probes]).toEqual([75_000, 9]);
  });

  test('its times and its probes can be set', async () => {
    const times = { keepAliveIdleMs: 60_000, keepAliveEveryMs: 1_000, keepAliveProbes: 3 };
    expect(written(await open({}, times))).toEqual({ idleMs: 60_000, everyMs: 1_000, probes: 3 });
  });

  test.each([
    ['keepAliveIdleMs', 0],
    ['keepAliveIdleMs', 8_388_608],
    ['keepAliveEveryMs', 131_072],
    ['keepAliveProbes', 16],
    ['keepAliveProbes', 1.5],
  ])('error: %s of %s', async (name, value) => {
    await expect(open({}, { [name]: value })).rejects.toMatchObject({
      code: 'ACCEL_ARGUMENT',
      message: expect.stringContaining(`${name}: expected an integer from`),
    });
  });
});

describe('counters of a session', () => {
  test('asked for many at once: each gets its own', async () => {
    const it = await open({ sessions: 16 });
    const pairs = await Promise.all(Array.from({ length: 8 }, () => pair(it)));
    const counts = pairs.map(({ client }, i) => {
      client.write(new Uint8Array(100 * (i + 1)));
      return i;
    });
    await Promise.all(counts.map((i) => read(pairs[i]!.server, 100 * (i + 1))));
    const all = await Promise.all(pairs.map(({ server }) => server.counters()));
    expect(all.map(({ tcp }) => tcp!.payloadIn)).toEqual(counts.map((i) => 100 * (i + 1)));
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    await it.settled();
  });

  test('of a connection that ends meanwhile there are none', async () => {
    const it = await open({ late: 0 });
    const { client, server } = await pair(it);
    it.cards[0].inject('slowCounters', 50);
    const counters = client.counters();
    client.resetAndDestroy();
    expect(await counters).toEqual({ bytesRead: 0, bytesWritten: 0, tcp: undefined });
    const early = it.client.createConnection({ host: it.server.host, port: 1 });
    expect((await early.counters()).tcp).toBeUndefined();
    early.destroy();
    server.destroy();
    await it.settled();
  });

  test('error: a number that is none, a state that is none, a snapshot that never comes', async () => {
    const it = await open({ sessions: 16 });
    const counters = new SessionCounters(it.cards[0]);
    await expect(counters.read(16)).rejects.toMatchObject({
      code: 'ACCEL_ARGUMENT',
      message: 'session 16: the card has none of that number',
    });
    it.cards[0].inject('noState');
    await expect(counters.read(1)).rejects.toMatchObject({ code: 'ACCEL_DEVICE' });
    it.cards[0].inject('slowCounters', 1000);
    await expect(counters.read(1)).rejects.toMatchObject({ code: 'ACCEL_DEVICE' });
    it.cards[0].inject('slowCounters', 0);
    expect(await counters.read(1)).toMatchObject({ state: 'CLOSED', segmentsIn: 0 });
  });

  test('error: of a card that is gone', async () => {
    const it = await open();
    const counters = new SessionCounters(it.cards[0]);
    it.cards[0].inject('dead');
    await expect(counters.read(0)).rejects.toMatchObject({ code: 'ACCEL_DEVICE' });
    it.cards[0].inject('dead', 0);
  });
});
