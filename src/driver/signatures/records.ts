// SPDX-License-Identifier: Apache-2.0
// The packed records of a batch: what callers fill, what the card fetches by DMA.

import { requireArgument } from '../errors.ts';

/** Bytes of a verify record: digest 32, r 32, s 32, x 32, y 32, each big-endian. */
export const VERIFY_RECORD_BYTES = 160;

/** Bytes of a recover record: digest 32, r 32, s 32, each big-endian, recovery id 1, zeros 7. */
export const RECOVER_RECORD_BYTES = 104;

/** Bytes of a digest, of a signature (r, s) and of a key (x, y), big-endian halves of 32. */
export const DIGEST_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const KEY_BYTES = 64;

/** Where the fields stand inside a record. */
export const RECORD_OFFSET = { digest: 0, r: 32, s: 64, x: 96, y: 128, recovery: 96, padding: 97 };

/** What is asked of a record. */
export type Operation = 'verify' | 'recover';

/** Bytes of one record of an operation. */
export function recordBytes(operation: Operation): number {
  return operation === 'verify' ? VERIFY_RECORD_BYTES : RECOVER_RECORD_BYTES;
}

/** One signature to verify. Values out of range are allowed here: they are answered, not thrown. */
export interface VerifyInput {
  /** 32-byte message digest. */
  readonly digest: Uint8Array;
  /** r then s, 32 big-endian bytes each (IEEE P1363); see `decodeDer` for DER. */
  readonly signature: Uint8Array;
  /** x then y, 32 big-endian bytes each; see `decodePublicKey` for SEC 1 encodings. */
  readonly publicKey: Uint8Array;
}

/** One signature to recover the key of. */
export interface RecoverInput {
  /** 32-byte message digest. */
  readonly digest: Uint8Array;
  /** r then s, 32 big-endian bytes each (IEEE P1363). */
  readonly signature: Uint8Array;
  /** Recovery id, one byte: bit 0 parity of y, bit 1 set when x is r + n; above 3 is answered. */
  readonly recovery: number;
}

function copyField(
  target: Uint8Array,
  offset: number,
  bytes: Uint8Array,
  length: number,
  name: string,
): void {
  requireArgument(
    bytes instanceof Uint8Array && bytes.length === length,
    `${name}: expected ${length} bytes, got ${bytes?.length}`,
  );
  target.set(bytes, offset);
}

/**
 * Writes one verify record.
 *
 * @param target - packed records, 160 bytes each.
 * @param index - which record.
 * @throws {AccelError} `ACCEL_ARGUMENT` for a field of another length or a record outside `target`.
 * @example
 * const records = new Uint8Array(2 * VERIFY_RECORD_BYTES);
 * packVerify(records, 0, { digest, signature, publicKey });
 */
export function packVerify(target: Uint8Array, index: number, input: VerifyInput): void {
  const at = recordStart(target, index, VERIFY_RECORD_BYTES);
  copyField(target, at + RECORD_OFFSET.digest, input.digest, DIGEST_BYTES, 'digest');
  copyField(target, at + RECORD_OFFSET.r, input.signature, SIGNATURE_BYTES, 'signature');
  copyField(target, at + RECORD_OFFSET.x, input.publicKey, KEY_BYTES, 'publicKey');
}

/**
 * Writes one recover record.
 *
 * @param target - packed records, 104 bytes each.
 * @param index - which record.
 * @throws {AccelError} `ACCEL_ARGUMENT` for a field of another length, a recovery id that is no
 *   byte, or a record outside `target`.
 */
export function packRecover(target: Uint8Array, index: number, input: RecoverInput): void {
  const at = recordStart(target, index, RECOVER_RECORD_BYTES);
  const { recovery } = input;
  requireArgument(
    Number.isInteger(recovery) && recovery >= 0 && recovery <= 255,
    `recovery: expected an integer from 0 to 255, got ${recovery}`,
  );
  copyField(target, at + RECORD_OFFSET.digest, input.digest, DIGEST_BYTES, 'digest');
  copyField(target, at + RECORD_OFFSET.r, input.signature, SIGNATURE_BYTES, 'signature');
  target[at + RECORD_OFFSET.recovery] = recovery;
  target.fill(0, at + RECORD_OFFSET.padding, at + RECOVER_RECORD_BYTES);
}

function recordStart(target: Uint8Array, index: number, bytes: number): number {
  requireArgument(
    Number.isInteger(index) && index >= 0 && (index + 1) * bytes <= target.length,
    `index: expected a record inside ${target.length} bytes, got ${index}`,
  );
  return index * bytes;
}

/**
 * Packs verify records.
 *
 * @returns 160 bytes per input, in order.
 * @throws {AccelError} `ACCEL_ARGUMENT` for a field of another length.
 */
export function packVerifyBatch(inputs: readonly VerifyInput[]): Uint8Array {
  const records = new Uint8Array(inputs.length * VERIFY_RECORD_BYTES);
  inputs.forEach((input, i) => {
    packVerify(records, i, input);
  });
  return records;
}

/**
 * Packs recover records.
 *
 * @returns 104 bytes per input, in order.
 * @throws {AccelError} `ACCEL_ARGUMENT` for a field of another length.
 */
export function packRecoverBatch(inputs: readonly RecoverInput[]): Uint8Array {
  const records = new Uint8Array(inputs.length * RECOVER_RECORD_BYTES);
  inputs.forEach((input, i) => {
    packRecover(records, i, input);
  });
  return records;
}
