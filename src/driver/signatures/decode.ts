// SPDX-License-Identifier: Apache-2.0
// Encodings of signatures and keys into the fixed-width fields of a record.
//
// Decoding decides only whether an encoding is well formed. Values out of range go through
// unchanged in meaning, so that every backend and `checks.ts` give them their reason.

import { bytesToNumber, FIELD_PRIME, numberToBytes } from './curve.ts';
import { KEY_BYTES, SIGNATURE_BYTES } from './records.ts';

const TAG_SEQUENCE = 0x30;
const TAG_INTEGER = 0x02;
const SCALAR_BYTES = 32;
/** Longest encoding of two integers that still uses one-byte lengths. */
const MAX_SHORT_LENGTH = 0x7f;

/** One strict DER INTEGER at `offset`: its content, or undefined. */
function readInteger(der: Uint8Array, offset: number): Uint8Array | undefined {
  const length = der[offset + 1];
  if (der[offset] !== TAG_INTEGER || length === undefined) return undefined;
  if (length === 0 || length > MAX_SHORT_LENGTH) return undefined;
  const content = der.subarray(offset + 2, offset + 2 + length);
  if (content.length !== length) return undefined;
  const [first, second] = content;
  if (first! >= 0x80) return undefined; // negative
  if (length > 1 && first === 0 && second! < 0x80) return undefined; // not minimal
  return content;
}

/** Content of a non-negative INTEGER as 32 bytes; too large becomes all ones, which is above n. */
function putScalar(target: Uint8Array, offset: number, content: Uint8Array): void {
  const digits = content[0] === 0 ? content.subarray(1) : content;
  if (digits.length > SCALAR_BYTES) target.fill(0xff, offset, offset + SCALAR_BYTES);
  else target.set(digits, offset + SCALAR_BYTES - digits.length);
}

/**
 * Decodes a DER signature (SEC 1 v2, C.5; the strict form of BIP 66).
 *
 * Only the one canonical encoding is taken: minimal lengths, minimal non-negative integers,
 * nothing after them. An integer of more than 256 bits decodes to 32 bytes of 0xff: out of range
 * either way.
 *
 * @param der - SEQUENCE of INTEGER r, INTEGER s, without a sighash byte.
 * @returns r then s, 64 bytes; `undefined` when the encoding is not DER (reason MALFORMED).
 * @example
 * const signature = decodeDer(bytes);
 * if (!signature) return { valid: false, reason: 'MALFORMED' };
 */
export function decodeDer(der: Uint8Array): Uint8Array | undefined {
  if (der.length < 2 || der[0] !== TAG_SEQUENCE) return undefined;
  if (der[1]! > MAX_SHORT_LENGTH || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der, 2);
  if (!r) return undefined;
  const s = readInteger(der, 4 + r.length);
  if (!s || 6 + r.length + s.length !== der.length) return undefined;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  putScalar(signature, 0, r);
  putScalar(signature, SCALAR_BYTES, s);
  return signature;
}

/**
 * Decodes an IEEE P1363 signature.
 *
 * @returns the 64 bytes, r then s; `undefined` for another length (reason MALFORMED).
 */
export function decodeCompact(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === SIGNATURE_BYTES ? bytes : undefined;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % FIELD_PRIME) {
    if (e & 1n) result = (result * b) % FIELD_PRIME;
  }
  return result;
}

/** y with the wanted parity for x below p; `undefined` when x^3 + 7 is not a square. */
function liftX(x: bigint, odd: boolean): bigint | undefined {
  const square = (((x * x) % FIELD_PRIME) * x + 7n) % FIELD_PRIME;
  const root = power(square, (FIELD_PRIME + 1n) / 4n);
  if ((root * root) % FIELD_PRIME !== square) return undefined;
  return (root & 1n) === (odd ? 1n : 0n) ? root : FIELD_PRIME - root;
}

/**
 * Decodes a SEC 1 public key (v2, 2.3.4): 33 bytes compressed or 65 bytes uncompressed.
 *
 * A compressed key whose x is out of range or on no point keeps its x and gets y = 0: verifying
 * with it answers KEY_RANGE or NOT_ON_CURVE, as for the uncompressed form.
 *
 * @returns x then y, 32 big-endian bytes each; `undefined` for another prefix or length, hybrid
 *   encodings (06, 07) and infinity included (reason MALFORMED).
 */
export function decodePublicKey(sec1: Uint8Array): Uint8Array | undefined {
  const [prefix] = sec1;
  if (sec1.length === 65 && prefix === 0x04) return new Uint8Array(sec1.subarray(1));
  if (sec1.length !== 33 || (prefix !== 0x02 && prefix !== 0x03)) return undefined;
  const key = new Uint8Array(KEY_BYTES);
  key.set(sec1.subarray(1));
  const x = bytesToNumber(sec1.subarray(1));
  const y = x < FIELD_PRIME ? liftX(x, prefix === 0x03) : undefined;
  if (y !== undefined) key.set(numberToBytes(y), 32);
  return key;
}

/**
 * Encodes a key as SEC 1.
 *
 * @param key - x then y, 64 bytes, a point of the curve.
 * @param compressed - 33 bytes (default) or 65.
 */
export function encodePublicKey(key: Uint8Array, compressed = true): Uint8Array {
  if (!compressed) return Uint8Array.of(0x04, ...key);
  return Uint8Array.of(key[KEY_BYTES - 1]! & 1 ? 0x03 : 0x02, ...key.subarray(0, 32));
}
