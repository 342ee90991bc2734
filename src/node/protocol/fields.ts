// SPDX-License-Identifier: Apache-2.0
// Fields at fixed offsets. Readers check what they read, writers what they write, by the same rules.
//
// Readers do not check that the bytes are long enough: whoever knows the structure has, with `need`.

import { Limit, SignatureLayout } from '../generated/protocol.ts';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';
import { checkName } from './names.ts';
import type { AccountName, Id, PublicKey, Signature } from './types.ts';

/** Throws unless `condition`; the message is built only then. */
export function fail(code: ProtocolErrorCode, offset: number, message: string): never {
  throw new ProtocolError(code, message, offset);
}

/** Throws `PROTOCOL_TRUNCATED` unless `bytes` bytes are left at `at`. */
export function need(buffer: Uint8Array, at: number, bytes: number, what: string): void {
  const left = buffer.length - at;
  if (left < bytes) {
    fail('PROTOCOL_TRUNCATED', at, `${what}: expected ${bytes} bytes at ${at}, got ${left}`);
  }
}

/** Throws `PROTOCOL_LENGTH` if something follows. */
export function expectEnd(buffer: Uint8Array, end: number, what: string): void {
  if (buffer.length !== end) {
    fail('PROTOCOL_LENGTH', end, `${what}: expected ${end} bytes, got ${buffer.length}`);
  }
}

/** Throws `PROTOCOL_RESERVED` unless the bytes are zero. */
export function checkZeros(buffer: Uint8Array, at: number, bytes: number): void {
  for (let i = at; i < at + bytes; i++) {
    if (buffer[i] !== 0) {
      fail('PROTOCOL_RESERVED', i, `byte ${i} is reserved: expected 0, got ${buffer[i]}`);
    }
  }
}

/** Throws `PROTOCOL_MAGIC` unless the word is there. */
export function checkMagic(buffer: Buffer, at: number, magic: number, what: string): void {
  const got = buffer.readUInt32LE(at);
  if (got !== magic) {
    fail(
      'PROTOCOL_MAGIC',
      at,
      `${what}: expected 0x${magic.toString(16)}, got 0x${got.toString(16)}`,
    );
  }
}

/** Returns an integer from `low` to `high`; else throws `code`. */
export function checkInteger(
  value: number,
  [low, high]: readonly [number, number],
  what: string,
  offset = 0,
  code: ProtocolErrorCode = 'PROTOCOL_RANGE',
): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    fail(code, offset, `${what}: expected an integer from ${low} to ${high}, got ${value}`);
  }
  return value;
}

const U32 = [0, 0xffff_ffff] as const;

/** Writes a u32. */
export function writeU32(buffer: Buffer, at: number, value: number, what: string): void {
  buffer.writeUInt32LE(checkInteger(value, U32, what, at), at);
}

/** Writes a u64. */
export function writeU64(buffer: Buffer, at: number, value: bigint, what: string): void {
  if (typeof value !== 'bigint' || value < 0n || value > 0xffff_ffff_ffff_ffffn) {
    fail('PROTOCOL_RANGE', at, `${what}: expected 0 to 2^64 - 1, got ${value}`);
  }
  buffer.writeBigUInt64LE(value, at);
}

/** Reads a u64 that is a number here: below 2^53. */
export function readSafe(buffer: Buffer, at: number, what: string): number {
  const high = buffer.readUInt32LE(at + 4);
  if (high >= 0x20_0000) fail('PROTOCOL_RANGE', at, `${what}: expected a number below 2^53`);
  return high * 0x1_0000_0000 + buffer.readUInt32LE(at);
}

/** Writes a number below 2^53 as a u64. */
export function writeSafe(buffer: Buffer, at: number, value: number, what: string): void {
  checkInteger(value, [0, Number.MAX_SAFE_INTEGER], what, at);
  buffer.writeBigUInt64LE(BigInt(value), at);
}

/** Reads a name. */
export function readName(buffer: Buffer, at: number, what: string): AccountName {
  let end = at + Limit.NAME_BYTES;
  while (end > at && buffer[end - 1] === 0) end--;
  return checkName(buffer.toString('latin1', at, end), what, at);
}

/** Writes a name. */
export function writeName(buffer: Buffer, at: number, name: AccountName, what: string): void {
  buffer.write(checkName(name, what, at), at, Limit.NAME_BYTES, 'latin1');
}

/** Reads 32 bytes as an id. */
export function readId(buffer: Buffer, at: number): Id {
  return buffer.toString('hex', at, at + 32);
}

/** Writes an id. */
export function writeId(buffer: Buffer, at: number, id: Id, what: string): void {
  if (typeof id !== 'string' || id.length !== 64 || !/^[0-9a-f]{64}$/.test(id)) {
    fail(
      'PROTOCOL_TEXT',
      at,
      `${what}: expected 64 lower-case hexadecimal digits, got ${String(id).slice(0, 80)}`,
    );
  }
  buffer.write(id, at, 32, 'hex');
}

/** Bytes of a compressed key. */
export const KEY_BYTES = 33;

/** Reads a compressed key: its form, not whether it is on the curve. */
export function readKey(buffer: Buffer, at: number, what: string): PublicKey {
  const prefix = buffer[at]!;
  if (prefix !== 2 && prefix !== 3) {
    fail('PROTOCOL_KEY', at, `${what}: expected a compressed key, 02 or 03 first, got ${prefix}`);
  }
  return buffer.toString('hex', at, at + KEY_BYTES);
}

/** Writes a compressed key. */
export function writeKey(buffer: Buffer, at: number, key: PublicKey, what: string): void {
  if (typeof key !== 'string' || !/^0[23][0-9a-f]{64}$/.test(key)) {
    fail(
      'PROTOCOL_KEY',
      at,
      `${what}: expected a compressed key, 66 lower-case digits with 02 or 03 first, got ${String(key).slice(0, 80)}`,
    );
  }
  buffer.write(key, at, KEY_BYTES, 'hex');
}

/** n/2, rounded down: the greatest s. */
const HALF_ORDER = Buffer.from(
  '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0',
  'hex',
);

/** Throws `PROTOCOL_SIGNATURE` or `PROTOCOL_RESERVED` unless the form is right and s is low. */
function checkSignature(buffer: Buffer, at: number): void {
  const recovery = buffer[at + SignatureLayout.RECOVERY]!;
  if (recovery > 3) {
    fail(
      'PROTOCOL_SIGNATURE',
      at,
      `signature: expected a recovery id from 0 to 3, got ${recovery}`,
    );
  }
  checkZeros(buffer, at + SignatureLayout.RECOVERY + 1, 7);
  const s = at + SignatureLayout.S;
  if (buffer[s]! >= 0x7f && buffer.compare(HALF_ORDER, 0, 32, s, s + 32) > 0) {
    fail('PROTOCOL_SIGNATURE', at, 'signature: expected low s, at most n/2');
  }
}

/** Reads a signature; the result is a view. */
export function readSignature(buffer: Buffer, at: number): Signature {
  checkSignature(buffer, at);
  return new Uint8Array(buffer.buffer, buffer.byteOffset + at, SignatureLayout.BYTES);
}

/** Writes a signature. */
export function writeSignature(buffer: Buffer, at: number, signature: Signature): void {
  if (!(signature instanceof Uint8Array) || signature.length !== SignatureLayout.BYTES) {
    fail('PROTOCOL_SIGNATURE', at, `signature: expected 72 bytes, got ${signature?.length}`);
  }
  buffer.set(signature, at);
  checkSignature(buffer, at);
}

/** Bytes at an offset, as a view. */
export function view(buffer: Buffer, at: number, bytes: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + at, bytes);
}

/** Reads printable ASCII in a field padded with zeros. */
export function readText(buffer: Buffer, at: number, bytes: number, what: string): string {
  let end = at + bytes;
  while (end > at && buffer[end - 1] === 0) end--;
  return checkText(buffer.toString('latin1', at, end), bytes, what, at);
}

/** Writes printable ASCII into zeros. */
export function writeText(buffer: Buffer, at: number, bytes: number, text: string, what: string) {
  buffer.write(checkText(text, bytes, what, at), at, bytes, 'latin1');
}

function checkText(text: string, bytes: number, what: string, at: number): string {
  if (typeof text !== 'string' || text.length > bytes || !/^[\x20-\x7e]*$/.test(text)) {
    fail('PROTOCOL_TEXT', at, `${what}: expected at most ${bytes} printable ASCII characters`);
  }
  return text;
}
