/** Field elements as the datapath has them: ten limbs of 26 bits, which is the value's 260 bits. */
import type { Random } from '../../../src/testbench/index.ts';
import { P } from './scalars.ts';

export const LIMBS = 10;
export const LIMB_BITS = 26n;
/** Two limbs side by side are a digit, in which carries run and results come out. */
export const DIGITS = LIMBS / 2;
export const DIGIT_BITS = 52n;
const FULL = 2n ** LIMB_BITS - 1n;

/** Largest weakly reduced element (sigv_pkg): limb 9 is 2^22 + 1, the others are full. */
export const WEAK_MAX = (2n ** 22n + 2n) * 2n ** 234n - 1n;

/** A value's limbs, or digits of any other width, lowest first. */
export function limbsOf(value: bigint, bits = LIMB_BITS, count = LIMBS): bigint[] {
  return Array.from({ length: count }, (_, i) =>
    BigInt.asUintN(Number(bits), value >> (bits * BigInt(i))),
  );
}

/** Limbs side by side in fields of the given width; with 26 bits the value, if no limb is larger. */
export function pack(limbs: readonly bigint[], bits = LIMB_BITS): bigint {
  return limbs.reduceRight((value, limb) => (value << bits) + limb, 0n);
}

/** Limbs of 26 bits moved to fields of the given width. */
export function spread(value: bigint, bits: bigint): bigint {
  return pack(limbsOf(value), bits);
}

const fromLimbs = (limb: (i: number) => bigint) =>
  pack(Array.from({ length: LIMBS }, (_, i) => limb(i)));

/** Values at which a comparison with p, digit by digit, turns over. */
export const AROUND_P: readonly bigint[] = Array.from(
  { length: DIGITS },
  (_, i) => DIGIT_BITS * BigInt(i),
)
  .flatMap((at) => [P - (1n << at), P + (1n << at), P & ~(((1n << DIGIT_BITS) - 1n) << at)])
  .filter((value) => value < 2n ** 256n);

/** Weakly reduced elements with every limb, or the whole value, at a bound. */
export const ELEMENT_EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, P - 2n, P - 1n, P, P + 1n, P + 2n],
  ...[2n ** 255n, 2n ** 256n - 1n, 2n ** 256n, 2n ** 256n + 1n, WEAK_MAX, WEAK_MAX - 1n],
  ...AROUND_P,
  ...Array.from({ length: LIMBS }, (_, at) => fromLimbs((i) => (i === at ? FULL : 0n)) & WEAK_MAX),
  fromLimbs((i) => (i % 2 === 0 ? FULL : 0n)),
  fromLimbs((i) => (i % 2 === 0 || i === 9 ? 0n : FULL)),
  fromLimbs((i) => (i === 9 ? 0n : 1n)),
  fromLimbs((i) => (i === 9 ? 2n ** 22n + 1n : 2n ** 25n)),
].filter((value) => value <= WEAK_MAX);

/** A weakly reduced element: an edge, runs of 0s and 1s, or uniform. */
export function anyElement(random: Random): bigint {
  const draw = random.float();
  if (draw < 0.3) return random.pick(ELEMENT_EDGES);
  if (draw < 0.4) return 2n ** 256n + random.runs(234);
  return draw < 0.8 ? random.runs(256) : random.bigint(256);
}

/** Limbs of the given width, each zero, full, runs of 0s and 1s or uniform, in a packed field. */
export function anyLimbs(random: Random, width: number, count: number): bigint {
  const limbs = Array.from({ length: count }, () => {
    const draw = random.float();
    if (draw < 0.2) return 0n;
    if (draw < 0.5) return 2n ** BigInt(width) - 1n;
    return draw < 0.8 ? random.runs(width) : random.bigint(width);
  });
  return pack(limbs, BigInt(width));
}
