// SPDX-License-Identifier: Apache-2.0
// What the store says about the whole: which chain, where it is.

import type { BlockRef, Id } from '../protocol/types.ts';
import type { LedgerHead } from './contract.ts';
import { LedgerError } from './errors.ts';
import type { Store } from './store.ts';
import type { IndexParts } from './transaction-index.ts';

/** Format of the directory. */
const VERSION = 1;

export interface HeadRecord {
  readonly version: number;
  readonly chainId: Id;
  readonly head: LedgerHead;
  readonly final: BlockRef;
  readonly stateRoot: Id;
  readonly parts: IndexParts;
}

const KEY = Buffer.from('head');

/** Record of a chain that begins. */
export function firstRecord(chainId: Id, genesisId: Id, stateRoot: Id): HeadRecord {
  const head = { height: 0, id: genesisId, slot: 0 };
  const final = { height: 0, id: genesisId };
  const parts = { began: [], count: 0 };
  return { version: VERSION, chainId, head, final, stateRoot, parts };
}

/** Puts the record. Within a commit. */
export function putRecord({ meta }: Store, record: HeadRecord): void {
  meta.put(KEY, Buffer.from(JSON.stringify(record)));
}

/** The record of a store, if it has one. @throws {LedgerError} `LEDGER_GENESIS`, `LEDGER_CORRUPT`. */
export function readRecord({ meta }: Store, chainId: Id): HeadRecord | undefined {
  const bytes = meta.get(KEY);
  if (!bytes) return undefined;
  const record = JSON.parse(bytes.toString()) as HeadRecord;
  if (record.version !== VERSION) {
    const message = `expected a directory of version ${VERSION}, got ${record.version}`;
    throw new LedgerError('LEDGER_CORRUPT', message);
  }
  if (record.chainId !== chainId) {
    const message = `expected the directory of chain ${chainId}, got that of ${record.chainId}`;
    throw new LedgerError('LEDGER_GENESIS', message);
  }
  return record;
}
