// SPDX-License-Identifier: Apache-2.0

import {
  RecoverResultLayout,
  VerifyInputLayout,
  VerifyResultLayout,
} from '../generated/registers.ts';
import type { Operation } from '../signatures/records.ts';
import type { Device } from './device.ts';

/** Where one batch in flight keeps its records and gets its results. */
export interface Slot {
  readonly input: Uint8Array;
  readonly inputAddress: bigint;
  readonly result: Uint8Array;
  readonly resultAddress: bigint;
}

/** What result memory holds before the card writes: no result looks like this. */
export const UNWRITTEN = 0xff;

/** Bytes of one result record of an operation. */
export function resultBytes(operation: Operation): number {
  return operation === 'verify' ? VerifyResultLayout.BYTES : RecoverResultLayout.BYTES;
}

/**
 * Memory for batches in flight.
 *
 * @param records - most records of one batch.
 */
export function makeSlots(device: Device, count: number, records: number): Slot[] {
  // Verify has the larger input record, recover the larger result record.
  const inputSize = records * VerifyInputLayout.BYTES;
  const resultSize = records * RecoverResultLayout.BYTES;
  const memory = device.alloc(count * (inputSize + resultSize));
  return Array.from({ length: count }, (_, i) => {
    const input = i * (inputSize + resultSize);
    const result = input + inputSize;
    return {
      input: memory.bytes.subarray(input, result),
      inputAddress: memory.address + BigInt(input),
      result: memory.bytes.subarray(result, result + resultSize),
      resultAddress: memory.address + BigInt(result),
    };
  });
}
