// SPDX-License-Identifier: Apache-2.0
// A card that rests: without clocks nothing is missed, and time passes in leaps.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { BUILD_MS, buildCard, type ToeCard, type ToeCardOptions } from './bench/toe-card.ts';
import { ToePeer } from './bench/toe-peer.ts';

let card: ToeCard;
beforeAll(buildCard, BUILD_MS);
afterEach(() => card.sim.close());

async function openSession(options: ToeCardOptions = {}): Promise<ToePeer> {
  const peer = await ToePeer.openSession(options);
  card = peer.card;
  return peer;
}

/** Ticks in cycles that follow one another. */
function* leap(ticks: number) {
  card.ports.tick_ms = 1;
  for (let i = 0; i < ticks; i++) yield;
  card.ports.tick_ms = 0;
}

test('while idle is high nothing happens, however long; a deadline is known to the millisecond', async () => {
  const peer = await openSession();
  card.run(function* () {
    // Nobody acknowledges: sent again after 200 ms, 400 ms, 800 ms
    yield* card.submit(card.writeOf(peer.session, card.random.bytes(500)));
    expect((yield* peer.hear()).data.length).toBe(500);
    for (const rto of [200, 400, 800]) {
      yield* card.rest();
      const due = card.ports.tick_due_ms as number;
      expect(due).toBe(rto);
      yield* leap(due - 1);
      for (let i = 0; i < 3000; i++) {
        yield;
        if (i > 200) expect(card.ports.idle).toBe(1);
      }
      expect(card.ports.tick_due_ms).toBe(1);
      expect(card.takeFrames()).toEqual([]);
      yield* leap(1);
      expect((yield* peer.hear()).data.length).toBe(500);
    }
    peer.say('A', { ack: 501 });
    yield* card.nextEvent('SENT');
    yield* card.rest();
    // Where the deadline was that is cleared now, nothing happens; the neighbour's age is left
    expect(card.ports.tick_due_ms).toBe(1600);
    yield* leap(1600);
    yield* card.rest();
    expect(card.takeFrames()).toEqual([]);
    expect(card.ports.tick_due_ms).toBe(60_000 - 1400 - 1600);
  });
});

/** A model of its own is built for each. */
const TIMEOUT_MS = 1_200_000;

test.each([1, 0])(
  'idle covers all that needs cycles, CLOCK_GATING %i',
  async (gating) => {
    const peer = await openSession({ parameters: { CLOCK_GATING: gating } });
    for (const bus of card.memoryBuses) bus.timing = { pause: 0.1, latency: [100, 900] };
    card.hostBus.timing = { pause: 0.1, latency: [100, 900] };
    card.run(function* () {
      let seq = 1;
      for (let round = 0; round < 8; round++) {
        yield* card.rest();
        const bytes = card.random.bytes(card.random.int(1, 1400));
        peer.say('A', { seq, data: bytes });
        seq += bytes.length;
        // From the last beat on until the event is in memory and the interrupt is raised
        const before = card.taken;
        yield* card.rest();
        const entry = card.takeEntry();
        expect(card.taken).toBe(before + 1);
        expect(entry?.events).toEqual(['RECEIVED']);
        yield* card.giveBack();
        expect(card.ports.irq).toBe(1);
        yield* card.registers.write(0x20, 0xffff_ffff);
        yield* card.rest();
        expect(card.ports.irq).toBe(0);
        expect(yield* card.readBytes(peer.session, bytes.length)).toEqual(bytes);
      }
    });
  },
  TIMEOUT_MS,
);
