// SPDX-License-Identifier: Apache-2.0
// Signatures made in batches: valid, low s, of the right key, and deterministic where they must be.

import { createHash, createHmac } from 'node:crypto';
import { getPublicKey, hashes, sign } from '@noble/secp256k1';
import { afterAll, describe, expect, test } from 'vitest';
import { openAccelerator } from '../../src/driver/index.ts';
import { NativeSigner } from '../../src/driver/native/signer.ts';
import { SEED, seededRandom } from './helpers/random.ts';

console.info(`SEED=${SEED}`);

hashes.sha256 ??= (message) => new Uint8Array(createHash('sha256').update(message).digest());
hashes.hmacSha256 ??= (key, message) =>
  new Uint8Array(createHmac('sha256', key).update(message).digest());

const random = seededRandom('signer');
const secrets = random.bytes(3 * 32);
const secretOf = (key: number) => secrets.slice(32 * key, 32 * key + 32);
const accelerator = await openAccelerator({ kind: 'native', threads: 1 });
afterAll(() => accelerator.close());

function digests(count: number): { records: Uint8Array; keys: Uint32Array } {
  const records = new Uint8Array(count * 104);
  const keys = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    records.set(random.bytes(32), 104 * i);
    records.fill(0xee, 104 * i + 32, 104 * i + 104);
    keys[i] = random.below(3);
  }
  return { records, keys };
}

describe.each([false, true])('reuseNonces %s', (reuseNonces) => {
  test('every signature recovers to its key', async () => {
    const signer = new NativeSigner({ secrets, reuseNonces });
    const { records, keys } = digests(700);
    signer.sign(records, keys);
    const { valid, keys: found } = await accelerator.signatures.recoverBatch(records);
    expect(valid.every((byte) => byte === 1)).toBe(true);
    const expected = [0, 1, 2].map((key) => getPublicKey(secretOf(key), false).slice(1));
    keys.forEach((key, i) => {
      expect(found.slice(64 * i, 64 * i + 64)).toEqual(expected[key]);
    });
    signer.close();
  });

  test('digests of 0 and of the order and above', async () => {
    const signer = new NativeSigner({ secrets, reuseNonces });
    const records = new Uint8Array(2 * 104);
    records.fill(0xff, 104, 136);
    signer.sign(records, Uint32Array.of(0, 1));
    const { valid } = await accelerator.signatures.recoverBatch(records);
    expect([...valid]).toEqual([1, 1]);
    signer.close();
  });
});

describe('default', () => {
  test('nonces are those of RFC 6979: the same signature as another implementation makes', () => {
    const signer = new NativeSigner({ secrets });
    const { records, keys } = digests(4);
    signer.sign(records, keys);
    keys.forEach((key, i) => {
      const digest = records.slice(104 * i, 104 * i + 32);
      const made = sign(digest, secretOf(key), { prehash: false, format: 'recovered' });
      expect(records.slice(104 * i + 32, 104 * i + 96)).toEqual(made.slice(1));
      expect(records[104 * i + 96]).toBe(made[0]);
    });
    signer.close();
  });

  test('no records, no signatures', () => {
    const signer = new NativeSigner({ secrets });
    signer.sign(new Uint8Array(0), new Uint32Array(0));
    signer.close();
  });
});

describe('error', () => {
  test.each([
    ['0', new Uint8Array(32)],
    ['n and above', new Uint8Array(32).fill(0xff)],
    ['no whole key', new Uint8Array(33)],
    ['no key', new Uint8Array(0)],
  ])('a secret of %s', (_, bytes) => {
    expect(() => new NativeSigner({ secrets: bytes })).toThrow(/^secrets: /);
  });

  test('a key that is not there, records that are not whole, a closed signer', () => {
    const signer = new NativeSigner({ secrets });
    const { records } = digests(1);
    expect(() => signer.sign(records, Uint32Array.of(3))).toThrow('places in the list');
    expect(records[32]).toBe(0xee);
    expect(() => signer.sign(records, Uint32Array.of(0, 0))).toThrow('expected 2 of 104 bytes');
    signer.close();
    signer.close();
    expect(() => signer.sign(records, Uint32Array.of(0))).toThrow('closed');
  });
});
