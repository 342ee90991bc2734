// SPDX-License-Identifier: Apache-2.0
// The numbers of secp256k1 (SEC 2 v2, 2.4.1) that the checks of encodings need.

/** Field prime, 2^256 - 2^32 - 977. */
export const FIELD_PRIME = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

/** Order n of the group. */
export const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Largest s that is not "high": floor(n / 2), the low-s rule of BIP 62. */
export const HALF_ORDER = GROUP_ORDER >> 1n;

/**
 * Big-endian bytes as a number.
 *
 * @param bytes - any length; empty is 0.
 */
export function bytesToNumber(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return BigInt(`0x0${hex}`);
}

/**
 * A number as 32 big-endian bytes.
 *
 * @param value - 0 <= value < 2^256.
 * @throws {RangeError} outside that range.
 */
export function numberToBytes(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n !== 0n) throw new RangeError('expected 0 <= value < 2^256');
  const hex = value.toString(16).padStart(64, '0');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
