/** sigv_mul: exact column sums, one product every II cycles. */
import { describe, expect, test } from 'vitest';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import {
  anyElement,
  anyLimbs,
  DIGITS,
  ELEMENT_EDGES,
  limbsOf,
  pack,
  spread,
} from './helpers/elements.ts';
import { Timeline } from './helpers/timeline.ts';

/** Limbs of A and B may take all of their 26 bits, digits of C all of their 54. */
const ALL_ONES = 2n ** 260n - 1n;

interface Product {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
}

/** Columns of 56 bits: spread so far apart, the product of two numbers is their column sums. */
function columnsOf({ a, b, c }: Product): bigint {
  // Digit i of C has the weight of column 2 i.
  return spread(a, 56n) * spread(b, 56n) + pack(limbsOf(c, 54n, DIGITS), 112n);
}

function anyProduct(random: Random): Product {
  const factor = () => (random.chance(0.5) ? anyElement(random) : anyLimbs(random, 26, 10));
  return { a: factor(), b: factor(), c: anyLimbs(random, 54, DIGITS) };
}

function edgeProducts(): Product[] {
  const factors = [...ELEMENT_EDGES, ALL_ONES];
  const summands = [0n, 2n ** 270n - 1n];
  return factors.flatMap((a, i) =>
    factors.map((b, j) => ({ a, b, c: summands[(i + j) % 2] as bigint })),
  );
}

describe.each([1, 2, 5, 10])('II %i', (II) => {
  const open = () => simulate('hdl/sigverify/sigv_mul.sv', { parameters: { II } });
  /** From the operands to the columns; C comes one cycle before these. */
  const LATENCY = II === 1 ? 3 : 3 + II;

  async function check(products: readonly Product[], random: Random, gap: () => number) {
    const sim = await open();
    const dut = sim.ports;
    const noise = [anyProduct(random), anyProduct(random), anyProduct(random)];
    const timeline = new Timeline(() => Object.assign(dut, random.pick(noise), { start: 0 }));
    const got: bigint[] = [];
    // Without a reset the flip-flops have to run empty first.
    let cycle = LATENCY;
    for (const { a, b, c } of products) {
      timeline.input(cycle, () => Object.assign(dut, { a, b, start: 1 }));
      timeline.input(cycle + LATENCY - 1, () => {
        dut.c = c;
      });
      timeline.output(cycle + LATENCY, () => got.push(dut.cols as bigint));
      cycle += II + gap();
    }
    timeline.run(sim);
    const wrong = products.findIndex((product, i) => got[i] !== columnsOf(product));
    expect(wrong < 0 ? undefined : { wrong, ...products[wrong], got: got[wrong] }).toBeUndefined();
    expect(got.length).toBe(products.length);
  }

  test('edge values of both factors in all pairs, back to back', async () => {
    await check(edgeProducts(), testRandom(`mul edges ${II}`), () => 0);
  });

  test('limbs full of runs of 0s and 1s, back to back', async () => {
    const random = testRandom(`mul runs ${II}`);
    await check(
      Array.from({ length: 600 }, () => anyProduct(random)),
      random,
      () => 0,
    );
  });

  test('products with gaps between them', async () => {
    const random = testRandom(`mul gaps ${II}`);
    await check(
      Array.from({ length: 200 }, () => anyProduct(random)),
      random,
      () => (random.chance(0.5) ? random.int(1, 2 * II + 1) : 0),
    );
  });
});

test('at an II of 1 columns stay until the next product, whatever goes by meanwhile', async () => {
  const sim = await simulate('hdl/sigverify/sigv_mul.sv', { parameters: { II: 1 } });
  const dut = sim.ports;
  const random = testRandom('mul stays');
  const noise = Array.from({ length: 3 }, () => anyProduct(random));
  const rest = () => {
    Object.assign(dut, random.pick(noise), { start: 0 });
  };
  rest();
  sim.cycles(3);
  for (let i = 0; i < 50; i++) {
    const product = anyProduct(random);
    Object.assign(dut, product, { start: 1 });
    sim.cycles(1);
    rest();
    sim.cycles(1);
    dut.c = product.c;
    sim.cycles(1);
    for (let cycles = random.int(1, 12); cycles > 0; cycles--) {
      expect(dut.cols).toBe(columnsOf(product));
      rest();
      sim.cycles(1);
    }
  }
});

test.each([0, 3, 20])('an II of %i does not build', async (II) => {
  const build = simulate('hdl/sigverify/sigv_mul.sv', { parameters: { II } });
  await expect(build).rejects.toMatchObject({ code: 'TESTBENCH_BUILD' });
});
