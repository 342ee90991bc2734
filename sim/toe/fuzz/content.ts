// SPDX-License-Identifier: Apache-2.0
// What a stream carries follows from where it is: whatever is stored, sent again or put together from
// overlapping segments, each byte says whether it is at its place.

const MODULUS = 2 ** 32;

/** @param salt - of the stream. @param position - 32 bits, wraps. */
export function byteAt(salt: number, position: number): number {
  return Math.imul(position ^ salt, 0x9e3779b1) >>> 24;
}

/** Writes a stream's bytes from a position on. */
export function fill(bytes: Uint8Array, salt: number, position: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(salt, (position + i) | 0);
  return bytes;
}

/** Index of the first byte that is not the stream's; -1 for none. */
export function findWrong(bytes: Uint8Array, salt: number, position: number): number {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== byteAt(salt, (position + i) | 0)) return i;
  }
  return -1;
}

/** Sequence numbers: `to` - `from`, from -2^31 to below 2^31. */
export const distance = (from: number, to: number) => (to - from) | 0;

/** Modulo 2^32. */
export const wrap = (value: number) => ((value % MODULUS) + MODULUS) % MODULUS;
