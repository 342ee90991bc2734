// SPDX-License-Identifier: Apache-2.0
// `hpb account`: what an account has, what happened to it, and opening one.

import type { Answer } from '../../node/api/answers.ts';
import type { Authority, PublicKey } from '../../node/protocol/index.ts';
import { isPublicKey } from '../../node/protocol/index.ts';
import { ApiClient } from '../api-client.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { fieldTable } from '../status/fields.ts';
import type { Terminal } from '../terminal.ts';
import { formatAmount, parseAmount } from '../tx/amount.ts';
import { operationText } from '../tx/operation-text.ts';
import { type SendOptions, sendOperation } from '../tx/send.ts';

/** Options of `hpb account show` and `history`. */
export interface AccountOptions {
  readonly url: string;
  readonly json: boolean;
  /** Entries of the history. */
  readonly limit?: number;
  /** Position that the history goes on from. */
  readonly before?: string;
}

export const ACCOUNT_HELP = `
Exit code: 0 done, 1 no such account or the node refuses, 2 the key could not be read,
64 wrong usage, 69 no node answers, 130 Ctrl-C.

Examples:
  hpb account show user1
  hpb account history user1 --limit 50 --json | jq '.entries[].transaction'
  hpb account create carol 10 --creator user1 --owner $(hpb keys show carol.key) --dev
  hpb account stake user1 250 --dev
  hpb account register producer1 --signing-key $(hpb keys show producer.key) --key account.key
`;

const pathOf = (name: string) => `/accounts/${encodeURIComponent(name)}`;

/** Shows balance, stake, authorities and votes. */
export async function accountShowCommand(
  name: string,
  { url, json }: AccountOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = new ApiClient(url);
  try {
    const account = await client.get('account', pathOf(name));
    await terminal.stdout.write(json ? `${JSON.stringify(account)}\n` : accountText(account));
    return EXIT.OK;
  } finally {
    client.close();
  }
}

const gxn = (units: string) => `${formatAmount(BigInt(units))} GXN`;
const day = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

function accountText(account: Answer<'account'>): string {
  const rows: [string, string][] = [
    ['account', account.name],
    ['balance', gxn(account.balance)],
    ['stake', gxn(account.stake)],
  ];
  if (BigInt(account.locked) > 0n) {
    rows.push(['locked', gxn(account.locked)], ['spendable', gxn(account.spendable)]);
  }
  for (const { amount, time } of account.unstaking) {
    rows.push(['unstaking', `${gxn(amount)} on ${day(time)} UTC`]);
  }
  for (const { amount, time } of account.vesting) {
    rows.push(['vesting', `${gxn(amount)} on ${day(time)} UTC`]);
  }
  for (const { role, authority, operations } of account.authorities) {
    const members = [
      ...authority.keys.map(({ key, weight }) => `${key} (${weight})`),
      ...authority.accounts.map((each) => `${each.account}/${each.role} (${each.weight})`),
    ];
    const bound = operations.length > 0 ? ` for ${operations.join(', ')}` : '';
    rows.push([role, `${authority.threshold} of ${members.join(', ')}${bound}`]);
  }
  rows.push(['votes for', account.votes.join(', ') || 'nobody']);
  return fieldTable(rows);
}

/** Shows what happened to an account, latest first. */
export async function accountHistoryCommand(
  name: string,
  { url, json, limit = 20, before }: AccountOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = new ApiClient(url);
  try {
    const from = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
    const path = `${pathOf(name)}/history?limit=${limit}${from}`;
    const history = await client.get('accountHistory', path);
    const lines = history.entries.map(({ position, id, transaction }) => {
      const operations = (transaction?.operations ?? []) as Record<string, unknown>[];
      return `${position}  ${id}  ${operations.map(operationText).join('; ')}\n`;
    });
    const text = lines.join('') || `nothing happened to ${name}\n`;
    await terminal.stdout.write(json ? `${JSON.stringify(history)}\n` : text);
    return EXIT.OK;
  } finally {
    client.close();
  }
}

/** Options of `hpb account create`. */
export interface CreateOptions extends SendOptions {
  readonly creator: string;
  readonly owner: string;
  /** The owner's, where it is not given. */
  readonly active?: string;
}

function keyOf(text: string, what: string): PublicKey {
  if (isPublicKey(text)) return text;
  const expected = 'a compressed key, 66 hexadecimal digits';
  throw new CliError(EXIT.USAGE, `${what}: expected ${expected}; got ${text}`);
}

const authorityOf = (key: PublicKey): Authority => ({
  threshold: 1,
  keys: [{ key, weight: 1 }],
  accounts: [],
});

/** Opens an account with one key for each authority. */
export async function accountCreateCommand(
  name: string,
  amount: string,
  options: CreateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const owner = keyOf(options.owner, '--owner');
  const active = options.active === undefined ? owner : keyOf(options.active, '--active');
  const operation = {
    type: 'createAccount',
    creator: options.creator,
    name,
    balance: parseAmount(amount, 'balance'),
    owner: authorityOf(owner),
    active: authorityOf(active),
  } as const;
  return sendOperation(options.creator, operation, options, terminal);
}

/** Moves balance to stake, or stake back to the balance after the delay of the chain. */
export async function accountStakeCommand(
  type: 'stake' | 'unstake',
  account: string,
  amount: string,
  options: SendOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const operation = { type, account, amount: parseAmount(amount, 'amount') };
  return sendOperation(account, operation, options, terminal);
}

/** Options of `hpb account register`. */
export interface RegisterOptions extends SendOptions {
  readonly signingKey: string;
}

/** Stands for election as a producer. */
export async function accountRegisterCommand(
  account: string,
  options: RegisterOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const signingKey = keyOf(options.signingKey, '--signing-key');
  const operation = { type: 'registerProducer', account, signingKey } as const;
  return sendOperation(account, operation, options, terminal);
}
