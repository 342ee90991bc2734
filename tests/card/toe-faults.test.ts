// SPDX-License-Identifier: Apache-2.0
// The TOE on the card where something is wrong: descriptors, buses, rings; resets at any moment.

import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  CardRegister,
  EngineField,
  EngineRegister,
  StatusCode,
  ToeField,
  ToeRegister,
} from '../../src/driver/generated/registers.ts';
import {
  BUILD_MS,
  buildCard,
  CARD_BASE,
  HOST_BASE,
  ToeCard,
  type ToeCardOptions,
  type ToeDescriptor,
  WHOLE,
  wait,
} from './bench/toe-card.ts';
import { ToePeer } from './bench/toe-peer.ts';

let card: ToeCard;
beforeAll(buildCard, BUILD_MS);
afterEach(() => card.sim.close());

async function open(options: ToeCardOptions = {}): Promise<ToePeer> {
  const peer = await ToePeer.open(options);
  card = peer.card;
  return peer;
}

/** A session that was accepted. */
async function openSession(options: ToeCardOptions = {}): Promise<ToePeer> {
  const peer = await ToePeer.openSession(options);
  card = peer.card;
  return peer;
}

test('every malformed descriptor is answered with BAD_DESCRIPTOR, and nothing is done', async () => {
  await open();
  const address = HOST_BASE + 0x2_0000n;
  const open_ = { op: 'OPEN', remoteIp: 0x0a4d_0009, remotePort: 9, localPort: 9 } as const;
  const bad: ToeDescriptor[] = [
    { op: 0 },
    { op: 11 },
    { op: 0xffff },
    { op: 0x0101, localPort: 80 },
    { op: 'LISTEN' },
    { op: 'UNLISTEN' },
    { ...open_, localPort: 0 },
    { ...open_, remotePort: 0 },
    { ...open_, remoteIp: 0 },
    { ...open_, remoteIp: 0x7f00_0001 },
    { ...open_, remoteIp: 0xe000_0001 },
    { ...open_, remoteIp: 0xffff_ffff },
    { op: 'CLOSE', session: 16 },
    { op: 'ABORT', session: 0xffff },
    { op: 'FREE', session: 16 },
    { op: 'OPTIONS', session: 16 },
    { op: 'URGENT', session: 16 },
    { op: 'URGENT', session: 1, length: 0x1_0000 },
    { op: 'OPTIONS', value: 4 },
    { op: 'OPTIONS', value: 0x4000 },
    { ...open_, value: 8 },
    { op: 'OPTIONS', value: 0x8000_0000 },
  ];
  for (const op of ['READ', 'WRITE'] as const) {
    bad.push(
      { op, address, length: 8, session: 16 },
      { op, address, length: 0 },
      { op, address, length: 0x1_0000 },
      { op, address, length: 0x8000_0008 },
      { op, address: address + 4n, length: 8 },
      { op, address: 0xffff_ffff_ff00_0000n, length: 8 },
    );
  }
  card.run(function* () {
    for (const [id, descriptor] of bad.entries()) {
      const answer = yield* card.submit({ ...descriptor, id });
      expect({ descriptor, ...answer }).toMatchObject({ id, status: StatusCode.BAD_DESCRIPTOR });
    }
    expect(yield* card.read(EngineRegister.BAD_DESCRIPTORS)).toBe(bad.length);
    yield* card.rest();
    expect(yield* card.pools()).toEqual(WHOLE);
    expect(card.takeFrames()).toEqual([]);
  });
});

test('a WRITE to a session that is not open, or beyond TX_LIMIT, is REFUSED; nothing is read', async () => {
  const peer = await openSession({ config: { TX_LIMIT: 5000 } });
  card.run(function* () {
    const before = card.hostBus.beatsRead;
    const none = yield* card.submit(card.writeOf(peer.session ^ 1, card.random.bytes(100), 1));
    expect(none).toMatchObject({ id: 1, status: StatusCode.REFUSED, session: peer.session ^ 1 });
    const large = yield* card.submit(card.writeOf(peer.session, card.random.bytes(5001), 2));
    expect(large).toMatchObject({ id: 2, status: StatusCode.REFUSED });
    expect(card.hostBus.beatsRead - before).toBe(8); // two descriptors
    const bytes = card.random.bytes(500);
    expect(yield* card.submit(card.writeOf(peer.session, bytes, 3))).toMatchObject({ status: 0 });
    expect((yield* peer.hear()).data).toEqual(bytes);
    expect(yield* card.read(ToeRegister.REFUSED)).toBe(2);
    expect(yield* card.read(ToeRegister.WRITES)).toBe(1);
  });
});

test('a refused descriptor, READ and entry of the ring each say so, and the next ones work', async () => {
  const peer = await openSession();
  const { session } = peer;
  card.run(function* () {
    const bytes = card.random.bytes(2000);
    peer.say('A', { data: bytes.subarray(0, 1000) });
    peer.say('A', { seq: 1001, data: bytes.subarray(1000) });
    let told = 0;
    while (told < 2000) {
      const { received } = yield* card.nextEvent('RECEIVED');
      told = (received - peer.isn - 1 + 2 ** 32) % 2 ** 32;
    }

    // Its last burst goes to nowhere
    const at = card.place(1000);
    const address = HOST_BASE + BigInt(at);
    card.host.refusals = [{ from: address + 992n, to: address + 1000n, on: 'write' }];
    const lost = yield* card.submit({ op: 'READ', session, address, length: 1000, id: 1 });
    expect(lost).toMatchObject({ id: 1, status: StatusCode.RESULT_BUS_ERROR, received: 1000 });
    card.host.refusals = [];
    expect(yield* card.readBytes(session, 1000)).toEqual(bytes.subarray(1000));

    const entry = HOST_BASE + 0x1000n + BigInt((card.submitted % 16) * 32);
    card.host.refusals = [{ from: entry + 16n, to: entry + 24n, on: 'read' }];
    const unread = yield* card.submit({ op: 'LISTEN', localPort: 81, id: 5 });
    expect(unread).toMatchObject({ id: 0, status: StatusCode.DESCRIPTOR_BUS_ERROR });
    card.host.refusals = [];

    const place = HOST_BASE + 0x8000n + BigInt((card.taken % 16) * 32);
    card.host.refusals = [{ from: place, to: place + 32n, on: 'write' }];
    card.put({ op: 'LISTEN', localPort: 82, id: 6 });
    yield* card.ringDoorbell();
    yield* card.rest();
    const status = yield* card.read(EngineRegister.STATUS);
    expect(status).toBe(
      (1 << EngineField.STATUS_COMPLETION_LOST.shift) | (1 << ToeField.STATUS_READY.shift),
    );
    const cause = yield* card.registers.read(CardRegister.IRQ_CAUSE);
    expect(cause & 0x202).toBe(0x202);
    expect(yield* card.read(EngineRegister.BUS_ERRORS)).toBe(3);
  });
});

test('a WRITE whose bytes the bus refuses says so, and none of them is sent', async () => {
  const peer = await openSession();
  card.run(function* () {
    const write = card.writeOf(peer.session, card.random.bytes(1400), 1);
    const address = write.address as bigint;
    card.host.refusals = [{ from: address + 800n, to: address + 808n, on: 'read' }];
    const answer = yield* card.submit(write);
    expect(answer).toMatchObject({ id: 1, status: StatusCode.INPUT_BUS_ERROR });
    yield* card.heard('RESET');
    const segment = yield* peer.hear();
    expect(segment.flags).toContain('R');
    expect(segment.data.length).toBe(0);
    yield* card.submit({ op: 'FREE', session: peer.session });
    yield* card.rest();
    expect(yield* card.pools()).toEqual(WHOLE);
  });
});

test('a fault of card memory shows in STATUS and the interrupt', async () => {
  const peer = await openSession();
  card.run(function* () {
    card.memory.refusals = [{ from: CARD_BASE, to: CARD_BASE + 0x10_0000n, on: 'write' }];
    peer.say('A', { data: card.random.bytes(100) });
    yield* card.nextEvent('RECEIVED');
    yield* card.rest();
    const status = yield* card.read(EngineRegister.STATUS);
    expect(status & (1 << ToeField.STATUS_FAULT.shift)).not.toBe(0);
    expect(yield* card.read(ToeRegister.FAULT_BUS)).toBe(1);
    expect((yield* card.registers.read(CardRegister.IRQ_CAUSE)) & 0x200).toBe(0x200);
  });
});

test('while the completion ring is full events and answers wait, and none is lost', async () => {
  const peer = await openSession({ cqLog2: 2 });
  card.run(function* () {
    const bytes = card.random.bytes(1200);
    for (let i = 0; i < 12; i++) {
      peer.say('A', { seq: 1 + 100 * i, data: bytes.subarray(100 * i, 100 * i + 100) });
      card.put({ op: 'OPTIONS', session: peer.session, value: i & 1, id: 100 + i });
    }
    yield* card.ringDoorbell();
    yield* wait(3000);
    expect(yield* card.read(EngineRegister.CQ_TAIL)).toBe(card.taken + 4);
    const ids: number[] = [];
    let told = 1;
    while (ids.length < 12 || told < 1201) {
      const entry = yield* card.nextEntry();
      if (entry.status !== StatusCode.EVENT) {
        ids.push(entry.id);
      } else {
        const upTo = (entry.received - peer.isn + 2 ** 32) % 2 ** 32;
        expect(upTo).toBeGreaterThanOrEqual(told);
        told = upTo;
      }
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, i) => 100 + i));
    expect(yield* card.readBytes(peer.session, 1200)).toEqual(bytes);
  });
});

test('resets during work at any moment without breaking a bus or a frame, and works again', async () => {
  card = await ToeCard.open({ macPause: 0.4 });
  const { random } = card;
  card.hostBus.timing = { pause: 0.2, latency: [2, 60] };
  for (const bus of card.memoryBuses) bus.timing = { pause: 0.2, latency: [2, 60] };
  card.run(function* () {
    for (let round = 0; round < 6; round++) {
      const peer = new ToePeer(card, 80, 40_000 + round);
      card.takeFrames();
      yield* card.start();
      yield* peer.introduce();
      yield* card.submit({ op: 'LISTEN', localPort: 80 });
      yield* peer.connect();
      // Bytes both ways, frames without end
      const bytes = random.bytes(1400);
      peer.say('A', { data: bytes });
      yield* card.nextEvent('RECEIVED');
      expect(yield* card.readBytes(peer.session, 700)).toEqual(bytes.subarray(0, 700));
      const address = HOST_BASE + BigInt(card.place(700));
      card.put({ op: 'READ', session: peer.session, address, length: 700 });
      for (let i = 0; i < 6; i++) card.put(card.writeOf(peer.session, random.bytes(4000)));
      yield* card.ringDoorbell();
      for (let i = 1; i < 5; i++) peer.say('A', { seq: 1 + 1400 * i, data: bytes });
      yield* wait(random.int(0, 1500));
      yield* card.resetEngine();
      expect(yield* card.read(EngineRegister.SQ_TAIL)).toBe(0);
      expect(yield* card.read(ToeRegister.NET_CONTROL)).toBe(0);
      for (const frame of card.takeFrames()) expect(frame.length).toBeGreaterThanOrEqual(60);
    }
    yield* card.rest();
    expect(yield* card.pools()).toEqual(WHOLE);
  });
});

test('a reset waits for a bus that hangs, and no longer', async () => {
  const peer = await openSession();
  card.run(function* () {
    card.put(card.writeOf(peer.session, card.random.bytes(3000)));
    yield* card.ringDoorbell();
    yield* wait(60);
    card.hostBus.isHanging = true;
    for (const bus of card.memoryBuses) bus.isHanging = true;
    const reset = 1 << EngineField.CONTROL_RESET.shift;
    yield* card.write(EngineRegister.CONTROL, reset);
    yield* wait(500);
    expect((yield* card.read(EngineRegister.CONTROL)) & reset).toBe(reset);
    card.hostBus.isHanging = false;
    yield* wait(500);
    for (const bus of card.memoryBuses) bus.isHanging = false;
    for (let tries = 0; ((yield* card.read(EngineRegister.CONTROL)) & reset) !== 0; tries++)
      expect(tries).toBeLessThan(500);
    expect(card.ports.m_rx_mem_axi_awvalid).toBe(0);
    expect(card.ports.m_tx_mem_axi_awvalid).toBe(0);
  });
});
