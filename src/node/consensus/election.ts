// SPDX-License-Identifier: Apache-2.0

import type { AccountName } from '../protocol/types.ts';
import type { Candidate } from './contract.ts';
import type { ProducerSet } from './finality-types.ts';
import { compareText, producerSet } from './producer-set.ts';

/**
 * The `seats` candidates with the most weight; ties go to the name that comes first. The dropped come
 * behind all others: they fill seats that would be empty. A set that shrank whenever honest members
 * are away would leave its faulty members a larger share.
 *
 * @returns undefined where there are no candidates.
 */
export function elect(candidates: readonly Candidate[], seats: number): ProducerSet | undefined {
  const ranked = [...candidates].sort((a, b) => {
    if (a.dropped !== b.dropped) return a.dropped ? 1 : -1;
    return a.weight === b.weight ? compareText(a.account, b.account) : a.weight > b.weight ? -1 : 1;
  });
  return ranked.length === 0 ? undefined : producerSet(ranked.slice(0, seats));
}

/** The members that get slots: all but the dropped, if that leaves any. */
export function withSlots(members: ProducerSet, candidates: readonly Candidate[]): ProducerSet {
  const away = new Set(candidates.filter(({ dropped }) => dropped).map(({ account }) => account));
  const present = members.filter(({ account }) => !away.has(account));
  return present.length === 0 || present.length === members.length ? members : present;
}

/** When producers with slots last made a block, on a clock that stands still while nobody does. */
export interface Activity {
  /** Slots, of which the gap before a block adds at most a round. */
  readonly clock: number;
  /** Ascending by account: the clock at the last block, or when it got slots. */
  readonly last: readonly { readonly account: AccountName; readonly clock: number }[];
}

/** Activity when these get their first slots. */
export function firstActivity(members: ProducerSet): Activity {
  return { clock: 0, last: members.map(({ account }) => ({ account, clock: 0 })) };
}

/** Activity after a block that came `gap` slots after its parent. */
export function blockActivity(
  activity: Activity,
  producer: AccountName,
  gap: number,
  roundSlots: number,
): Activity {
  const clock = activity.clock + Math.min(gap, roundSlots);
  const last = activity.last.map((entry) =>
    entry.account === producer ? { account: producer, clock } : entry,
  );
  return { clock, last };
}

/** Who of those with slots made no block for more than `slots`. */
export function absent(activity: Activity, slots: number): AccountName[] {
  return activity.last
    .filter(({ clock }) => activity.clock - clock > slots)
    .map(({ account }) => account);
}

/** Follows a change of who has slots; the dropped begin anew, should they still have some. */
export function renewActivity(
  activity: Activity,
  rosters: readonly ProducerSet[],
  dropped: readonly AccountName[],
): Activity {
  const { clock } = activity;
  const known = new Map(activity.last.map((entry) => [entry.account, entry.clock]));
  for (const account of dropped) known.delete(account);
  const names = new Set(rosters.flatMap((set) => set.map(({ account }) => account)));
  const last = [...names]
    .sort(compareText)
    .map((account) => ({ account, clock: known.get(account) ?? clock }));
  return { clock, last };
}
