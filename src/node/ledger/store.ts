// SPDX-License-Identifier: Apache-2.0
// What lies on disk (LMDB). One transaction of LMDB per block, revert or finalisation: all or nothing.
//
// A commit survives the end of the process at any moment. `flushed()` waits until it also survives
// power loss.

import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { LedgerError } from './errors.ts';

/** Databases, by what their keys are; heights are 4 bytes, big-endian. */
export interface Store {
  /** Head, final block, root and the like, as one JSON text under one key. */
  readonly meta: Database<Buffer, Buffer>;
  /** State key -> record. */
  readonly state: Database<Buffer, Buffer>;
  /** Height -> the block's bytes. */
  readonly blocks: Database<Buffer, Buffer>;
  /** Height -> id. */
  readonly ids: Database<Buffer, Buffer>;
  /** Id -> height. */
  readonly heights: Database<Buffer, Buffer>;
  /** Part, id -> height, index. See transaction-index.ts. */
  readonly transactions: Database<Buffer, Buffer>;
  /** Height -> what the block touched. See history.ts. */
  readonly history: Database<Buffer, Buffer>;
  /** Height -> state before. See changes.ts. */
  readonly undo: Database<Buffer, Buffer>;

  /**
   * Commits what `write` puts and removes. Keys are copied at once; the memory of values must stay as it
   * is until the promise settles.
   *
   * @throws {LedgerError} `LEDGER_STORAGE`: nothing is written.
   */
  commit(write: () => void): Promise<void>;
  /** Settles when every commit so far survives power loss. */
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
      encoding: 'binary',
      keyEncoding: 'binary',
    });
  } catch (error) {
    throw storageError(`cannot open ${path}`, error);
  }
  const databases = Object.fromEntries(
    NAMES.map((name) => [
      name,
      root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }),
    ]),
  ) as Pick<Store, (typeof NAMES)[number]>;

  return {
    ...databases,
    async commit(write) {
      try {
        await root.batch(write);
      } catch (error) {
        throw storageError(`cannot write to ${path}`, error);
      }
    },
    async flushed() {
      await root.flushed;
    },
    async close() {
      await root.close();
    },
  };
}

function storageError(what: string, cause: unknown): LedgerError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new LedgerError('LEDGER_STORAGE', `${what}: ${detail}`, { cause });
}
