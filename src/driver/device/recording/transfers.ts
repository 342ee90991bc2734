// SPDX-License-Identifier: Apache-2.0
// Which memory the card touches for a descriptor: what an engine's descriptors mean.

import {
  Block,
  DescriptorLayout,
  OpCode,
  RecoverInputLayout,
  RecoverResultLayout,
  VerifyInputLayout,
  VerifyResultLayout,
} from '../../generated/registers.ts';

/** A descriptor's memory, and how it is divided. */
export interface Transfers {
  readonly input: bigint;
  readonly result: bigint;
  readonly count: number;
  readonly inputRecordBytes: number;
  readonly resultRecordBytes: number;
}

/**
 * Takes a descriptor apart.
 *
 * @param block - offset of the engine's register block.
 * @returns `undefined` for an engine or an operation that has no records.
 */
export function transfersOf(block: number, descriptor: Uint8Array): Transfers | undefined {
  if (block !== Block.SIGVERIFY) return undefined;
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.byteLength);
  const op = view.getUint16(DescriptorLayout.OP, true);
  const count = view.getUint32(DescriptorLayout.COUNT, true);
  if (count < 1 || count > 65_535 || (op !== OpCode.VERIFY && op !== OpCode.RECOVER)) {
    return undefined;
  }
  const verify = op === OpCode.VERIFY;
  return {
    input: view.getBigUint64(DescriptorLayout.INPUT, true),
    result: view.getBigUint64(DescriptorLayout.RESULT, true),
    count,
    inputRecordBytes: verify ? VerifyInputLayout.BYTES : RecoverInputLayout.BYTES,
    resultRecordBytes: verify ? VerifyResultLayout.BYTES : RecoverResultLayout.BYTES,
  };
}
