// SPDX-License-Identifier: Apache-2.0
// An account's money, as a value: every change makes a new one.

import type { AccountName, Amount, Milliseconds } from '../protocol/types.ts';
import { ensure } from './errors.ts';

/** An amount and when it is free. */
export interface Tranche {
  readonly amount: Amount;
  readonly time: Milliseconds;
}

/** A vote for a producer as it registered at height `since`; void after it was voted out. */
export interface CastVote {
  readonly producer: AccountName;
  readonly since: number;
}

export interface Account {
  readonly balance: Amount;
  readonly stake: Amount;
  /** The last block with a transaction of this account: where its history begins. */
  readonly height: number;
  /** SHA-256 of its encoded authorities, as 32 latin1 characters. */
  readonly authorities: string;
  /** On its way back from stake, ascending by time; what is due counts as balance. */
  readonly unstaking: readonly Tranche[];
  /** Of the holdings, not to leave the account before a time; ascending. May be staked. */
  readonly vesting: readonly Tranche[];
  /** Ascending by producer. */
  readonly votes: readonly CastVote[];
}

/** Most returns an account can wait for at once. */
export const MAX_UNSTAKING = 16;
/** Most tranches of a vesting schedule. */
export const MAX_VESTING = 64;

const NONE: readonly Tranche[] = [];

function sum(tranches: readonly Tranche[]): Amount {
  let total = 0n;
  for (const { amount } of tranches) total += amount;
  return total;
}

/** Everything the account owns. */
export function holdings(account: Account): Amount {
  const owned = account.balance + account.stake;
  return account.unstaking.length === 0 ? owned : owned + sum(account.unstaking);
}

/** What may not leave the account yet. */
export function locked(account: Account, time: Milliseconds): Amount {
  let total = 0n;
  for (const tranche of account.vesting) if (tranche.time > time) total += tranche.amount;
  return total;
}

/** The account with what is due at `time` moved to its balance, and what has vested forgotten. */
export function settle(account: Account, time: Milliseconds): Account {
  const { unstaking, vesting } = account;
  const due = unstaking.length > 0 && unstaking[0]!.time <= time;
  const vested = vesting.length > 0 && vesting[0]!.time <= time;
  if (!due && !vested) return account;
  const returned = unstaking.filter((tranche) => tranche.time <= time);
  return {
    ...account,
    balance: account.balance + sum(returned),
    unstaking: due ? unstaking.slice(returned.length) : unstaking,
    vesting: vested ? vesting.filter((tranche) => tranche.time > time) : vesting,
  };
}

/** What a settled account can pay at `time`. */
export function spendable(account: Account, time: Milliseconds): Amount {
  if (account.vesting.length === 0) return account.balance;
  const free = holdings(account) - locked(account, time);
  return free < account.balance ? (free > 0n ? free : 0n) : account.balance;
}

/** A settled account less an amount. @throws {LedgerError} `LEDGER_BALANCE`. */
export function pay(
  account: Account,
  name: AccountName,
  amount: Amount,
  time: Milliseconds,
): Account {
  const free = spendable(account, time);
  ensure(
    amount <= free,
    'LEDGER_BALANCE',
    () => `${name}: expected at least ${amount} to spend, got ${free} of ${account.balance}`,
  );
  return { ...account, balance: account.balance - amount };
}

/** A settled account with an amount moved to stake. @throws {LedgerError} `LEDGER_BALANCE`. */
export function stakeMore(account: Account, name: AccountName, amount: Amount): Account {
  ensure(
    amount <= account.balance,
    'LEDGER_BALANCE',
    () => `${name}: expected at least ${amount} to stake, got ${account.balance}`,
  );
  return { ...account, balance: account.balance - amount, stake: account.stake + amount };
}

/** A settled account with stake on its way back. @throws {LedgerError} `LEDGER_BALANCE`, `LEDGER_LIMIT`. */
export function stakeLess(
  account: Account,
  name: AccountName,
  amount: Amount,
  due: Milliseconds,
): Account {
  ensure(
    amount <= account.stake,
    'LEDGER_BALANCE',
    () => `${name}: expected at least ${amount} staked, got ${account.stake}`,
  );
  ensure(
    account.unstaking.length < MAX_UNSTAKING,
    'LEDGER_LIMIT',
    () => `${name}: expected fewer than ${MAX_UNSTAKING} returns under way`,
  );
  const unstaking = [...account.unstaking, { amount, time: due }];
  return { ...account, stake: account.stake - amount, unstaking };
}

/** A new account. */
export function newAccount(fields: Partial<Account> & { authorities: string }): Account {
  return {
    balance: fields.balance ?? 0n,
    stake: fields.stake ?? 0n,
    height: fields.height ?? 0,
    authorities: fields.authorities,
    unstaking: fields.unstaking ?? NONE,
    vesting: fields.vesting ?? NONE,
    votes: fields.votes ?? [],
  };
}
