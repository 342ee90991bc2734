/** What the scalar unit has to give, in bigint: inverses, the split of u2, digits and their sum. */
import type { Random } from '../../../src/testbench/index.ts';

/** Order of the group (SEC 2, secp256k1). */
export const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** Prime of the field. */
export const P = 2n ** 256n - 2n ** 32n - 977n;
/** lambda (x, y) = (beta x, y) for beta = 0x7ae96a2b...719501ee. */
export const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

export const mod = (value: bigint, modulus: bigint): bigint => {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
};

/** The inverse by Euclid's algorithm; that of zero is zero, as of the unit. */
export function invert(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulus, mod(value, modulus), 0n, 1n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return a === 1n ? mod(x, modulus) : 0n;
}

/** k1 + k2 lambda = u2 mod n, with the constants and the rounding of libsecp256k1's scalar_split_lambda. */
export function splitLambda(u2: bigint): readonly [bigint, bigint] {
  const g1 = 0x3086d221a7d46bcde86c90e49284eb153daa8a1471e8ca7fe893209a45dbb031n;
  const g2 = 0xe4437ed6010e88286f547fa90abfe4c4221208ac9df506c61571b4ae8ac47f71n;
  const minusB1 = 0xe4437ed6010e88286f547fa90abfe4c3n;
  const minusB2 = 0xfffffffffffffffffffffffffffffffe8a280ac50774346dd765cda83db1562cn;
  const round = (product: bigint): bigint => (product + 2n ** 383n) >> 384n;
  const centred = (value: bigint): bigint => (value > N / 2n ? value - N : value);
  const k2 = mod(round(u2 * g1) * minusB1 + round(u2 * g2) * minusB2, N);
  const k1 = mod(u2 - k2 * LAMBDA, N);
  return [centred(k1), centred(k2)];
}

export interface Job {
  readonly recover: boolean;
  readonly z: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** u1 and u2 of a job. */
export function scalarsOf({ recover, z, r, s }: Job): { u1: bigint; u2: bigint } {
  const w = invert(recover ? r : s, N);
  return { u1: mod((recover ? -z : z) * w, N), u2: mod((recover ? s : r) * w, N) };
}

/** The job whose scalars are u1 and u2, for a given value to be inverted. */
export function jobFor(recover: boolean, u1: bigint, u2: bigint, inverted: bigint): Job {
  const z = mod((recover ? -u1 : u1) * inverted, N);
  const other = mod(u2 * inverted, N);
  return recover ? { recover, z, r: inverted, s: other } : { recover, z, r: other, s: inverted };
}

/** An entry of the list. */
export interface Entry {
  readonly dbl: number;
  /** 0: k1, 1: k2, 2: low half of u1, 3: high half. */
  readonly kind: number;
  /** Odd. */
  readonly digit: number;
}

export function readEntry(word: number, indexBits: number): Entry {
  const index = word & ((1 << indexBits) - 1);
  const isNegative = ((word >> indexBits) & 1) === 1;
  const magnitude = 2 * index + 1;
  return {
    dbl: (word >> (indexBits + 3)) & 0xff,
    kind: (word >> (indexBits + 1)) & 3,
    digit: isNegative ? -magnitude : magnitude,
  };
}

/** Width-w non-adjacent form, by the definition: the digit is the odd residue nearest to zero. */
export function nonAdjacentForm(value: bigint, window: number): Map<number, number> {
  const digits = new Map<number, number>();
  for (let position = 0, rest = value; rest !== 0n; position++, rest >>= 1n) {
    if ((rest & 1n) === 0n) continue;
    const digit = BigInt.asIntN(window, rest);
    digits.set(position, Number(digit));
    rest -= digit;
  }
  return digits;
}

/** The list of four scalars (k1, k2, low, high), lowest position first, kinds in order at a position. */
export function listOf(
  scalars: readonly bigint[],
  windows: { q: number; g: number },
  negateG = false,
): Entry[] {
  const forms = scalars.map((scalar, kind) =>
    nonAdjacentForm(scalar, kind < 2 ? windows.q : windows.g),
  );
  const entries: Entry[] = [];
  let last = 0;
  for (let position = 0; position <= 128; position++) {
    forms.forEach((form, kind) => {
      const digit = form.get(position);
      if (digit === undefined) return;
      entries.push({ dbl: position - last, kind, digit: negateG && kind >= 2 ? -digit : digit });
      last = position;
    });
  }
  return entries;
}

/** The list walked as the core does, from the highest entry down, for given values of the four kinds. */
export function evaluate(entries: readonly Entry[], values: readonly bigint[]): bigint {
  let sum = 0n;
  for (let i = entries.length - 1; i >= 0; i--) {
    const { dbl, kind, digit } = entries[i] as Entry;
    sum = (sum + BigInt(digit) * (values[kind] ?? 0n)) << BigInt(dbl);
  }
  return sum;
}

/**
 * Why a list is not one of windowed non-adjacent forms within 128 entries; undefined where it is.
 */
export function listFault(
  entries: readonly Entry[],
  windows: { q: number; g: number },
): string | undefined {
  if (entries.length > 128) return `${entries.length} entries`;
  const next = [0, 0, 0, 0];
  let position = 0;
  for (const { dbl, kind, digit } of entries) {
    const window = kind < 2 ? windows.q : windows.g;
    position += dbl;
    if (position > 128) return `position ${position}`;
    if (Math.abs(digit) >= 2 ** (window - 1)) return `digit ${digit} of kind ${kind}`;
    if (position < (next[kind] ?? 0)) return `adjacent digits of kind ${kind} at ${position}`;
    next[kind] = position + window;
  }
  return undefined;
}

/** Values around which arithmetic modulo n and p, of 128-bit halves and of limbs goes wrong. */
export const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, N - 2n, N - 1n, P - 1n, N, N + 1n, P, 2n ** 256n - 1n, 2n ** 256n - 2n],
  ...[N / 2n, N / 2n + 1n, LAMBDA, LAMBDA + 1n, N - LAMBDA, mod(LAMBDA * LAMBDA, N), 2n ** 255n],
  ...[30n, 32n, 60n, 64n, 127n, 128n, 129n, 240n, 250n].flatMap((bit) => [
    2n ** bit - 1n,
    2n ** bit,
    2n ** bit + 1n,
    N - 2n ** bit,
  ]),
];

/** A value of 256 bits: an edge, runs of 0s and 1s, or uniform. */
export function anyValue(random: Random): bigint {
  const draw = random.float();
  if (draw < 0.1) return random.pick(EDGES);
  return draw < 0.6 ? random.runs(256) : random.bigint(256);
}

/** As {@link anyValue}, within 1 to modulus - 1. */
export function anyBelow(random: Random, modulus: bigint): bigint {
  return mod(anyValue(random), modulus - 1n) + 1n;
}
