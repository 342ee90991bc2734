// SPDX-License-Identifier: Apache-2.0
// One line of `hpb verify`'s input, from bytes to the record that a backend is asked about.

import { createHash } from 'node:crypto';
import {
  decodeDer,
  decodePublicKey,
  type ReasonName,
  type RecoverInput,
  SIGNATURE_BYTES,
  type VerifyInput,
} from '../../driver/index.ts';
import {
  describe,
  type Fields,
  hexField,
  integerField,
  LineError,
  repeatedName,
  wordField,
} from './fields.ts';
import { type Line, MAX_LINE_BYTES } from './lines.ts';

/** What a line asks for. */
export type VerifyOperation = 'verify' | 'recover';

/** What a line calls itself; null when it does not. */
export type LineId = string | number | null;

/** What became of a line. */
export type Request =
  /** The backend is to be asked. */
  | { readonly id: LineId; readonly kind: 'record'; readonly input: VerifyInput & RecoverInput }
  /** The encoding alone decides. */
  | { readonly id: LineId; readonly kind: 'answer'; readonly reason: ReasonName }
  /** The line is malformed. */
  | { readonly id: LineId; readonly kind: 'error'; readonly error: LineError };

const FIELDS: ReadonlySet<string> = new Set([
  'id',
  'digest',
  'message',
  'signature',
  'encoding',
  'publicKey',
  'recovery',
]);

const DIGEST_BYTES = 32;
const NO_KEY = new Uint8Array(64);
const BLANK = /^[ \t\r]*$/;
const BYTE_ORDER_MARK = '\ufeff';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText({ number, bytes }: Line): string {
  if (!bytes) {
    const message = `line: expected at most ${MAX_LINE_BYTES} bytes; for a long message give its digest`;
    throw new LineError('LINE_TOO_LONG', message);
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new LineError('NOT_UTF8', 'line: expected UTF-8, got other bytes');
  }
  return number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function readObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = (error as Error).message;
    throw new LineError('NOT_JSON', `line: expected a JSON object, got: ${detail.slice(0, 120)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `line: expected a JSON object, got ${describe(value)}`;
    throw new LineError('NOT_AN_OBJECT', message);
  }
  return value as Fields;
}

/** An id comes back as it was given, so a number that JavaScript would round is refused. */
function readId(fields: Fields): LineId {
  const { id } = fields;
  if (id === undefined || id === null || typeof id === 'string') return id ?? null;
  if (typeof id === 'number' && (Number.isSafeInteger(id) || !Number.isInteger(id))) return id;
  if (typeof id !== 'number') {
    throw new LineError('WRONG_TYPE', `id: expected a string or a number, got ${describe(id)}`);
  }
  const message = 'id: expected an integer within 2^53 - 1, got a larger one: write it as a string';
  throw new LineError('WRONG_VALUE', message);
}

function checkNames(text: string, fields: Fields): void {
  for (const name of Object.keys(fields)) {
    if (!FIELDS.has(name)) {
      const message = `${describe(name)}: expected one of ${[...FIELDS].join(', ')}`;
      throw new LineError('UNKNOWN_FIELD', message);
    }
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) {
    throw new LineError('DUPLICATE_FIELD', `${repeated}: expected once, got it more than once`);
  }
}

function readDigest(fields: Fields): Uint8Array {
  const { digest, message } = fields;
  if (digest !== undefined && message !== undefined) {
    throw new LineError('CONFLICTING_FIELDS', 'expected digest or message, got both');
  }
  if (digest === undefined && message === undefined) {
    throw new LineError('MISSING_FIELD', 'expected digest or message, got neither');
  }
  if (message === undefined) return hexField(fields, 'digest', [DIGEST_BYTES]);
  return createHash('sha256')
    .update(hexField(fields, 'message', []))
    .digest();
}

/** r then s; undefined for bytes that are no DER. */
function readSignature(fields: Fields): Uint8Array | undefined {
  const encoding = wordField(fields, 'encoding', ['der', 'compact']);
  if (encoding === 'der') return decodeDer(hexField(fields, 'signature', []));
  return hexField(fields, 'signature', [SIGNATURE_BYTES]);
}

/** One file may serve both operations: what the other one needs is checked, and not used. */
function readRequest(fields: Fields, id: LineId, operation: VerifyOperation): Request {
  const digest = readDigest(fields);
  const signature = readSignature(fields);
  const needsKey = operation === 'verify' || fields.publicKey !== undefined;
  const needsRecovery = operation === 'recover' || fields.recovery !== undefined;
  const recovery = needsRecovery ? integerField(fields, 'recovery', 0, 3) : 0;
  const key = needsKey ? hexField(fields, 'publicKey', [33, 65]) : undefined;
  const publicKey = operation === 'verify' ? decodePublicKey(key!) : NO_KEY;
  if (!signature || !publicKey) return { id, kind: 'answer', reason: 'MALFORMED' };
  return { id, kind: 'record', input: { digest, signature, publicKey, recovery } };
}

/**
 * Reads a line.
 *
 * What the format fixes (JSON, names, types, lengths) makes a malformed line; what a signer could
 * have sent (a broken DER, a key of another form, a value out of range) gets an answer.
 *
 * @returns `undefined` for a line of nothing but white space.
 */
export function parseLine(line: Line, operation: VerifyOperation): Request | undefined {
  let id: LineId = null;
  try {
    const text = readText(line);
    if (BLANK.test(text)) return undefined;
    const fields = readObject(text);
    id = readId(fields);
    checkNames(text, fields);
    return readRequest(fields, id, operation);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    return { id, kind: 'error', error };
  }
}
