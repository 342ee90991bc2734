// SPDX-License-Identifier: Apache-2.0
// Operations on accounts as bytes.

import {
  CreateAccountLayout,
  Limit,
  StakeLayout,
  TransferLayout,
  UpdateAuthorityLayout,
} from '../generated/protocol.ts';
import { authorityBytes, readAuthority, writeAuthority } from './authority.ts';
import {
  checkInteger,
  checkZeros,
  fail,
  need,
  readName,
  view,
  writeName,
  writeU32,
  writeU64,
} from './fields.ts';
import { OPERATION_CODES, OPERATION_TYPES, type OperationCodec } from './operation-types.ts';
import type { Operation, OperationType, Role, Stake, Unstake } from './types.ts';

const padded = (bytes: number) => (bytes + 7) & ~7;

export const transfer: OperationCodec<Extract<Operation, { type: 'transfer' }>> = {
  fixed: TransferLayout.BYTES,
  bytes: ({ memo }) => TransferLayout.BYTES + padded(memo.length),
  read(buffer, at) {
    const memoAt = at + TransferLayout.MEMO_BYTES;
    const length = checkMemo(buffer[memoAt]!, memoAt);
    const start = at + TransferLayout.BYTES;
    const end = start + padded(length);
    need(buffer, start, end - start, 'memo');
    checkZeros(buffer, memoAt + 1, 7);
    checkZeros(buffer, start + length, end - start - length);
    const operation = {
      type: 'transfer',
      from: readName(buffer, at + TransferLayout.FROM, 'from'),
      to: readName(buffer, at + TransferLayout.TO, 'to'),
      amount: buffer.readBigUInt64LE(at + TransferLayout.AMOUNT),
      memo: length === 0 ? EMPTY : view(buffer, start, length),
    } as const;
    return [operation, end];
  },
  write(buffer, at, { from, to, amount, memo }) {
    if (!(memo instanceof Uint8Array)) fail('PROTOCOL_TEXT', at, 'memo: expected bytes');
    writeName(buffer, at + TransferLayout.FROM, from, 'from');
    writeName(buffer, at + TransferLayout.TO, to, 'to');
    writeU64(buffer, at + TransferLayout.AMOUNT, amount, 'amount');
    buffer[at + TransferLayout.MEMO_BYTES] = checkMemo(memo.length, at);
    buffer.set(memo, at + TransferLayout.BYTES);
  },
};

const EMPTY = Object.freeze(new Uint8Array(0));

const checkMemo = (length: number, at: number) =>
  checkInteger(length, [0, Limit.MAX_MEMO_BYTES], 'memo bytes', at, 'PROTOCOL_COUNT');

export const createAccount: OperationCodec<Extract<Operation, { type: 'createAccount' }>> = {
  fixed: CreateAccountLayout.BYTES,
  bytes: ({ owner, active }) =>
    CreateAccountLayout.BYTES + authorityBytes(owner) + authorityBytes(active),
  read(buffer, at) {
    const owner = readAuthority(buffer, at + CreateAccountLayout.BYTES);
    const activeAt = at + CreateAccountLayout.BYTES + authorityBytes(owner);
    const active = readAuthority(buffer, activeAt);
    const operation = {
      type: 'createAccount',
      creator: readName(buffer, at + CreateAccountLayout.CREATOR, 'creator'),
      name: readName(buffer, at + CreateAccountLayout.NAME, 'name'),
      balance: buffer.readBigUInt64LE(at + CreateAccountLayout.BALANCE),
      owner,
      active,
    } as const;
    return [operation, activeAt + authorityBytes(active)];
  },
  write(buffer, at, { creator, name, balance, owner, active }) {
    writeName(buffer, at + CreateAccountLayout.CREATOR, creator, 'creator');
    writeName(buffer, at + CreateAccountLayout.NAME, name, 'name');
    writeU64(buffer, at + CreateAccountLayout.BALANCE, balance, 'balance');
    writeAuthority(buffer, writeAuthority(buffer, at + CreateAccountLayout.BYTES, owner), active);
  },
};

export const updateAuthority: OperationCodec<Extract<Operation, { type: 'updateAuthority' }>> = {
  fixed: UpdateAuthorityLayout.BYTES,
  bytes: ({ authority }) =>
    UpdateAuthorityLayout.BYTES + (authority ? authorityBytes(authority) : 0),
  read(buffer, at) {
    const presentAt = at + UpdateAuthorityLayout.PRESENT;
    const present = checkInteger(buffer[presentAt]!, [0, 1], 'present', presentAt) === 1;
    checkZeros(buffer, presentAt + 1, 3);
    const role = readName(buffer, at + UpdateAuthorityLayout.ROLE, 'role');
    const mask = buffer.readUInt32LE(at + UpdateAuthorityLayout.OPERATIONS);
    const operations = operationsOf(mask, at + UpdateAuthorityLayout.OPERATIONS);
    checkRole(role, present, operations.length, at);
    const start = at + UpdateAuthorityLayout.BYTES;
    const authority = present ? readAuthority(buffer, start) : undefined;
    const operation = {
      type: 'updateAuthority',
      account: readName(buffer, at + UpdateAuthorityLayout.ACCOUNT, 'account'),
      role,
      ...(authority && { authority }),
      operations,
    } as const;
    return [operation, start + (authority ? authorityBytes(authority) : 0)];
  },
  write(buffer, at, { account, role, authority, operations }) {
    checkRole(role, authority !== undefined, operations.length, at);
    writeName(buffer, at + UpdateAuthorityLayout.ACCOUNT, account, 'account');
    writeName(buffer, at + UpdateAuthorityLayout.ROLE, role, 'role');
    buffer[at + UpdateAuthorityLayout.PRESENT] = authority ? 1 : 0;
    const mask = maskOf(operations, at + UpdateAuthorityLayout.OPERATIONS);
    writeU32(buffer, at + UpdateAuthorityLayout.OPERATIONS, mask, 'operations');
    if (authority) writeAuthority(buffer, at + UpdateAuthorityLayout.BYTES, authority);
  },
};

function checkRole(role: Role, present: boolean, operations: number, at: number): void {
  const ordinary = role === 'owner' || role === 'active';
  if (ordinary && !present) fail('PROTOCOL_AUTHORITY', at, `role: ${role} cannot be removed`);
  const bound = present && !ordinary;
  if (bound !== operations > 0) {
    const expected = bound ? 'at least one' : 'none';
    fail(
      'PROTOCOL_AUTHORITY',
      at,
      `operations of ${role}: expected ${expected}, got ${operations}`,
    );
  }
}

const KNOWN_MASK = OPERATION_TYPES.reduce((mask, type) => mask | (1 << OPERATION_CODES[type]), 0);

function operationsOf(mask: number, at: number): OperationType[] {
  if ((mask & ~KNOWN_MASK) !== 0) {
    fail('PROTOCOL_TYPE', at, `operations: 0x${mask.toString(16)} has bits of no operation`);
  }
  return OPERATION_TYPES.filter((type) => (mask & (1 << OPERATION_CODES[type])) !== 0);
}

function maskOf(operations: readonly OperationType[], at: number): number {
  let mask = 0;
  let previous = 0;
  for (const type of operations) {
    const code = OPERATION_CODES[type];
    if (code === undefined) fail('PROTOCOL_TYPE', at, `operations: ${type} is none`);
    if (code <= previous) fail('PROTOCOL_ORDER', at, 'operations: expected ascending, none twice');
    previous = code;
    mask |= 1 << code;
  }
  return mask;
}

export function stakeCodec<O extends Stake | Unstake>(type: O['type']): OperationCodec<O> {
  return {
    fixed: StakeLayout.BYTES,
    bytes: () => StakeLayout.BYTES,
    read(buffer, at) {
      const account = readName(buffer, at + StakeLayout.ACCOUNT, 'account');
      const amount = buffer.readBigUInt64LE(at + StakeLayout.AMOUNT);
      return [{ type, account, amount } as O, at + StakeLayout.BYTES];
    },
    write(buffer, at, { account, amount }) {
      writeName(buffer, at + StakeLayout.ACCOUNT, account, 'account');
      writeU64(buffer, at + StakeLayout.AMOUNT, amount, 'amount');
    },
  };
}
