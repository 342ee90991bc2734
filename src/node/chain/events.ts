// SPDX-License-Identifier: Apache-2.0

import type { ConsensusEvent } from '../consensus/contract.ts';
import type { Candidate } from '../ledger/index.ts';
import type { Block, BlockRef } from '../protocol/types.ts';

/** What happens to the chain, in order. */
export type ChainEvent =
  /** This block was executed on the head and is valid; the chain grows by it once it is written. */
  | { readonly type: 'executed'; readonly block: Block }
  /** That block could not be written. */
  | { readonly type: 'withdrawn'; readonly block: Block }
  /** It grew by this block; `produced` here. */
  | {
      readonly type: 'block';
      readonly block: Block;
      readonly produced: boolean;
      readonly consensus: readonly ConsensusEvent[];
    }
  /** The head was undone. */
  | {
      readonly type: 'reverted';
      readonly block: Block;
      /** Its transactions, where their signers are at hand. */
      readonly candidates: readonly Candidate[];
    }
  | {
      readonly type: 'confirmed';
      readonly block: BlockRef;
      readonly count: number;
      readonly needed: number;
    }
  | { readonly type: 'justified'; readonly block: BlockRef }
  /** This block and all before it are on disk and never change; `blocks` are newly so, ascending. */
  | { readonly type: 'final'; readonly block: BlockRef; readonly blocks: readonly FinalBlock[] };

/** A block that became final; its content where it is in memory. */
export interface FinalBlock {
  readonly ref: BlockRef;
  readonly block: Block | undefined;
}

export type ChainListener = (event: ChainEvent) => void;
