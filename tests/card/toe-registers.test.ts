// SPDX-License-Identifier: Apache-2.0
// The registers of the TOE: what they keep, what they bound, what they tell.

import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  Block,
  EngineField,
  EngineKindCode,
  EngineRegister,
  ToeField,
  ToeRegister,
  ToeStateCode,
} from '../../src/driver/generated/registers.ts';
import type { Task } from '../../src/testbench/index.ts';
import { BUFFERS, BUILD_MS, buildCard, NODES, SIZE, ToeCard } from './bench/toe-card.ts';
import { ToePeer } from './bench/toe-peer.ts';

let card: ToeCard;
beforeAll(buildCard, BUILD_MS);
afterEach(() => card.sim.close());

const bits = (value: number, field: { shift: number; bits: number }) =>
  (value >>> field.shift) % 2 ** field.bits;

test('says what it is and how it was built, and when it is ready', async () => {
  card = await ToeCard.open();
  card.run(function* () {
    expect(yield* card.capabilities()).toEqual({ toe: 1 });
    const kind = yield* card.read(EngineRegister.KIND);
    expect(bits(kind, EngineField.KIND_KIND)).toBe(EngineKindCode.TOE);
    expect(bits(kind, EngineField.KIND_RING_LOG2_MAX)).toBe(14);
    const built = yield* card.read(EngineRegister.PARAMETERS);
    expect(bits(built, ToeField.PARAMETERS_SESSIONS_LOG2)).toBe(SIZE.TOE_SESSIONS_LOG2);
    expect(bits(built, ToeField.PARAMETERS_BUFFERS_LOG2)).toBe(SIZE.TOE_BUFFERS_LOG2);
    expect(bits(built, ToeField.PARAMETERS_NODES_LOG2)).toBe(SIZE.TOE_NODES_LOG2);
    const busy = yield* card.read(EngineRegister.STATUS);
    expect(bits(busy, ToeField.STATUS_READY)).toBe(0);
    expect(bits(busy, EngineField.STATUS_BUSY)).toBe(1);
    expect(card.ports.idle).toBe(0);
    yield* card.start();
    yield* card.rest();
    const status = yield* card.read(EngineRegister.STATUS);
    expect(status).toBe(1 << ToeField.STATUS_READY.shift);
    expect(card.ports.tick_due_ms).toBe(0xffff_ffff);
    expect(yield* card.read(ToeRegister.FREE_BUFFERS)).toBe(BUFFERS);
    expect(yield* card.read(ToeRegister.FREE_NODES)).toBe(NODES);
  });
});

/** Of a register: values written, and what it then holds. */
const cases: [keyof typeof ToeRegister, number, [number, number][]][] = [
  ['MAC_LO', 0, [[0xffff_ffff, 0xffff_ffff]]],
  ['MAC_HI', 0, [[0x1234_5678, 0x5678]]],
  ['IP', 0, [[0x0a4d_0001, 0x0a4d_0001]]],
  [
    'PREFIX_LEN',
    24,
    [
      [0, 0],
      [32, 32],
      [33, 32],
      [0xffff_ffff, 32],
    ],
  ],
  ['GATEWAY', 0, [[0xdead_beef, 0xdead_beef]]],
  ['MEMORY_BASE_LO', 0, [[0xffff_ffff, 0xffff_f000]]],
  ['MEMORY_BASE_HI', 0, [[0xffff_ffff, 0xffff_ffff]]],
  [
    'TX_LIMIT',
    262_144,
    [
      [0, 0],
      [0x10_0000, 0xf_ffff],
    ],
  ],
  [
    'MSS',
    1460,
    [
      [0, 64],
      [536, 536],
      [9000, 1460],
    ],
  ],
  ['RX_LIMIT', 262_144, [[0x10_0000, 0xf_ffff]]],
  [
    'RTO_MIN_MS',
    200,
    [
      [0, 1],
      [0x2_0000, 0x1_ffff],
    ],
  ],
  ['RTO_MAX_MS', 60_000, [[0, 1]]],
  ['RTO_FIRST_MS', 1000, [[0, 1]]],
  [
    'ACK_DELAY_MS',
    40,
    [
      [0, 1],
      [500, 499],
    ],
  ],
  ['MSL_MS', 30_000, [[120_000, 120_000]]],
  ['TRIES', 0x0309_0f08, [[0xffff_ffff, 0x0f0f_0f0f]]],
  ['HALF_OPEN_MAX', 1024, [[0x1_0000, 0xffff]]],
  [
    'KEEP_IDLE_MS',
    7_200_000,
    [
      [0, 1],
      [0xffff_ffff, 0x7f_ffff],
    ],
  ],
  ['KEEP_EVERY_MS', 75_000, [[0, 1]]],
  ['CHALLENGES', 10, [[0xffff_ffff, 0x3ff]]],
  [
    'TTL',
    64,
    [
      [0, 1],
      [256, 255],
    ],
  ],
];

test('configuration has its reset values, its bounds, and stays while the network is enabled', async () => {
  card = await ToeCard.open();
  card.run(function* () {
    for (const [name, reset, values] of cases) {
      const register = ToeRegister[name];
      expect([name, yield* card.read(register)]).toEqual([name, reset]);
      for (const [written, kept] of values) {
        yield* card.write(register, written);
        expect([name, yield* card.read(register)]).toEqual([name, kept]);
      }
    }
    yield* card.write(ToeRegister.NET_CONTROL, 0xffff_ffff);
    expect(yield* card.read(ToeRegister.NET_CONTROL)).toBe(1);
    for (const [name, , values] of cases) {
      const before = yield* card.read(ToeRegister[name]);
      yield* card.write(ToeRegister[name], ~before);
      expect([name, yield* card.read(ToeRegister[name])]).toEqual([name, values.at(-1)?.[1]]);
    }
    yield* card.resetEngine();
    for (const [name, reset] of cases)
      expect([name, yield* card.read(ToeRegister[name])]).toEqual([name, reset]);
  });
});

test('keys are not shown; what is not a register is refused; what is read only stays', async () => {
  card = await ToeCard.open();
  card.run(function* () {
    for (const name of ['LOOKUP_KEY', 'ISN_KEY'] as const) {
      for (const i of [0, 1, 2, 3] as const) {
        yield* card.write(ToeRegister[`${name}${i}`], 0xffff_ffff);
        expect(yield* card.read(ToeRegister[`${name}${i}`])).toBe(0);
      }
    }
    const known = new Set<number>([
      ...Object.values(EngineRegister),
      ...Object.values(ToeRegister),
    ]);
    for (let offset = 0; offset < 0x400; offset += 4) {
      const answer = yield* card.registers.tryRead(Block.TOE + offset);
      expect([offset, answer.response]).toEqual([offset, known.has(offset) ? 'OKAY' : 'SLVERR']);
    }
    for (const register of [ToeRegister.FREE_BUFFERS, ToeRegister.RX_SEGMENTS]) {
      const before = yield* card.read(register);
      yield* card.write(register, ~before);
      expect(yield* card.read(register)).toBe(before);
    }
  });
});

test('counters of a session: a snapshot, once it is taken; numbers that are none say so', async () => {
  card = await ToeCard.open();
  const peer = new ToePeer(card);
  const busy = 1 << ToeField.SESSION_STATUS_BUSY.shift;
  const valid = 1 << ToeField.SESSION_STATUS_VALID.shift;
  const registers = Object.entries(ToeRegister).filter(
    ([name, offset]) => name.startsWith('SESSION_') && offset > ToeRegister.SESSION_STATUS,
  );
  function* snapshot(session: number): Task<Record<string, number>> {
    yield* card.write(ToeRegister.SESSION_SELECT, session);
    let status = busy;
    while (status & busy) status = yield* card.read(ToeRegister.SESSION_STATUS);
    const read: Record<string, number> = { status };
    for (const [name, offset] of registers) read[name.slice(8)] = yield* card.read(offset);
    return read;
  }
  const nothing = Object.fromEntries(registers.map(([name]) => [name.slice(8), 0]));
  card.run(function* () {
    // While the tables are cleared nobody can say
    yield* card.write(ToeRegister.SESSION_SELECT, 3);
    expect(yield* card.read(ToeRegister.SESSION_STATUS)).toBe(busy);
    yield* card.write(ToeRegister.SESSION_SELECT, 4);
    expect(yield* card.read(ToeRegister.SESSION_SELECT)).toBe(3);
    yield* card.start();
    expect(yield* card.read(ToeRegister.SESSION_STATUS)).toBe(valid);
    yield* peer.introduce();
    yield* card.submit({ op: 'LISTEN', localPort: 80 });
    yield* peer.connect();
    peer.say('A', { data: new Uint8Array(100) });
    yield* card.nextEvent('RECEIVED');
    yield* card.rest();
    const state = ToeStateCode.ESTABLISHED << ToeField.SESSION_STATUS_STATE.shift;
    const before = yield* snapshot(peer.session);
    expect(before).toEqual({
      ...nothing,
      status: valid | state,
      SEGMENTS_IN: 3,
      SEGMENTS_OUT: 1,
      BYTES_IN_LO: 100,
    });
    // The snapshot stays as it was until the next is asked for
    peer.say('A', { seq: 500, data: new Uint8Array(7) });
    peer.say('A', { seq: 100_001, data: new Uint8Array(7) });
    peer.say('A', { seq: 101, data: new Uint8Array(9) });
    yield* card.nextEvent('RECEIVED');
    yield* card.rest();
    expect(yield* card.read(ToeRegister.SESSION_BYTES_IN_LO)).toBe(100);
    expect(yield* snapshot(peer.session)).toEqual({
      ...before,
      SEGMENTS_IN: 6,
      SEGMENTS_OUT: 4,
      BYTES_IN_LO: 123,
      OUT_OF_ORDER: 1,
      UNACCEPTABLE: 1,
    });
    const last = 2 ** SIZE.TOE_SESSIONS_LOG2 - 1;
    expect(yield* snapshot(last)).toEqual({ ...nothing, status: valid });
    for (const none of [last + 1, 0x1_0000 + peer.session, 0xffff_ffff]) {
      expect(yield* snapshot(none)).toEqual({ ...nothing, status: 0 });
      expect(yield* card.read(ToeRegister.SESSION_SELECT)).toBe(none);
    }
    // A reset forgets them, and what was asked
    yield* snapshot(peer.session);
    yield* card.resetEngine();
    yield* card.startRings();
    expect(yield* card.read(ToeRegister.SESSION_STATUS)).toBe(0);
    expect(yield* snapshot(peer.session)).toEqual({ ...nothing, status: valid });
  });
});
