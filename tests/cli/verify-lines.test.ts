// SPDX-License-Identifier: Apache-2.0
// What `hpb verify` makes of a line.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from '../../src/cli/verify/lines.ts';
import { parseLine, type Request } from '../../src/cli/verify/request.ts';
import { SEED, seededRandom } from '../driver/helpers/random.ts';
import { freshLine, hex, toDer } from './helpers/lines.ts';

console.info(`SEED=${SEED}`);

const good = freshLine(seededRandom('lines'), 'a');
const bytes = (text: string) => new TextEncoder().encode(text);

function parse(line: unknown, operation: 'verify' | 'recover' = 'verify', number = 2) {
  const text = typeof line === 'string' ? line : JSON.stringify(line);
  return parseLine({ number, length: text.length, bytes: bytes(text) }, operation);
}

function errorOf(request: Request | undefined) {
  if (request?.kind !== 'error') throw new Error(`expected an error, got ${request?.kind}`);
  return { id: request.id, code: request.error.code, message: request.error.message };
}

function inputOf(request: Request | undefined) {
  if (request?.kind !== 'record') throw new Error(`expected a record, got ${request?.kind}`);
  return request.input;
}

describe('default', () => {
  test('digest, signature and key become a record', () => {
    const input = inputOf(parse(good));
    expect(hex(input.digest)).toBe(good.digest);
    expect(hex(input.signature)).toBe(good.signature);
    expect(`04${hex(input.publicKey)}`).toBe(good.publicKey);
  });

  test('a message is hashed with SHA-256, the empty one too', () => {
    const { digest: _, ...rest } = good;
    for (const message of ['', '00', 'c0ffee', 'ab'.repeat(100_000)]) {
      const wanted = createHash('sha256').update(Buffer.from(message, 'hex')).digest('hex');
      expect(hex(inputOf(parse({ ...rest, message })).digest)).toBe(wanted);
    }
  });

  test('upper-case digits are digits', () => {
    const shout = { ...good, digest: good.digest.toUpperCase() };
    expect(hex(inputOf(parse(shout)).digest)).toBe(good.digest);
  });

  test('a DER signature and the same one in 64 bytes are one record', () => {
    const der = { ...good, encoding: 'der', signature: toDer(good.signature) };
    expect(hex(inputOf(parse(der)).signature)).toBe(good.signature);
    expect(hex(inputOf(parse({ ...good, encoding: 'compact' })).signature)).toBe(good.signature);
  });

  test('recover needs no key, verify no recovery id', () => {
    const { publicKey: _, ...keyless } = good;
    expect(inputOf(parse(keyless, 'recover')).recovery).toBe(good.recovery);
    const { recovery: __, ...idless } = good;
    expect(inputOf(parse(idless)).digest).toHaveLength(32);
  });

  test.each([
    ['a string', 'x'],
    ['an empty string', ''],
    ['a number', 7],
    ['a negative number', -3],
    ['a fraction', 0.5],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['null', null],
  ])('an id that is %s comes back', (_, id) => {
    expect(parse({ ...good, id })?.id).toBe(id);
  });

  test('a line without an id has the id null', () => {
    const { id: _, ...rest } = good;
    expect(parse(rest)?.id).toBe(null);
  });

  test('blank lines are nothing', () => {
    for (const text of ['', ' ', '\r', ' \t\r']) expect(parse(text)).toBeUndefined();
  });

  test('carriage returns and white space around the object do not matter', () => {
    expect(parse(` ${JSON.stringify(good)} \r`)?.kind).toBe('record');
  });

  test('a byte order mark is taken off the first line only', () => {
    const text = `\ufeff${JSON.stringify(good)}`;
    expect(parse(text, 'verify', 1)?.kind).toBe('record');
    expect(errorOf(parse(text)).code).toBe('NOT_JSON');
  });
});

describe('behavior: what a signer could have sent is answered', () => {
  test.each([
    ['DER of nothing', { encoding: 'der', signature: '' }],
    ['a cut DER', { encoding: 'der', signature: toDer(good.signature).slice(0, -2) }],
    ['64 bytes said to be DER', { encoding: 'der' }],
    ['a hybrid key', { publicKey: `06${good.publicKey.slice(2)}` }],
    ['a key of 33 bytes with prefix 04', { publicKey: good.publicKey.slice(0, 66) }],
  ])('%s: MALFORMED', (_, change) => {
    expect(parse({ ...good, ...change })).toMatchObject({ kind: 'answer', reason: 'MALFORMED' });
  });
});

describe('error: what the format does not allow', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

  test.each([
    ['no JSON', 'hello', 'NOT_JSON', /expected a JSON object/],
    ['half an object', JSON.stringify(good).slice(0, -5), 'NOT_JSON', /expected a JSON object/],
    ['an array', '[1]', 'NOT_AN_OBJECT', /got an array/],
    ['a string', '"x"', 'NOT_AN_OBJECT', /got "x"/],
    ['null', 'null', 'NOT_AN_OBJECT', /got null/],
    ['a number', '1', 'NOT_AN_OBJECT', /got 1/],
    ['an unknown field', { ...good, Digest: 'x' }, 'UNKNOWN_FIELD', /"Digest": expected one of/],
    ['__proto__', '{"__proto__":{}}', 'UNKNOWN_FIELD', /__proto__/],
    ['an id twice', '{"id":1,"id":2}', 'DUPLICATE_FIELD', /id: expected once/],
    ['a name twice, escaped', '{"id":1,"\\u0069d":2}', 'DUPLICATE_FIELD', /id: expected once/],
    ['an id that is an object', { ...good, id: {} }, 'WRONG_TYPE', /got an object/],
    ['an id that is true', { ...good, id: true }, 'WRONG_TYPE', /got true/],
    ['an id that would be rounded', '{"id":9007199254740993}', 'WRONG_VALUE', /as a string/],
    ['no digest', without('digest'), 'MISSING_FIELD', /digest or message, got neither/],
    ['digest and message', { ...good, message: '' }, 'CONFLICTING_FIELDS', /got both/],
    ['no signature', without('signature'), 'MISSING_FIELD', /signature: expected 64 bytes/],
    ['no key', without('publicKey'), 'MISSING_FIELD', /publicKey: expected 33 or 65 bytes/],
    ['0x', { ...good, digest: `0x${good.digest}` }, 'NOT_HEX', /leave out 0x/],
    ['0X', { ...good, publicKey: `0X${good.publicKey}` }, 'NOT_HEX', /leave out 0x/],
    ['no digits', { ...good, digest: 'zz' }, 'NOT_HEX', /got "zz"/],
    ['a space among digits', { ...good, digest: `${good.digest} ` }, 'NOT_HEX', /digest/],
    ['an odd number of digits', { ...good, digest: 'abc' }, 'WRONG_LENGTH', /3 digits, an odd/],
    ['a short digest', { ...good, digest: 'ab' }, 'WRONG_LENGTH', /32 bytes.*got 1 bytes/],
    ['63 bytes', { ...good, signature: good.signature.slice(2) }, 'WRONG_LENGTH', /got 63 bytes/],
    ['64 bytes of key', { ...good, publicKey: good.signature }, 'WRONG_LENGTH', /33 or 65/],
    ['a digest that is a number', { ...good, digest: 5 }, 'WRONG_TYPE', /got 5/],
    ['a digest that is null', { ...good, digest: null }, 'WRONG_TYPE', /got null/],
    ['another encoding', { ...good, encoding: 'DER' }, 'WRONG_VALUE', /"der" or "compact"/],
    ['an encoding that is a number', { ...good, encoding: 1 }, 'WRONG_TYPE', /got 1/],
    ['recovery id 4, not needed', { ...good, recovery: 4 }, 'WRONG_VALUE', /from 0 to 3, got 4/],
  ])('%s', (_, line, code, message) => {
    expect(errorOf(parse(line))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    [undefined, 'MISSING_FIELD'],
    [4, 'WRONG_VALUE'],
    [-1, 'WRONG_VALUE'],
    [1.5, 'WRONG_VALUE'],
    ['1', 'WRONG_TYPE'],
    [null, 'WRONG_TYPE'],
  ])('recover with the recovery id %j', (recovery, code) => {
    const error = errorOf(parse({ ...good, recovery }, 'recover'));
    expect(error).toMatchObject({ id: 'a', code });
    expect(error.message).toContain('expected an integer from 0 to 3');
  });

  test('bytes that are not UTF-8', () => {
    const line = { number: 1, length: 3, bytes: Uint8Array.of(0x7b, 0xff, 0x7d) };
    expect(errorOf(parseLine(line, 'verify')).code).toBe('NOT_UTF8');
  });

  test('a line that was too long to keep', () => {
    const error = errorOf(parseLine({ number: 1, length: 9e6 }, 'verify'));
    expect(error).toMatchObject({ id: null, code: 'LINE_TOO_LONG' });
    expect(error.message).toContain('1048576 bytes');
  });

  test('an error keeps the id where there was one', () => {
    expect(errorOf(parse({ ...good, digest: 1 })).id).toBe('a');
    expect(errorOf(parse('{"id":')).id).toBe(null);
  });

  test('messages stay short whatever the line holds', () => {
    const long = 'x'.repeat(500_000);
    for (const line of [long, { [long]: 1 }, { ...good, digest: long }, { ...good, id: [long] }]) {
      expect(errorOf(parse(line)).message.length).toBeLessThan(300);
    }
  });
});

describe('LineSplitter', () => {
  const text = 'one\n\ntwo\r\nthree';

  function split(parts: readonly string[], limit = 10) {
    const splitter = new LineSplitter(limit);
    const lines: [number, string | undefined][] = [];
    const keep = ({ number, bytes: b }: { number: number; bytes?: Uint8Array }) =>
      lines.push([number, b && Buffer.from(b).toString()]);
    for (const part of parts) for (const line of splitter.push(bytes(part))) keep(line);
    for (const line of splitter.end()) keep(line);
    return lines;
  }

  test('lines are the same wherever the chunks are cut', () => {
    const whole = [
      [1, 'one'],
      [2, ''],
      [3, 'two\r'],
      [4, 'three'],
    ];
    expect(split([text])).toEqual(whole);
    expect(split([...text])).toEqual(whole);
    for (let at = 0; at <= text.length; at++) {
      expect(split([text.slice(0, at), text.slice(at)])).toEqual(whole);
    }
  });

  test('a last line with a newline is not followed by an empty one', () => {
    expect(split(['a\n'])).toEqual([[1, 'a']]);
    expect(split([])).toEqual([]);
  });

  test('a line above the limit has no bytes, and its neighbours keep theirs', () => {
    const lines = [
      [1, 'a'],
      [2, undefined],
      [3, 'b'],
      [4, '0123456789'],
      [5, undefined],
    ];
    const long = 'a\n0123456789x\nb\n0123456789\n0123456789yy';
    expect(split([long])).toEqual(lines);
    expect(split([...long])).toEqual(lines);
  });
});
