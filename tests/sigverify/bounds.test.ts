/**
 * The bounds that the headers state, taken through the datapath: no column, limb or carry outgrows its
 * register, no difference goes below zero, and the bounds that come out are those that went in.
 *
 * Every value is a non-negative sum of non-negative terms, so its largest value comes of the largest terms.
 */
import { describe, expect, test } from 'vitest';
import { LIMBS, limbsOf, pack, WEAK_MAX } from './helpers/elements.ts';
import { P } from './helpers/scalars.ts';

const full = (bits: number) => 2n ** BigInt(bits) - 1n;
const FULL = full(26);

/** Fails unless a value fits into a register. */
function fits(what: string, largest: bigint, bits: number): bigint {
  if (largest > full(bits)) throw new Error(`${what}: ${largest} does not fit into ${bits} bits`);
  return largest;
}

/** What stays and what goes on, at most, when a value is cut at a bit. */
const cut = (largest: bigint, bits: number) => ({
  low: largest < full(bits) ? largest : full(bits),
  high: largest >> BigInt(bits),
});

/** Limbs of a register, of a table word or of a constant, at most. */
const ELEMENT = limbsOf(WEAK_MAX);
/** 3 p with limbs that no subtraction of 2 B2 takes below zero: sigv_pkg. */
const P3 = [0xbfff48dn, 0xbffff3dn, ...Array(7).fill(0xbfffffdn), 0x0bffffdn] as bigint[];

/** Limbs of B = k (B1 + 3 p - mb B2), at most: sigv_lane. */
function looseB(k: number): bigint[] {
  return ELEMENT.map((limb, i) => {
    if (k === 1) return fits(`b ${i}`, limb + (P3[i] as bigint), 29);
    return fits(`b ${i}`, BigInt(k) * limb, 29);
  });
}

/** Columns of A B + C at most: sigv_mul. */
function columns(a: readonly bigint[], b: readonly bigint[], c: readonly bigint[]): bigint[] {
  return Array.from({ length: 2 * LIMBS - 1 }, (_, k) => {
    const products = a.map((limb, i) => fits('product', limb * (b[k - i] ?? 0n), 52));
    for (let i = 0; i < LIMBS; i += 4) {
      const four = products.slice(i, i + 4).reduce((sum, product) => sum + product, 0n);
      fits(`four products of column ${k}`, four, 54);
    }
    const sum = products.reduce((total, product) => total + product, c[k] ?? 0n);
    return fits(`column ${k}`, sum, 56);
  });
}

/** Limbs after sigv_fold, at most, for columns at most so large. */
function fold(cols: readonly bigint[]): bigint[] {
  const thirds = cols.map((column) => {
    const [lo, rest] = [cut(column, 26), cut(column >> 26n, 26)];
    return { lo: lo.low, mid: rest.low, hi: rest.high };
  });
  // Column 18 has no upper third: the module leaves it out.
  expect(thirds[18]?.hi).toBe(0n);
  const split = Array.from({ length: 2 * LIMBS }, (_, k) => {
    const sum = (thirds[k]?.lo ?? 0n) + (thirds[k - 1]?.mid ?? 0n) + (thirds[k - 2]?.hi ?? 0n);
    return fits(`split ${k}`, sum, 28);
  });
  const at = (k: number) => split[k] as bigint;
  const folded = Array.from({ length: LIMBS }, (_, k) => {
    const carried = k >= 1 ? at(k + 9) << 10n : 0n;
    return fits(`fold ${k}`, at(k) + at(k + 10) * 15632n + carried, 43);
  });
  const over2 = fits('over', at(19) << 10n, 38);
  const carry = folded.map((limb, k) => {
    const below = k === 0 ? 0n : cut(folded[k - 1] as bigint, 26).high;
    return fits(`carry ${k}`, cut(limb, 26).low + below, 27);
  });
  const over3 = fits('over', over2 + cut(folded[9] as bigint, 26).high, 38);
  const top = fits('top', (over3 << 4n) + cut(carry[9] as bigint, 22).high, 43);
  const limbs = carry.map((limb, k) => {
    if (k === 0) return fits('top 0', limb + top * 977n, 54);
    if (k === 1) return fits('top 1', limb + (top << 6n), 50);
    return k === 9 ? cut(limb, 22).low : limb;
  });
  let running = 0n;
  return limbs.map((limb, k) => {
    const sum = fits(`sum ${k}`, limb + running, 54);
    if (k === LIMBS - 1) return fits('limb 9', sum, 26);
    running = cut(sum, 26).high;
    if (k % 2 === 1) fits(`carry into limb ${k + 1}`, running, 28);
    return cut(sum, 26).low;
  });
}

describe('bounds', () => {
  test('2^260 is what the fold takes it for, and 3 p is 3 p', () => {
    expect(2n ** 260n % P).toBe(2n ** 36n + 15632n);
    expect(2n ** 256n % P).toBe(2n ** 32n + 977n);
    expect(pack(P3)).toBe(3n * P);
  });

  test('no difference of sigv_lane is negative in any limb', () => {
    for (const [i, limb] of ELEMENT.entries()) expect(P3[i]).toBeGreaterThanOrEqual(2n * limb);
    for (const limb of P3) fits('limb of 3 p', limb, 28);
  });

  test('factor B fits its limbs and 260 bits, so that sigv_carry loses nothing', () => {
    for (const k of [1, 2, 3, 4, 8]) {
      // Limbs may not all be at their bound at once where a limb is as wide as it may be: values count.
      const value = k === 1 ? WEAK_MAX + 3n * P : BigInt(k) * WEAK_MAX;
      expect(value).toBeLessThan(2n ** 260n);
      let carry = 0n;
      for (const limb of looseB(k)) carry = fits('carry', (limb + carry) >> 26n, 4);
    }
  });

  test('columns keep what sigv_fold asks for: below 2^56, and column 18 below 2^52', () => {
    const b = Array(LIMBS).fill(FULL) as bigint[];
    const largest = columns(ELEMENT, b, P3);
    expect(largest[18]).toBeLessThan(2n ** 52n);
    columns(Array(LIMBS).fill(FULL), b, Array(LIMBS).fill(full(28)));
  });

  test('from any columns within the bounds of sigv_fold, every limb comes out weakly reduced', () => {
    const out = fold([...Array(18).fill(full(56)), full(52)]);
    for (const [i, limb] of out.entries()) expect(limb).toBeLessThanOrEqual(ELEMENT[i] as bigint);
  });

  test('an element is below 2 p, so that one subtraction makes it canonical', () => {
    expect(WEAK_MAX).toBeLessThan(2n * P);
    expect(WEAK_MAX - P).toBeLessThan(2n ** 256n);
  });
});
