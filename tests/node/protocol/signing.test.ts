// SPDX-License-Identifier: Apache-2.0

import { afterAll, expect, test } from 'vitest';
import { openAccelerator } from '../../../src/driver/index.ts';
import {
  fromHex,
  isPublicKey,
  isSecretKey,
  Limit,
  newSecretKey,
  publicKeyAt,
  publicKeyOf,
  signDigest,
  toHex,
  writeRecoverRecord,
} from '../../../src/node/protocol/index.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const accelerator = await openAccelerator({ kind: 'software' });
afterAll(() => accelerator.close());

test('an accelerator recovers the signer from the record of an id and a signature', async () => {
  const random = testRandom('signatures');
  const signed = Array.from({ length: 24 }, () => {
    const secret = random.bytes(32);
    const id = toHex(random.bytes(32));
    return { id, key: publicKeyOf(secret), signature: signDigest(fromHex(id), secret) };
  });
  const records = new Uint8Array(signed.length * Limit.RECOVER_RECORD_BYTES);
  for (const [i, each] of signed.entries()) writeRecoverRecord(records, i, each);
  const { valid, keys } = await accelerator.signatures.recoverBatch(records);
  expect([...valid]).toEqual(signed.map(() => 1));
  expect(signed.map((_, i) => publicKeyAt(keys, i))).toEqual(signed.map(({ key }) => key));
});

test('signatures are those of RFC 6979: one digest and key, one signature', () => {
  // Key 1, SHA-256 of "Satoshi Nakamoto": a vector of long standing among Bitcoin implementations.
  const digest = fromHex('a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e');
  const one = fromHex(`${'00'.repeat(31)}01`);
  expect(toHex(signDigest(digest, one).subarray(0, 64))).toBe(
    '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8' +
      '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
  );
  expect(signDigest(digest, one)).toEqual(signDigest(digest, one));
});

test('public keys are those on the curve', () => {
  const key = publicKeyOf(newSecretKey());
  expect(isPublicKey(key)).toBe(true);
  expect(isPublicKey(key.toUpperCase())).toBe(false);
  for (const other of [`04${key.slice(2)}`, key.slice(2), '', `02${'00'.repeat(31)}05`, 5]) {
    expect(isPublicKey(other)).toBe(false);
  }
  expect(isPublicKey(`02${'ff'.repeat(32)}`)).toBe(false);
});

test('fresh secret keys are secret keys, and differ', () => {
  const [a, b] = [newSecretKey(), newSecretKey()];
  expect(isSecretKey(a) && isSecretKey(b)).toBe(true);
  expect(toHex(a)).not.toBe(toHex(b));
});
