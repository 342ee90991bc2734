// SPDX-License-Identifier: Apache-2.0
// State as bytes: what is stored, and what the state root commits to. One encoding per value.

import { hash } from 'node:crypto';
import type {
  AccountName,
  Amount,
  Authority,
  Milliseconds,
  OperationType,
  PublicKey,
} from '../protocol/types.ts';
import type { Account, CastVote, Tranche } from './account.ts';
import type { Authorities, NamedAuthority } from './authority.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { ProducerStatus } from './contract.ts';

/** Who stands for election, or stood. */
export interface Producer {
  readonly signingKey: PublicKey;
  /** The key before: what it signed can still be evidence. */
  readonly formerKey: PublicKey | undefined;
  /** When the key changed last. */
  readonly keyTime: Milliseconds;
  /** Sum of the stakes of all who vote for it. */
  readonly weight: Amount;
  /** Height at which it first stood, or stood anew after it was voted out; older evidence is spent. */
  readonly since: number;
  /** Height of its last registration. */
  readonly registered: number;
  readonly status: ProducerStatus;
}

/** Kinds of state; the first character of a key. */
export const Table = { account: 'a', authorities: 'k', producer: 'p', consensus: 'c' } as const;
export type TableName = (typeof Table)[keyof typeof Table];

const STATUS: readonly ProducerStatus[] = ['standing', 'dropped', 'convicted'];
const NO_KEY = '00'.repeat(33);
const OPERATION_TYPES: readonly OperationType[] = [
  'transfer',
  'createAccount',
  'updateAuthority',
  'stake',
  'unstake',
  'registerProducer',
  'voteProducers',
  'reportDoubleProduction',
  'reportDoubleVote',
];

/** SHA-256 as 32 latin1 characters: the cheapest form that is compared and kept. */
export function sha256Latin1(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary');
}

function writeTranches(to: ByteWriter, tranches: readonly Tranche[]): void {
  for (const { amount, time } of tranches) to.u64(amount).integer(time);
}

function readTranches(from: ByteReader, count: number): Tranche[] {
  return Array.from({ length: count }, () => ({ amount: from.u64(), time: from.integer() }));
}

/** 56 bytes, then the lists: balance, stake, height, three counts, hash of the authorities. */
export function writeAccount(to: ByteWriter, account: Account): void {
  const { unstaking, vesting, votes } = account;
  to.u64(account.balance).u64(account.stake).u32(account.height);
  to.u8(unstaking.length).u8(vesting.length).u8(votes.length).u8(0);
  to.latin1(account.authorities);
  if (unstaking.length > 0) writeTranches(to, unstaking);
  if (vesting.length > 0) writeTranches(to, vesting);
  for (const { producer, since } of votes) to.text(producer).u32(since);
}

const EMPTY: readonly never[] = [];

export function readAccount(bytes: Uint8Array): Account {
  const from = new ByteReader(bytes);
  const balance = from.u64();
  const stake = from.u64();
  const height = from.u32();
  const [returns, tranches, votes] = [from.u8(), from.u8(), from.u8(), from.u8()] as const;
  return {
    balance,
    stake,
    height,
    authorities: from.latin1(32),
    unstaking: returns === 0 ? EMPTY : readTranches(from, returns),
    vesting: tranches === 0 ? EMPTY : readTranches(from, tranches),
    votes:
      votes === 0
        ? EMPTY
        : Array.from({ length: votes }, (): CastVote => {
            return { producer: from.text(), since: from.u32() };
          }),
  };
}

function writeAuthority(to: ByteWriter, authority: Authority): void {
  to.u32(authority.threshold).u8(authority.keys.length).u8(authority.accounts.length);
  for (const { key, weight } of authority.keys) to.bytes(Buffer.from(key, 'hex')).u16(weight);
  for (const { account, role, weight } of authority.accounts) {
    to.text(account).text(role).u16(weight);
  }
}

function readAuthority(from: ByteReader): Authority {
  const threshold = from.u32();
  const keys = from.u8();
  const accounts = from.u8();
  return {
    threshold,
    keys: Array.from({ length: keys }, () => ({
      key: from.bytes(33).toString('hex'),
      weight: from.u16(),
    })),
    accounts: Array.from({ length: accounts }, () => ({
      account: from.text(),
      role: from.text(),
      weight: from.u16(),
    })),
  };
}

/** The authorities of an account. */
export function encodeAuthorities(authorities: Authorities): Buffer {
  const to = new ByteWriter(256);
  writeAuthority(to, authorities.owner);
  writeAuthority(to, authorities.active);
  to.u8(authorities.named.length);
  for (const { role, authority, operations } of authorities.named) {
    let mask = 0;
    for (const type of operations) mask |= 1 << OPERATION_TYPES.indexOf(type);
    to.text(role).u16(mask);
    writeAuthority(to, authority);
  }
  return to.take();
}

export function decodeAuthorities(bytes: Uint8Array): Authorities {
  const from = new ByteReader(bytes);
  const owner = readAuthority(from);
  const active = readAuthority(from);
  const named = Array.from({ length: from.u8() }, (): NamedAuthority => {
    const role = from.text();
    const mask = from.u16();
    const operations = OPERATION_TYPES.filter((_, i) => (mask & (1 << i)) !== 0);
    return { role, operations, authority: readAuthority(from) };
  });
  return { owner, active, named };
}

export function writeProducer(to: ByteWriter, producer: Producer): void {
  to.bytes(Buffer.from(producer.signingKey, 'hex'));
  to.bytes(Buffer.from(producer.formerKey ?? NO_KEY, 'hex'));
  to.integer(producer.keyTime).u64(producer.weight).u32(producer.since).u32(producer.registered);
  to.u8(STATUS.indexOf(producer.status));
}

export function readProducer(bytes: Uint8Array): Producer {
  const from = new ByteReader(bytes);
  const signingKey = from.bytes(33).toString('hex');
  const formerKey = from.bytes(33).toString('hex');
  const rest = {
    keyTime: from.integer(),
    weight: from.u64(),
    since: from.u32(),
    registered: from.u32(),
  };
  return {
    signingKey,
    formerKey: formerKey === NO_KEY ? undefined : formerKey,
    ...rest,
    status: STATUS[from.u8()]!,
  };
}

/** Names of accounts as keys of state. */
export function stateKey(table: TableName, name: AccountName): string {
  return table + name;
}

/** One buffer per length, since most records are as long as others. */
const KEYS = Array.from({ length: 64 }, (_, length) => Buffer.alloc(length));

/** A state key as bytes. Valid until the next call: the store copies keys at once. */
export function keyBytes(key: string): Buffer {
  const bytes = KEYS[key.length]!;
  bytes.write(key, 0, key.length, 'latin1');
  return bytes;
}
