// SPDX-License-Identifier: Apache-2.0
// Casper FFG (Buterin and Griffith, 2017), with every block a checkpoint.

import type { Link, ProducerSet, Rules } from './finality-types.ts';
import { sameSet } from './producer-set.ts';

/** K of n: floor(2n/3) + 1. Two such sets share more than a third of n. */
export function quorum(members: number): number {
  return Math.floor((2 * members) / 3) + 1;
}

/** Most members of n that may contradict themselves without harm: two quorums share one more. */
export function tolerated(members: number): number {
  return 2 * quorum(members) - members - 1;
}

/**
 * May `next` follow `last` from one producer? Targets rise, sources do not fall.
 *
 * Kept by every honest producer, this rules out both offences: two votes for one height need equal
 * target heights; a vote that surrounds another needs the later target to have the earlier source.
 */
export function permits(last: Link, next: Link): boolean {
  return next.target.height > last.target.height && next.source.height >= last.source.height;
}

/** Both the set in force and the one before it: Casper's forward and rear sets. */
export function bothSets(rear: ProducerSet, forward: ProducerSet): readonly ProducerSet[] {
  return sameSet(rear, forward) ? [forward] : [forward, rear];
}

/** The rules that the node runs. */
export const CASPER: Rules = { quorum, voters: bothSets, permits };
