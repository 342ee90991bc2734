// SPDX-License-Identifier: Apache-2.0
// Operations as bytes: one codec a type.

import {
  CreateAccountLayout,
  Limit,
  OperationCode,
  OperationLayout,
  RegisterProducerLayout,
  ReportDoubleProductionLayout,
  ReportDoubleVoteLayout,
  StakeLayout,
  TransferLayout,
  UpdateAuthorityLayout,
  VoteProducersLayout,
} from '../generated/protocol.ts';
import { authorityBytes, readAuthority, writeAuthority } from './authority.ts';
import {
  checkInteger,
  checkZeros,
  fail,
  KEY_BYTES,
  need,
  readKey,
  readName,
  view,
  writeKey,
  writeName,
  writeU32,
  writeU64,
} from './fields.ts';
import { readSignedHeader, writeSignedHeader } from './header.ts';
import type { Operation, OperationType, Role, Stake, Unstake } from './types.ts';
import { readSignedVote, writeSignedVote } from './vote.ts';

/** Code of each type on the wire. */
export const OPERATION_CODES: { readonly [T in OperationType]: OperationCode } = {
  transfer: OperationCode.TRANSFER,
  createAccount: OperationCode.CREATE_ACCOUNT,
  updateAuthority: OperationCode.UPDATE_AUTHORITY,
  stake: OperationCode.STAKE,
  unstake: OperationCode.UNSTAKE,
  registerProducer: OperationCode.REGISTER_PRODUCER,
  voteProducers: OperationCode.VOTE_PRODUCERS,
  reportDoubleProduction: OperationCode.REPORT_DOUBLE_PRODUCTION,
  reportDoubleVote: OperationCode.REPORT_DOUBLE_VOTE,
};

/** All types, ascending by code. */
export const OPERATION_TYPES = Object.freeze(
  (Object.keys(OPERATION_CODES) as OperationType[]).sort(
    (a, b) => OPERATION_CODES[a] - OPERATION_CODES[b],
  ),
);

/** How one type is read and written; `at` is where its head begins. */
interface Codec<O extends Operation> {
  /** Bytes of the fixed part, head included. */
  readonly fixed: number;
  /** Bytes of a value, head included. */
  bytes(operation: O): number;
  /** Reads; at least `fixed` bytes are there. Returns the value and where it ends. */
  read(buffer: Buffer, at: number): readonly [O, number];
  write(buffer: Buffer, at: number, operation: O): void;
}

const padded = (bytes: number) => (bytes + 7) & ~7;

const transfer: Codec<Extract<Operation, { type: 'transfer' }>> = {
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

const createAccount: Codec<Extract<Operation, { type: 'createAccount' }>> = {
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

const updateAuthority: Codec<Extract<Operation, { type: 'updateAuthority' }>> = {
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

function stakeCodec<O extends Stake | Unstake>(type: O['type']): Codec<O> {
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

const registerProducer: Codec<Extract<Operation, { type: 'registerProducer' }>> = {
  fixed: RegisterProducerLayout.BYTES,
  bytes: () => RegisterProducerLayout.BYTES,
  read(buffer, at) {
    checkZeros(buffer, at + RegisterProducerLayout.SIGNING_KEY + KEY_BYTES, 7);
    const account = readName(buffer, at + RegisterProducerLayout.ACCOUNT, 'account');
    const signingKey = readKey(buffer, at + RegisterProducerLayout.SIGNING_KEY, 'signingKey');
    const end = at + RegisterProducerLayout.BYTES;
    return [{ type: 'registerProducer', account, signingKey }, end];
  },
  write(buffer, at, { account, signingKey }) {
    writeName(buffer, at + RegisterProducerLayout.ACCOUNT, account, 'account');
    writeKey(buffer, at + RegisterProducerLayout.SIGNING_KEY, signingKey, 'signingKey');
  },
};

const voteProducers: Codec<Extract<Operation, { type: 'voteProducers' }>> = {
  fixed: VoteProducersLayout.BYTES,
  bytes: ({ producers }) => VoteProducersLayout.BYTES + producers.length * Limit.NAME_BYTES,
  read(buffer, at) {
    const countAt = at + VoteProducersLayout.COUNT;
    const count = checkVotes(buffer[countAt]!, countAt);
    checkZeros(buffer, countAt + 1, 7);
    const start = at + VoteProducersLayout.BYTES;
    const end = start + count * Limit.NAME_BYTES;
    need(buffer, start, end - start, 'producers');
    const producers = Array.from({ length: count }, (_, i) =>
      readName(buffer, start + i * Limit.NAME_BYTES, 'producer'),
    );
    checkAscending(producers, start);
    const account = readName(buffer, at + VoteProducersLayout.ACCOUNT, 'account');
    return [{ type: 'voteProducers', account, producers }, end];
  },
  write(buffer, at, { account, producers }) {
    writeName(buffer, at + VoteProducersLayout.ACCOUNT, account, 'account');
    buffer[at + VoteProducersLayout.COUNT] = checkVotes(producers.length, at);
    checkAscending(producers, at);
    for (const [i, producer] of producers.entries()) {
      const start = at + VoteProducersLayout.BYTES + i * Limit.NAME_BYTES;
      writeName(buffer, start, producer, 'producer');
    }
  },
};

const checkVotes = (count: number, at: number) =>
  checkInteger(count, [0, Limit.MAX_PRODUCER_VOTES], 'producers', at, 'PROTOCOL_COUNT');

function checkAscending(names: readonly string[], at: number): void {
  for (let i = 1; i < names.length; i++) {
    if (names[i]! <= names[i - 1]!) {
      fail('PROTOCOL_ORDER', at, 'producers: expected ascending, none twice');
    }
  }
}

const reportDoubleProduction: Codec<Extract<Operation, { type: 'reportDoubleProduction' }>> = {
  fixed: ReportDoubleProductionLayout.BYTES,
  bytes: () => ReportDoubleProductionLayout.BYTES,
  read(buffer, at) {
    const reporter = readName(buffer, at + ReportDoubleProductionLayout.REPORTER, 'reporter');
    const first = readSignedHeader(buffer, at + ReportDoubleProductionLayout.FIRST);
    const second = readSignedHeader(buffer, at + ReportDoubleProductionLayout.SECOND);
    const end = at + ReportDoubleProductionLayout.BYTES;
    return [{ type: 'reportDoubleProduction', reporter, first, second }, end];
  },
  write(buffer, at, { reporter, first, second }) {
    writeName(buffer, at + ReportDoubleProductionLayout.REPORTER, reporter, 'reporter');
    writeSignedHeader(buffer, at + ReportDoubleProductionLayout.FIRST, first);
    writeSignedHeader(buffer, at + ReportDoubleProductionLayout.SECOND, second);
  },
};

const reportDoubleVote: Codec<Extract<Operation, { type: 'reportDoubleVote' }>> = {
  fixed: ReportDoubleVoteLayout.BYTES,
  bytes: () => ReportDoubleVoteLayout.BYTES,
  read(buffer, at) {
    const reporter = readName(buffer, at + ReportDoubleVoteLayout.REPORTER, 'reporter');
    const first = readSignedVote(buffer, at + ReportDoubleVoteLayout.FIRST);
    const second = readSignedVote(buffer, at + ReportDoubleVoteLayout.SECOND);
    const end = at + ReportDoubleVoteLayout.BYTES;
    return [{ type: 'reportDoubleVote', reporter, first, second }, end];
  },
  write(buffer, at, { reporter, first, second }) {
    writeName(buffer, at + ReportDoubleVoteLayout.REPORTER, reporter, 'reporter');
    writeSignedVote(buffer, at + ReportDoubleVoteLayout.FIRST, first);
    writeSignedVote(buffer, at + ReportDoubleVoteLayout.SECOND, second);
  },
};

const CODECS: { readonly [T in OperationType]: Codec<Extract<Operation, { type: T }>> } = {
  transfer,
  createAccount,
  updateAuthority,
  stake: stakeCodec<Stake>('stake'),
  unstake: stakeCodec<Unstake>('unstake'),
  registerProducer,
  voteProducers,
  reportDoubleProduction,
  reportDoubleVote,
};

/** By code; holes where there is no operation. */
const BY_CODE: (Codec<Operation> | undefined)[] = [];
for (const type of OPERATION_TYPES) BY_CODE[OPERATION_CODES[type]] = codecOf(type);

function codecOf(type: OperationType): Codec<Operation> {
  const codec = Object.hasOwn(CODECS, type) ? CODECS[type] : undefined;
  if (!codec) fail('PROTOCOL_TYPE', 0, `operation: expected a known type, got ${String(type)}`);
  return codec as Codec<Operation>;
}

/** Bytes of an operation. */
export function operationBytes(operation: Operation): number {
  return codecOf(operation.type).bytes(operation);
}

/**
 * Reads the operation at `at`, which must end at or before `end`.
 *
 * @returns the operation and where it ends.
 * @throws {ProtocolError}
 */
export function readOperation(buffer: Buffer, at: number): readonly [Operation, number] {
  need(buffer, at, OperationLayout.BYTES, 'operation');
  const code = buffer[at + OperationLayout.TYPE]!;
  const codec = BY_CODE[code];
  if (!codec) fail('PROTOCOL_TYPE', at, `operation: expected a known type, got ${code}`);
  checkZeros(buffer, at + OperationLayout.TYPE + 1, 1);
  checkZeros(buffer, at + OperationLayout.LENGTH + 2, 4);
  need(buffer, at, codec.fixed, 'operation');
  const [operation, end] = codec.read(buffer, at);
  const length = buffer.readUInt16LE(at + OperationLayout.LENGTH);
  if (length !== end - at) {
    fail('PROTOCOL_LENGTH', at, `operation: expected ${end - at} bytes, its head says ${length}`);
  }
  return [operation, end];
}

/** Writes an operation into zeros; returns where it ends. */
export function writeOperation(buffer: Buffer, at: number, operation: Operation): number {
  const codec = codecOf(operation.type);
  const bytes = codec.bytes(operation);
  buffer[at + OperationLayout.TYPE] = OPERATION_CODES[operation.type];
  buffer.writeUInt16LE(bytes, at + OperationLayout.LENGTH);
  codec.write(buffer, at, operation);
  return at + bytes;
}
