/**
 * The bounds that the headers state, taken through the datapath: no column, digit or carry outgrows its
 * register, no difference goes below zero, and the bounds that come out are those that went in.
 *
 * Every value is a non-negative sum of non-negative terms, so its largest value comes of the largest terms.
 */
import { describe, expect, test } from 'vitest';
import { BETA, N } from '../../hdl/sigverify/microcode/interpreter.js';
import { DIGIT_BITS, DIGITS, LIMBS, limbsOf, pack, WEAK_MAX } from './helpers/elements.ts';
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

const digitsOf = (value: bigint) => limbsOf(value, DIGIT_BITS, DIGITS);

/** Limbs and digits of a register, of a table word or of a constant, at most. */
const ELEMENT = limbsOf(WEAK_MAX);
const ELEMENT_DIGITS = digitsOf(WEAK_MAX);
/** 3 p in digits that no subtraction of 2 B2 takes below zero: sigv_pkg. */
const P3 = [0x2ffffcfffff48dn, ...Array(3).fill(0x2ffffffffffffdn), 0x02fffffffffffdn] as bigint[];

/** What B1 may be: an element, or a whole word of 256 bits; constants and points of G are below. */
const WORD_DIGITS = digitsOf(2n ** 256n - 1n);
const B1_DIGITS = ELEMENT_DIGITS.map((digit, i) => {
  const word = WORD_DIGITS[i] as bigint;
  return digit > word ? digit : word;
});

/** Digits of B = k (B1 + 3 p - mb B2), at most: sigv_factor. */
function factorB(k: number): bigint[] {
  return B1_DIGITS.map((digit, i) => {
    const b1 = fits(`b1 ${i}`, digit, 52);
    const less = k === 1 ? fits(`less ${i}`, P3[i] as bigint, 54) : 0n;
    const sum = fits(`sum ${i}`, b1 + less, 55);
    const shift = k === 3 ? 1n : BigInt(Math.log2(k));
    return fits(`b ${i}`, (sum << shift) + (k === 3 ? sum : 0n), 55);
  });
}

/** What leaves the last digit of sigv_carry, at most; on the way no sum outgrows its register. */
function carryOut(digits: readonly bigint[]): bigint {
  let carry = 0n;
  let above = 0n;
  for (const [i, digit] of digits.entries()) {
    const parts = cut(fits(`digit ${i}`, digit, 55), 52);
    // One carry at most leaves a sum: if it is full or beyond by less than `above`, never twice.
    fits(`sum ${i}`, parts.low + above, 53);
    above = fits(`what is above digit ${i}`, parts.high, 3);
    carry = fits(`carry out of digit ${i}`, (digit + carry) >> DIGIT_BITS, 4);
  }
  return carry;
}

/** Columns of A B + C at most, C of digits in the even columns: sigv_mul. */
function columns(a: readonly bigint[], b: readonly bigint[], c: readonly bigint[]): bigint[] {
  return Array.from({ length: 2 * LIMBS - 1 }, (_, k) => {
    const products = a.map((limb, i) => fits('product', limb * (b[k - i] ?? 0n), 52));
    for (let row = 0; row < LIMBS; row += 4) {
      const four = products.slice(row, row + 4).reduce((sum, product) => sum + product, 0n);
      fits(`rows from ${row} on of column ${k}`, four, 54);
    }
    const summand = k % 2 === 0 ? (c[k / 2] ?? 0n) : 0n;
    return fits(
      `column ${k}`,
      products.reduce((total, product) => total + product, summand),
      56,
    );
  });
}

/** Digits after sigv_fold, at most, for columns at most so large. */
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
  const limbs = folded.map((limb, k) => {
    const below = k === 0 ? 0n : cut(folded[k - 1] as bigint, 26).high;
    return fits(`carry ${k}`, cut(limb, 26).low + below, 27);
  });
  const limb = (k: number) => limbs[k] as bigint;
  const over3 = fits('over', over2 + cut(folded[9] as bigint, 26).high, 38);
  const top = fits('top', (over3 << 4n) + cut(limb(9), 22).high, 43);
  const limb0 = fits('limb 0', limb(0) + top * 977n, 54);
  const limb1 = fits('limb 1', limb(1) + (top << 6n), 50);
  const digits = Array.from({ length: DIGITS - 1 }, (_, above) => {
    const i = above + 1;
    const upper = i === DIGITS - 1 ? cut(limb(2 * i + 1), 22).low : limb(2 * i + 1);
    return fits(`top ${i}`, limb(2 * i) + (upper << 26n), 54);
  });
  const parts = cut(limb1, 26);
  const first = fits('sum 0', limb0 + (parts.low << 26n), 55);
  const second = fits('sum 1', (digits[0] as bigint) + parts.high, 55);
  const sums = [first, second, ...digits.slice(1)];
  // Nothing may leave the last digit: the module drops it.
  expect(carryOut(sums)).toBe(0n);
  let carry = 0n;
  return sums.map((digit) => {
    const { low, high } = cut(digit + carry, 52);
    carry = high;
    return low;
  });
}

describe('bounds', () => {
  test('2^260 is what the fold takes it for, and 3 p is 3 p', () => {
    expect(2n ** 260n % P).toBe(2n ** 36n + 15632n);
    expect(2n ** 256n % P).toBe(2n ** 32n + 977n);
    expect(pack(P3, DIGIT_BITS)).toBe(3n * P);
  });

  test('a digit of p between its lowest and its highest is full: sigv_fold compares on it', () => {
    expect(digitsOf(P).slice(1, -1)).toEqual(Array(DIGITS - 2).fill(full(52)));
  });

  test('no difference of sigv_factor or of summand C is negative in any digit', () => {
    for (const [i, digit] of ELEMENT_DIGITS.entries()) {
      expect(P3[i]).toBeGreaterThanOrEqual(fits(`2 B2, digit ${i}`, 2n * digit, 54));
    }
    // C adds 3 p + 1 to the complement of C.
    for (const digit of P3) fits('digit of 3 p + 1', digit + 1n, 54);
  });

  test('an element, a word and the constants are within the bounds of B1', () => {
    for (const value of [WEAK_MAX, 2n ** 256n - 1n, P - 1n, N, BETA]) {
      for (const [i, digit] of digitsOf(value).entries()) {
        expect(digit).toBeLessThanOrEqual(B1_DIGITS[i] as bigint);
      }
    }
  });

  test('factor B fits its digits and 260 bits, so that sigv_carry loses nothing', () => {
    for (const k of [1, 2, 3, 4, 8]) {
      // Digits may not all be at their bound at once where one is as wide as it may be: values count.
      const value = k === 1 ? WEAK_MAX + 3n * P : BigInt(k) * WEAK_MAX;
      expect(value).toBeLessThan(2n ** 260n);
      expect(carryOut(factorB(k))).toBe(0n);
    }
    carryOut(Array(DIGITS).fill(full(55)));
  });

  test('columns keep what sigv_fold asks for: below 2^56, and column 18 below 2^52', () => {
    const b = Array(LIMBS).fill(FULL) as bigint[];
    const c = P3.map((digit, i) => {
      const twice = 2n * (ELEMENT_DIGITS[i] as bigint);
      return fits(`c ${i}`, digit > twice ? digit : twice, 54);
    });
    const largest = columns(ELEMENT, b, c);
    expect(largest[18]).toBeLessThan(2n ** 52n);
    columns(Array(LIMBS).fill(FULL), b, Array(DIGITS).fill(full(54)));
  });

  test('from any columns within the bounds of sigv_fold, every limb comes out weakly reduced', () => {
    const out = fold([...Array(18).fill(full(56)), full(52)]);
    for (const [i, digit] of out.entries()) {
      expect(digit).toBeLessThanOrEqual(ELEMENT_DIGITS[i] as bigint);
    }
    // Digit by digit is limb by limb: all below the top limb may be full.
    expect(ELEMENT.slice(0, -1)).toEqual(Array(LIMBS - 1).fill(FULL));
  });

  test('an element is below 2 p, so that one subtraction makes it canonical', () => {
    expect(WEAK_MAX).toBeLessThan(2n * P);
    expect(WEAK_MAX - P).toBeLessThan(2n ** 256n);
    // sigv_capture adds 2^256 - p to the lowest digit, and carries up.
    fits('sum', full(52) + (2n ** 256n - P) + 1n, 53);
  });
});
