// SPDX-License-Identifier: Apache-2.0
// docs/protocol.md: its examples are true, and there is one of everything. UPDATE=1 writes them anew.

import { recoverPublicKey } from '@noble/secp256k1';
import { describe, expect, test } from 'vitest';
import {
  authDigest,
  blockToJson,
  decodeBlock,
  decodeFrameHead,
  decodeMessage,
  decodeSignedHeader,
  decodeSignedVote,
  decodeTransaction,
  encodeBlock,
  encodeMessage,
  encodeSignedHeader,
  encodeSignedVote,
  encodeTransaction,
  FRAME_BYTES,
  fromHex,
  MESSAGE_KINDS,
  OPERATION_TYPES,
  signedTransactionFromJson,
  signedTransactionToJson,
  toHex,
  toJson,
} from '../../../src/node/protocol/index.ts';
import { readExamples } from './helpers/document.ts';
import { challenge } from './helpers/examples.ts';
import { writeExamples } from './helpers/write-examples.ts';

if (process.env.UPDATE) writeExamples();
const examples = readExamples();

/** The JSON form of some bytes, and the bytes made of what was read. */
function read(what: string, bytes: Uint8Array): { json: unknown; again: Uint8Array } {
  if (what === 'transaction') {
    const signed = decodeTransaction(bytes);
    const again = encodeTransaction(signed.transaction, signed.signatures);
    return { json: signedTransactionToJson(signed), again };
  }
  if (what === 'header') {
    const signed = decodeSignedHeader(bytes);
    return { json: toJson(signed), again: encodeSignedHeader(signed) };
  }
  if (what === 'vote') {
    const signed = decodeSignedVote(bytes);
    return { json: toJson(signed), again: encodeSignedVote(signed) };
  }
  if (what === 'block') {
    const block = decodeBlock(bytes);
    return { json: blockToJson(block), again: encodeBlock(block) };
  }
  const message = decodeMessage(decodeFrameHead(bytes), bytes.subarray(FRAME_BYTES));
  return { json: toJson(message), again: encodeMessage(message) };
}

test.each(examples)('the example of $what $name', ({ what, name, json, bytes }) => {
  const { json: got, again } = read(what, bytes);
  expect(got).toEqual(json);
  expect(toHex(again)).toBe(toHex(bytes));
  if (what === 'transaction') {
    expect(signedTransactionFromJson(json).bytes).toEqual(bytes);
    expect(json).toMatchObject({ operations: [{ type: name }] });
  }
  if (what === 'message') expect(json).toMatchObject({ kind: name });
});

test('there is an example of every operation, every message, of header, vote and block', () => {
  const names = (what: string) =>
    examples.filter((each) => each.what === what).map(({ name }) => name);
  expect(names('transaction').sort()).toEqual([...OPERATION_TYPES].sort());
  expect(names('message').sort()).toEqual([...MESSAGE_KINDS].sort());
  for (const what of ['header', 'vote', 'block']) expect(names(what)).toEqual(['']);
});

describe('the signatures in the examples', () => {
  const keyOf = (digest: Uint8Array, signature: Uint8Array) =>
    toHex(
      recoverPublicKey(Uint8Array.of(signature[64]!, ...signature.subarray(0, 64)), digest, {
        prehash: false,
      }),
    );

  test('of transactions are all of one key', () => {
    const keys = examples
      .filter(({ what }) => what === 'transaction')
      .map(({ bytes }) => decodeTransaction(bytes))
      .map(({ id, signatures }) => keyOf(fromHex(id), signatures[0]!));
    expect(new Set(keys).size).toBe(1);
  });

  test('of auth is of the node key over the challenge', () => {
    const auth = examples.find(({ name }) => name === 'auth')!;
    const message = decodeMessage(decodeFrameHead(auth.bytes), auth.bytes.subarray(FRAME_BYTES));
    expect(message.kind === 'auth' && keyOf(authDigest(challenge), message.signature)).toBe(
      challenge.signerKey,
    );
  });
});
