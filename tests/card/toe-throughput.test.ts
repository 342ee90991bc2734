// SPDX-License-Identifier: Apache-2.0
// Cycles that bytes and commands take between host memory and the engine.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { ToeRegister } from '../../src/driver/generated/registers.ts';
import { waitFor } from '../../src/testbench/index.ts';
import { BUILD_MS, buildCard, HOST_BASE, ToeCard } from './bench/toe-card.ts';
import { ToePeer } from './bench/toe-peer.ts';

let card: ToeCard;
beforeAll(buildCard, BUILD_MS);
afterEach(() => card.sim.close());

/** Window scale 0 behind a NOP. */
const SCALED = Uint8Array.from([1, 3, 3, 0]);

async function openSession(latency: number): Promise<ToePeer> {
  card = await ToeCard.open({ sqLog2: 7, cqLog2: 7, config: { RX_LIMIT: 131_000 } });
  const peer = new ToePeer(card);
  card.hostBus.timing = { pause: 0, latency: [latency, latency] };
  card.run(function* () {
    yield* card.start();
    yield* peer.introduce();
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    peer.say('S', { seq: 0, options: SCALED });
    yield* peer.hear();
    // A closed window: what is written stays
    peer.say('A', { window: 0 });
    peer.session = (yield* card.nextEvent('ACCEPTED')).session;
    yield* card.rest();
  });
  return peer;
}

/** Cycles from the doorbell to `answers` entries in memory. */
function cyclesOf(answers: number): number {
  const { sim } = card;
  const begin = sim.cycle;
  return card.run(function* () {
    yield* card.ringDoorbell();
    const end = card.taken + answers;
    const areThere = () => {
      while (card.takeEntry());
      return card.taken >= end;
    };
    yield* waitFor(areThere, { max: 200_000, what: 'answers' });
    return sim.cycle - begin;
  });
}

test.each([20, 100, 400])(
  'a long WRITE streams at a memory latency of %i cycles',
  async (latency) => {
    const peer = await openSession(latency);
    const bytes = 65_520;
    card.put(card.writeOf(peer.session, card.random.bytes(bytes)));
    const cycles = cyclesOf(1);
    console.log(`WRITE of ${bytes} at latency ${latency}: ${cycles} cycles`);
    expect(cycles).toBeLessThan((bytes / 8) * 1.03 + 3 * latency + 60);
  },
);

test.each([20, 100, 400])(
  'a long READ streams at a memory latency of %i cycles',
  async (latency) => {
    const peer = await openSession(latency);
    const bytes = 43 * 1460;
    for (let i = 0; i < 43; i++)
      peer.say('A', { seq: 1 + 1460 * i, data: card.random.bytes(1460), window: 0 });
    card.run(function* () {
      let told = 0;
      while (told < bytes) {
        const { received } = yield* card.nextEvent('RECEIVED');
        told = (received - peer.isn - 1 + 2 ** 32) % 2 ** 32;
      }
      yield* card.rest();
    });
    const address = HOST_BASE + BigInt(card.place(bytes));
    card.put({ op: 'READ', session: peer.session, address, length: bytes });
    const cycles = cyclesOf(1);
    console.log(`READ of ${bytes} at latency ${latency}: ${cycles} cycles`);
    expect(cycles).toBeLessThan((bytes / 8) * 1.05 + 4 * latency + 60);
  },
);

test.each([20, 100])('short WRITEs and READs, and a command, at %i cycles', async (latency) => {
  const peer = await openSession(latency);
  const { session } = peer;
  const count = 100;
  for (let i = 0; i < count; i++) card.put(card.writeOf(session, card.random.bytes(64)));
  const writes = cyclesOf(count) / count;
  for (let i = 0; i < 8; i++)
    peer.say('A', { seq: 1 + 800 * i, data: card.random.bytes(800), window: 0 });
  card.run(function* () {
    yield* card.rest();
    while (card.takeEntry());
    yield* card.giveBack();
  });
  for (let i = 0; i < count; i++) {
    const address = HOST_BASE + BigInt(card.place(64));
    card.put({ op: 'READ', session, address, length: 64 });
  }
  const reads = cyclesOf(count) / count;
  card.run(() => card.giveBack());
  card.put({ op: 'OPTIONS', session, value: 1 });
  const command = cyclesOf(1);
  console.log(
    `64 bytes at latency ${latency}: WRITE ${writes}, READ ${reads} cycles each; a command ${command}`,
  );
  // Four descriptors are fetched in one latency and some
  expect(writes).toBeLessThan(20 + latency / 5);
  expect(reads).toBeLessThan(20 + latency / 5);
  expect(command).toBeLessThan(2 * latency + 50);
  expect(card.run(() => card.read(ToeRegister.WRITES))).toBe(count);
});
