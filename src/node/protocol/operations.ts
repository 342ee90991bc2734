// SPDX-License-Identifier: Apache-2.0
// Operations as bytes.

import { OperationLayout } from '../generated/protocol.ts';
import { checkZeros, fail, need } from './fields.ts';
import { createAccount, stakeCodec, transfer, updateAuthority } from './operation-accounts.ts';
import {
  registerProducer,
  reportDoubleProduction,
  reportDoubleVote,
  voteProducers,
} from './operation-producers.ts';
import { OPERATION_CODES, OPERATION_TYPES, type OperationCodec } from './operation-types.ts';
import type { Operation, OperationType, Stake, Unstake } from './types.ts';

const CODECS: { readonly [T in OperationType]: OperationCodec<Extract<Operation, { type: T }>> } = {
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
const BY_CODE: (OperationCodec<Operation> | undefined)[] = [];
for (const type of OPERATION_TYPES) BY_CODE[OPERATION_CODES[type]] = codecOf(type);

function codecOf(type: OperationType): OperationCodec<Operation> {
  const codec = Object.hasOwn(CODECS, type) ? CODECS[type] : undefined;
  if (!codec) fail('PROTOCOL_TYPE', 0, `operation: expected a known type, got ${String(type)}`);
  return codec as OperationCodec<Operation>;
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
