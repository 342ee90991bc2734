// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import { requireArgument } from '../errors.ts';
import type { SeenFilter } from './contract.ts';

/** Words of an id that are kept and compared. */
const WORDS = 4;

/** One generation: open addressing with linear probing, at most half full. */
class Generation {
  size = 0;
  readonly #words: Uint32Array;
  readonly #used: Uint8Array;
  readonly #mask: number;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.#words = new Uint32Array(slots * WORDS);
    this.#used = new Uint8Array(slots);
    this.#mask = slots - 1;
  }

  /** Slot of the key, or the free slot where it belongs as -1 - slot. */
  find(key: Uint32Array, start: number): number {
    const words = this.#words;
    for (let slot = start & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#used[slot] === 0) return -1 - slot;
      const at = slot * WORDS;
      if (
        words[at] === key[0] &&
        words[at + 1] === key[1] &&
        words[at + 2] === key[2] &&
        words[at + 3] === key[3]
      ) {
        return slot;
      }
    }
  }

  put(key: Uint32Array, slot: number): void {
    this.#words.set(key, slot * WORDS);
    this.#used[slot] = 1;
    this.size += 1;
  }

  clear(): void {
    this.#used.fill(0);
    this.size = 0;
  }
}

/** `SeenFilter` in two hash tables whose places nobody outside can foresee. */
export class TwoGenerations implements SeenFilter {
  readonly #capacity: number;
  readonly #salt = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  readonly #key = new Uint32Array(WORDS);
  #young: Generation;
  #old: Generation;

  constructor(capacity: number) {
    const valid = Number.isInteger(capacity) && capacity >= 1 && capacity <= 2 ** 24;
    requireArgument(valid, `capacity: expected an integer from 1 to 16777216, got ${capacity}`);
    this.#capacity = capacity;
    this.#young = new Generation(capacity);
    this.#old = new Generation(capacity);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  seen(id: Uint8Array): boolean {
    const start = this.#load(id);
    const slot = this.#young.find(this.#key, start);
    if (slot >= 0) return true;
    if (this.#old.find(this.#key, start) >= 0) return true;
    if (this.#young.size < this.#capacity) {
      this.#young.put(this.#key, -1 - slot);
      return false;
    }
    const oldest = this.#old;
    oldest.clear();
    this.#old = this.#young;
    this.#young = oldest;
    oldest.put(this.#key, -1 - oldest.find(this.#key, start));
    return false;
  }

  has(id: Uint8Array): boolean {
    const start = this.#load(id);
    return this.#young.find(this.#key, start) >= 0 || this.#old.find(this.#key, start) >= 0;
  }

  /** Loads the key, and returns where to begin. */
  #load(id: Uint8Array): number {
    requireArgument(id.length === 32, `id: expected 32 bytes, got ${id.length}`);
    const key = this.#key;
    for (let i = 0; i < WORDS; i++) {
      const at = 4 * i;
      key[i] = id[at]! | (id[at + 1]! << 8) | (id[at + 2]! << 16) | (id[at + 3]! << 24);
    }
    let hash = Math.imul(key[0]! ^ this.#salt[0], 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ key[1]! ^ this.#salt[1], 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 13) ^ key[2]!, 0xc2b2ae3d);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
