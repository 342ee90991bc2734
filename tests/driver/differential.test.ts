// SPDX-License-Identifier: Apache-2.0
// Backends against one another and against noble's own verify and recover, on random records.

import { recoverPublicKey, verify } from '@noble/secp256k1';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Accelerator,
  packRecoverBatch,
  packVerifyBatch,
  REASON,
  type RecoverInput,
  type VerifyInput,
} from '../../src/driver/index.ts';
import { BACKENDS } from './helpers/backends.ts';
import { recoverInput, signRandom, signWrapped, verifyInput } from './helpers/material.ts';
import { type Random, seededRandom } from './helpers/random.ts';

const COUNT = 160;

let open: Accelerator[];
beforeAll(async () => {
  open = await Promise.all(BACKENDS.map((backend) => backend.open()));
});
afterAll(() => Promise.all((open ?? []).map((accelerator) => accelerator.close())));

/** Changes one field: a bit, a run of ones or zeros, all of it. */
function spoil(random: Random, bytes: Uint8Array): Uint8Array {
  const spoiled = bytes.slice();
  switch (random.below(4)) {
    case 0:
      spoiled[random.below(bytes.length)]! ^= 1 << random.below(8);
      return spoiled;
    case 1: {
      const from = random.below(bytes.length);
      return spoiled.fill(random.below(2) ? 0xff : 0, from, from + 1 + random.below(32));
    }
    case 2: {
      const half = 32 * random.below(bytes.length / 32);
      return spoiled.fill(random.below(2) ? 0xff : 0, half, half + 32);
    }
    default:
      return random.bytes(bytes.length);
  }
}

function makeSigned(random: Random) {
  if (random.below(8) === 0) return signWrapped(random, random.below(2) === 1);
  return signRandom(random, random.below(4) === 0);
}

function makeVerify(random: Random): VerifyInput {
  const input = verifyInput(makeSigned(random));
  switch (random.below(6)) {
    case 0:
      return { ...input, digest: spoil(random, input.digest) };
    case 1:
      return { ...input, signature: spoil(random, input.signature) };
    case 2:
      return { ...input, publicKey: spoil(random, input.publicKey) };
    default:
      return input;
  }
}

function makeRecover(random: Random): RecoverInput {
  const input = recoverInput(makeSigned(random));
  switch (random.below(6)) {
    case 0:
      return { ...input, digest: spoil(random, input.digest) };
    case 1:
      return { ...input, signature: spoil(random, input.signature) };
    case 2:
      return { ...input, recovery: random.below(6) };
    default:
      return input;
  }
}

test.each([false, true])(
  'verify: all backends and noble agree, high s allowed: %s',
  async (high) => {
    const random = seededRandom(`differential verify ${high}`);
    const inputs = Array.from({ length: COUNT }, () => makeVerify(random));
    const records = packVerifyBatch(inputs);
    const options = { allowHighS: high };
    const [first, ...others] = await Promise.all(
      open.map((accelerator) => accelerator.signatures.verifyBatch(records, options)),
    );
    for (const other of others) expect(other).toEqual(first);
    const noble = inputs.map(({ digest, signature, publicKey }) =>
      Number(
        verify(signature, digest, Uint8Array.of(4, ...publicKey), { prehash: false, lowS: !high }),
      ),
    );
    expect([...first!.valid]).toEqual(noble);
    expect(new Set(noble)).toEqual(new Set([0, 1]));
  },
);

test('recover: all backends and noble agree', async () => {
  const random = seededRandom('differential recover');
  const inputs = Array.from({ length: COUNT }, () => makeRecover(random));
  const records = packRecoverBatch(inputs);
  const [first, ...others] = await Promise.all(
    open.map((accelerator) => accelerator.signatures.recoverBatch(records, { allowHighS: true })),
  );
  for (const other of others) expect(other).toEqual(first);
  const noble = inputs.map(({ digest, signature, recovery }) => {
    try {
      const opts = { prehash: false, isCompressed: false };
      return recoverPublicKey(Uint8Array.of(recovery, ...signature), digest, opts).slice(1);
    } catch {
      return new Uint8Array(64);
    }
  });
  expect(first!.keys).toEqual(Uint8Array.from(noble.flatMap((key) => [...key])));
  expect(new Set(first!.reasons).has(REASON.OK)).toBe(true);
});
