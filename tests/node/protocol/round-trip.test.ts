// SPDX-License-Identifier: Apache-2.0
// decode(encode(x)) = x for every value, encode(decode(b)) = b for every accepted b, and nothing that
// is cut short or changed does anything but throw a ProtocolError or stay canonical.

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assembleTransaction,
  decodeBlock,
  decodeFrameHead,
  decodeHeader,
  decodeMessage,
  decodeSignedHeader,
  decodeSignedVote,
  decodeTransaction,
  decodeVote,
  encodeBlock,
  encodeBody,
  encodeHeader,
  encodeMessage,
  encodeSignedHeader,
  encodeSignedVote,
  encodeTransaction,
  encodeVote,
  FRAME_BYTES,
  headerId,
  type Message,
  ProtocolError,
  sha256Id,
  signedTransactionFromJson,
  signedTransactionToJson,
  toHex,
  transactionDigest,
  voteId,
} from '../../../src/node/protocol/index.ts';
import { Random, testRandom } from '../../../src/testbench/random.ts';
import {
  blocks,
  headers,
  messages,
  run,
  signedHeaders,
  signedTransactions,
  signedVotes,
  votes,
} from './helpers/arbitraries.ts';

function decodeFrame(frame: Uint8Array): Message {
  const head = decodeFrameHead(frame);
  return decodeMessage(head, frame.subarray(FRAME_BYTES));
}

interface Form<T> {
  readonly name: string;
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
}

/** Hides the type, so that forms of different types make one table. */
const form = <T>(each: Form<T>) => each as unknown as Form<unknown>;

const FORMS = [
  form({
    name: 'transaction',
    values: signedTransactions,
    encode: ({ transaction, signatures }) => encodeTransaction(transaction, signatures),
    decode: (bytes) => decodeTransaction(bytes),
  }),
  form({ name: 'header', values: headers, encode: encodeHeader, decode: decodeHeader }),
  form({
    name: 'signed header',
    values: signedHeaders,
    encode: encodeSignedHeader,
    decode: decodeSignedHeader,
  }),
  form({ name: 'vote', values: votes, encode: encodeVote, decode: decodeVote }),
  form({
    name: 'signed vote',
    values: signedVotes,
    encode: encodeSignedVote,
    decode: decodeSignedVote,
  }),
  form({
    name: 'block',
    values: blocks,
    encode: encodeBlock,
    decode: (bytes) => decodeBlock(bytes),
  }),
  form({ name: 'message', values: messages, encode: encodeMessage, decode: decodeFrame }),
];

/** The value, or undefined if it was refused as it should be. */
function tryDecode(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.code).toMatch(/^PROTOCOL_/);
    expect(error.offset).toBeGreaterThanOrEqual(0);
    return undefined;
  }
}

/** A few bits or bytes changed, biased to where the structure is. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let n = random.int(1, 3); n > 0; n--) {
    const at = random.chance(0.3)
      ? random.int(Math.min(copy.length, 128))
      : random.int(copy.length);
    copy[at] = random.chance(0.5)
      ? copy[at]! ^ (1 << random.int(8))
      : random.pick([0, 1, 127, 255]);
  }
  return copy;
}

describe.each(FORMS)('$name', ({ values, encode, decode }) => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(value);
        expect(bytes.length % 8).toBe(0);
        expect(decode(bytes)).toEqual(value);
      }),
      run(200),
    );
  });

  test('what is cut short at any byte, or longer, is refused', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(value);
        const step = bytes.length > 2000 ? 7 : 1;
        for (let length = 0; length < bytes.length; length += step) {
          expect(tryDecode(decode, bytes.subarray(0, length))).toBe(undefined);
        }
        expect(tryDecode(decode, Uint8Array.of(...bytes, 0))).toBe(undefined);
        expect(tryDecode(decode, Uint8Array.of(...bytes, ...new Uint8Array(8)))).toBe(undefined);
      }),
      run(10),
    );
  });

  test('changed bytes are refused, or are the canonical form of another value', () => {
    let accepted = 0;
    fc.assert(
      fc.property(values, fc.nat(), (value, seed) => {
        const random = new Random(seed);
        const bytes = encode(value);
        for (let i = 0; i < 20; i++) {
          const changed = mutate(bytes, random);
          const other = tryDecode(decode, changed);
          if (other === undefined) continue;
          accepted++;
          expect(toHex(encode(other))).toBe(toHex(changed));
        }
      }),
      run(100),
    );
    expect(accepted).toBeGreaterThan(0);
  });

  test('any bytes at all are refused without harm', () => {
    const random = testRandom('noise');
    for (let i = 0; i < 300; i++) tryDecode(decode, random.bytes(random.int(700)));
  });

  test('bytes inside a larger buffer decode alike', () => {
    const [value] = fc.sample(values, { ...run(1) });
    const bytes = encode(value);
    const larger = new Uint8Array(bytes.length + 29).fill(0xaa);
    larger.set(bytes, 13);
    expect(decode(larger.subarray(13, 13 + bytes.length))).toEqual(value);
  });
});

test('a message whose payload was changed with its checksum is refused, or is canonical', () => {
  let accepted = 0;
  fc.assert(
    fc.property(messages, fc.nat(), (message, seed) => {
      const random = new Random(seed);
      const frame = encodeMessage(message);
      const head = decodeFrameHead(frame);
      for (let i = 0; i < 20; i++) {
        const payload = mutate(frame.subarray(FRAME_BYTES), random);
        const changed = { ...head, checksum: crc32(payload) };
        const other = tryDecode(() => decodeMessage(changed, payload), payload);
        if (other === undefined) continue;
        accepted++;
        expect(toHex(encodeMessage(other as Message).subarray(FRAME_BYTES))).toBe(toHex(payload));
      }
    }),
    run(300),
  );
  expect(accepted).toBeGreaterThan(0);
});

describe('ids', () => {
  test('of a transaction: SHA-256 of the body, whatever the signatures', () => {
    fc.assert(
      fc.property(signedTransactions, ({ transaction, signatures, id, bytes }) => {
        expect(id).toBe(sha256Id(encodeBody(transaction)));
        expect(id).toBe(toHex(transactionDigest(transaction)));
        expect(assembleTransaction(transaction, [...signatures, signatures[0]!]).id).toBe(id);
        const body = Uint8Array.from(bytes.subarray(0, encodeBody(transaction).length));
        body[6] = 0;
        expect(body).toEqual(encodeBody(transaction));
      }),
      run(50),
    );
  });

  test('of headers and votes: SHA-256 of their bytes', () => {
    fc.assert(
      fc.property(headers, votes, (header, vote) => {
        expect(headerId(header)).toBe(sha256Id(encodeHeader(header)));
        expect(voteId(vote)).toBe(sha256Id(encodeVote(vote)));
      }),
      run(50),
    );
  });
});

test('JSON: fromJson(JSON.parse(JSON.stringify(toJson(x)))) = x where keys are on the curve', () => {
  fc.assert(
    fc.property(signedTransactions, (signed) => {
      const hasKeys = signed.transaction.operations.some(
        ({ type }) =>
          type === 'createAccount' || type === 'updateAuthority' || type === 'registerProducer',
      );
      fc.pre(!hasKeys);
      const text = JSON.stringify(signedTransactionToJson(signed));
      expect(signedTransactionFromJson(JSON.parse(text))).toEqual(signed);
    }),
    run(100),
  );
});
