// SPDX-License-Identifier: Apache-2.0
// What a producer has signed last, and what it may sign next. On disk before anything is sent.

import type { AccountName, BlockRef, Id, SignedVote, Vote } from '../protocol/types.ts';
import type { Rules } from './finality-types.ts';
import { CASPER } from './rules.ts';

/** The last things one producer has signed on one chain. One record for all of its keys. */
export interface SafetyRecord {
  readonly chainId: Id;
  readonly producer: AccountName;
  /** Last header: no other may be signed for its slot or an earlier one. */
  readonly header?: { readonly slot: number; readonly block: BlockRef };
  /** Last vote. */
  readonly vote?: { readonly source: BlockRef; readonly target: BlockRef };
  /**
   * The votes that justify its source: whoever may only vote from there on must be able to show
   * others why, also after its chain was given up and the power went.
   */
  readonly proof: readonly SignedVote[];
}

/** Nothing signed yet. */
export function emptyRecord(chainId: Id, producer: AccountName): SafetyRecord {
  return { chainId, producer, proof: [] };
}

/** The record after signing a header, or undefined if it must not be signed. */
export function recordHeader(
  record: SafetyRecord,
  header: { readonly slot: number; readonly block: BlockRef },
): SafetyRecord | undefined {
  const last = record.header;
  if (last && last.slot === header.slot && last.block.id === header.block.id) return record;
  if (last && header.slot <= last.slot) return undefined;
  return { ...record, header };
}

/** The record after signing a vote, or undefined if it must not be signed. */
export function recordVote(
  record: SafetyRecord,
  vote: Vote,
  proof: readonly SignedVote[],
  rules: Rules = CASPER,
): SafetyRecord | undefined {
  if (vote.chainId !== record.chainId || vote.producer !== record.producer) return undefined;
  const { source, target } = vote;
  const { vote: last } = record;
  if (last && last.target.id === target.id && last.source.id === source.id) return record;
  if (source.height >= target.height || (last && !rules.permits(last, vote))) return undefined;
  return { ...record, vote: { source, target }, proof };
}
