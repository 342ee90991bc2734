// SPDX-License-Identifier: Apache-2.0
// What a consensus is to the rest of the node. Pure: no clock, no disk, no network.

import type {
  AccountName,
  BlockHeader,
  BlockRef,
  Id,
  Milliseconds,
  PublicKey,
  SignedVote,
  Vote,
} from '../protocol/types.ts';
import type { FinalityState, Rules, VoterSet } from './finality-types.ts';

/** Who may sign blocks and votes, with which key. */
export interface Producer {
  readonly account: AccountName;
  readonly signingKey: PublicKey;
}

/** A producer that stands for election. */
export interface Candidate extends Producer {
  /** Stake that votes for it. */
  readonly weight: bigint;
  /** Has not registered since it was dropped: it gets seats that nobody else takes, and no slots. */
  readonly dropped: boolean;
}

/** What the genesis says about consensus. */
export interface ConsensusParameters {
  /** A name of the registry: `dpos`, `poa`. */
  readonly kind: string;
  readonly chainId: Id;
  /** Id of block 0: the parent of the first block. */
  readonly genesisId: Id;
  /** Start of slot 0. */
  readonly genesisTime: Milliseconds;
  readonly slotMilliseconds: Milliseconds;
  /** N: most producers at a time. */
  readonly producers: number;
  /** K: must be floor(2N/3) + 1. */
  readonly confirmations: number;
  /** Slots of a round; at least N. */
  readonly roundSlots: number;
  /** A producer without any block for this long is dropped. */
  readonly dropAfterMilliseconds: Milliseconds;
  /** The first producers; 1 to N. */
  readonly initial: readonly Producer[];
}

/** The fields of a header that consensus looks at; known before the header is complete. */
export type HeaderFields = Pick<BlockHeader, 'height' | 'slot' | 'parent' | 'producer'>;

/** What a block must say to `advance`. */
export interface BlockFields {
  readonly header: HeaderFields;
  /** Signature-checked, each against `voterKey`. */
  readonly votes: readonly SignedVote[];
}

/** What `advance` asks of the chain that the block extends. */
export interface ElectionView {
  /**
   * All who may be elected after the block, in any order; without the convicted.
   * Undefined when the block was not executed: the state is then provisional.
   */
  candidates(): readonly Candidate[] | undefined;
  /** Id of the ancestor at a height from 0 to the parent's. */
  ancestor(height: number): Id | undefined;
}

/** Consensus after a block. A plain value, shared between states; not to be written. */
export interface ConsensusState {
  readonly height: number;
  readonly slot: number;
  readonly finality: FinalityState;
  /** Belongs to the implementation: schedules, activity. */
  readonly schedule: unknown;
  /** An election was due and nobody could be asked: sets and schedules may be wrong. */
  readonly provisional: boolean;
}

/** What a block brought about, for the ledger, the API and metrics. */
export type ConsensusEvent =
  | { readonly type: 'justified'; readonly block: BlockRef }
  | { readonly type: 'final'; readonly block: BlockRef }
  /** Slots before this block that their producers let pass; at most a round of them is told. */
  | { readonly type: 'missed'; readonly account: AccountName; readonly slots: number }
  /** Stands behind all others until it registers again: the ledger must see to it. */
  | { readonly type: 'dropped'; readonly account: AccountName }
  /** A new round began. */
  | { readonly type: 'round'; readonly round: number }
  /** These take over once this block is final. */
  | { readonly type: 'elected'; readonly members: readonly Producer[] }
  /** The elected took over: targets from this block on need their votes. */
  | { readonly type: 'activated'; readonly epoch: number; readonly members: readonly Producer[] };

/** The outcome of `advance`. */
export interface Advanced {
  readonly state: ConsensusState;
  readonly events: readonly ConsensusEvent[];
}

/**
 * One consensus: when blocks come, from whom, and what makes them final.
 *
 * Same input, same answer, on every machine. An implementation is one file and a line in
 * `registry.ts`.
 */
export interface Consensus {
  readonly kind: string;
  readonly parameters: ConsensusParameters;
  readonly rules: Rules;

  /** The slot at a time; negative before genesis. */
  slotAt(time: Milliseconds): number;
  slotStart(slot: number): Milliseconds;

  genesisState(): ConsensusState;

  /** Whose slot it is in a block on top of `state`. `slot` is after the state's. */
  producerOf(slot: number, state: ConsensusState): Producer;

  /** The sets that must each reach `needed` votes for the block that `state` is after. */
  votersOf(state: ConsensusState): readonly VoterSet[];

  /**
   * The key that must have signed `vote` for a block on top of `state`; undefined when such a block
   * must not carry the vote.
   */
  voterKey(state: ConsensusState, vote: Vote): PublicKey | undefined;

  /**
   * The state after a block: counts its votes, justifies, finalises, elects, drops.
   *
   * @throws {ConsensusError} `CONSENSUS_HEIGHT`, `CONSENSUS_SLOT`, `CONSENSUS_PRODUCER`,
   *   `CONSENSUS_VOTE`: the block is invalid.
   */
  advance(state: ConsensusState, block: BlockFields, view: ElectionView): Advanced;

  /** Canonical bytes of a state that is not provisional. */
  encodeState(state: ConsensusState): Uint8Array;
  /** @throws {ConsensusError} `CONSENSUS_STATE`. */
  decodeState(bytes: Uint8Array): ConsensusState;
}
