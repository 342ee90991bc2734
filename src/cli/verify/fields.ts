// SPDX-License-Identifier: Apache-2.0
// Reading one line's fields: each failure says what was expected and what was there.

/** What is wrong with a line, for programs. Stable: new ones are added, none is renamed. */
export type LineErrorCode =
  | 'LINE_TOO_LONG'
  | 'NOT_UTF8'
  | 'NOT_JSON'
  | 'NOT_AN_OBJECT'
  | 'DUPLICATE_FIELD'
  | 'UNKNOWN_FIELD'
  | 'MISSING_FIELD'
  | 'CONFLICTING_FIELDS'
  | 'WRONG_TYPE'
  | 'WRONG_LENGTH'
  | 'WRONG_VALUE'
  | 'NOT_HEX';

/** A line that cannot be asked about. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly code: LineErrorCode;

  constructor(code: LineErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Longest piece of the input that a message repeats. */
const QUOTE_LENGTH = 32;

/** A value as a message shows it: short, whatever it is. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length <= QUOTE_LENGTH ? text : `${text.slice(0, QUOTE_LENGTH)}...`;
}

/** A JSON object's own fields; anything else throws. */
export type Fields = Readonly<Record<string, unknown>>;

const HEX = /^[0-9a-fA-F]*$/;

/**
 * Bytes of a hexadecimal field, upper or lower case, without a prefix.
 *
 * @param lengths - bytes that the format allows; any number when empty.
 * @throws {LineError} `MISSING_FIELD`, `WRONG_TYPE`, `NOT_HEX`, `WRONG_LENGTH`.
 */
export function hexField(fields: Fields, name: string, lengths: readonly number[]): Uint8Array {
  const value = fields[name];
  const expected =
    lengths.length > 0 ? `${lengths.join(' or ')} bytes in hexadecimal` : 'hexadecimal digits';
  if (value === undefined) {
    throw new LineError('MISSING_FIELD', `${name}: expected ${expected}, got nothing`);
  }
  if (typeof value !== 'string') {
    const message = `${name}: expected a string of ${expected}, got ${describe(value)}`;
    throw new LineError('WRONG_TYPE', message);
  }
  if (/^0[xX]/.test(value)) {
    const message = `${name}: expected ${expected} without a prefix, got ${describe(value)}: leave out 0x`;
    throw new LineError('NOT_HEX', message);
  }
  if (!HEX.test(value)) {
    throw new LineError('NOT_HEX', `${name}: expected ${expected}, got ${describe(value)}`);
  }
  if (value.length % 2 !== 0) {
    const message = `${name}: expected ${expected}, got ${value.length} digits, an odd number`;
    throw new LineError('WRONG_LENGTH', message);
  }
  const bytes = value.length / 2;
  if (lengths.length > 0 && !lengths.includes(bytes)) {
    throw new LineError('WRONG_LENGTH', `${name}: expected ${expected}, got ${bytes} bytes`);
  }
  return Buffer.from(value, 'hex');
}

/**
 * An integer from `low` to `high`.
 *
 * @throws {LineError} `MISSING_FIELD`, `WRONG_TYPE`, `WRONG_VALUE`.
 */
export function integerField(fields: Fields, name: string, low: number, high: number): number {
  const value = fields[name];
  const message = `${name}: expected an integer from ${low} to ${high}, got ${describe(value)}`;
  if (value === undefined) throw new LineError('MISSING_FIELD', message);
  if (typeof value !== 'number') throw new LineError('WRONG_TYPE', message);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new LineError('WRONG_VALUE', message);
  }
  return value;
}

/**
 * A field that is one of some words, or absent.
 *
 * @throws {LineError} `WRONG_TYPE`, `WRONG_VALUE`.
 */
export function wordField<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  const choice = words.map((candidate) => `"${candidate}"`).join(' or ');
  const code = typeof value === 'string' ? 'WRONG_VALUE' : 'WRONG_TYPE';
  throw new LineError(code, `${name}: expected ${choice}, got ${describe(value)}`);
}

/**
 * The first field name that stands twice in an object's text: JSON.parse keeps the last one and tells
 * nobody, and another reader of the same line may keep the first.
 *
 * @param json - one JSON object, already known to be well formed.
 */
export function repeatedName(json: string): string | undefined {
  const names = new Set<string>();
  let depth = 0;
  let nameNext = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (character === '{' || character === ',') nameNext = true;
    if (character !== '"') continue;
    const start = i++;
    while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
    if (depth === 1 && nameNext) {
      const name: string = JSON.parse(json.slice(start, i + 1));
      if (names.has(name)) return name;
      names.add(name);
    }
    nameNext = false;
  }
  return undefined;
}
