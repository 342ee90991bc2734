// SPDX-License-Identifier: Apache-2.0

import { Point } from '@noble/secp256k1';
import { describe, expect, test } from 'vitest';
import {
  AccelError,
  decodeDer,
  decodePublicKey,
  encodePublicKey,
  packRecover,
  packVerify,
} from '../../src/driver/index.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ones = 'ff'.repeat(32);

describe('decodeDer', () => {
  const scalar = (last: number) => new Uint8Array(32).fill(last, 31);

  test('takes the canonical encoding', () => {
    expect(decodeDer(hex('3006 020101 020102'))).toEqual(Uint8Array.of(...scalar(1), ...scalar(2)));
    const long = decodeDer(hex(`3026 022100${ones} 020100`));
    expect(long).toEqual(Uint8Array.of(...hex(ones), ...new Uint8Array(32)));
  });

  test('an integer above 256 bits stays out of range', () => {
    const decoded = decodeDer(hex(`3026 022101${'00'.repeat(32)} 020101`));
    expect(decoded).toEqual(Uint8Array.of(...hex(ones), ...scalar(1)));
  });

  test.each([
    ['nothing', ''],
    ['a sequence of nothing', '3000'],
    ['one integer', '3003 020101'],
    ['three integers', '3009 020101 020102 020103'],
    ['a byte after the sequence', '3006 020101 020102 00'],
    ['a sequence cut short', '3006 020101 0201'],
    ['a length that is not minimal', '308106 020101 020102'],
    ['an indefinite length', '3080 020101 020102 0000'],
    ['an integer with a length that is not minimal', '3007 02810101 020102'],
    ['an integer with a zero too many', '3007 02020001 020102'],
    ['a negative integer', '3006 020181 020102'],
    ['an empty integer', '3005 0200 020102'],
    ['another tag outside', '3106 020101 020102'],
    ['another tag inside', '3006 030101 020102'],
    ['an integer longer than the sequence', '3006 020101 020302'],
  ])('refuses %s', (_, text) => {
    expect(decodeDer(hex(text))).toBeUndefined();
  });
});

describe('decodePublicKey', () => {
  test('compressed and uncompressed forms are the same key', () => {
    for (const scalar of [1n, 2n, 3n, 4n, 5n, 0xabcdef123456789n]) {
      const point = Point.BASE.multiply(scalar);
      const key = point.toBytes(false).slice(1);
      expect(decodePublicKey(point.toBytes(false))).toEqual(key);
      expect(decodePublicKey(point.toBytes(true))).toEqual(key);
      expect(encodePublicKey(key)).toEqual(point.toBytes(true));
      expect(encodePublicKey(key, false)).toEqual(point.toBytes(false));
    }
  });

  test('a compressed key of no point keeps its x and gets y = 0', () => {
    const none = hex(`02${'00'.repeat(31)}05`);
    expect(decodePublicKey(none)).toEqual(
      Uint8Array.of(...none.subarray(1), ...new Uint8Array(32)),
    );
    expect(decodePublicKey(hex(`03${ones}`))?.subarray(0, 32)).toEqual(hex(ones));
  });

  test.each([
    ['infinity', '00'],
    ['nothing', ''],
    ['a compressed prefix with 65 bytes', `02${ones}${ones}`],
    ['an uncompressed prefix with 33 bytes', `04${ones}`],
    ['the hybrid form', `06${ones}${ones}`],
    ['a byte too many', `02${ones}00`],
  ])('refuses %s', (_, text) => {
    expect(decodePublicKey(hex(text))).toBeUndefined();
  });
});

describe('records', () => {
  const digest = new Uint8Array(32).fill(1);
  const signature = new Uint8Array(64).fill(2);
  const publicKey = new Uint8Array(64).fill(3);

  test('fields stand where the card reads them', () => {
    const records = new Uint8Array(320);
    packVerify(records, 1, { digest, signature, publicKey });
    expect(records.subarray(0, 160)).toEqual(new Uint8Array(160));
    expect(records.subarray(160)).toEqual(Uint8Array.of(...digest, ...signature, ...publicKey));
    const recover = new Uint8Array(104).fill(9);
    packRecover(recover, 0, { digest, signature, recovery: 3 });
    expect(recover).toEqual(Uint8Array.of(...digest, ...signature, 3, 0, 0, 0, 0, 0, 0, 0));
  });

  test('error: a field of another length, an id that is no byte, a record outside', () => {
    const target = new Uint8Array(160);
    const short = signature.subarray(1);
    expect(() => packVerify(target, 0, { digest, signature: short, publicKey })).toThrow(
      AccelError,
    );
    expect(() => packVerify(target, 1, { digest, signature, publicKey })).toThrow(AccelError);
    expect(() => packRecover(target, 0, { digest, signature, recovery: 256 })).toThrow(AccelError);
  });
});
