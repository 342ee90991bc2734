// SPDX-License-Identifier: Apache-2.0
// Authorities as bytes.

import {
  AuthorityLayout,
  Limit,
  WeightedAccountLayout,
  WeightedKeyLayout,
} from '../generated/protocol.ts';
import {
  checkInteger,
  checkZeros,
  fail,
  KEY_BYTES,
  need,
  readKey,
  readName,
  writeKey,
  writeName,
  writeU32,
} from './fields.ts';
import { compareNames } from './names.ts';
import type { Authority } from './types.ts';

const WEIGHT = [1, 0xffff] as const;

/** Bytes of an authority. */
export function authorityBytes({ keys, accounts }: Authority): number {
  return (
    AuthorityLayout.BYTES +
    keys.length * WeightedKeyLayout.BYTES +
    accounts.length * WeightedAccountLayout.BYTES
  );
}

/**
 * Checks what bytes and values have in common: counts, order, weights, a threshold in reach.
 *
 * @throws {ProtocolError} `PROTOCOL_COUNT`, `PROTOCOL_ORDER`, `PROTOCOL_RANGE`, `PROTOCOL_AUTHORITY`.
 */
export function checkAuthority({ threshold, keys, accounts }: Authority, at = 0): void {
  checkInteger(keys.length, [0, Limit.MAX_AUTHORITY_KEYS], 'keys', at, 'PROTOCOL_COUNT');
  const most = Limit.MAX_AUTHORITY_ACCOUNTS;
  checkInteger(accounts.length, [0, most], 'accounts', at, 'PROTOCOL_COUNT');
  checkInteger(threshold, [1, 0xffff_ffff], 'threshold', at);
  let sum = 0;
  let previousKey = '';
  for (const { key, weight } of keys) {
    if (key <= previousKey) fail('PROTOCOL_ORDER', at, 'keys: expected ascending, none twice');
    previousKey = key;
    sum += checkInteger(weight, WEIGHT, 'weight', at);
  }
  for (const [i, { account, role, weight }] of accounts.entries()) {
    const before = accounts[i - 1];
    const order = before
      ? compareNames(before.account, account) || compareNames(before.role, role)
      : -1;
    if (order >= 0) fail('PROTOCOL_ORDER', at, 'accounts: expected ascending, none twice');
    sum += checkInteger(weight, WEIGHT, 'weight', at);
  }
  if (threshold > sum) {
    fail(
      'PROTOCOL_AUTHORITY',
      at,
      `threshold: expected at most ${sum}, all weights, got ${threshold}`,
    );
  }
}

/** Reads an authority. */
export function readAuthority(buffer: Buffer, at: number): Authority {
  need(buffer, at, AuthorityLayout.BYTES, 'authority');
  const threshold = buffer.readUInt32LE(at + AuthorityLayout.THRESHOLD);
  const keyCount = buffer[at + AuthorityLayout.KEYS]!;
  const accountCount = buffer[at + AuthorityLayout.ACCOUNTS]!;
  checkZeros(buffer, at + AuthorityLayout.ACCOUNTS + 1, 2);
  const keysAt = at + AuthorityLayout.BYTES;
  const accountsAt = keysAt + keyCount * WeightedKeyLayout.BYTES;
  const end = accountsAt + accountCount * WeightedAccountLayout.BYTES;
  need(buffer, at, end - at, 'authority');
  const keys = Array.from({ length: keyCount }, (_, i) => {
    const start = keysAt + i * WeightedKeyLayout.BYTES;
    checkZeros(buffer, start + WeightedKeyLayout.KEY + KEY_BYTES, 1);
    checkZeros(buffer, start + WeightedKeyLayout.WEIGHT + 2, 4);
    return {
      key: readKey(buffer, start + WeightedKeyLayout.KEY, 'key'),
      weight: buffer.readUInt16LE(start + WeightedKeyLayout.WEIGHT),
    };
  });
  const accounts = Array.from({ length: accountCount }, (_, i) => {
    const start = accountsAt + i * WeightedAccountLayout.BYTES;
    checkZeros(buffer, start + WeightedAccountLayout.WEIGHT + 2, 6);
    return {
      account: readName(buffer, start + WeightedAccountLayout.ACCOUNT, 'account'),
      role: readName(buffer, start + WeightedAccountLayout.ROLE, 'role'),
      weight: buffer.readUInt16LE(start + WeightedAccountLayout.WEIGHT),
    };
  });
  const authority = { threshold, keys, accounts };
  checkAuthority(authority, at);
  return authority;
}

/** Writes an authority; returns where it ends. */
export function writeAuthority(buffer: Buffer, at: number, authority: Authority): number {
  const { threshold, keys, accounts } = authority;
  checkAuthority(authority, at);
  writeU32(buffer, at + AuthorityLayout.THRESHOLD, threshold, 'threshold');
  buffer[at + AuthorityLayout.KEYS] = keys.length;
  buffer[at + AuthorityLayout.ACCOUNTS] = accounts.length;
  let next = at + AuthorityLayout.BYTES;
  for (const { key, weight } of keys) {
    writeKey(buffer, next + WeightedKeyLayout.KEY, key, 'key');
    buffer.writeUInt16LE(weight, next + WeightedKeyLayout.WEIGHT);
    next += WeightedKeyLayout.BYTES;
  }
  for (const { account, role, weight } of accounts) {
    writeName(buffer, next + WeightedAccountLayout.ACCOUNT, account, 'account');
    writeName(buffer, next + WeightedAccountLayout.ROLE, role, 'role');
    buffer.writeUInt16LE(weight, next + WeightedAccountLayout.WEIGHT);
    next += WeightedAccountLayout.BYTES;
  }
  return next;
}
