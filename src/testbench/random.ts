// SPDX-License-Identifier: Apache-2.0
/**
 * Seeded randomness: one seed for a run, from `SEED` or fresh, printed when a test fails.
 *
 * Whatever draws independently (a source's pauses, a test's data) forks a generator of its own by
 * name, so adding one does not shift the others.
 */
import { randomInt } from 'node:crypto';

/** A small fast generator (sfc32); same seed, same numbers, on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly seed: number;

  /** @param seed - 32-bit unsigned integer. */
  constructor(seed: number, name = '') {
    this.seed = seed >>> 0;
    const hash = hashName(name);
    this.#a = this.seed;
    this.#b = hash;
    this.#c = this.seed ^ 0x9e3779b9;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A generator with numbers of its own, by name; the same name gives the same numbers. */
  fork(name: string): Random {
    return new Random(this.seed, name);
  }

  /** 0 to 2^32 - 1. */
  uint32(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A number from 0 to below 1. */
  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer from `low` to `high`, both included; or 0 to `low` - 1 when only one is given. */
  int(low: number, high?: number): number {
    const [from, to] = high === undefined ? [0, low - 1] : [low, high];
    return from + Math.floor(this.float() * (to - from + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined && items.length === 0) throw new RangeError('pick: no items');
    return item as T;
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.uint32();
    return bytes;
  }

  /** A uniform integer of `bits` bits. */
  bigint(bits: number): bigint {
    let value = 0n;
    for (let have = 0; have < bits; have += 32) value = (value << 32n) | BigInt(this.uint32());
    return BigInt.asUintN(bits, value);
  }

  /**
   * An integer of `bits` bits made of long runs of 0s and 1s: the operands on which carries, borrows
   * and reductions go wrong.
   */
  runs(bits: number): bigint {
    let value = 0n;
    let bit = this.chance(0.5) ? 1n : 0n;
    for (let have = 0; have < bits; ) {
      const run = this.chance(0.2) ? this.int(1, 3) : this.int(1, Math.max(1, bits >> 1));
      value = (value << BigInt(run)) | (bit === 1n ? (1n << BigInt(run)) - 1n : 0n);
      bit ^= 1n;
      have += run;
    }
    return BigInt.asUintN(bits, value);
  }
}

function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash;
}

/**
 * Reads the seed of this run: `SEED` if set, else a fresh one, the same for the whole process.
 *
 * @throws {RangeError} when SEED is not an integer from 0 to 2^32 - 1.
 */
export function runSeed(): number {
  cachedSeed ??= process.env.SEED ? parseSeed(process.env.SEED) : randomInt(2 ** 32);
  return cachedSeed;
}
let cachedSeed: number | undefined;

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`SEED: expected an integer from 0 to 4294967295, got "${text}"`);
  }
  return seed;
}

/** A generator from the run's seed, for the data of a test: `testRandom('additions')`. */
export function testRandom(name = ''): Random {
  return new Random(runSeed(), name);
}
