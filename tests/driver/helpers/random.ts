// SPDX-License-Identifier: Apache-2.0
// Seeded randomness: a failing test prints the run's seed, SEED= repeats it.

import { sha256 } from '@noble/hashes/sha2.js';
import { runSeed } from '../../../src/testbench/random.ts';

/** Seed of this run: SEED= or a fresh one. */
export const SEED = String(runSeed());

/** A reproducible source of bytes and numbers. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform below `bound`, which is at most 2^32. */
  below(bound: number): number;
}

/** SHA-256 in counter mode over the seed and a label, so that tests do not disturb one another. */
export function seededRandom(label: string, seed = SEED): Random {
  let counter = 0;
  const block = () => sha256(new TextEncoder().encode(`${seed}/${label}/${counter++}`));
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let at = 0; at < length; at += 32) out.set(block().subarray(0, length - at), at);
      return out;
    },
    below(bound) {
      return Number(new DataView(block().buffer).getBigUint64(0) % BigInt(bound));
    },
  };
}
