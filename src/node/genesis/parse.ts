// SPDX-License-Identifier: Apache-2.0

import { checkAuthority, compareNames, ProtocolError } from '../protocol/index.ts';
import { vestingOf } from './allocation.ts';
import { chainIdOf } from './canonical.ts';
import { firstIssue } from './issue.ts';
import { type GenesisFields, genesisSchema } from './schema.ts';
import type { Allocation, Genesis, GenesisAccount } from './types.ts';

/** What is wrong with a genesis; the message begins with the key. */
export class GenesisError extends Error {
  override readonly name = 'GenesisError';
  /** Such as `consensus.confirmations`; empty for the whole. */
  readonly key: string;

  constructor(key: string, message: string, options?: ErrorOptions) {
    super(`genesis${key && '.'}${key}: ${message}`, options);
    this.key = key;
  }
}

function require(condition: boolean, key: string, message: () => string): void {
  if (!condition) throw new GenesisError(key, message());
}

/**
 * Checks a genesis and completes it: defaults, lock-ups of allocations, chain id.
 *
 * @param json - the text of a genesis file, or what it means.
 * @throws {GenesisError} for the first thing that is wrong.
 */
export function parseGenesis(json: unknown): Genesis {
  const input = typeof json === 'string' ? parseText(json) : json;
  const result = genesisSchema.safeParse(input);
  if (!result.success) {
    const { key, message } = firstIssue(result.error, input);
    throw new GenesisError(key, message);
  }
  const fields = result.data;
  const allocation = checkAllocation(fields);
  const accounts = fields.accounts
    .map((each, i) => completeAccount(each, `accounts.${i}`, allocation, fields))
    .sort((a, b) => compareNames(a.name, b.name));
  checkAccounts(fields, accounts);
  checkSupply(fields, accounts, allocation);
  const genesis = {
    ...fields,
    consensus: completeConsensus(fields),
    allocation,
    accounts,
    producers: completeProducers(fields),
  };
  return { ...genesis, chainId: chainIdOf(genesis) };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GenesisError('', `expected JSON: ${(error as Error).message}`, { cause: error });
  }
}

function completeConsensus({ consensus }: GenesisFields): Genesis['consensus'] {
  const { producers, confirmations, roundSlots = producers } = consensus;
  const needed = Math.floor((2 * producers) / 3) + 1;
  require(confirmations === undefined || confirmations === needed, 'consensus.confirmations', () =>
    `expected floor(2 x ${producers} / 3) + 1 = ${needed}, got ${confirmations}`);
  require(roundSlots % producers === 0, 'consensus.roundSlots', () =>
    `expected a multiple of the ${producers} producers, got ${roundSlots}`);
  return { ...consensus, confirmations: needed, roundSlots };
}

function completeProducers({ producers, consensus, accounts }: GenesisFields) {
  const names = new Set(accounts.map(({ name }) => name));
  const keys = new Set<string>();
  const sorted = [...producers].sort((a, b) => compareNames(a.account, b.account));
  for (const [i, { account, signingKey }] of sorted.entries()) {
    const key = `producers.${producers.indexOf(sorted[i]!)}`;
    require(names.has(account), `${key}.account`, () => `no account ${account}`);
    require(account !== sorted[i - 1]?.account, `${key}.account`, () => `${account} stands twice`);
    require(!keys.has(signingKey), `${key}.signingKey`, () => 'another producer has this key');
    keys.add(signingKey);
  }
  const { length } = sorted;
  const enough =
    consensus.kind === 'poa' ? length === consensus.producers : length >= consensus.producers;
  require(enough, 'producers', () => {
    const expected = consensus.kind === 'poa' ? 'exactly' : 'at least';
    return `expected ${expected} ${consensus.producers}, got ${length}`;
  });
  return sorted;
}

function checkAllocation({ allocation, totalSupply }: GenesisFields): Allocation[] {
  if (allocation.length === 0) return [];
  const names = new Set(allocation.map(({ name }) => name));
  require(names.size === allocation.length, 'allocation', () => 'a name stands twice');
  const sum = allocation.reduce((total, { points }) => total + points, 0);
  require(sum === 100, 'allocation', () => `expected 100 points in all, got ${sum}`);
  require(totalSupply % 100n === 0n, 'totalSupply', () => 'expected a multiple of 100');
  for (const [i, { points, vesting }] of allocation.entries()) {
    const key = `allocation.${i}.vesting`;
    const locked = vesting.reduce((total, step) => total + step.points, 0);
    require(locked <= points, key, () => `expected at most ${points} points, got ${locked}`);
    checkAscending(
      vesting.map(({ afterMilliseconds }) => afterMilliseconds),
      key,
    );
  }
  return allocation;
}

function checkAscending(times: readonly number[], key: string): void {
  const ascending = times.every((time, i) => i === 0 || time > times[i - 1]!);
  require(ascending, key, () => 'expected ascending times, none twice');
}

function completeAccount(
  { allocation, vesting, ...fields }: GenesisFields['accounts'][number],
  key: string,
  allocations: readonly Allocation[],
  { time }: GenesisFields,
): GenesisAccount {
  const part = allocations.find(({ name }) => name === allocation);
  require(part !== undefined ||
    (allocation === undefined && allocations.length === 0), `${key}.allocation`, () =>
    `expected ${allocations.map(({ name }) => name).join(', ') || 'none'}, got ${allocation ?? 'none'}`);
  for (const role of ['owner', 'active'] as const) {
    try {
      checkAuthority(fields[role]);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new GenesisError(`${key}.${role}`, error.message, { cause: error });
    }
  }
  if (part && part.vesting.length > 0) {
    require(vesting === undefined, `${key}.vesting`, () => `follows from allocation ${part.name}`);
    require(fields.stake === 0n, `${key}.stake`, () => `allocation ${part.name} is locked`);
    return { ...fields, allocation: part.name, vesting: vestingOf(part, fields.balance, time) };
  }
  const steps = vesting ?? [];
  checkAscending(
    steps.map((step) => step.time),
    `${key}.vesting`,
  );
  const locked = steps.reduce((sum, step) => sum + step.amount, 0n);
  require(locked <= fields.balance, `${key}.vesting`, () =>
    `expected at most the balance ${fields.balance}, got ${locked}`);
  return { ...fields, vesting: steps, ...(part && { allocation: part.name }) };
}

function checkAccounts(
  { minimumBalance }: GenesisFields,
  accounts: readonly GenesisAccount[],
): void {
  const names = new Set(accounts.map(({ name }) => name));
  for (const [i, { name, balance, owner, active }] of accounts.entries()) {
    require(name !== accounts[i - 1]?.name, 'accounts', () => `${name} stands twice`);
    require(balance >= minimumBalance, 'accounts', () =>
      `expected at least ${minimumBalance} for ${name}, got ${balance}`);
    for (const { account } of [...owner.accounts, ...active.accounts]) {
      require(names.has(account), 'accounts', () =>
        `an authority of ${name} names ${account}, which is no account`);
    }
  }
}

function checkSupply(
  { totalSupply }: GenesisFields,
  accounts: readonly GenesisAccount[],
  allocations: readonly Allocation[],
): void {
  const total = (list: readonly GenesisAccount[]) =>
    list.reduce((sum, { balance, stake }) => sum + balance + stake, 0n);
  for (const [i, { name, points }] of allocations.entries()) {
    const expected = (totalSupply * BigInt(points)) / 100n;
    const got = total(accounts.filter(({ allocation }) => allocation === name));
    require(got === expected, `allocation.${i}`, () =>
      `expected ${expected} in accounts of ${name}, ${points} points of the supply; got ${got}`);
  }
  const got = total(accounts);
  require(got === totalSupply, 'totalSupply', () =>
    `expected the sum of all balances and stakes, ${got}; got ${totalSupply}`);
}
