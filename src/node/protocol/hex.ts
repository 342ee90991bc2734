// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal digits, and SHA-256.

import { hash } from 'node:crypto';
import { ProtocolError } from './errors.ts';
import type { Id } from './types.ts';

/** The same memory as a Buffer, whose methods read and write numbers faster than a DataView's. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Lower-case digits. */
export function toHex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

/**
 * Bytes of lower-case digits.
 *
 * @param bytes - how many there must be, if known.
 * @throws {ProtocolError} `PROTOCOL_TEXT` for anything else.
 */
export function fromHex(text: string, bytes?: number, where = 'hex'): Uint8Array {
  const fits = bytes === undefined ? text.length % 2 === 0 : text.length === 2 * bytes;
  if (!fits || !/^[0-9a-f]*$/.test(text)) {
    const expected = bytes === undefined ? 'an even number of' : `${2 * bytes}`;
    throw new ProtocolError(
      'PROTOCOL_TEXT',
      `${where}: expected ${expected} lower-case hexadecimal digits, got ${JSON.stringify(text.slice(0, 80))}${text.length > 80 ? `, ${text.length} characters` : ''}`,
    );
  }
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Whether a text is an id: 64 lower-case digits. */
export function isId(text: unknown): text is Id {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

/** SHA-256 as an id. */
export function sha256Id(bytes: Uint8Array): Id {
  return hash('sha256', bytes, 'hex');
}

/** SHA-256, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hash('sha256', bytes, 'hex'), 'hex'));
}
