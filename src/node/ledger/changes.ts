// SPDX-License-Identifier: Apache-2.0
// A draft as records: what is written, what undoes it, and that nothing was made or lost.

import type { AccountName } from '../protocol/types.ts';
import { holdings } from './account.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Draft } from './draft.ts';
import { LedgerError } from './errors.ts';
import {
  encodeAuthorities,
  keyBytes,
  sha256Latin1,
  stateKey,
  Table,
  type TableName,
  writeAccount,
  writeProducer,
} from './records.ts';
import type { TreeChange } from './state-tree.ts';
import type { Store } from './store.ts';

/** A record before and after; absent where there is none. */
export interface Change {
  readonly key: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /** What `after` encodes, where it is at hand. */
  readonly value?: unknown;
}

/** Records a draft changes, and what that does to the sum of all holdings. */
export class Changes {
  readonly all: Change[] = [];
  supply = 0n;
  readonly #arena: ByteWriter;

  constructor(bytes = 65536) {
    this.#arena = new ByteWriter(bytes);
  }

  /** Adds some accounts of a draft. */
  addAccounts(draft: Draft, names: Iterable<AccountName>): void {
    for (const name of names) {
      const before = draft.base.account(name);
      const after = draft.accounts.get(name)!;
      this.supply += holdings(after) - (before ? holdings(before) : 0n);
      this.#add(Table.account, name, before, after, writeAccount);
    }
  }

  /** Adds a draft's producers and authorities. */
  addOthers(draft: Draft): void {
    for (const [name, after] of draft.producers) {
      this.#add(Table.producer, name, draft.base.producer(name), after, writeProducer);
    }
    for (const [name, after] of draft.authoritySets) {
      this.#add(Table.authorities, name, draft.base.authorities(name), after, (to, value) =>
        to.bytes(encodeAuthorities(value)),
      );
    }
  }

  /** Adds a record that is bytes. */
  addBytes(table: TableName, name: string, before: Uint8Array | undefined, after: Uint8Array) {
    this.all.push({ key: stateKey(table, name), before, after, value: after });
  }

  /** @throws {LedgerError} `LEDGER_SUPPLY` unless nothing was made or lost. */
  checkSupply(): void {
    if (this.supply !== 0n) {
      throw new LedgerError('LEDGER_SUPPLY', `the block changes the supply by ${this.supply}`);
    }
  }

  #add<V>(
    table: TableName,
    name: string,
    before: V | undefined,
    after: V,
    write: (to: ByteWriter, value: V) => void,
  ): void {
    this.all.push({
      key: stateKey(table, name),
      before: before && this.#encode(before, write),
      after: this.#encode(after, write),
      value: after,
    });
  }

  /** A view of the arena; the arena's memory is never written again where it has been viewed. */
  #encode<V>(value: V, write: (to: ByteWriter, value: V) => void): Uint8Array {
    const at = this.#arena.end;
    write(this.#arena, value);
    return this.#arena.view(at);
  }
}

/**
 * What a change does to the state tree. Authorities are in it by their hash in the account's record.
 */
export function* treeChanges(changes: Iterable<Change>): Iterable<TreeChange> {
  for (const { key, after } of changes) {
    if (key[0] === Table.authorities) continue;
    yield { key, hash: after && sha256Latin1(after) };
  }
}

/** Puts the state after changes. Within a commit. */
export function putChanges({ state }: Store, changes: Iterable<Change>): void {
  for (const { key, after } of changes) {
    const bytes = keyBytes(key);
    if (after) state.put(bytes, after);
    else state.remove(bytes);
  }
}

/** The records before changes, as bytes. */
export function encodeUndo(changes: readonly Change[]): Buffer {
  const to = new ByteWriter(1024 + changes.length * 96);
  for (const { key, before } of changes) {
    to.text(key).u8(before ? 1 : 0);
    if (before) to.u32(before.length).bytes(before);
  }
  return to.view();
}

/** Changes that undo: what `encodeUndo` kept becomes `after`. */
export function decodeUndo(bytes: Uint8Array): Change[] {
  const from = new ByteReader(bytes);
  const changes: Change[] = [];
  while (!from.done) {
    const key = from.text();
    const after = from.u8() === 1 ? from.bytes(from.u32()) : undefined;
    changes.push({ key, before: undefined, after });
  }
  return changes;
}
