// SPDX-License-Identifier: Apache-2.0
// Where each transaction is, in parts of about four million.
//
// Ids are random, so every insert into one index of all time would write a page of its own. Only the
// last part is written; a search goes through parts from the last one back, and one for a duplicate
// stops at those whose transactions have all expired.

import type { Id, Milliseconds } from '../protocol/types.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Store } from './store.ts';

/** Transactions of a part before the next one begins. */
const PART_TRANSACTIONS = 4_194_304;

/** Where a transaction is. */
export interface Location {
  readonly height: number;
  readonly index: number;
}

/** The parts: when each began, and how full the last one is. Lies in the head's record. */
export interface IndexParts {
  /** Time of the first block in each part. */
  readonly began: readonly Milliseconds[];
  readonly count: number;
}

export const NO_PARTS: IndexParts = { began: [], count: 0 };

/** The parts once a block of `time` with so many transactions is in. */
export function extendParts(
  parts: IndexParts,
  time: Milliseconds,
  count: number,
  capacity = PART_TRANSACTIONS,
): IndexParts {
  if (parts.began.length === 0 || parts.count >= capacity) {
    return { began: [...parts.began, time], count };
  }
  return { began: parts.began, count: parts.count + count };
}

const key = Buffer.alloc(36);

/** Valid until the next call: the store copies keys at once. */
function keyOf(part: number, id: Id): Buffer {
  key.writeUInt32BE(part);
  key.write(id, 4, 32, 'hex');
  return key;
}

/** Puts a block's transactions into the last part. */
export function putTransactions(
  { transactions }: Store,
  parts: IndexParts,
  height: number,
  ids: readonly Id[],
): void {
  const part = parts.began.length - 1;
  // Values are read when the store commits: each has memory of its own.
  const values = new ByteWriter(8 * ids.length);
  for (const [index, id] of ids.entries()) {
    const at = values.end;
    transactions.put(keyOf(part, id), values.u32(height).u32(index).view(at));
  }
}

/** Takes a block's transactions out of the last part. */
export function removeTransactions(
  { transactions }: Store,
  parts: IndexParts,
  ids: readonly Id[],
): void {
  const part = parts.began.length - 1;
  for (const id of ids) transactions.remove(keyOf(part, id));
}

/** Finds a transaction in a part that has blocks of `since` or later. */
export function findTransaction(
  { transactions }: Store,
  parts: IndexParts,
  id: Id,
  since: Milliseconds = 0,
): Location | undefined {
  for (let part = parts.began.length - 1; part >= 0; part--) {
    const found = transactions.peek(keyOf(part, id));
    if (found) {
      const from = new ByteReader(found);
      return { height: from.u32(), index: from.u32() };
    }
    if (parts.began[part]! < since) return undefined;
  }
  return undefined;
}
