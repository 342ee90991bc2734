// SPDX-License-Identifier: Apache-2.0
// A genesis of a plan: the white paper's allocation, out of which producers and accounts have theirs.

import {
  CUSTOMARY,
  type Genesis,
  parseGenesis,
  restOfParts,
  WHITE_PAPER_ALLOCATION,
} from '../../node/genesis/index.ts';
import { CliError, EXIT } from '../exit.ts';
import { formatAmount } from '../tx/amount.ts';
import type { Plan } from './plan.ts';

type Holder = Plan['funds'][string] & {};

/** The account that holds what nobody else has of a part of the supply. */
export const fundName = (part: string): string => `hpb.${part}`;

/**
 * Composes a genesis; whatever is left of a part of the supply goes to its fund.
 *
 * @param now - slot 0 begins then where the plan does not say.
 * @throws {CliError} `INPUT` where a part is overdrawn or a fund is nobody's.
 * @throws {GenesisError} where the plan contradicts itself.
 */
export function composeGenesis(plan: Plan, now: number): Genesis {
  const drawn = [
    ...plan.producers.map(({ account, signingKey: _, ...rest }) => ({
      name: account,
      allocation: 'crowdfunding',
      ...rest,
    })),
    ...plan.accounts,
  ];
  const funds = restOfParts(plan.supply, drawn).flatMap(({ name, rest }) => {
    if (rest === 0n) return [];
    if (rest < 0n) {
      const message = `plan.supply: expected enough for ${name}; accounts have ${formatAmount(-rest)} GXN too much of it`;
      throw new CliError(EXIT.INPUT, message);
    }
    return {
      name: fundName(name),
      allocation: name,
      balance: rest,
      stake: 0n,
      ...fundOf(name, plan),
    };
  });
  return parseGenesis({
    name: plan.name,
    time: plan.time ?? now,
    consensus: {
      kind: plan.consensus,
      slotMilliseconds: plan.slotMilliseconds,
      producers: plan.seats ?? plan.producers.length,
    },
    ...CUSTOMARY,
    totalSupply: `${plan.supply}`,
    allocation: WHITE_PAPER_ALLOCATION,
    accounts: [...funds, ...drawn].map(({ balance, stake, owner, active = owner, ...rest }) => ({
      ...rest,
      balance: `${balance}`,
      stake: `${stake}`,
      owner,
      active,
    })),
    producers: plan.producers.map(({ account, signingKey }) => ({ account, signingKey })),
  });
}

function fundOf(name: string, { funds, fundKey }: Plan): Holder {
  const holder = funds[name];
  if (holder !== undefined) return holder;
  if (fundKey === undefined) {
    const message = `plan.fundKey (--fund-key): expected a key, or an owner of ${name} in plan.funds; got nothing`;
    throw new CliError(EXIT.USAGE, message);
  }
  const owner = { threshold: 1, keys: [{ key: fundKey, weight: 1 }], accounts: [] };
  return { owner };
}
