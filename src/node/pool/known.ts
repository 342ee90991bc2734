// SPDX-License-Identifier: Apache-2.0

import { SignatureLayout } from '../generated/protocol.ts';
import type { Candidate } from '../ledger/index.ts';
import { asBuffer } from '../protocol/hex.ts';
import type { SignedTransaction } from '../protocol/types.ts';

/** Bytes of s that name a transaction: enough to be unlikely to meet, never trusted. */
const KEY_BYTES = 16;
const KEY_FROM_END = SignatureLayout.BYTES - SignatureLayout.S;

/**
 * Transactions whose bytes have been taken apart and whose signatures have been checked, found by their
 * bytes: a block made of them costs a comparison each.
 */
export class KnownTransactions {
  readonly #most: number;
  readonly #known = new Map<string, Candidate>();

  /** @param most - how many; beyond that the oldest goes. */
  constructor(most = 262_144) {
    this.#most = most;
  }

  get size(): number {
    return this.#known.size;
  }

  add(candidate: Candidate): void {
    this.#known.set(keyOf(candidate.transaction), candidate);
    if (this.#known.size <= this.#most) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  delete(transaction: SignedTransaction): void {
    const key = keyOf(transaction);
    if (this.#known.get(key)?.transaction.id === transaction.id) this.#known.delete(key);
  }

  /** The one with exactly these bytes. */
  find(buffer: Buffer, at: number, end: number): Candidate | undefined {
    const from = end - KEY_FROM_END;
    const found = this.#known.get(buffer.toString('latin1', from, from + KEY_BYTES));
    if (found === undefined) return undefined;
    const { bytes } = found.transaction;
    if (bytes.length !== end - at || buffer.compare(bytes, 0, bytes.length, at, end) !== 0) {
      return undefined;
    }
    return found;
  }
}

function keyOf({ bytes }: SignedTransaction): string {
  const from = bytes.length - KEY_FROM_END;
  return asBuffer(bytes).toString('latin1', from, from + KEY_BYTES);
}
