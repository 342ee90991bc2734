// SPDX-License-Identifier: Apache-2.0
// Types of operations and their codes.

import { OperationCode } from '../generated/protocol.ts';
import type { Operation, OperationType } from './types.ts';

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
export interface OperationCodec<O extends Operation> {
  /** Bytes of the fixed part, head included. */
  readonly fixed: number;
  /** Bytes of a value, head included. */
  bytes(operation: O): number;
  /** Reads; at least `fixed` bytes are there. Returns the value and where it ends. */
  read(buffer: Buffer, at: number): readonly [O, number];
  write(buffer: Buffer, at: number, operation: O): void;
}
