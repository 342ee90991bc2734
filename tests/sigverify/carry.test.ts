/** sigv_carry: digits of 55 bits become digits of 52 bits of the same value. */
import { describe, expect, test } from 'vitest';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import { anyLimbs, DIGIT_BITS, DIGITS, limbsOf, pack } from './helpers/elements.ts';
import { Timeline } from './helpers/timeline.ts';

const LATENCY = 3;
const WIDTH = 55n;
const FULL = 2n ** WIDTH - 1n;

const sumOf = (digits: readonly bigint[]) => pack(digits, DIGIT_BITS);

/** Takes from the top digit what makes the value 2^260 or more. */
function below260(digits: readonly bigint[]): bigint[] {
  const low = digits.slice(0, DIGITS - 1);
  const room = (2n ** 260n - 1n - sumOf(low)) >> (BigInt(DIGITS - 1) * DIGIT_BITS);
  const top = digits[DIGITS - 1] as bigint;
  return [...low, top > room ? room : top];
}

const anyInput = (random: Random) =>
  below260(limbsOf(anyLimbs(random, Number(WIDTH), DIGITS), WIDTH, DIGITS));

describe.each([26, 52])('registers of %i bits', (PART_W) => {
  /** Feeds values, some with gaps before them in which noise goes by. */
  async function check(inputs: readonly (readonly bigint[])[]): Promise<void> {
    const sim = await simulate('hdl/sigverify/sigv_carry.sv', { parameters: { PART_W } });
    const dut = sim.ports;
    const random = testRandom('carry gaps');
    const timeline = new Timeline(() => {
      Object.assign(dut, { s_digits: random.bigint(5 * Number(WIDTH)), start: 0 });
    });
    const got: bigint[] = [];
    const coming: bigint[] = [];
    let cycle = 0;
    for (const digits of inputs) {
      cycle += 1 + (random.chance(0.2) ? random.int(5) : 0);
      timeline.input(cycle, () => {
        Object.assign(dut, { s_digits: pack(digits, WIDTH), start: 1 });
      });
      timeline.output(cycle + LATENCY - 1, () => coming.push(dut.m_coming as bigint));
      timeline.output(cycle + LATENCY, () => got.push(dut.m_digits as bigint));
    }
    timeline.run(sim);
    expect(got).toEqual(inputs.map(sumOf));
    expect(coming).toEqual(got);
  }

  test('1,000 values full of runs of 0s and 1s, one a cycle', async () => {
    const random = testRandom('carry');
    await check(Array.from({ length: 1000 }, () => anyInput(random)));
  });

  test('one carry runs through all digits, from each digit up', async () => {
    const ripple = (from: number) =>
      Array.from({ length: DIGITS }, (_, i) => {
        if (i < from) return 0n;
        if (i === from) return 2n ** DIGIT_BITS;
        return i === DIGITS - 1 ? 1n : 2n ** DIGIT_BITS - 1n;
      });
    await check([0, 1, 2, 3].map(ripple));
  });

  test('a bit alone in each place of each digit', async () => {
    const bits = Array.from({ length: DIGITS * Number(WIDTH) }, (_, bit) =>
      limbsOf(1n << BigInt(bit), WIDTH, DIGITS),
    );
    await check(bits.filter((digits) => sumOf(digits) < 2n ** 260n));
  });

  test('full digits and those at which a carry tips over, in all sets, give the largest carries', async () => {
    // The largest carry of a digit is 7, and 8 of one that gets a carry itself.
    const edges = [0n, 2n ** DIGIT_BITS - 8n, 2n ** DIGIT_BITS - 7n, 2n ** DIGIT_BITS - 1n];
    const choices = [...edges, FULL - 7n, FULL];
    const sets = Array.from({ length: choices.length ** DIGITS }, (_, set) =>
      Array.from(
        { length: DIGITS },
        (_, i) => choices[Math.floor(set / choices.length ** i) % choices.length] as bigint,
      ),
    );
    await check(sets.map(below260));
  });
});
