// SPDX-License-Identifier: Apache-2.0
// Reading the card's identity and counters through its registers.

import { AccelError } from '../errors.ts';
import {
  Block,
  CardRegister,
  EngineField,
  EngineRegister,
  MAP_HASH,
  SigverifyField,
  SigverifyRegister,
} from '../generated/registers.ts';
import type { Capabilities, Device, DeviceCounters } from './device.ts';

/** "HPBC", first letter in the low byte. */
const MAGIC = 0x43425048;

type Read = (offset: number) => Promise<number>;

/** Takes a field out of a register's value. */
export function fieldOf(value: number, field: { shift: number; bits: number }): number {
  return Number((BigInt(value) >> BigInt(field.shift)) & ((1n << BigInt(field.bits)) - 1n));
}

/** A register's value with another value of a field. */
export function withField(
  register: number,
  field: { shift: number; bits: number },
  value: number,
): number {
  const mask = ((1n << BigInt(field.bits)) - 1n) << BigInt(field.shift);
  const placed = (BigInt(value) << BigInt(field.shift)) & mask;
  return Number((BigInt(register) & ~mask) | placed);
}

/** The bit of a one-bit field. */
export function bitOf(field: { shift: number }): number {
  return 2 ** field.shift;
}

async function read64(read: Read, low: number): Promise<bigint> {
  const bottom = await read(low); // latches the other half
  return (BigInt(await read(low + 4)) << 32n) | BigInt(bottom);
}

/**
 * Reads what the card is, and holds it against what this driver was made for.
 *
 * @throws {AccelError} rejects with `ACCEL_UNAVAILABLE` for another card or another register map.
 */
export async function readCapabilities(read: Read): Promise<Capabilities> {
  const magic = await read(Block.CARD + CardRegister.MAGIC);
  if (magic !== MAGIC) {
    const got = magic.toString(16);
    throw new AccelError('ACCEL_UNAVAILABLE', `no hpb card: expected magic 43425048, got ${got}`);
  }
  const hash = await read64(read, Block.CARD + CardRegister.MAP_HASH_LO);
  if (hash !== MAP_HASH) {
    const message = `the card has register map ${hash.toString(16)}, the driver ${MAP_HASH.toString(16)}: build both from the same sources`;
    throw new AccelError('ACCEL_UNAVAILABLE', message);
  }
  const version = await read(Block.CARD + CardRegister.VERSION);
  const present = await read(Block.CARD + CardRegister.CAPABILITIES);
  const kind = await read(Block.SIGVERIFY + EngineRegister.KIND);
  const parameters = await read(Block.SIGVERIFY + EngineRegister.PARAMETERS);
  return {
    version: { major: version >>> 16, minor: version & 0xffff },
    mapHash: hash.toString(16).padStart(16, '0'),
    engines: {
      sigverify: (present & 1) !== 0,
      toe: (present & 2) !== 0,
      broadcast: (present & 4) !== 0,
    },
    sigverify: {
      engines: fieldOf(parameters, SigverifyField.PARAMETERS_ENGINES),
      contexts: fieldOf(parameters, SigverifyField.PARAMETERS_CONTEXTS),
      multiplierInterval: fieldOf(parameters, SigverifyField.PARAMETERS_MUL_II),
      generatorWindow: fieldOf(parameters, SigverifyField.PARAMETERS_G_WINDOW),
      batches: fieldOf(kind, EngineField.KIND_BATCHES),
      ringLog2Max: fieldOf(kind, EngineField.KIND_RING_LOG2_MAX),
    },
  };
}

/** Reads all counters; not atomic as a whole. */
export async function readCounters(device: Pick<Device, 'read32'>): Promise<DeviceCounters> {
  const read: Read = (offset) => device.read32(offset);
  const engine = (register: number) => read(Block.SIGVERIFY + register);
  return {
    cycles: await read64(read, Block.CARD + CardRegister.CYCLES_LO),
    multiplications: await read64(read, Block.SIGVERIFY + SigverifyRegister.MULTIPLICATIONS_LO),
    busyCycles: await read64(read, Block.SIGVERIFY + SigverifyRegister.BUSY_CYCLES_LO),
    jobs: await engine(SigverifyRegister.JOBS),
    results: await engine(SigverifyRegister.RESULTS),
    valid: await engine(SigverifyRegister.VALID),
    completions: await engine(EngineRegister.COMPLETIONS),
    busErrors: await engine(EngineRegister.BUS_ERRORS),
    badDescriptors: await engine(EngineRegister.BAD_DESCRIPTORS),
  };
}
