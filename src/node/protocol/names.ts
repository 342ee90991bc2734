// SPDX-License-Identifier: Apache-2.0
// Names of accounts and roles, as in the Graphene family of chains.

import { ProtocolError } from './errors.ts';
import type { AccountName } from './types.ts';

/** Longest and shortest name, in characters. */
export const NAME_LENGTH = { least: 3, most: 32 } as const;

const DOT = 0x2e;
const HYPHEN = 0x2d;

const isLetter = (code: number) => code >= 0x61 && code <= 0x7a;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/**
 * Whether a name may be one: 3 to 32 characters, labels of lower-case letters, digits and hyphens
 * joined by dots; each label begins with a letter and ends with a letter or digit.
 */
export function isName(name: unknown): name is AccountName {
  if (typeof name !== 'string') return false;
  const { length } = name;
  if (length < NAME_LENGTH.least || length > NAME_LENGTH.most) return false;
  let before = DOT;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (before === DOT) {
      if (!isLetter(code)) return false;
    } else if (code === DOT) {
      if (before === HYPHEN) return false;
    } else if (!isLetter(code) && !isDigit(code) && code !== HYPHEN) {
      return false;
    }
    before = code;
  }
  return before !== DOT && before !== HYPHEN;
}

/**
 * Returns the name.
 *
 * @param where - what the name is, for the message.
 * @throws {ProtocolError} `PROTOCOL_NAME` unless `isName(name)`.
 */
export function checkName(name: unknown, where = 'name', offset = 0): AccountName {
  if (isName(name)) return name;
  const got = typeof name === 'string' ? JSON.stringify(name.slice(0, 64)) : typeof name;
  throw new ProtocolError(
    'PROTOCOL_NAME',
    `${where}: expected 3 to 32 characters, labels of a-z, 0-9 and hyphens joined by dots, ` +
      `each beginning with a letter and not ending with a hyphen; got ${got}`,
    offset,
  );
}

/** Order of names: by their bytes. */
export function compareNames(a: AccountName, b: AccountName): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
