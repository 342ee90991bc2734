// SPDX-License-Identifier: Apache-2.0

import type { AccountName, Amount } from '../protocol/types.ts';
import type { Receipt } from './contract.ts';
import type { StateReader } from './draft.ts';
import type { Touch } from './history.ts';

/** What a block's transactions came to, added up while they are executed. */
export class Tally {
  readonly receipts: Receipt[] = [];
  readonly #touches = new Map<
    AccountName,
    { readonly previous: number; readonly transactions: number[] }
  >();
  fees: Amount = 0n;

  get touches(): ReadonlyMap<AccountName, Touch> {
    return this.#touches;
  }

  /** @param base - the state before the block. */
  add(receipt: Receipt, base: StateReader): void {
    const index = this.receipts.push(receipt) - 1;
    this.fees += receipt.fee;
    for (const name of receipt.accounts) {
      const touch = this.#touches.get(name);
      if (touch) touch.transactions.push(index);
      else {
        const previous = base.account(name)?.height ?? 0;
        this.#touches.set(name, { previous, transactions: [index] });
      }
    }
  }
}
