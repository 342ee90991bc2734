/** sigv_fold: column sums become a weakly reduced element, and its flags are exact. */
import { expect, test } from 'vitest';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import {
  AROUND_P,
  anyElement,
  anyLimbs,
  ELEMENT_EDGES,
  LIMB_BITS,
  limbsOf,
  pack,
  spread,
  WEAK_MAX,
} from './helpers/elements.ts';
import { mod, P } from './helpers/scalars.ts';
import { Timeline } from './helpers/timeline.ts';

const COLUMNS = 19;
/** Bounds of the header: columns below 2^56, column 18 below 2^52. */
const LARGEST = pack([...Array(18).fill(2n ** 56n - 1n), 2n ** 52n - 1n], 56n);

const sumOf = (columns: bigint) => pack(limbsOf(columns, 56n, COLUMNS), LIMB_BITS);

const anyColumns = (random: Random) =>
  pack([...limbsOf(anyLimbs(random, 56, 18), 56n, 18), anyLimbs(random, 52, 1)], 56n);

interface Folded {
  readonly value: bigint;
  readonly zero: number;
  readonly above: number;
  readonly odd: number;
}

/** Feeds columns; the element and its flags are read in cycle 8. Noise goes by in gaps. */
async function fold(inputs: readonly bigint[], gap: (random: Random) => number): Promise<Folded[]> {
  const sim = await simulate('hdl/sigverify/sigv_fold.sv');
  const dut = sim.ports;
  const random = testRandom('fold noise');
  const noise = [LARGEST, 0n, anyColumns(random), anyColumns(random)];
  const timeline = new Timeline(() => {
    Object.assign(dut, { cols: random.pick(noise), start: 0 });
  });
  const folded: Folded[] = [];
  let cycle = 0;
  for (const columns of inputs) {
    timeline.input(cycle, () => {
      Object.assign(dut, { cols: columns, start: 1 });
    });
    timeline.output(cycle + 8, () => {
      const { zero, above, odd } = dut;
      folded.push({ value: dut.limbs as bigint, zero, above, odd });
    });
    cycle += 1 + gap(random);
  }
  timeline.run(sim);
  return folded;
}

const flagsOf = (value: bigint) => ({
  zero: mod(value, P) === 0n ? 1 : 0,
  above: value >= P ? 1 : 0,
  odd: Number(mod(value, P) & 1n),
});

async function check(
  inputs: readonly bigint[],
  gap: (random: Random) => number = () => 0,
): Promise<Folded[]> {
  const folded = await fold(inputs, gap);
  const faults = folded.flatMap(({ value, ...flags }, i) => {
    const columns = inputs[i] as bigint;
    const isRight =
      mod(value, P) === mod(sumOf(columns), P) &&
      value <= WEAK_MAX &&
      JSON.stringify(flags) === JSON.stringify(flagsOf(value));
    return isRight ? [] : [{ columns, value, ...flags }];
  });
  expect(faults).toEqual([]);
  expect(folded.length).toBe(inputs.length);
  return folded;
}

test('column sums full of runs of 0s and 1s are congruent, weakly reduced, and flagged', async () => {
  const random = testRandom('fold');
  await check(Array.from({ length: 2000 }, () => anyColumns(random)));
});

test('columns at their bounds: all, each alone, and from each one up', async () => {
  const full = limbsOf(LARGEST, 56n, COLUMNS);
  const chosen = (take: (i: number) => boolean) =>
    pack(
      full.map((column, i) => (take(i) ? column : 0n)),
      56n,
    );
  await check([
    LARGEST,
    ...full.flatMap((_, at) => [
      chosen((i) => i === at),
      chosen((i) => i >= at),
      chosen((i) => i <= at),
      chosen((i) => i !== at),
    ]),
  ]);
});

test('products of weakly reduced elements at their bounds', async () => {
  const inputs = ELEMENT_EDGES.flatMap((a) =>
    ELEMENT_EDGES.map((b) => spread(a, 56n) * spread(b, 56n)),
  );
  await check(inputs);
});

test('values below 2^256 come through unchanged, so every flag is seen at every turning point', async () => {
  const values = [...ELEMENT_EDGES, ...AROUND_P].filter((value) => value < 2n ** 256n);
  const folded = await check(values.map((value) => spread(value, 56n)));
  expect(folded.map(({ value }) => value)).toEqual(values);
});

test('each digit can make the value zero, p, or neither by a single bit', async () => {
  const oneBitOff = [0n, P].flatMap((value) =>
    Array.from({ length: 256 }, (_, bit) => value ^ (1n << BigInt(bit))),
  );
  const folded = await check(oneBitOff.map((value) => spread(value, 56n)));
  expect(folded.map(({ zero }) => zero)).toEqual(oneBitOff.map(() => 0));
});

test('what is at 2^256 and above comes back once, and the carry may run to the top again', async () => {
  const random = testRandom('fold top');
  const tops = [1n, 2n, 3n, 8n, 15n, 16n, 31n];
  const back = 2n ** 32n + 977n;
  const inputs = tops.flatMap((top) => {
    const missing = top * back;
    const around = [
      0n,
      1n,
      back + missing - 1n,
      missing,
      missing - 1n,
      missing + 1n,
      back,
      2n * missing,
      2n ** 60n,
    ];
    const low = [...around.map((less) => 2n ** 256n - 1n - less), random.runs(256)];
    // The top is put into column 9, above the 22 bits that belong there.
    return low.map((value) => spread(value, 56n) + (top << (56n * 9n + 22n)));
  });
  const folded = await check(inputs);
  expect(folded.some(({ value }) => value >= 2n ** 256n)).toBe(true);
  expect(folded.some(({ value }) => value === P)).toBe(true);
});

test('zero is seen in both of its forms, from any multiple of p', async () => {
  const random = testRandom('fold zero');
  const multiples = [1n, 2n, 3n, 15n, 16n, 2n ** 26n, ...[60, 100, 200].map((n) => random.runs(n))];
  const factors = multiples.map((multiple) => mod(multiple, P));
  const inputs = factors.map((factor) => spread(P, 56n) * spread(factor, 56n));
  const folded = await check([...inputs, 0n]);
  expect(folded.every(({ zero }) => zero === 1)).toBe(true);
  expect(new Set(folded.map(({ value }) => value))).toEqual(new Set([0n, P]));
});

test('each element keeps apart from the one before and after it', async () => {
  const random = testRandom('fold neighbours');
  const calm = [0n, LARGEST, spread(P, 56n)];
  await check(
    Array.from({ length: 400 }, () =>
      random.chance(0.5) ? random.pick(calm) : spread(anyElement(random), 56n) * 3n,
    ),
  );
});

test('elements with gaps of every length between them', async () => {
  const random = testRandom('fold gaps');
  const values = [0n, P - 1n, P, P + 1n, 2n ** 256n - 1n].map((value) => spread(value, 56n));
  const inputs = Array.from({ length: 600 }, () =>
    random.chance(0.3) ? random.pick(values) : anyColumns(random),
  );
  await check(inputs, (any) => (any.chance(0.3) ? 0 : any.int(1, 14)));
});
