// SPDX-License-Identifier: Apache-2.0
// Transactions as bytes.

import { Limit, SignatureLayout, TransactionLayout as T } from '../generated/protocol.ts';
import {
  checkInteger,
  checkZeros,
  expectEnd,
  fail,
  need,
  readId,
  readName,
  readSignature,
  view,
  writeId,
  writeName,
  writeSignature,
  writeU32,
  writeU64,
} from './fields.ts';
import { asBuffer, sha256, sha256Id } from './hex.ts';
import { operationBytes, readOperation, writeOperation } from './operations.ts';
import type { Operation, Signature, SignedTransaction, Transaction } from './types.ts';

const OPERATIONS = [1, Limit.MAX_OPERATIONS] as const;
const SIGNATURES = [1, Limit.MAX_SIGNATURES] as const;

/** Bytes of a transaction with that many signatures. */
export function transactionBytes(transaction: Transaction, signatures: number): number {
  return transaction.operations.reduce(
    (sum, operation) => sum + operationBytes(operation),
    T.BYTES + signatures * SignatureLayout.BYTES,
  );
}

/** Head and operations in zeros with room for signatures; the signature count stays 0. */
function writeBody(transaction: Transaction, signatures: number): Buffer {
  const { operations } = transaction;
  checkInteger(operations.length, OPERATIONS, 'operations', T.OPERATIONS, 'PROTOCOL_COUNT');
  const bytes = transactionBytes(transaction, signatures);
  checkTotal(bytes, 0);
  const buffer = Buffer.alloc(bytes);
  writeU32(buffer, T.BODY_BYTES, bytes - signatures * SignatureLayout.BYTES, 'body');
  buffer[T.VERSION] = Limit.VERSION;
  buffer[T.OPERATIONS] = operations.length;
  writeId(buffer, T.CHAIN_ID, transaction.chainId, 'chainId');
  writeU32(buffer, T.REF_HEIGHT, transaction.refHeight, 'refHeight');
  writeU32(buffer, T.REF_PREFIX, transaction.refPrefix, 'refPrefix');
  writeU32(buffer, T.EXPIRY, transaction.expiry, 'expiry');
  writeU32(buffer, T.NONCE, transaction.nonce, 'nonce');
  writeU64(buffer, T.FEE, transaction.fee, 'fee');
  writeName(buffer, T.ACCOUNT, transaction.account, 'account');
  let at: number = T.BYTES;
  for (const operation of operations) at = writeOperation(buffer, at, operation);
  return buffer;
}

function checkTotal(bytes: number, at: number): void {
  if (bytes > Limit.MAX_TRANSACTION_BYTES) {
    const most = Limit.MAX_TRANSACTION_BYTES;
    fail('PROTOCOL_LENGTH', at, `transaction: expected at most ${most} bytes, got ${bytes}`);
  }
}

/**
 * What is signed, before hashing: head with a signature count of 0, and operations.
 *
 * @throws {ProtocolError} where a field is out of range.
 */
export function encodeBody(transaction: Transaction): Uint8Array {
  const buffer = writeBody(transaction, 0);
  return view(buffer, 0, buffer.length);
}

/**
 * What is signed: SHA-256 of the body, 32 bytes; as hexadecimal it is the transaction's id.
 *
 * @throws {ProtocolError} where a field is out of range.
 */
export function transactionDigest(transaction: Transaction): Uint8Array {
  return sha256(writeBody(transaction, 0));
}

/**
 * The canonical encoding.
 *
 * @param signatures - 1 to 16 of 72 bytes.
 * @throws {ProtocolError} where a field is out of range.
 */
export function encodeTransaction(
  transaction: Transaction,
  signatures: readonly Signature[],
): Uint8Array {
  return assembleTransaction(transaction, signatures).bytes;
}

/** A transaction with its signatures, id and bytes. @throws {ProtocolError} as `encodeTransaction`. */
export function assembleTransaction(
  transaction: Transaction,
  signatures: readonly Signature[],
): SignedTransaction {
  checkInteger(signatures.length, SIGNATURES, 'signatures', T.SIGNATURES, 'PROTOCOL_COUNT');
  const buffer = writeBody(transaction, signatures.length);
  const body = buffer.readUInt32LE(T.BODY_BYTES);
  const id = sha256Id(buffer.subarray(0, body));
  buffer[T.SIGNATURES] = signatures.length;
  for (const [i, signature] of signatures.entries()) {
    writeSignature(buffer, body + i * SignatureLayout.BYTES, signature);
  }
  return { transaction, signatures, id, bytes: view(buffer, 0, buffer.length) };
}

/**
 * Bytes of the signed transaction at `at`, from its head alone: enough to take a stream apart.
 *
 * @throws {ProtocolError} where the head is malformed or the bytes end before the transaction.
 */
export function measureTransaction(bytes: Uint8Array, at = 0): number {
  need(bytes, at, T.BYTES, 'transaction');
  const body = asBuffer(bytes).readUInt32LE(at + T.BODY_BYTES);
  const version = bytes[at + T.VERSION]!;
  if (version !== Limit.VERSION) {
    fail('PROTOCOL_VERSION', at + T.VERSION, `transaction: expected version 1, got ${version}`);
  }
  if (body < T.BYTES || body % 8 !== 0) {
    const expected = `a multiple of 8 of at least ${T.BYTES}`;
    fail('PROTOCOL_LENGTH', at, `transaction: expected a body of ${expected}, got ${body}`);
  }
  const countAt = at + T.SIGNATURES;
  const count = checkInteger(bytes[countAt]!, SIGNATURES, 'signatures', countAt, 'PROTOCOL_COUNT');
  const total = body + count * SignatureLayout.BYTES;
  checkTotal(total, at);
  need(bytes, at, total, 'transaction');
  return total;
}

const scratch = Buffer.allocUnsafeSlow(Limit.MAX_TRANSACTION_BYTES);

/** SHA-256 of a body as it stands in signed bytes: the signature count counts as 0. */
function idOf(buffer: Buffer, at: number, body: number): string {
  buffer.copy(scratch, 0, at, at + body);
  scratch[T.SIGNATURES] = 0;
  return sha256Id(scratch.subarray(0, body));
}

/**
 * Reads a signed transaction. Forms are checked, not whose the signatures are.
 *
 * The result shares memory with `bytes` (`bytes`, `signatures`, memos).
 *
 * @param offset - where it begins, when more may follow; without it the bytes must end with it.
 * @throws {ProtocolError}
 */
export function decodeTransaction(bytes: Uint8Array, offset?: number): SignedTransaction {
  const at = offset ?? 0;
  const total = measureTransaction(bytes, at);
  if (offset === undefined) expectEnd(bytes, total, 'transaction');
  const buffer = asBuffer(bytes);
  const body = buffer.readUInt32LE(at + T.BODY_BYTES);
  checkZeros(buffer, at + T.SIGNATURES + 1, 1);
  const countAt = at + T.OPERATIONS;
  const count = checkInteger(buffer[countAt]!, OPERATIONS, 'operations', countAt, 'PROTOCOL_COUNT');
  const operations: Operation[] = [];
  let next = at + T.BYTES;
  for (let i = 0; i < count; i++) {
    const [operation, end] = readOperation(buffer, next);
    if (end > at + body) break;
    operations.push(operation);
    next = end;
  }
  if (operations.length !== count || next !== at + body) {
    fail('PROTOCOL_LENGTH', next, `transaction: its ${count} operations do not fill ${body} bytes`);
  }
  const signatures: Signature[] = [];
  for (; next < at + total; next += SignatureLayout.BYTES) {
    signatures.push(readSignature(buffer, next));
  }
  const transaction = {
    chainId: readId(buffer, at + T.CHAIN_ID),
    refHeight: buffer.readUInt32LE(at + T.REF_HEIGHT),
    refPrefix: buffer.readUInt32LE(at + T.REF_PREFIX),
    expiry: buffer.readUInt32LE(at + T.EXPIRY),
    nonce: buffer.readUInt32LE(at + T.NONCE),
    account: readName(buffer, at + T.ACCOUNT, 'account'),
    fee: buffer.readBigUInt64LE(at + T.FEE),
    operations,
  };
  return { transaction, signatures, id: idOf(buffer, at, body), bytes: view(buffer, at, total) };
}
