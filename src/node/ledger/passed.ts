// SPDX-License-Identifier: Apache-2.0

import type { PublicKey, SignedTransaction } from '../protocol/types.ts';

/** So many are remembered: more than a block holds. */
const MOST = 65_536;

/**
 * Transactions that `checkTransaction` found valid on the head, so that it need not be asked again when
 * they come in a block: what it looks at is the same for every block on one head, but for the time.
 */
export class PassedTransactions {
  readonly #most: number;
  readonly #signers = new Map<SignedTransaction, readonly PublicKey[]>();

  /** @param most - how many; others are checked again. */
  constructor(most = MOST) {
    this.#most = most;
  }

  add(transaction: SignedTransaction, signers: readonly PublicKey[]): void {
    if (this.#signers.size < this.#most) this.#signers.set(transaction, signers);
  }

  /** Whether this very object has passed, with this very list of signers. */
  has(transaction: SignedTransaction, signers: readonly PublicKey[]): boolean {
    return this.#signers.get(transaction) === signers;
  }

  /** The head is another. */
  clear(): void {
    this.#signers.clear();
  }
}
