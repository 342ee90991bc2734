// SPDX-License-Identifier: Apache-2.0
// Fresh signatures: valid ones, and each kind of corruption that the records can carry.

import { Point } from '@noble/secp256k1';
import {
  flip,
  type SeededBytes,
  type Signed,
  Signer,
  toBytes,
  toNumber,
} from '../src/cli/bench/material.ts';
import type { Question, QuestionSet } from './records.ts';

const { n: N, p: P } = Point.CURVE();

/** One way to spoil a signature; `expected` when it is certain what must come of it. */
interface Corruption {
  readonly name: string;
  readonly expected: boolean | undefined;
  spoil(signed: Signed, random: SeededBytes): Signed;
}

const r = ({ signature }: Signed) => signature.subarray(0, 32);
const s = ({ signature }: Signed) => signature.subarray(32);
const withR = (signed: Signed, value: Uint8Array): Signed => ({
  ...signed,
  signature: Buffer.concat([value, s(signed)]),
});
const withS = (signed: Signed, value: Uint8Array): Signed => ({
  ...signed,
  signature: Buffer.concat([r(signed), value]),
});
const highS = (signed: Signed): Signed => ({
  ...withS(signed, toBytes(N - toNumber(s(signed)))),
  recovery: signed.recovery ^ 1,
});
const withY = (signed: Signed, value: bigint): Signed => ({
  ...signed,
  publicKey: Buffer.concat([signed.publicKey.subarray(0, 32), toBytes(value)]),
});
/** 0, n, n + 1 or 2^256 - 1. */
const outOfRange = (random: SeededBytes) =>
  toBytes([0n, N, N + 1n, 2n ** 256n - 1n][random.below(4)]!);

const R_CHANGED = {
  name: 'r with a bit changed',
  spoil: (signed: Signed, random: SeededBytes) => withR(signed, flip(r(signed), random.below(256))),
};

/** For both operations. */
const OUT_OF_RANGE: readonly Corruption[] = [
  {
    name: 'r out of range',
    expected: false,
    spoil: (signed, random) => withR(signed, outOfRange(random)),
  },
  {
    name: 's out of range',
    expected: false,
    spoil: (signed, random) => withS(signed, outOfRange(random)),
  },
];

const VERIFY: readonly Corruption[] = [
  ...OUT_OF_RANGE,
  { ...R_CHANGED, expected: false },
  {
    name: 'digest with a bit changed',
    expected: false,
    spoil: (signed, random) => ({ ...signed, digest: flip(signed.digest, random.below(256)) }),
  },
  {
    name: 's with a bit changed',
    expected: false,
    spoil: (signed, random) => withS(signed, flip(s(signed), random.below(256))),
  },
  {
    name: 'key with a bit changed',
    expected: false,
    spoil: (signed, random) => ({
      ...signed,
      publicKey: flip(signed.publicKey, random.below(512)),
    }),
  },
  {
    name: 'negated key',
    expected: false,
    spoil: (signed) => withY(signed, P - toNumber(signed.publicKey.subarray(32))),
  },
  {
    name: 'key out of range',
    expected: false,
    spoil: (signed, random) => withY(signed, P + BigInt(random.below(2 ** 32))),
  },
];

const RECOVER: readonly Corruption[] = [
  ...OUT_OF_RANGE,
  // Half of all x have a point.
  { ...R_CHANGED, expected: undefined },
  {
    name: 'digest with a bit changed',
    expected: true, // another key, but a key
    spoil: (signed, random) => ({ ...signed, digest: flip(signed.digest, random.below(256)) }),
  },
  {
    name: 'the other parity',
    expected: true,
    spoil: (signed) => ({ ...signed, recovery: signed.recovery ^ 1 }),
  },
  {
    name: 'r + n claimed',
    expected: false, // r + n is above p, but for one r in 2^128
    spoil: (signed) => ({ ...signed, recovery: signed.recovery | 2 }),
  },
  {
    name: 'recovery id above 3',
    expected: false,
    spoil: (signed, random) => ({ ...signed, recovery: 4 + random.below(252) }),
  },
];

/**
 * Makes signatures of which a third is spoilt in every way there is, in turn. One signature in eight
 * has a high s, which `allowHighS` decides about.
 */
export function makeFresh(
  operation: 'verify' | 'recover',
  count: number,
  allowHighS: boolean,
  random: SeededBytes,
): QuestionSet {
  const signer = new Signer(random);
  const corruptions = operation === 'verify' ? VERIFY : RECOVER;
  const questions = Array.from({ length: count }, (_, i): Question => {
    const isHigh = i % 8 === 7;
    const signed = isHigh ? highS(signer.sign()) : signer.sign();
    const prefix = isHigh ? 'high s, ' : '';
    if (i % 3 !== 2) {
      return { name: `${prefix}valid`, signed, expected: !isHigh || allowHighS };
    }
    const { name, expected, spoil } = corruptions[Math.floor(i / 3) % corruptions.length]!;
    const signedBadly = spoil(signed, random);
    const refused = isHigh && !allowHighS; // no corruption makes it better
    return { name: `${prefix}${name}`, signed: signedBadly, expected: refused ? false : expected };
  });
  const rule = allowHighS ? 'high s allowed' : 'low s only';
  return { name: `fresh signatures, ${operation}, ${rule}`, operation, allowHighS, questions };
}
