// SPDX-License-Identifier: Apache-2.0
// What the ledger is to the rest of the node.

import type { Genesis } from '../genesis/index.ts';
import type {
  AccountName,
  Amount,
  Block,
  BlockRef,
  Id,
  Milliseconds,
  PublicKey,
  Signature,
  SignedTransaction,
  SignedVote,
} from '../protocol/types.ts';
import type { Tranche } from './account.ts';
import type { Authorities, NamedAuthority } from './authority.ts';
import type { LedgerErrorCode } from './errors.ts';

/** What the ledger needs of a consensus; `Consensus` of src/node/consensus is one. */
export interface LedgerConsensus<State, Event extends { readonly type: string }> {
  genesisState(): State;
  /** @throws where the block breaks its rules. */
  advance(
    state: State,
    block: { readonly header: HeaderFields; readonly votes: readonly SignedVote[] },
    view: ElectionView,
  ): { readonly state: State; readonly events: readonly Event[] };
  encodeState(state: State): Uint8Array;
  decodeState(bytes: Uint8Array): State;
}

/** What is known of a block before its state is. */
export interface HeaderFields {
  readonly height: number;
  readonly slot: number;
  readonly parent: Id;
  readonly producer: AccountName;
}

/** What consensus may ask about a block and those before it. */
export interface ElectionView {
  /** Who may be elected after the block's transactions: all but the convicted; ascending by account. */
  candidates(): readonly CandidateView[];
  /** Id of the ancestor at a height from 0 to the parent's. */
  ancestor(height: number): Id | undefined;
}

export interface CandidateView {
  readonly account: AccountName;
  readonly signingKey: PublicKey;
  readonly weight: Amount;
  /** Made no blocks for too long, and has not registered since. */
  readonly dropped: boolean;
}

/** The key that made a signature of a digest; undefined where there is none. */
export type RecoverKey = (digest: Id, signature: Signature) => PublicKey | undefined;

export interface LedgerOptions<State, Event extends { readonly type: string }> {
  /** A directory; made where it does not exist. */
  readonly path: string;
  readonly genesis: Genesis;
  readonly consensus: LedgerConsensus<State, Event>;
  /** For the signatures inside evidence; in software by default. */
  readonly recoverKey?: RecoverKey;
  /** Accounts kept in memory besides those of the last block (default 262,144). */
  readonly cachedAccounts?: number;
  /** Adds up what is stored and compares it when opening (default true). */
  readonly verify?: boolean;
}

/** The chain as it is executed and stored. Calls that change it wait for one another. */
export interface Ledger<State = unknown, Event = unknown> {
  /** Genesis at first. */
  readonly head: LedgerHead;
  /** What `finalize` was told last; genesis at first. */
  readonly final: BlockRef;
  /** After the head. */
  readonly consensusState: State;
  /** Of the state after the head. */
  readonly stateRoot: Id;

  /**
   * Checks and executes a block on top of the head, and stores it.
   *
   * Settles when it survives `kill -9`; power loss once `finalize` has settled. The header's and the
   * votes' signatures and whose slot it is are for the caller and consensus.
   *
   * @param block - as `decodeBlock` or `assembleBlock` give it: header and content agree.
   * @param signers - for each transaction the key of each signature, in order.
   * @param onExecuted - called while it is written: only the disk can refuse it now. Must not throw.
   * @throws {LedgerError} and changes nothing.
   */
  apply(
    block: Block,
    signers: readonly (readonly PublicKey[])[],
    onExecuted?: () => void,
  ): Promise<AppliedBlock<Event>>;

  /**
   * Executes candidates for a block on top of the head, in order, leaving out what fails or does not
   * fit. Keeps the outcome, so that `apply` of that very block costs little.
   *
   * What `prepare` has executed for this block comes first, unless the block is full and a candidate
   * that comes before one of those has to stay outside, or one of those is no candidate any more; and also
   * then, if to execute it again would take more than a tenth of the time there is.
   *
   * @param candidates - can be gone through more than once.
   * @throws {LedgerError} `LEDGER_CONSENSUS`, `LEDGER_SLOT`, `LEDGER_PRODUCER`, `LEDGER_PARENT`.
   */
  propose(candidates: Iterable<Candidate>, context: ProposalContext): Promise<Proposal>;
  /**
   * Executes candidates ahead, for a block to be proposed on this head in that slot; those that it has
   * executed already cost next to nothing. Forgotten once the head or the slot is another, or once the
   * block is full, a candidate that comes before one of those has to stay outside, and little is lost.
   *
   * @param most - milliseconds after which it stops this time.
   * @throws {LedgerError} as `propose`.
   */
  prepare(
    candidates: Iterable<Candidate>,
    context: ProposalContext,
    most?: Milliseconds,
  ): Promise<void>;

  /**
   * Would this transaction be valid alone in the next block?
   *
   * @param slot - of that block (default: the one after the head's).
   */
  check(
    transaction: SignedTransaction,
    signers: readonly PublicKey[],
    slot?: number,
  ): LedgerVerdict;

  /** Undoes the head. @throws {LedgerError} `LEDGER_FINAL` */
  revert(): Promise<Block>;
  /**
   * Forgets how to undo a block and those below it. Settles when all that survives power loss.
   *
   * @throws {LedgerError} `LEDGER_UNKNOWN` unless the block is on the chain.
   */
  finalize(ref: BlockRef): Promise<void>;

  account(name: AccountName): AccountView | undefined;
  /** All who ever stood for election, by weight, then name. */
  producers(): readonly ProducerView[];
  /** Id of the block at a height, genesis included. */
  blockId(height: number): Id | undefined;
  /** Height of a block on the chain. */
  heightOf(id: Id): number | undefined;
  block(at: number | Id): Block | undefined;
  /** The canonical encoding; cheaper than `block`. */
  blockBytes(height: number): Uint8Array | undefined;
  transaction(id: Id): LocatedTransaction | undefined;
  /** Where a transaction is; cheaper than `transaction`. */
  locate(id: Id): Omit<LocatedTransaction, 'transaction'> | undefined;
  /** After a block from the last final one up to the head; undefined for others. */
  consensusStateAt(height: number): State | undefined;
  /** Transactions that touched an account, latest first. */
  history(name: AccountName, page: HistoryPage): readonly LocatedTransaction[];
  close(): Promise<void>;
}

export interface LedgerHead extends BlockRef {
  readonly slot: number;
}

export interface AppliedBlock<Event = unknown> {
  readonly ref: LedgerHead;
  readonly stateRoot: Id;
  /** One per transaction, in order. */
  readonly receipts: readonly Receipt[];
  /** Whose state is another now. */
  readonly changedAccounts: readonly AccountName[];
  /** Of consensus. */
  readonly events: readonly Event[];
  /** Whether a proposal had been executed already. */
  readonly prepared: boolean;
}

/** What a transaction came to. In a block all succeed. */
export interface Receipt {
  readonly id: Id;
  readonly fee: Amount;
  /** Whom it touched, none twice. */
  readonly accounts: readonly AccountName[];
}

/** A transaction that waits, and whose signatures have been checked. */
export interface Candidate {
  readonly transaction: SignedTransaction;
  readonly signers: readonly PublicKey[];
}

export interface ProposalContext {
  readonly slot: number;
  readonly producer: AccountName;
  readonly votes: readonly SignedVote[];
  /** What it is meant to follow; must be the head. */
  readonly parent?: Id;
  /** How long executing its transactions may take; no limit if not given. */
  readonly milliseconds?: Milliseconds;
}

export interface Proposal {
  readonly header: HeaderFields;
  readonly included: readonly SignedTransaction[];
  /** Of each transaction the key of each signature. */
  readonly signers: readonly (readonly PublicKey[])[];
  /** What failed, and never can succeed on this head; what merely did not fit is not here. */
  readonly rejected: readonly {
    readonly id: Id;
    readonly code: LedgerErrorCode;
    readonly message: string;
  }[];
  readonly transactionsRoot: Id;
  readonly stateRoot: Id;
}

export type LedgerVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: LedgerErrorCode; readonly message: string };

export interface AccountView {
  readonly name: AccountName;
  /** With what is due back from stake. */
  readonly balance: Amount;
  readonly stake: Amount;
  /** Not to leave the account yet, staked or not. */
  readonly locked: Amount;
  /** What it could pay now. */
  readonly spendable: Amount;
  readonly unstaking: readonly Tranche[];
  readonly vesting: readonly Tranche[];
  readonly owner: Authorities['owner'];
  readonly active: Authorities['active'];
  readonly named: readonly NamedAuthority[];
  /** For whom its stake counts. */
  readonly votes: readonly AccountName[];
}

/** `dropped` made no blocks, `convicted` contradicted itself; both must register again. */
export type ProducerStatus = 'standing' | 'dropped' | 'convicted';

export interface ProducerView extends Omit<CandidateView, 'dropped'> {
  readonly status: ProducerStatus;
  /** Height of its last registration. */
  readonly registered: number;
}

export interface LocatedTransaction {
  readonly block: BlockRef;
  /** Its place in the block. */
  readonly index: number;
  readonly transaction: SignedTransaction;
}

export interface HistoryPage {
  /** 1 to 1000. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly before?: { readonly height: number; readonly index: number };
}
