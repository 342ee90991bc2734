// SPDX-License-Identifier: Apache-2.0
// Records of every kind, built from the group itself, each with the reason it must be given.

import { etc, Point } from '@noble/secp256k1';
import type { ReasonName, RecoverInput, VerifyInput } from '../../../src/driver/index.ts';
import {
  bytesToNumber,
  GROUP_ORDER as N,
  numberToBytes,
  FIELD_PRIME as P,
} from '../../../src/driver/signatures/curve.ts';
import type { Random } from './random.ts';

/** A record and the answer it must get. */
export interface Case<Input> {
  readonly name: string;
  readonly input: Input;
  readonly allowHighS: boolean;
  readonly reason: ReasonName;
  /** Recover, when valid: the key. */
  readonly publicKey?: Uint8Array;
}

const mod = (value: bigint) => ((value % N) + N) % N;
const inverse = (value: bigint) => etc.invert(value, N);
const pair = (a: bigint, b: bigint) => Uint8Array.of(...numberToBytes(a), ...numberToBytes(b));
const keyOf = (point: Point) => point.toBytes(false).slice(1);

/** A scalar from 1 to n - 1. */
export function scalar(random: Random): bigint {
  return (bytesToNumber(random.bytes(32)) % (N - 1n)) + 1n;
}

/** Everything there is to know about one signature. */
export interface Signed {
  readonly digest: bigint;
  readonly r: bigint;
  readonly s: bigint;
  readonly key: Point;
  readonly recovery: number;
}

/** Signs (SEC 1 v2, 4.1.3) with the given secret, nonce and digest; s is low unless `high`. */
export function sign(secret: bigint, nonce: bigint, digest: bigint, high = false): Signed {
  const point = Point.BASE.multiply(nonce).toAffine();
  const r = mod(point.x);
  const s = mod(inverse(nonce) * (mod(digest) + r * secret));
  const flip = s > N / 2n !== high;
  const recovery = (point.x >= N ? 2 : 0) | (Number(point.y & 1n) ^ (flip ? 1 : 0));
  return { digest, r, s: flip ? N - s : s, key: Point.BASE.multiply(secret), recovery };
}

/** A fresh valid signature. */
export function signRandom(random: Random, high = false): Signed {
  return sign(scalar(random), scalar(random), bytesToNumber(random.bytes(32)), high);
}

export function verifyInput({ digest, r, s, key }: Signed): VerifyInput {
  return { digest: numberToBytes(digest), signature: pair(r, s), publicKey: keyOf(key) };
}

export function recoverInput({ digest, r, s, recovery }: Signed): RecoverInput {
  return { digest: numberToBytes(digest), signature: pair(r, s), recovery };
}

/** A signature whose sum is any chosen a G + b Q: digest and s follow from r. */
function forge(r: bigint, a: bigint, b: bigint, key: Point, recovery = 0): Signed {
  const s = mod(r * inverse(b));
  return { digest: mod(a * s), r, s, key, recovery };
}

/** A signature with R of the smallest x that is at least n: r is x - n, the rare recovery ids. */
export function signWrapped(random: Random, odd: boolean): Signed {
  let r = BigInt(random.below(2 ** 32)) + 1n;
  for (;;) {
    try {
      const compressed = Uint8Array.of(odd ? 3 : 2, ...numberToBytes(r + N));
      const point = Point.fromBytes(compressed);
      const s = (scalar(random) % (N / 2n)) + 1n;
      const digest = scalar(random);
      const key = point.multiply(s).subtract(Point.BASE.multiply(digest)).multiply(inverse(r));
      return { digest, r, s, key, recovery: odd ? 3 : 2 };
    } catch {
      r += 1n;
    }
  }
}

/** A key of small x that is no point, and one that is. */
function xWithoutPoint(): bigint {
  for (let x = 1n; ; x++) {
    try {
      Point.fromBytes(Uint8Array.of(2, ...numberToBytes(x)));
    } catch {
      return x;
    }
  }
}

const BIG = 2n ** 256n - 1n;

/** Verify records: each bad input of the format, and each corner of the arithmetic. */
export function verifyCases(random: Random): Case<VerifyInput>[] {
  const cases: Case<VerifyInput>[] = [];
  const good = signRandom(random);
  const high = signRandom(random, true);
  const input = verifyInput(good);
  const add = (name: string, reason: ReasonName, value: VerifyInput, allowHighS = false) =>
    cases.push({ name, reason, input: value, allowHighS });
  const signature = (r: bigint, s: bigint) => ({ ...input, signature: pair(r, s) });
  const publicKey = (x: bigint, y: bigint) => ({ ...input, publicKey: pair(x, y) });
  const { x, y } = good.key.toAffine();

  add('a valid signature', 'OK', input);
  add('a valid signature, high s allowed', 'OK', input, true);
  add('high s', 'HIGH_S', verifyInput(high));
  add('high s where allowed', 'OK', verifyInput(high), true);
  for (const [name, value] of [
    ['0', 0n],
    ['n', N],
    ['n + r', N + 1n],
    ['2^256 - 1', BIG],
  ] as const) {
    add(`r = ${name}`, 'R_RANGE', signature(value, good.s));
    add(`s = ${name}`, 'S_RANGE', signature(good.r, value), true);
  }
  add('r = 0 and s = 0', 'R_RANGE', signature(0n, 0n));
  add('s = n/2, the largest low s', 'MISMATCH', signature(good.r, N / 2n));
  add('s = n/2 + 1, the smallest high s', 'HIGH_S', signature(good.r, N / 2n + 1n));
  add('s = n - 1', 'MISMATCH', signature(good.r, N - 1n), true);
  add('r = s = 1', 'MISMATCH', signature(1n, 1n));
  add('r changed', 'MISMATCH', signature(good.r === 1n ? 2n : good.r - 1n, good.s));
  add('s changed', 'MISMATCH', signature(good.r, good.s === 1n ? 2n : good.s - 1n));
  add('digest changed', 'MISMATCH', { ...input, digest: numberToBytes(good.digest ^ 1n) });
  add('another key', 'MISMATCH', verifyInput({ ...good, key: high.key }));
  add('the negated key', 'MISMATCH', verifyInput({ ...good, key: good.key.negate() }));
  add('x = p', 'KEY_RANGE', publicKey(P, y));
  add('y = p', 'KEY_RANGE', publicKey(x, P));
  add('x = 2^256 - 1', 'KEY_RANGE', publicKey(BIG, y));
  add('x and y = 0', 'NOT_ON_CURVE', publicKey(0n, 0n));
  add('x = 0', 'NOT_ON_CURVE', publicKey(0n, y));
  add('y = 0', 'NOT_ON_CURVE', publicKey(x, 0n));
  add('y changed', 'NOT_ON_CURVE', publicKey(x, y ^ 1n));
  add('y and x exchanged', 'NOT_ON_CURVE', publicKey(y, x));
  add('x = p - 1, no point with this y', 'NOT_ON_CURVE', publicKey(P - 1n, 1n));
  add('r out of range before a bad key', 'R_RANGE', {
    ...signature(0n, 1n),
    publicKey: pair(P, P),
  });
  add('high s before a bad key', 'HIGH_S', { ...signature(1n, N - 1n), publicKey: pair(0n, 0n) });

  const secret = scalar(random);
  add('digest = 0', 'OK', verifyInput(sign(secret, scalar(random), 0n)));
  add('digest = n', 'OK', verifyInput(sign(secret, scalar(random), N)));
  add('digest = n - 1', 'OK', verifyInput(sign(secret, scalar(random), N - 1n)));
  add('digest = 2^256 - 1', 'OK', verifyInput(sign(secret, scalar(random), BIG)));
  add('key G', 'OK', verifyInput(sign(1n, scalar(random), scalar(random))));
  add('key -G', 'OK', verifyInput(sign(N - 1n, scalar(random), scalar(random))));
  add('R = G', 'OK', verifyInput(sign(secret, 1n, scalar(random))));
  add('R = 2 G', 'OK', verifyInput(sign(secret, 2n, scalar(random))));
  const wrapped = signWrapped(random, false);
  add('x of R is r + n', 'OK', verifyInput(wrapped));
  add('x of R is r + n, high s', 'OK', verifyInput({ ...wrapped, s: N - wrapped.s }), true);

  const key = Point.BASE.multiply(secret);
  const rOf = (point: Point) => mod(point.toAffine().x);
  const sums: [string, bigint, bigint, Point][] = [
    ['u1 G = u2 Q: a doubling', secret, 1n, key],
    ['u1 = 1', 1n, scalar(random), key],
    ['u2 = 1', scalar(random), 1n, key],
    ['u1 = u2 = 1', 1n, 1n, key],
    ['u1 = n - 1', N - 1n, scalar(random), key],
    ['u2 = n - 1', scalar(random), N - 1n, key],
    ['u1 = 0', 0n, scalar(random), key],
    ['Q = G', scalar(random), scalar(random), Point.BASE],
    ['Q = 2 G, u1 = 2, u2 = 1', 2n, 1n, Point.BASE.double()],
    ['u1 = 2^128', 2n ** 128n, 2n ** 129n - 1n, key],
  ];
  for (const [name, a, b, q] of sums) {
    const sum = Point.BASE.multiplyUnsafe(a).add(q.multiplyUnsafe(b));
    add(name, 'OK', verifyInput(forge(rOf(sum), a, b, q)), true);
    add(`${name}, r wrong`, 'MISMATCH', verifyInput(forge(scalar(random), a, b, q)), true);
    // x + 2^256 - n, where r + n is x modulo 2^256: the false accept of a published core.
    const x256 = sum.toAffine().x + 2n ** 256n - N;
    if (x256 < N) add(`${name}, r + n wraps`, 'MISMATCH', verifyInput(forge(x256, a, b, q)), true);
  }
  const r = scalar(random);
  for (const s of [1n, scalar(random) % (N / 2n), N / 2n]) {
    const infinite = { digest: mod(-r * secret), r, s: s || 1n, key, recovery: 0 };
    add('u1 G = -u2 Q: infinity', 'INFINITY', verifyInput(infinite));
  }
  return cases;
}

/** Recover records: each bad input of the format, and each corner of the arithmetic. */
export function recoverCases(random: Random): Case<RecoverInput>[] {
  const cases: Case<RecoverInput>[] = [];
  const good = signRandom(random);
  const input = recoverInput(good);
  const add = (name: string, reason: ReasonName, value: RecoverInput, allowHighS = false) =>
    cases.push({ name, reason, input: value, allowHighS });
  const valid = (name: string, signed: Signed, allowHighS = false) =>
    cases.push({
      name,
      reason: 'OK',
      input: recoverInput(signed),
      allowHighS,
      publicKey: keyOf(signed.key),
    });
  const signature = (r: bigint, s: bigint, recovery = good.recovery) => ({
    ...input,
    signature: pair(r, s),
    recovery,
  });

  const seen = new Set<number>();
  while (seen.size < 2) {
    const signed = signRandom(random);
    if (!seen.has(signed.recovery)) valid(`recovery id ${signed.recovery}`, signed);
    seen.add(signed.recovery);
  }
  valid('recovery id 2: x is r + n', signWrapped(random, false));
  valid('recovery id 3: x is r + n', signWrapped(random, true));
  const high = signRandom(random, true);
  add('high s', 'HIGH_S', recoverInput(high));
  valid('high s where allowed', high, true);
  for (const recovery of [4, 5, 27, 128, 255]) {
    add(`recovery id ${recovery}`, 'RECOVERY_ID', { ...input, recovery });
  }
  for (const [name, value] of [
    ['0', 0n],
    ['n', N],
    ['2^256 - 1', BIG],
  ] as const) {
    add(`r = ${name}`, 'R_RANGE', signature(value, good.s));
    add(`s = ${name}`, 'S_RANGE', signature(good.r, value), true);
  }
  add('recovery id before r', 'RECOVERY_ID', signature(0n, 0n, 4));
  add('r + n = p, id 2', 'X_RANGE', signature(P - N, good.s, 2));
  add('r = n - 1, id 3', 'X_RANGE', signature(N - 1n, good.s, 3));
  add('high s before x out of range', 'HIGH_S', signature(N - 1n, N - 1n, 3));
  add('x of no point', 'NOT_A_SQUARE', signature(xWithoutPoint(), good.s, 0));
  add('x of no point, odd', 'NOT_A_SQUARE', signature(xWithoutPoint(), good.s, 1));
  let last = P - N - 1n;
  while (isX(last + N)) last -= 1n;
  add('r + n just below p of no point', 'NOT_A_SQUARE', signature(last, good.s, 2));

  const secret = scalar(random);
  valid('digest = 0', sign(secret, scalar(random), 0n));
  valid('digest = n', sign(secret, scalar(random), N));
  valid('digest = 2^256 - 1', sign(secret, scalar(random), BIG));
  valid('key G', sign(1n, scalar(random), scalar(random)));
  valid('R = G', sign(secret, 1n, scalar(random)));
  const nonce = scalar(random);
  const R = Point.BASE.multiply(nonce).toAffine();
  // s R = e G: Q would be infinity.
  const s = (scalar(random) % (N / 2n)) + 1n;
  add('s R = e G: infinity', 'INFINITY', {
    digest: numberToBytes(mod(s * nonce)),
    signature: pair(mod(R.x), s),
    recovery: (R.x >= N ? 2 : 0) | Number(R.y & 1n),
  });
  return cases;
}

function isX(x: bigint): boolean {
  try {
    Point.fromBytes(Uint8Array.of(2, ...numberToBytes(x)));
    return true;
  } catch {
    return false;
  }
}
