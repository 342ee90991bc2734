// SPDX-License-Identifier: Apache-2.0
// Executes a block's transactions on a draft, and computes the state after it. Changes nothing but the
// tree, which `outcome.undo` takes back.

import type { AccountName, Amount, Id, SignedVote } from '../protocol/types.ts';
import { drop, candidates as electable } from './ballots.ts';
import { Changes, treeChanges } from './changes.ts';
import type { Candidate, HeaderFields, LedgerConsensus, Receipt } from './contract.ts';
import type { Draft } from './draft.ts';
import { LedgerError } from './errors.ts';
import type { Touch } from './history.ts';
import { accountOf, type BlockContext } from './operations.ts';
import { Pace } from './pace.ts';
import { Table } from './records.ts';
import type { StateTree, TreeUndo } from './state-tree.ts';
import { Tally } from './tally.ts';
import { type ChainView, checkTransaction, executeTransaction } from './transactions.ts';

/** Transactions between looks at the clock. */
export const STEP = 128;
/** Accounts, or entries of the tree, at a time. */
const SLICE = 4096;

/** What executing transactions came to. */
export interface Execution {
  readonly included: readonly Candidate[];
  readonly tally: Tally;
}

/**
 * Executes a block's transactions, in order.
 *
 * @throws {LedgerError} with the place of the first that fails.
 */
export async function executeAll(
  context: BlockContext,
  chain: ChainView,
  candidates: readonly Candidate[],
): Promise<Execution> {
  const tally = new Tally();
  const ids = new Set<Id>();
  const pace = new Pace();
  for (const [i, candidate] of candidates.entries()) {
    if (i % STEP === STEP - 1 && pace.due) await pace.rest();
    try {
      tally.add(executeOne(context, chain, candidate, ids), context.draft.base);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      const message = `transaction ${i}: ${error.message}`;
      throw new LedgerError(error.code, message, { cause: error, transaction: i });
    }
  }
  return { included: candidates, tally };
}

/**
 * Executes a transaction after others of its block, and adds its id to theirs.
 *
 * @throws {LedgerError} and leaves changes behind: `rollback` takes them back.
 */
export function executeOne(
  context: BlockContext,
  chain: ChainView,
  { transaction, signers }: Candidate,
  ids: Set<Id>,
): Receipt {
  const { id } = transaction;
  context.draft.mark();
  if (ids.has(id)) throw new LedgerError('LEDGER_DUPLICATE', `${id} is in the block already`);
  checkTransaction(context, chain, transaction, signers);
  const receipt = executeTransaction(context, transaction);
  ids.add(id);
  return receipt;
}

/** The state after a block. */
export interface Outcome<State, Event> {
  readonly draft: Draft;
  readonly changes: Changes;
  readonly touches: ReadonlyMap<AccountName, Touch>;
  readonly consensusState: State;
  readonly consensusBytes: Uint8Array;
  readonly events: readonly Event[];
  readonly stateRoot: Id;
  /** Takes the tree back. */
  readonly undo: TreeUndo;
}

/** What closing a block needs besides its execution. */
export interface Closing<State, Event extends { readonly type: string }> {
  readonly header: HeaderFields;
  readonly votes: readonly SignedVote[];
  readonly tally: Tally;
  readonly consensus: LedgerConsensus<State, Event>;
  readonly consensusState: State;
  readonly consensusBytes: Uint8Array;
  readonly ancestor: (height: number) => Id | undefined;
  readonly tree: StateTree;
}

/** Pays the producer, lets consensus go on, and brings the tree up to date. @throws {LedgerError} */
export async function closeBlock<State, Event extends { readonly type: string }>(
  context: BlockContext,
  closing: Closing<State, Event>,
): Promise<Outcome<State, Event>> {
  const { draft, height } = context;
  const { header, tally, tree } = closing;
  const pace = new Pace();
  payProducer(context, header.producer, tally.fees);
  if (pace.due) await pace.rest();
  const { touches } = tally;
  for await (const names of pace.slices([...touches.keys()], SLICE)) {
    draft.mark();
    for (const name of names) draft.setAccount(name, { ...draft.account(name)!, height });
  }
  const { state: consensusState, events } = advance(closing, draft);
  const consensusBytes = closing.consensus.encodeState(consensusState);

  const changes = new Changes(65536 + draft.accounts.size * 160);
  for await (const names of pace.slices([...draft.accounts.keys()], SLICE)) {
    changes.addAccounts(draft, names);
  }
  changes.addOthers(draft);
  changes.addBytes(Table.consensus, '', closing.consensusBytes, consensusBytes);
  changes.checkSupply();

  const edit = tree.edit();
  for await (const slice of pace.slices(changes.all, SLICE)) edit.put(treeChanges(slice));
  const undo = edit.finish();
  const stateRoot = tree.root;
  return {
    draft,
    changes,
    touches,
    consensusState,
    consensusBytes,
    events,
    stateRoot,
    undo,
  };
}

function payProducer(context: BlockContext, producer: AccountName, fees: Amount): void {
  const account = accountOf(context, producer);
  context.draft.setAccount(producer, { ...account, balance: account.balance + fees });
}

function advance<State, Event extends { readonly type: string }>(
  { consensus, consensusState, header, votes, ancestor }: Closing<State, Event>,
  draft: Draft,
): { readonly state: State; readonly events: readonly Event[] } {
  let advanced: { readonly state: State; readonly events: readonly Event[] };
  try {
    const view = { candidates: () => electable(draft), ancestor };
    advanced = consensus.advance(consensusState, { header, votes }, view);
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new LedgerError('LEDGER_CONSENSUS', (error as Error).message, { cause: error });
  }
  for (const event of advanced.events) if (isDropped(event)) drop(draft, event.account);
  return advanced;
}

function isDropped(event: { readonly type: string }): event is { type: string; account: string } {
  return event.type === 'dropped' && 'account' in event && typeof event.account === 'string';
}
