import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  Block,
  CardField,
  CardRegister,
  EngineField,
  EngineKindCode,
  EngineRegister,
  MAP_HASH,
  SigverifyField,
} from '../../src/driver/generated/registers.ts';
import type { Task } from '../../src/testbench/index.ts';
import { type Host, openHost, SIGVERIFY } from './bench/host.ts';

let host: Host;
beforeEach(async () => {
  host = await openHost({ parameters: { CONTEXTS: 8, G_WINDOW: 9 } });
});
afterEach(() => host.sim.close());

const run = <T>(task: () => Task<T>) => host.sim.run(task);
const bits = (value: number, field: { shift: number; bits: number }) =>
  (value >>> field.shift) % 2 ** field.bits;

test('says what it is, with the hash of the map it was built from', () => {
  run(function* () {
    const { registers } = host;
    expect(yield* registers.read(CardRegister.MAGIC)).toBe(0x43425048);
    const version = yield* registers.read(CardRegister.VERSION);
    expect(bits(version, CardField.VERSION_MAJOR)).toBe(1);
    const low = BigInt(yield* registers.read(CardRegister.MAP_HASH_LO));
    const high = BigInt(yield* registers.read(CardRegister.MAP_HASH_HI));
    expect((high << 32n) | low).toBe(MAP_HASH);
    const capabilities = yield* registers.read(CardRegister.CAPABILITIES);
    expect(bits(capabilities, CardField.CAPABILITIES_SIGVERIFY)).toBe(1);
    expect(bits(capabilities, CardField.CAPABILITIES_TOE)).toBe(0);
    expect(bits(capabilities, CardField.CAPABILITIES_BROADCAST)).toBe(0);
  });
});

test('shows how the engine was built', () => {
  run(function* () {
    const kind = yield* host.readEngine(EngineRegister.KIND);
    expect(bits(kind, EngineField.KIND_KIND)).toBe(EngineKindCode.SIGVERIFY);
    expect(bits(kind, EngineField.KIND_BATCHES)).toBe(16);
    const parameters = yield* host.readEngine(EngineRegister.PARAMETERS);
    expect(bits(parameters, SigverifyField.PARAMETERS_ENGINES)).toBe(1);
    expect(bits(parameters, SigverifyField.PARAMETERS_CONTEXTS)).toBe(8);
    expect(bits(parameters, SigverifyField.PARAMETERS_MUL_II)).toBe(1);
    expect(bits(parameters, SigverifyField.PARAMETERS_G_WINDOW)).toBe(9);
  });
});

test('answers zero everywhere in the block of an absent engine', () => {
  run(function* () {
    for (const block of [Block.TOE, Block.BROADCAST]) {
      for (let offset = 0; offset < 0x100; offset += 4) {
        yield* host.registers.write(block + offset, 0xffff_ffff);
        expect(yield* host.registers.read(block + offset)).toBe(0);
      }
    }
  });
});

test('keeps what is written to read-write registers, within their bits', () => {
  run(function* () {
    const { registers, random } = host;
    const cases: [number, number][] = [
      [CardRegister.SCRATCH, 0xffff_ffff],
      [CardRegister.IRQ_MASK, 0x0000_0707],
      [SIGVERIFY + EngineRegister.IRQ_COUNT, 0x0000_ffff],
      [SIGVERIFY + EngineRegister.IRQ_CYCLES, 0x00ff_ffff],
      [SIGVERIFY + EngineRegister.SQ_BASE_LO, 0xffff_f000],
      [SIGVERIFY + EngineRegister.SQ_BASE_HI, 0xffff_ffff],
      [SIGVERIFY + EngineRegister.CQ_BASE_LO, 0xffff_f000],
      [SIGVERIFY + EngineRegister.CQ_BASE_HI, 0xffff_ffff],
    ];
    for (let round = 0; round < 20; round++) {
      registers.pause = (round % 4) / 5;
      const values = cases.map(() => random.uint32());
      for (const [i, [addr]] of cases.entries()) yield* registers.write(addr, values[i] ?? 0);
      for (const [i, [addr, mask]] of cases.entries()) {
        expect(yield* registers.read(addr)).toBe(((values[i] ?? 0) & mask) >>> 0);
      }
    }
  });
});

test('moves ring sizes into the accepted range', () => {
  run(function* () {
    for (const register of [EngineRegister.SQ_LOG2, EngineRegister.CQ_LOG2]) {
      const cases = [
        [0, 2],
        [2, 2],
        [9, 9],
        [14, 14],
        [15, 14],
        [0xffff_ffff, 14],
      ];
      for (const [written = 0, expected] of cases) {
        yield* host.writeEngine(register, written);
        expect(yield* host.readEngine(register)).toBe(expected);
      }
    }
  });
});

test('ignores ring addresses and sizes while the engine is enabled', () => {
  run(function* () {
    yield* host.start();
    const before = yield* host.readEngine(EngineRegister.SQ_BASE_LO);
    yield* host.writeEngine(EngineRegister.SQ_BASE_LO, 0);
    yield* host.writeEngine(EngineRegister.CQ_LOG2, 7);
    expect(yield* host.readEngine(EngineRegister.SQ_BASE_LO)).toBe(before);
    expect(yield* host.readEngine(EngineRegister.CQ_LOG2)).toBe(host.cqLog2);
  });
});

test('refuses accesses outside the registers and writes without all strobes', () => {
  run(function* () {
    const { registers } = host;
    for (const addr of [0x038, 0xffc, 0x1018, 0x1054, 0x1ffc, 0x4000, 0x8000, 0xfffc]) {
      expect(yield* registers.tryRead(addr)).toMatchObject({ response: 'SLVERR' });
      expect(yield* registers.tryWrite(addr, 1)).toMatchObject({ response: 'SLVERR' });
    }
    yield* registers.write(CardRegister.SCRATCH, 0x1234_5678);
    for (let strobes = 0; strobes < 15; strobes++) {
      expect(yield* registers.tryWrite(CardRegister.SCRATCH, 0, strobes)).toMatchObject({
        response: 'SLVERR',
      });
    }
    expect(yield* registers.read(CardRegister.SCRATCH)).toBe(0x1234_5678);
  });
});

test('ignores writes to read-only registers', () => {
  run(function* () {
    const { registers } = host;
    for (const register of [CardRegister.MAGIC, CardRegister.CAPABILITIES, CardRegister.STATUS]) {
      const before = yield* registers.read(register);
      yield* registers.write(register, ~before);
      expect(yield* registers.read(register)).toBe(before);
    }
  });
});

test('answers reads and writes that come at the same time', () => {
  run(function* () {
    const { registers, sim } = host;
    for (let i = 0; i < 50; i++) {
      registers.pause = (i % 5) / 6;
      const writing = sim.fork(registers.write(CardRegister.SCRATCH, i));
      const magic = yield* registers.read(CardRegister.MAGIC);
      expect(magic).toBe(0x43425048);
      while (writing.isRunning) yield;
      expect(yield* registers.read(CardRegister.SCRATCH)).toBe(i);
    }
  });
});

test('counts cycles and millisecond ticks', () => {
  run(function* () {
    const { registers, ports, sim } = host;
    const first = yield* registers.read(CardRegister.CYCLES_LO);
    const at = sim.cycle;
    for (let i = 0; i < 5; i++) {
      ports.tick_ms = 1;
      yield;
      ports.tick_ms = 0;
      yield;
    }
    const second = yield* registers.read(CardRegister.CYCLES_LO);
    expect(second - first).toBeGreaterThanOrEqual(10);
    expect(second - first).toBeLessThanOrEqual(sim.cycle - at + 10);
    expect(yield* registers.read(CardRegister.CYCLES_HI)).toBe(0);
    expect(yield* registers.read(CardRegister.TICKS_MS)).toBe(5);
  });
});
