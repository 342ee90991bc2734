// SPDX-License-Identifier: Apache-2.0
// Who was touched where. A block stores, for each account it touched, the transactions and the block
// that touched the account before: a chain from the account's record back to genesis. So a block
// costs one append, and a page of history one read per block of it.

import type { AccountName } from '../protocol/types.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { heightKey, type Store } from './store.ts';
import type { Location } from './transaction-index.ts';

/** What a block did to an account. */
export interface Touch {
  /** The block before that touched it; 0 for none. */
  readonly previous: number;
  /** Places of transactions in the block, ascending. */
  readonly transactions: readonly number[];
}

/** A block's touches as bytes. */
export function encodeTouches(touches: ReadonlyMap<AccountName, Touch>): Buffer {
  const to = new ByteWriter(64 + touches.size * 32);
  for (const [name, { previous, transactions }] of touches) {
    to.text(name).u32(previous).u32(transactions.length);
    for (const index of transactions) to.u32(index);
  }
  return to.view();
}

/** What a block did to one account. */
export function findTouch(bytes: Uint8Array, account: AccountName): Touch | undefined {
  const from = new ByteReader(bytes);
  while (!from.done) {
    const name = from.text();
    const previous = from.u32();
    const count = from.u32();
    if (name === account) {
      return { previous, transactions: Array.from({ length: count }, () => from.u32()) };
    }
    from.at += 4 * count;
  }
  return undefined;
}

/**
 * Where an account was touched, latest first.
 *
 * @param last - the last block that touched it; 0 for none.
 */
export function* touchesOf(
  { history }: Store,
  account: AccountName,
  last: number,
  before?: Location,
): Iterable<Location> {
  const touchAt = (height: number) => {
    const bytes = history.get(heightKey(height));
    return bytes && findTouch(bytes, account);
  };
  const resumes = before && before.height < last && touchAt(before.height);
  let height = resumes ? before.height : last;
  while (height > 0) {
    const touch = touchAt(height);
    if (!touch) return;
    for (const index of touch.transactions.toReversed()) {
      if (!before || height < before.height || index < before.index) yield { height, index };
    }
    height = touch.previous;
  }
}
