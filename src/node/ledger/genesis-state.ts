// SPDX-License-Identifier: Apache-2.0
// State before the first block.

import type { Genesis } from '../genesis/index.ts';
import { holdings, MAX_VESTING, newAccount } from './account.ts';
import { Draft, type StateReader } from './draft.ts';
import { ensure } from './errors.ts';
import { putAuthorities } from './operations.ts';

const NOTHING: StateReader = {
  account: () => undefined,
  authorities: () => undefined,
  producer: () => undefined,
  producerNames: () => [],
};

/**
 * The accounts and producers of a genesis, as a draft on nothing. The first producers vote for
 * themselves with their stake.
 *
 * @throws {LedgerError} `LEDGER_SUPPLY`, `LEDGER_LIMIT`.
 */
export function genesisDraft(genesis: Genesis): Draft {
  const draft = new Draft(NOTHING);
  let supply = 0n;
  for (const { name, balance, stake, owner, active, vesting } of genesis.accounts) {
    ensure(
      vesting.length <= MAX_VESTING,
      'LEDGER_LIMIT',
      () => `${name}: expected at most ${MAX_VESTING} tranches, got ${vesting.length}`,
    );
    const authorities = putAuthorities(draft, name, { owner, active, named: [] });
    const account = newAccount({ balance, stake, vesting, authorities });
    draft.setAccount(name, account);
    supply += holdings(account);
  }
  ensure(
    supply === genesis.totalSupply,
    'LEDGER_SUPPLY',
    () => `genesis: expected ${genesis.totalSupply} in all accounts, got ${supply}`,
  );
  for (const { account: name, signingKey } of genesis.producers) {
    const account = draft.account(name);
    ensure(account !== undefined, 'LEDGER_ACCOUNT', () => `genesis: no account ${name}`);
    draft.setAccount(name, { ...account, votes: [{ producer: name, since: 0 }] });
    draft.setProducer(name, {
      signingKey,
      formerKey: undefined,
      keyTime: genesis.time,
      weight: account.stake,
      since: 0,
      registered: 0,
      status: 'standing',
    });
  }
  return draft;
}
