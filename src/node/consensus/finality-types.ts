// SPDX-License-Identifier: Apache-2.0
// What the chain knows of its finality. docs/consensus.md says why each field is there.

import type { BlockRef } from '../protocol/types.ts';
import type { Producer } from './contract.ts';

/** Ascending by account, none twice, at least one. */
export type ProducerSet = readonly Producer[];

/** A set and how many of its votes a target needs. */
export interface VoterSet {
  readonly members: ProducerSet;
  readonly needed: number;
}

/** What a vote says. */
export interface Link {
  readonly source: BlockRef;
  readonly target: BlockRef;
}

/** The rules of Casper FFG, each by itself, so that a test can take one away. */
export interface Rules {
  /** K of n. */
  quorum(members: number): number;
  /** Which sets must each reach their quorum. */
  voters(rear: ProducerSet, forward: ProducerSet): readonly ProducerSet[];
  /** May a producer whose last vote is `last` sign `next`? */
  permits(last: Link, next: Link): boolean;
}

/** A recent block and its votes that the chain carries. */
export interface Tally {
  readonly block: BlockRef;
  /** Where a vote for it must come from: the last justified block of the state after it. */
  readonly source: BlockRef;
  /** Whose votes it needs: set `epoch` and set `epoch` - 1. */
  readonly epoch: number;
  /** Bit i: member i of set `epoch` has voted. */
  readonly forward: bigint;
  /** Bit i: member i of set `epoch` - 1 has voted. */
  readonly rear: bigint;
  readonly justified: boolean;
}

/** Blocks from height `from` on, up to the next run, have this source and epoch. */
export interface Run {
  readonly from: number;
  readonly source: BlockRef;
  readonly epoch: number;
}

/** Finality as the chain itself proves it. The id of the state's own block is not in it. */
export interface FinalityState {
  readonly justified: BlockRef;
  readonly final: BlockRef;
  /** Number of the set in force. */
  readonly epoch: number;
  /** The sets `firstEpoch`, `firstEpoch` + 1, .. `epoch`: in force, before it, and older ones in use. */
  readonly sets: readonly ProducerSet[];
  readonly firstEpoch: number;
  /** Elected at a height; takes over once a block of that height is final. */
  readonly pending?: { readonly height: number; readonly members: ProducerSet };
  /** The last blocks that are not final, ascending, without the state's own; at most `WINDOW`. */
  readonly window: readonly Tally[];
  /** Source and epoch of the blocks above `justified`; ascending, at most `RUNS`. */
  readonly runs: readonly Run[];
}
