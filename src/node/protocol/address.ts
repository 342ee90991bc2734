// SPDX-License-Identifier: Apache-2.0
// Internet addresses as 16 bytes and as text.

import { isIPv4, isIPv6 } from 'node:net';
import { fail } from './fields.ts';

/** ::ffff:0:0/96, where IPv4 lies in IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/**
 * 16 bytes of an IPv4 or IPv6 address.
 *
 * @throws {ProtocolError} `PROTOCOL_TEXT` for anything else, zones included.
 */
export function parseAddress(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.of(...MAPPED, ...text.split('.').map(Number));
  if (!isIPv6(text) || text.includes('%')) {
    const got = JSON.stringify(String(text).slice(0, 64));
    fail('PROTOCOL_TEXT', 0, `address: expected IPv4 or IPv6 without a zone, got ${got}`);
  }
  const tail = /[^:]*\.[^:]*$/.exec(text)?.[0];
  const last = tail?.split('.').map(Number);
  const hex = last ? text.slice(0, -tail!.length) + wordsOf(last) : text;
  const [head = '', rest] = hex.split('::');
  const before = groups(head);
  const after = rest === undefined ? [] : groups(rest);
  const zeros = Array<number>(8 - before.length - after.length).fill(0);
  const words = [...before, ...zeros, ...after];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

const wordsOf = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) =>
  `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;

const groups = (text: string) =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** The one text of an address: IPv4 dotted, IPv6 as RFC 5952 has it. */
export function formatAddress(bytes: Uint8Array): string {
  if (MAPPED.equals(bytes.subarray(0, 12))) return bytes.subarray(12, 16).join('.');
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const full = words.map((word) => word.toString(16)).join(':');
  return new URL(`http://[${full}]`).hostname.slice(1, -1);
}
