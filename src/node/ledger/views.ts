// SPDX-License-Identifier: Apache-2.0
// State as others see it.

import type { AccountName, Milliseconds } from '../protocol/types.ts';
import { locked, settle, spendable } from './account.ts';
import { candidate } from './ballots.ts';
import type { AccountView, ProducerView } from './contract.ts';
import type { StateReader } from './draft.ts';

/** An account at a time. */
export function accountView(
  state: StateReader,
  name: AccountName,
  time: Milliseconds,
): AccountView | undefined {
  const stored = state.account(name);
  const authorities = state.authorities(name);
  if (!stored || !authorities) return undefined;
  const account = settle(stored, time);
  const { balance, stake, unstaking, vesting } = account;
  const votes = account.votes
    .filter(({ producer, since }) => {
      const current = state.producer(producer);
      return current?.since === since && current.status !== 'convicted';
    })
    .map(({ producer }) => producer);
  return {
    name,
    balance,
    stake,
    locked: locked(account, time),
    spendable: spendable(account, time),
    unstaking,
    vesting,
    ...authorities,
    votes,
  };
}

/** Everyone who ever stood for election, by weight, then name. */
export function producerViews(state: StateReader): ProducerView[] {
  const views = Array.from(state.producerNames(), (account): ProducerView => {
    const { signingKey, weight, status, registered } = candidate(state, account);
    return { account, signingKey, weight, status, registered };
  });
  return views.sort((a, b) => {
    if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
    return a.account < b.account ? -1 : 1;
  });
}
