// SPDX-License-Identifier: Apache-2.0
// Where each transaction is, in parts of about four million.
//
// Ids are random, so every insert into one index of all time would write a page of its own. Only the
// last part is written; a search goes through parts from the last one back, and one for a duplicate
// stops at those whose transactions have all expired.
//
// A block is not written there with its commit, which is waited for, but after it, piece by piece, and is in
// memory meanwhile. When the ledger opens, what was not written is read from the blocks.

import { setImmediate } from 'node:timers/promises';
import { decodeBlock } from '../protocol/index.ts';
import type { Id, Milliseconds } from '../protocol/types.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { Pace } from './pace.ts';
import { heightKey, type Store } from './store.ts';

/** Transactions of a part before the next one begins. */
const PART_TRANSACTIONS = 4_194_304;
/** Transactions written at a time: some milliseconds. */
const PIECE = 1024;
/** Blocks that may wait to be written; another one waits for them. */
const MAX_WAITING = 3;

const INDEXED = Buffer.from('indexed');

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

/** The part of a block that is on the chain. */
function partOf({ began }: IndexParts, time: Milliseconds): number {
  return began.findLastIndex((first) => first <= time);
}

const key = Buffer.alloc(36);

/** Valid until the next call: the store copies keys at once. */
function keyOf(part: number, id: Id): Buffer {
  key.writeUInt32BE(part);
  key.write(id, 4, 32, 'hex');
  return key;
}

/** A block that is not in the store's index yet. */
interface Waiting {
  readonly height: number;
  readonly part: number;
  readonly ids: readonly Id[];
  /** So many are written. */
  written: number;
}

/** Where transactions are: in memory for the last blocks, in the store for others. */
export class TransactionIndex {
  readonly #store: Store;
  readonly #fresh = new Map<Id, Location>();
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** @param timeOf - of a slot. @throws {LedgerError} `LEDGER_STORAGE`. */
  static async open(
    store: Store,
    { head, parts }: { readonly head: { readonly height: number }; readonly parts: IndexParts },
    timeOf: (slot: number) => Milliseconds,
  ): Promise<TransactionIndex> {
    const index = new TransactionIndex(store);
    const indexed = store.meta.get(INDEXED)?.readUInt32BE();
    if (indexed === undefined) {
      // A new directory, or one from when blocks were written with their commit.
      await store.commit(() => store.meta.put(INDEXED, heightKey(head.height)));
      return index;
    }
    const pace = new Pace();
    for (let height = indexed + 1; height <= head.height; height++) {
      const { signedHeader, transactions } = decodeBlock(store.blocks.get(heightKey(height))!);
      const part = partOf(parts, timeOf(signedHeader.header.slot));
      index.#add(
        height,
        part,
        transactions.map(({ id }) => id),
      );
      if (pace.due) await pace.rest();
    }
    index.#start();
    return index;
  }

  /** Finds a transaction in a part that has blocks of `since` or later. */
  find(parts: IndexParts, id: Id, since: Milliseconds = 0): Location | undefined {
    const fresh = this.#fresh.get(id);
    if (fresh) return fresh;
    for (let part = parts.began.length - 1; part >= 0; part--) {
      const found = this.#store.transactions.peek(keyOf(part, id));
      if (found) {
        const from = new ByteReader(found);
        return { height: from.u32(), index: from.u32() };
      }
      if (parts.began[part]! < since) return undefined;
    }
    return undefined;
  }

  /** Adds the block that has become the head; it belongs into the last part. */
  push(parts: IndexParts, height: number, ids: readonly Id[]): void {
    this.#add(height, parts.began.length - 1, ids);
    this.#start();
  }

  /** Takes the head out. Within a commit, and while nothing waits. */
  remove(parts: IndexParts, height: number, ids: readonly Id[]): void {
    const { transactions, meta } = this.#store;
    const part = parts.began.length - 1;
    for (const id of ids) transactions.remove(keyOf(part, id));
    meta.put(INDEXED, heightKey(height - 1));
  }

  /** Settles when there is room for another block. @throws {LedgerError} `LEDGER_STORAGE`. */
  async room(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) await this.written();
  }

  /** Settles when all is in the store. @throws {LedgerError} `LEDGER_STORAGE`. */
  async written(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed) {
      this.#start();
      await this.#writing;
    }
  }

  /** Ends the writing where it is. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing?.catch(() => undefined);
  }

  #add(height: number, part: number, ids: readonly Id[]): void {
    for (const [index, id] of ids.entries()) this.#fresh.set(id, { height, index });
    this.#waiting.push({ height, part, ids, written: 0 });
  }

  #start(): void {
    if (this.#writing || this.#closed || this.#waiting.length === 0) return;
    const writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
    this.#writing = writing;
    // One may have come just when the last was written. Whoever waits is told of a failure; nobody has to:
    // it is tried again with the next block.
    writing.then(
      () => this.#start(),
      () => undefined,
    );
  }

  async #write(): Promise<void> {
    for (let block = this.#waiting[0]; block && !this.#closed; block = this.#waiting[0]) {
      await setImmediate();
      const end = Math.min(block.written + PIECE, block.ids.length);
      await this.#store.commit(() => this.#put(block, end));
      for (let i = block.written; i < end; i++) this.#fresh.delete(block.ids[i]!);
      block.written = end;
      if (end === block.ids.length) this.#waiting.shift();
    }
  }

  #put({ height, part, ids, written }: Waiting, end: number): void {
    const { transactions, meta } = this.#store;
    // Values are read when the store commits: each has memory of its own.
    const values = new ByteWriter(8 * (end - written));
    for (let index = written; index < end; index++) {
      const at = values.end;
      transactions.put(keyOf(part, ids[index]!), values.u32(height).u32(index).view(at));
    }
    if (end === ids.length) meta.put(INDEXED, heightKey(height));
  }
}
