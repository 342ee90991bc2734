// SPDX-License-Identifier: Apache-2.0
// How the supply is divided, and what is locked for how long.

import type { Amount, Milliseconds } from '../protocol/index.ts';
import type { Allocation, VestingStep } from './types.ts';

/** One GXN in base units. */
export const GXN = 10n ** 8n;

/** Least balance and fees where nobody asks for others. */
export const CUSTOMARY = {
  minimumBalance: `${GXN / 100n}`,
  fees: { perTransaction: '1000', perByte: '10', createAccount: '10000' },
} as const;

const YEAR = 365 * 86_400_000;

/**
 * The white paper's division (section 4.3): crowdfunding 36, early participants 10, founding team and
 * cornerstone investors 20, reserve fund 19, incentive 15 points of the supply.
 *
 * The founders' part is locked for a year, then 5 points are released at the end of each half year;
 * the reserve fund is locked for two years. A year has 365 days.
 */
export const WHITE_PAPER_ALLOCATION: readonly Allocation[] = [
  { name: 'crowdfunding', points: 36, vesting: [] },
  { name: 'early', points: 10, vesting: [] },
  {
    name: 'founders',
    points: 20,
    vesting: [1.5, 2, 2.5, 3].map((years) => ({ afterMilliseconds: years * YEAR, points: 5 })),
  },
  { name: 'reserve', points: 19, vesting: [{ afterMilliseconds: 2 * YEAR, points: 19 }] },
  { name: 'incentive', points: 15, vesting: [] },
];

/** An account that has some of a part of the supply. */
export interface Drawn {
  readonly allocation: string;
  readonly balance: Amount;
  readonly stake: Amount;
}

/**
 * What is left of each of the white paper's parts when some accounts have theirs; below zero where they
 * have more than there is.
 */
export function restOfParts(
  totalSupply: Amount,
  drawn: readonly Drawn[],
): { readonly name: string; readonly rest: Amount }[] {
  return WHITE_PAPER_ALLOCATION.map(({ name, points }) => {
    const taken = drawn
      .filter(({ allocation }) => allocation === name)
      .reduce((sum, { balance, stake }) => sum + balance + stake, 0n);
    return { name, rest: (totalSupply * BigInt(points)) / 100n - taken };
  });
}

/** What is locked of one account's part of an allocation; rounding delays, it never releases early. */
export function vestingOf(
  { points, vesting }: Allocation,
  balance: Amount,
  genesisTime: Milliseconds,
): VestingStep[] {
  const locked = vesting.reduce((sum, step) => sum + step.points, 0);
  const whole = BigInt(points);
  // What is still locked after each step, rounded up: differences add up exactly.
  let before = ceilDivide(balance * BigInt(locked), whole);
  let rest = locked;
  return vesting.map((step) => {
    rest -= step.points;
    const after = ceilDivide(balance * BigInt(rest), whole);
    const amount = before - after;
    before = after;
    return { time: genesisTime + step.afterMilliseconds, amount };
  });
}

/** What is still locked at a time. */
export function lockedAt(vesting: readonly VestingStep[], time: Milliseconds): Amount {
  return vesting.reduce((sum, step) => (step.time > time ? sum + step.amount : sum), 0n);
}

function ceilDivide(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
