// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';
import type { Genesis } from '../genesis/index.ts';
import { decodeBlock } from '../protocol/index.ts';
import type {
  AccountName,
  Block,
  BlockRef,
  Id,
  Milliseconds,
  PublicKey,
  SignedTransaction,
} from '../protocol/types.ts';
import { checkContent, checkFollows } from './block-checks.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { ChainIds } from './chain-ids.ts';
import { type Change, decodeUndo, encodeUndo, putChanges, treeChanges } from './changes.ts';
import type {
  AccountView,
  AppliedBlock,
  Candidate,
  HeaderFields,
  HistoryPage,
  Ledger,
  LedgerConsensus,
  LedgerHead,
  LedgerOptions,
  LedgerVerdict,
  LocatedTransaction,
  ProducerView,
  Proposal,
  ProposalContext,
  RecoverKey,
} from './contract.ts';
import { Draft } from './draft.ts';
import { ensure, LedgerError } from './errors.ts';
import { recoverInSoftware } from './evidence.ts';
import { type HeadRecord, putRecord, readRecord } from './head-record.ts';
import { encodeTouches, touchesOf } from './history.ts';
import { initialise, load } from './load.ts';
import type { BlockContext } from './operations.ts';
import { Pace } from './pace.ts';
import { PassedTransactions } from './passed.ts';
import { isPrepared, type Prepared } from './prepared.ts';
import { Table } from './records.ts';
import { closeBlock, type Execution, executeAll, type Outcome } from './run.ts';
import { type BlockRoom, Selection } from './selection.ts';
import { State } from './state.ts';
import type { StateTree } from './state-tree.ts';
import { heightKey, openStore, type Store } from './store.ts';
import { transactionAt } from './transaction-at.ts';
import { extendParts, type Location, TransactionIndex } from './transaction-index.ts';
import { type ChainView, checkTransaction, executeTransaction } from './transactions.ts';
import { accountView, producerViews } from './views.ts';

const CACHED_ACCOUNTS = 262_144;
const MAX_PAGE = 1000;
/** Part of the time for a block's execution that may be spent twice. */
const AGAIN_SHARE = 0.1;

/**
 * Opens the ledger of a genesis, or begins one.
 *
 * Reads all of the state to build the tree of the state root and to add up all holdings: a million
 * accounts take a few seconds.
 *
 * @throws {LedgerError} `LEDGER_STORAGE`, `LEDGER_GENESIS`, `LEDGER_CORRUPT`.
 */
export async function openLedger<S, E extends { readonly type: string }>(
  options: LedgerOptions<S, E>,
): Promise<Ledger<S, E>> {
  const { path, genesis, consensus } = options;
  const store = openStore(path);
  try {
    if (!readRecord(store, genesis.chainId)) {
      await initialise(store, genesis, consensus.encodeState(consensus.genesisState()));
      await store.flushed();
    }
    const state = new State(store, options.cachedAccounts ?? CACHED_ACCOUNTS);
    const loaded = await load(store, genesis, state);
    const timeOf = (slot: number) => slotTime(genesis, slot);
    const index = await TransactionIndex.open(store, loaded.record, timeOf);
    return new StoredLedger(options, { store, state, index, ...loaded });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What lies in a store, as far as it is in memory. */
type Opened = Awaited<ReturnType<typeof load>> & {
  readonly store: Store;
  readonly state: State;
  readonly index: TransactionIndex;
};

function slotTime({ time, consensus }: Genesis, slot: number): Milliseconds {
  return time + slot * consensus.slotMilliseconds;
}

/** Whether executing it again would take too long. */
function isDear({ spent }: Selection, { milliseconds }: BlockRoom): boolean {
  return spent > AGAIN_SHARE * milliseconds;
}

class StoredLedger<S, E extends { readonly type: string }> implements Ledger<S, E> {
  readonly #genesis: Genesis;
  readonly #consensus: LedgerConsensus<S, E>;
  readonly #recoverKey: RecoverKey;
  readonly #store: Store;
  readonly #state: State;
  readonly #index: TransactionIndex;
  readonly #tree: StateTree;
  readonly #ids: ChainIds;
  /** On the head. */
  readonly #passed = new PassedTransactions();
  #record: HeadRecord;
  #consensusBytes: Uint8Array;
  #consensusState: S;
  #prepared: Prepared<S, E> | undefined;
  /** Of the next block, while it is made ahead; on the head. */
  #selection: Selection | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Settles when all that `finalize` waits for has. */
  #flushing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: LedgerOptions<S, E>, opened: Opened) {
    const { store, state, index, tree, record, consensusBytes } = opened;
    this.#genesis = options.genesis;
    this.#consensus = options.consensus;
    this.#recoverKey = options.recoverKey ?? recoverInSoftware;
    this.#store = store;
    this.#state = state;
    this.#index = index;
    this.#tree = tree;
    this.#record = record;
    this.#consensusBytes = consensusBytes;
    this.#consensusState = options.consensus.decodeState(consensusBytes);
    this.#ids = new ChainIds(store);
    this.#ids.load(record.head.height);
  }

  get head(): LedgerHead {
    return this.#record.head;
  }

  get final(): BlockRef {
    return this.#record.final;
  }

  get consensusState(): S {
    return this.#consensusState;
  }

  get stateRoot(): Id {
    return this.#record.stateRoot;
  }

  apply(
    block: Block,
    signers: readonly (readonly PublicKey[])[],
    onExecuted?: () => void,
  ): Promise<AppliedBlock<E>> {
    return this.#exclusive(async () => {
      const { header, id } = block.signedHeader;
      checkFollows(header, this.head, this.#state);
      checkContent(block, signers.length, this.#genesis);
      const kept = this.#prepared;
      this.#prepared = undefined;
      const prepared = kept !== undefined && isPrepared(kept, block, signers) ? kept : undefined;
      let execution: Execution;
      let outcome: Outcome<S, E>;
      if (prepared) {
        ({ execution, outcome } = prepared);
        this.#tree.restore(prepared.redo);
      } else {
        const candidates = block.transactions.map((transaction, i) => ({
          transaction,
          signers: signers[i]!,
        }));
        const context = this.#contextOf(header.slot);
        execution = await executeAll(context, this.#chainView(context.time), candidates);
        outcome = await this.#close(context, header, block.votes, execution);
      }
      try {
        ensure(
          outcome.stateRoot === header.stateRoot,
          'LEDGER_STATE_ROOT',
          () => `expected state root ${outcome.stateRoot}, the header says ${header.stateRoot}`,
        );
        await this.#commit(block, outcome, onExecuted);
      } catch (error) {
        this.#tree.restore(outcome.undo);
        throw error;
      }
      return {
        ref: this.head,
        stateRoot: outcome.stateRoot,
        receipts: execution.tally.receipts,
        changedAccounts: [...outcome.draft.accounts.keys()],
        events: outcome.events,
        prepared: prepared !== undefined && id === this.head.id,
      };
    });
  }

  propose(candidates: Iterable<Candidate>, proposal: ProposalContext): Promise<Proposal> {
    return this.#exclusive(async () => {
      const header = this.#headerOf(proposal);
      const { votes } = proposal;
      const selection = await this.#select(header, candidates, proposal);
      const outcome = await this.#close(selection.context, header, votes, selection);
      const redo = this.#tree.restore(outcome.undo);
      const ids = votes.map(({ id }) => id);
      this.#prepared = { header, votes: ids, execution: selection, outcome, redo };
      return {
        header,
        included: selection.included.map(({ transaction }) => transaction),
        signers: selection.included.map(({ signers }) => signers),
        rejected: selection.rejected.map(({ candidate, error }) => ({
          id: candidate.transaction.id,
          code: error.code,
          message: error.message,
        })),
        transactionsRoot: selection.transactionsRoot,
        stateRoot: outcome.stateRoot,
      };
    });
  }

  prepare(
    candidates: Iterable<Candidate>,
    proposal: ProposalContext,
    most?: Milliseconds,
  ): Promise<void> {
    return this.#exclusive(async () => {
      const header = this.#headerOf(proposal);
      const room = this.#roomFor(proposal);
      if (!this.#selection?.isFor(header)) this.#selection = this.#begin(header);
      const best = await this.#selection.extend(candidates, room, most);
      if (best || !this.#selection.isFull(room) || isDear(this.#selection, room)) return;
      // Others have precedence: better now than in the slot.
      this.#selection = this.#begin(header);
      await this.#selection.extend(candidates, room, most);
    });
  }

  /**
   * What was chosen ahead goes on, unless others have precedence now and beginning anew takes little time:
   * everybody waits for the block.
   */
  async #select(
    header: HeaderFields,
    candidates: Iterable<Candidate>,
    proposal: ProposalContext,
  ): Promise<Selection> {
    const room = this.#roomFor(proposal);
    const ahead = this.#selection;
    this.#selection = undefined;
    if (ahead?.isFor(header)) {
      const best = await ahead.extend(candidates, room);
      if ((best || isDear(ahead, room)) && ahead.fits(room)) return ahead;
    }
    const selection = this.#begin(header);
    await selection.extend(candidates, room);
    return selection;
  }

  #begin(header: HeaderFields): Selection {
    const context = this.#contextOf(header.slot);
    return new Selection(header, context, this.#chainView(context.time));
  }

  /** @throws {LedgerError} unless it follows the head. */
  #headerOf({ slot, producer, parent = this.head.id }: ProposalContext): HeaderFields {
    const header = { height: this.head.height + 1, slot, parent, producer };
    checkFollows(header, this.head, this.#state);
    return header;
  }

  #roomFor({ votes, milliseconds }: ProposalContext): BlockRoom {
    const { maxBytes, maxTransactions } = this.#genesis.block;
    const most = milliseconds ?? Number.POSITIVE_INFINITY;
    return { maxBytes, maxTransactions, votes: votes.length, milliseconds: most };
  }

  check(
    transaction: SignedTransaction,
    signers: readonly PublicKey[],
    slot = this.head.slot + 1,
  ): LedgerVerdict {
    this.#expectOpen();
    const context = this.#contextOf(slot);
    try {
      checkTransaction(context, this.#chainView(context.time), transaction, signers);
      executeTransaction(context, transaction);
      return { ok: true };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return { ok: false, code: error.code, message: error.message };
    }
  }

  revert(): Promise<Block> {
    return this.#exclusive(async () => {
      const { head, final, parts } = this.#record;
      ensure(
        head.height > final.height,
        'LEDGER_FINAL',
        () => `block ${head.height} is final and cannot be undone`,
      );
      const block = this.block(head.height)!;
      const from = new ByteReader(this.#store.undo.get(heightKey(head.height))!);
      const before = JSON.parse(from.latin1(from.u32())) as HeadRecord;
      const changes = decodeUndo(from.bytes(from.left));
      // Finality is not undone with a block.
      const record = { ...before, final };
      const store = this.#store;
      await this.#index.written();
      await store.commit(() => {
        putChanges(store, changes);
        this.#index.remove(
          parts,
          head.height,
          block.transactions.map(({ id }) => id),
        );
        for (const table of [store.blocks, store.ids, store.history, store.undo]) {
          table.remove(heightKey(head.height));
        }
        store.heights.remove(Buffer.from(head.id, 'hex'));
        putRecord(store, record);
      });
      this.#tree.update(treeChanges(changes));
      ensure(
        this.#tree.root === record.stateRoot,
        'LEDGER_CORRUPT',
        () => `undone to state root ${this.#tree.root}, expected ${record.stateRoot}`,
      );
      this.#ids.pop();
      this.#adopt(changes, record);
      return block;
    });
  }

  async finalize(ref: BlockRef): Promise<void> {
    await this.#exclusive(async () => {
      const { height, id } = ref;
      ensure(
        this.blockId(height) === id,
        'LEDGER_UNKNOWN',
        () => `block ${height} ${id} is not on the chain`,
      );
      const { final } = this.#record;
      if (height <= final.height) return;
      const record = { ...this.#record, final: { height, id } };
      const store = this.#store;
      await store.commit(() => {
        for (let h = final.height + 1; h <= height; h++) store.undo.remove(heightKey(h));
        putRecord(store, record);
      });
      this.#record = record;
    });
    // The disk takes its time: other calls need not wait for it.
    const flush = this.#store.flushed();
    const settled = Promise.all([this.#flushing, flush.catch(() => undefined)]);
    this.#flushing = settled;
    await flush;
  }

  account(name: AccountName): AccountView | undefined {
    this.#expectOpen();
    return accountView(this.#state, name, this.#timeOf(this.head.slot));
  }

  producers(): readonly ProducerView[] {
    return producerViews(this.#state);
  }

  blockId(height: number): Id | undefined {
    this.#expectOpen();
    return this.#ids.get(height);
  }

  heightOf(id: Id): number | undefined {
    this.#expectOpen();
    return this.#ids.heightOf(id);
  }

  block(at: number | Id): Block | undefined {
    const height = typeof at === 'number' ? at : this.heightOf(at);
    const bytes = height === undefined ? undefined : this.blockBytes(height);
    return bytes && decodeBlock(bytes);
  }

  blockBytes(height: number): Uint8Array | undefined {
    this.#expectOpen();
    if (!Number.isSafeInteger(height) || height < 1 || height > this.head.height) return undefined;
    return this.#store.blocks.get(heightKey(height));
  }

  transaction(id: Id): LocatedTransaction | undefined {
    this.#expectOpen();
    const found = this.#index.find(this.#record.parts, id);
    return found && this.#located(found);
  }

  locate(id: Id): Omit<LocatedTransaction, 'transaction'> | undefined {
    this.#expectOpen();
    const found = this.#index.find(this.#record.parts, id);
    if (!found) return undefined;
    const { height, index } = found;
    return { block: { height, id: this.blockId(height)! }, index };
  }

  consensusStateAt(height: number): S | undefined {
    this.#expectOpen();
    if (height === this.head.height) return this.#consensusState;
    if (height > this.head.height) return undefined;
    const undo = this.#store.undo.get(heightKey(height + 1));
    if (undo === undefined) return undefined;
    const from = new ByteReader(undo);
    from.latin1(from.u32());
    const changes = decodeUndo(from.bytes(from.left));
    const bytes = changes.find(({ key }) => key === Table.consensus)?.after;
    return bytes && this.#consensus.decodeState(bytes);
  }

  history(name: AccountName, { limit, before }: HistoryPage): readonly LocatedTransaction[] {
    this.#expectOpen();
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
      throw new RangeError(`limit: expected 1 to ${MAX_PAGE}, got ${limit}`);
    }
    const last = this.#state.account(name)?.height ?? 0;
    const page: LocatedTransaction[] = [];
    for (const location of touchesOf(this.#store, name, last, before)) {
      page.push(this.#located(location));
      if (page.length === limit) break;
    }
    return page;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#exclusive(async () => {
      this.#closed = true;
      await this.#index.close();
      await this.#flushing;
      // What was said to be final is flushed already: a full disk must not keep it open.
      await this.#store.flushed().catch(() => undefined);
      await this.#store.close();
    });
  }

  /** One change after the other. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(() => {
      this.#expectOpen();
      return work();
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  #expectOpen(): void {
    ensure(!this.#closed, 'LEDGER_CLOSED', () => 'the ledger is closed');
  }

  #timeOf(slot: number): Milliseconds {
    return slotTime(this.#genesis, slot);
  }

  #contextOf(slot: number): BlockContext {
    return {
      genesis: this.#genesis,
      draft: new Draft(this.#state),
      height: this.head.height + 1,
      time: this.#timeOf(slot),
      recoverKey: this.#recoverKey,
    };
  }

  #chainView(time: Milliseconds): ChainView {
    const since = time - (this.#genesis.maxTransactionLifeSeconds + 1) * 1000;
    const { parts } = this.#record;
    return {
      idPrefix: (height) => this.#ids.prefix(height),
      included: (id) => this.#index.find(parts, id, since) !== undefined,
      passed: this.#passed,
    };
  }

  #close(
    context: BlockContext,
    header: HeaderFields,
    votes: Block['votes'],
    { tally }: Execution,
  ): Promise<Outcome<S, E>> {
    return closeBlock(context, {
      header,
      votes,
      tally,
      consensus: this.#consensus,
      consensusState: this.#consensusState,
      consensusBytes: this.#consensusBytes,
      ancestor: (height) => this.#ids.get(height),
      tree: this.#tree,
    });
  }

  async #commit(
    block: Block,
    outcome: Outcome<S, E>,
    onExecuted: (() => void) | undefined,
  ): Promise<void> {
    const { header, id } = block.signedHeader;
    const { height, slot } = header;
    const before = this.#record;
    const ids = block.transactions.map((transaction) => transaction.id);
    const parts = extendParts(before.parts, this.#timeOf(slot), ids.length);
    const { stateRoot, changes } = outcome;
    const record: HeadRecord = { ...before, head: { height, id, slot }, stateRoot, parts };
    const text = JSON.stringify(before);
    const undo = new ByteWriter(text.length + 4).u32(text.length).latin1(text);
    const pace = new Pace();
    undo.bytes(encodeUndo(changes.all));
    if (pace.due) await pace.rest();
    const touches = encodeTouches(outcome.touches);
    if (pace.due) await pace.rest();
    const store = this.#store;
    const key = heightKey(height);
    const idBytes = Buffer.from(id, 'hex');
    await this.#index.room();
    const committing = store.commit(() => {
      putChanges(store, changes.all);
      store.blocks.put(key, block.bytes);
      store.ids.put(key, idBytes);
      store.heights.put(idBytes, key);
      store.history.put(key, touches);
      store.undo.put(key, undo.view());
      putRecord(store, record);
    });
    if (onExecuted) {
      committing.catch(() => undefined); // told below
      await setImmediate(); // the disk works from here on
      onExecuted();
    }
    await committing;
    this.#ids.push(height, id);
    this.#index.push(parts, height, ids);
    this.#adopt(changes.all, record, outcome);
  }

  #adopt(changes: readonly Change[], record: HeadRecord, outcome?: Outcome<S, E>): void {
    this.#prepared = undefined;
    this.#selection = undefined;
    this.#passed.clear();
    this.#state.adopt(changes);
    this.#record = record;
    if (outcome) {
      this.#consensusBytes = outcome.consensusBytes;
      this.#consensusState = outcome.consensusState;
      return;
    }
    const bytes = changes.find(({ key }) => key === Table.consensus)!.after!;
    this.#consensusBytes = bytes;
    this.#consensusState = this.#consensus.decodeState(bytes);
  }

  #located({ height, index }: Location): LocatedTransaction {
    const transaction = transactionAt(this.blockBytes(height)!, index);
    return { block: { height, id: this.blockId(height)! }, index, transaction };
  }
}
