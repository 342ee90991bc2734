// SPDX-License-Identifier: Apache-2.0
// A genesis for people.

import type { Genesis } from '../../node/genesis/index.ts';
import { formatCount, formatNumber, formatTable } from '../format.ts';
import { fieldTable } from '../status/fields.ts';
import { formatAmount } from '../tx/amount.ts';

const gxn = (units: bigint) => `${formatAmount(units)} GXN`;
const utc = (time: number) => `${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** A release of a locked amount. */
export interface Release {
  readonly account: string;
  readonly time: number;
  readonly amount: bigint;
}

/** Everything that is locked, by account and time. */
export function releasesOf({ accounts }: Genesis): Release[] {
  return accounts.flatMap(({ name, vesting }) =>
    vesting.map((step) => ({ account: name, ...step })),
  );
}

/** Parameters, producers, allocation, accounts and lock-ups. */
export function genesisText(genesis: Genesis): string {
  const parts = [
    fieldTable(parameters(genesis)),
    titled('Producers', ['account', 'stake', 'signing key'], producers(genesis)),
    titled('Allocation', ['part', 'points', 'amount', 'accounts'], allocation(genesis)),
    titled('Accounts', ['account', 'balance', 'stake', 'locked', 'part'], accounts(genesis)),
    titled(
      'Locked until',
      ['account', 'amount', 'until'],
      releasesOf(genesis).map(({ account, time, amount }) => [account, gxn(amount), utc(time)]),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function titled(title: string, columns: string[], rows: string[][]): string {
  return rows.length === 0 ? '' : `${title}\n${formatTable([columns, ...rows])}`;
}

function parameters(genesis: Genesis): [string, string][] {
  const { consensus, block, fees } = genesis;
  const { producers, confirmations } = consensus;
  const spare = producers - confirmations;
  const maxima = [
    `${formatNumber(block.maxBytes)} bytes`,
    formatCount(block.maxTransactions, 'transaction'),
  ];
  return [
    ['name', genesis.name],
    ['chain id', genesis.chainId],
    ['slot 0', utc(genesis.time)],
    ['consensus', `${consensus.kind}, slots of ${duration(consensus.slotMilliseconds)}`],
    ['producers', `${producers} take turns, of ${genesis.producers.length} that stand`],
    ['K', `${confirmations} of ${producers} confirmations make final; ${spare} may be missing`],
    ['round', formatCount(consensus.roundSlots, 'slot')],
    ['dropped', `a producer without a block for ${duration(consensus.dropAfterMilliseconds)}`],
    ['block', `at most ${maxima.join(', ')}`],
    ['minimum balance', gxn(genesis.minimumBalance)],
    [
      'fees',
      `${gxn(fees.perTransaction)} and ${gxn(fees.perByte)} a byte; ${gxn(fees.createAccount)} for an account`,
    ],
    ['unstaking', `takes ${duration(genesis.unstakeDelayMilliseconds)}`],
    ['expiry', `at most ${duration(1000 * genesis.maxTransactionLifeSeconds)} ahead`],
    ['supply', gxn(genesis.totalSupply)],
  ];
}

function producers(genesis: Genesis): string[][] {
  const stakes = new Map(genesis.accounts.map(({ name, stake }) => [name, stake]));
  return genesis.producers.map(({ account, signingKey }) => [
    account,
    gxn(stakes.get(account) ?? 0n),
    signingKey,
  ]);
}

function allocation(genesis: Genesis): string[][] {
  return genesis.allocation.map(({ name, points }) => {
    const own = genesis.accounts.filter((account) => account.allocation === name);
    const amount = own.reduce((sum, { balance, stake }) => sum + balance + stake, 0n);
    return [name, `${points}`, gxn(amount), formatNumber(own.length)];
  });
}

function accounts(genesis: Genesis): string[][] {
  return genesis.accounts.map(({ name, balance, stake, vesting, allocation: part = '-' }) => {
    const locked = vesting.reduce((sum, { amount }) => sum + amount, 0n);
    return [name, gxn(balance), gxn(stake), gxn(locked), part];
  });
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

/** In the largest unit that it is a whole number of. */
function duration(milliseconds: number): string {
  const unit = UNITS.find(([length]) => milliseconds > 0 && milliseconds % length === 0);
  return unit ? formatCount(milliseconds / unit[0], unit[1]) : `${formatNumber(milliseconds)} ms`;
}
