// SPDX-License-Identifier: Apache-2.0
// What lies on disk (LMDB). One transaction of LMDB per block, revert or finalisation: all or nothing.
//
// A commit survives the end of the process at any moment. `flushed()` waits until it also survives
// power loss.

import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { Commits } from './commits.ts';
import { LedgerError } from './errors.ts';

/** A database of bytes. `put` and `remove` only within a commit. */
export interface StoreTable {
  /** A copy. */
  get(key: Uint8Array): Buffer | undefined;
  /** Memory of the store: valid until the next read. */
  peek(key: Uint8Array): Buffer | undefined;
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
  /** Entries in the order of their keys. */
  range(start?: Buffer, end?: Buffer): Iterable<{ readonly key: Buffer; readonly value: Buffer }>;
}

/** Tables, by what their keys are; heights are 4 bytes, big-endian. */
export interface Store {
  /** Head, final block, root and the like, as one JSON text under one key. */
  readonly meta: StoreTable;
  /** State key -> record. */
  readonly state: StoreTable;
  /** Height -> the block's bytes. */
  readonly blocks: StoreTable;
  /** Height -> id. */
  readonly ids: StoreTable;
  /** Id -> height. */
  readonly heights: StoreTable;
  /** Part, id -> height, index. See transaction-index.ts. */
  readonly transactions: StoreTable;
  /** Height -> what the block touched. See history.ts. */
  readonly history: StoreTable;
  /** Height -> state before. See changes.ts. */
  readonly undo: StoreTable;

  /**
   * Commits what `write` puts and removes. Keys are copied at once; the memory of values must stay as it
   * is until the promise settles.
   *
   * @throws {LedgerError} `LEDGER_STORAGE`: nothing is written.
   */
  commit(write: () => void): Promise<void>;
  /**
   * Settles when every commit so far survives power loss.
   *
   * @throws {LedgerError} `LEDGER_STORAGE`: it cannot be said.
   */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

const NAMES = [
  'meta',
  'state',
  'blocks',
  'ids',
  'heights',
  'transactions',
  'history',
  'undo',
] as const;

/**
 * Address space for the database, bytes; it grows beyond. Each time it grows the file is mapped anew while
 * the old maps stay, and pages seen through several of them count several times.
 */
const MAP_BYTES = 2 ** 36;

/** What is written where a commit is wanted and nothing else is to be written. */
const FLUSHED = Buffer.from('flushed');

/** A height as a key. */
export function heightKey(height: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt32BE(height);
  return key;
}

/** Opens a directory, or makes it. @throws {LedgerError} `LEDGER_STORAGE`. */
export function openStore(path: string): Store {
  let root: RootDatabase<Buffer, Buffer>;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    root = open<Buffer, Buffer>({
      path,
      maxDbs: NAMES.length,
      mapSize: MAP_BYTES,
      // All writes are in batches of our own; else each failed one leaves a promise nobody sees.
      eventTurnBatching: false,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
  } catch (error) {
    throw storageError(`cannot open ${path}`, error);
  }
  const tables = Object.fromEntries(
    NAMES.map((name) => {
      const options = { name, encoding: 'binary', keyEncoding: 'binary' } as const;
      return [name, tableOf(root.openDB<Buffer, Buffer>(options))];
    }),
  ) as Pick<Store, (typeof NAMES)[number]>;
  const commits = new Commits(root, () => tables.meta.put(FLUSHED, Buffer.alloc(0)));
  const attempt = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      silence((error as { commitError?: PromiseLike<unknown> }).commitError);
      throw storageError(`cannot write to ${path}`, error);
    }
  };

  return {
    ...tables,
    commit: (write) => attempt(commits.commit(write)),
    flushed: () => attempt(commits.flushed()),
    async close() {
      const closed = root.close();
      // After a commit that failed LMDB never says that it has closed.
      if (!commits.failed) await closed;
      else silence(closed);
    },
  };
}

/** Every put has a promise of its own that fails with the commit, whose error is told already. */
function silence(promise: PromiseLike<unknown> | undefined): void {
  promise?.then(undefined, () => undefined);
}

function tableOf(database: Database<Buffer, Buffer>): StoreTable {
  let last: PromiseLike<unknown> | undefined;
  const quietly = (promise: PromiseLike<unknown>) => {
    if (promise === last) return;
    last = promise;
    silence(promise);
  };
  return {
    get: (key) => database.getBinary(key as Buffer),
    peek: (key) => database.getBinaryFast(key as Buffer),
    put: (key, value) => quietly(database.put(key as Buffer, value as Buffer)),
    remove: (key) => quietly(database.remove(key as Buffer)),
    *range(start, end) {
      const range = database.getRange({ ...(start && { start }), ...(end && { end }) });
      for (const { key, value } of range) yield { key: Buffer.from(key), value };
    },
  };
}

function storageError(what: string, cause: unknown): LedgerError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new LedgerError('LEDGER_STORAGE', `${what}: ${detail}`, { cause });
}
