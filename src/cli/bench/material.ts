// SPDX-License-Identifier: Apache-2.0
// Signatures to measure and compare with: made from a seed, so that every run can be repeated.

import { createHash } from 'node:crypto';
import { etc, Point } from '@noble/secp256k1';
import type { RecoverInput, VerifyInput } from '../../driver/index.ts';

const { n: N } = Point.CURVE();

/** A signature and the key it was made with; verify and recover both take it. */
export type Signed = VerifyInput & RecoverInput;

/** Reproducible bytes: SHA-256 over the seed, a label and a counter. */
export class SeededBytes {
  readonly #prefix: string;
  #counter = 0;

  /** @param label - keeps the sequences of one seed apart. */
  constructor(seed: string, label: string) {
    this.#prefix = `${seed}/${label}/`;
  }

  /** 32 bytes. */
  take(): Uint8Array {
    return createHash('sha256')
      .update(`${this.#prefix}${this.#counter++}`)
      .digest();
  }

  /** Uniform below `bound`, at most 2^32; the bias of the modulus is below 2^-32. */
  below(bound: number): number {
    return Number(Buffer.from(this.take()).readBigUInt64BE() % BigInt(bound));
  }

  /** A scalar from 1 to n - 1. */
  scalar(): bigint {
    return (toNumber(this.take()) % (N - 1n)) + 1n;
  }
}

/** Keys that sign in turn: enough that no cache of keys would help. */
const KEYS = 64;

/** Makes valid low-s signatures (SEC 1 v2, 4.1.3). Test data: the nonces are no secret. */
export class Signer {
  readonly #random: SeededBytes;
  readonly #keys: readonly { readonly secret: bigint; readonly publicKey: Uint8Array }[];
  #next = 0;

  constructor(random: SeededBytes) {
    this.#random = random;
    this.#keys = Array.from({ length: KEYS }, () => {
      const secret = random.scalar();
      return { secret, publicKey: Point.BASE.multiply(secret).toBytes(false).slice(1) };
    });
  }

  sign(): Signed {
    const { secret, publicKey } = this.#keys[this.#next++ % KEYS]!;
    const digest = this.#random.take();
    const nonce = this.#random.scalar();
    const { x, y } = Point.BASE.multiply(nonce).toAffine();
    const r = x % N;
    const s = (etc.invert(nonce, N) * ((toNumber(digest) + r * secret) % N)) % N;
    const high = s > N / 2n;
    const recovery = (x >= N ? 2 : 0) | (Number(y & 1n) ^ (high ? 1 : 0));
    const signature = Buffer.concat([toBytes(r), toBytes(high ? N - s : s)]);
    return { digest, signature, publicKey, recovery };
  }
}

/** A signature that was valid, with one bit of its digest changed: full work, and a mismatch. */
export function changeDigest(signed: Signed, bit: number): Signed {
  return { ...signed, digest: flip(signed.digest, bit) };
}

/** Copy of some bytes with one bit changed, counted from the first byte's highest. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 0x80 >> (bit & 7);
  return copy;
}

/** Big-endian bytes as a number. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** A number below 2^256 as 32 big-endian bytes. */
export function toBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}
