/** sigv_carry: limbs of 29 bits become limbs of 26 bits of the same value. */
import { expect, test } from 'vitest';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import { anyLimbs, LIMB_BITS, limbsOf, pack } from './helpers/elements.ts';
import { Timeline } from './helpers/timeline.ts';

const LATENCY = 5;
const FULL = 2n ** 29n - 1n;

const sumOf = (limbs: readonly bigint[]) => pack(limbs, LIMB_BITS);

/** Takes from the top limb what makes the value 2^260 or more. */
function below260(limbs: readonly bigint[]): bigint[] {
  const low = limbs.slice(0, 9);
  const room = (2n ** 260n - 1n - sumOf(low)) >> (9n * LIMB_BITS);
  const top = limbs[9] as bigint;
  return [...low, top > room ? room : top];
}

async function check(inputs: readonly (readonly bigint[])[]): Promise<void> {
  const sim = await simulate('hdl/sigverify/sigv_carry.sv');
  const dut = sim.ports;
  const timeline = new Timeline();
  const got: bigint[] = [];
  for (const [cycle, limbs] of inputs.entries()) {
    timeline.input(cycle, () => {
      dut.s_limbs = pack(limbs, 29n);
    });
    timeline.output(cycle + LATENCY, () => got.push(dut.m_limbs as bigint));
  }
  timeline.run(sim);
  expect(got).toEqual(inputs.map(sumOf));
}

const anyInput = (random: Random) => below260(limbsOf(anyLimbs(random, 29, 10), 29n));

test('1,000 values full of runs of 0s and 1s, one a cycle', async () => {
  const random = testRandom('carry');
  await check(Array.from({ length: 1000 }, () => anyInput(random)));
});

test('one carry runs through all limbs, from each limb up', async () => {
  const ripple = (from: number) =>
    Array.from({ length: 10 }, (_, i) =>
      i < from ? 0n : i === from ? 2n ** 26n : i === 9 ? 1n : 2n ** 26n - 1n,
    );
  await check([0, 1, 2, 3, 4, 5, 6, 7, 8].map(ripple));
});

test('full limbs, alone, in pairs and all at once, give the largest carries', async () => {
  const masks = Array.from({ length: 1024 }, (_, mask) =>
    below260(Array.from({ length: 10 }, (_, i) => (((mask >> i) & 1) === 1 ? FULL : 0n))),
  );
  await check(masks);
});
