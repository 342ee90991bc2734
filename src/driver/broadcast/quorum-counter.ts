// SPDX-License-Identifier: Apache-2.0

import { requireArgument } from '../errors.ts';
import type { Quorum, QuorumCounter, QuorumOptions } from './contract.ts';

interface Tally {
  readonly voters: Uint32Array;
  count: number;
}

/** `QuorumCounter` as a bitmap per target. */
export class BitmapQuorums implements QuorumCounter {
  readonly #voters: number;
  readonly #needed: number;
  readonly #targets: number;
  /** By target as digits; oldest first. */
  readonly #tallies = new Map<string, Tally>();

  constructor({ voters, needed, targets = 1024 }: QuorumOptions) {
    requireInteger('voters', voters, 1024);
    requireInteger('needed', needed, voters);
    requireInteger('targets', targets, 65536);
    this.#voters = voters;
    this.#needed = needed;
    this.#targets = targets;
  }

  get size(): number {
    return this.#tallies.size;
  }

  count(target: Uint8Array, voter: number): Quorum {
    const key = keyOf(target);
    const valid = Number.isInteger(voter) && voter >= 0 && voter < this.#voters;
    requireArgument(
      valid,
      `voter: expected an integer from 0 to ${this.#voters - 1}, got ${voter}`,
    );
    const tally = this.#tallies.get(key) ?? this.#open(key);
    const word = voter >>> 5;
    const bit = 1 << (voter & 31);
    const fresh = (tally.voters[word]! & bit) === 0;
    if (fresh) {
      tally.voters[word]! |= bit;
      tally.count += 1;
    }
    return { ...this.#describe(tally), fresh };
  }

  get(target: Uint8Array): Omit<Quorum, 'fresh'> | undefined {
    const tally = this.#tallies.get(keyOf(target));
    return tally && this.#describe(tally);
  }

  delete(target: Uint8Array): void {
    this.#tallies.delete(keyOf(target));
  }

  #open(key: string): Tally {
    if (this.#tallies.size >= this.#targets) {
      for (const oldest of this.#tallies.keys()) {
        this.#tallies.delete(oldest);
        break;
      }
    }
    const tally = { voters: new Uint32Array((this.#voters + 31) >>> 5), count: 0 };
    this.#tallies.set(key, tally);
    return tally;
  }

  #describe({ count }: Tally): Omit<Quorum, 'fresh'> {
    return { count, needed: this.#needed, reached: count >= this.#needed };
  }
}

function keyOf(target: Uint8Array): string {
  requireArgument(target.length === 32, `target: expected 32 bytes, got ${target.length}`);
  return Buffer.from(target.buffer, target.byteOffset, 32).toString('latin1');
}

function requireInteger(name: string, value: number, high: number): void {
  const valid = Number.isInteger(value) && value >= 1 && value <= high;
  requireArgument(valid, `${name}: expected an integer from 1 to ${high}, got ${value}`);
}
