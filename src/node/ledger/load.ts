// SPDX-License-Identifier: Apache-2.0
// Opens what is stored: builds the tree anew, adds everything up, and compares.

import { type Genesis, genesisId } from '../genesis/index.ts';
import { holdings } from './account.ts';
import { Changes, putChanges, treeChanges } from './changes.ts';
import { LedgerError } from './errors.ts';
import { genesisDraft } from './genesis-state.ts';
import { firstRecord, type HeadRecord, putRecord, readRecord } from './head-record.ts';
import { Pace } from './pace.ts';
import { readAccount, sha256Latin1, Table } from './records.ts';
import type { State } from './state.ts';
import { StateTree, type TreeChange } from './state-tree.ts';
import { heightKey, type Store } from './store.ts';

const SLICE = 8192;

/** Writes the state of a genesis into an empty store. */
export async function initialise(
  store: Store,
  genesis: Genesis,
  consensusBytes: Uint8Array,
): Promise<void> {
  const draft = genesisDraft(genesis);
  const changes = new Changes(65536 + draft.accounts.size * 320);
  changes.addAccounts(draft, draft.accounts.keys());
  changes.addOthers(draft);
  changes.addBytes(Table.consensus, '', undefined, consensusBytes);
  const tree = new StateTree();
  tree.update(treeChanges(changes.all));
  const id = genesisId(genesis);
  await store.commit(() => {
    putChanges(store, changes.all);
    store.ids.put(heightKey(0), Buffer.from(id, 'hex'));
    store.heights.put(Buffer.from(id, 'hex'), heightKey(0));
    putRecord(store, firstRecord(genesis.chainId, id, tree.root));
  });
}

/**
 * Reads all state: fills a tree and the producers.
 *
 * @throws {LedgerError} `LEDGER_CORRUPT` where the root or the sum of all holdings is not what it was.
 */
export async function load(
  store: Store,
  genesis: Genesis,
  state: State,
): Promise<{
  readonly record: HeadRecord;
  readonly tree: StateTree;
  readonly consensusBytes: Uint8Array;
}> {
  const record = readRecord(store, genesis.chainId)!;
  const tree = new StateTree();
  const pace = new Pace();
  let supply = 0n;
  let consensusBytes: Uint8Array | undefined;
  let entries: TreeChange[] = [];
  for (const { key, value } of store.state.range()) {
    const text = key.toString('latin1');
    const table = text[0];
    if (table === Table.authorities) continue;
    if (table === Table.account) supply += holdings(readAccount(value));
    else if (table === Table.producer) state.loadProducer(text.slice(1), value);
    else if (table === Table.consensus) consensusBytes = Buffer.from(value);
    entries.push({ key: text, hash: sha256Latin1(value) });
    if (entries.length < SLICE) continue;
    tree.update(entries);
    entries = [];
    if (pace.due) await pace.rest();
  }
  tree.update(entries);
  expectStored('sum of all holdings', genesis.totalSupply, supply);
  expectStored('state root', record.stateRoot, tree.root);
  expectStored('consensus state', true, consensusBytes !== undefined);
  return { record, tree, consensusBytes: consensusBytes! };
}

function expectStored<T>(what: string, expected: T, got: T): void {
  if (expected === got) return;
  throw new LedgerError('LEDGER_CORRUPT', `${what}: expected ${expected}, stored is ${got}`);
}
