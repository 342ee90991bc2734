/** sigv_factor: B = k (B1 + 3p - mb B2), digit by digit and without a borrow between digits. */
import { expect, test } from 'vitest';
import { K_CODES } from '../../hdl/sigverify/microcode/instruction.js';
import { BETA, N, P } from '../../hdl/sigverify/microcode/interpreter.js';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import {
  anyElement,
  DIGIT_BITS,
  DIGITS,
  ELEMENT_EDGES,
  limbsOf,
  pack,
  WEAK_MAX,
} from './helpers/elements.ts';
import { Timeline } from './helpers/timeline.ts';

const LATENCY = 2;
const WIDTH = 55n;

/** Where B1 comes from, and the port it is on; constants are on none. */
const SOURCES = [
  { from: 'from_reg', port: 'b1' },
  { from: 'from_table', port: 'word' },
  { from: 'from_g', port: 'g_point' },
  { from: 'from_load', port: 'load_word' },
  { constant: N, from_n: 1 },
  { constant: BETA, from_n: 0 },
] as const;
type Source = (typeof SOURCES)[number];

/** k beside a difference is 1: the assembler sees to it. */
const SCALES = [
  ...[1, 2, 3, 4, 8].map((k) => ({ k, mb: 0 })),
  ...[1, 2].map((mb) => ({ k: 1, mb })),
];

interface Factor {
  readonly source: Source;
  readonly b1: bigint;
  readonly b2: bigint;
  readonly k: number;
  readonly mb: number;
}

/** B1 as the source has it: words that are loaded have 256 bits. */
function b1Of({ source, b1 }: Factor): bigint {
  if ('constant' in source) return source.constant;
  return source.port === 'load_word' ? BigInt.asUintN(256, b1) : b1;
}

const factorOf = (factor: Factor) => {
  const { b2, k, mb } = factor;
  return BigInt(k) * (b1Of(factor) + (mb === 0 ? 0n : 3n * P - BigInt(mb) * b2));
};

/** What every port may show while nobody looks at it. */
function noise(random: Random) {
  const bit = () => random.int(2);
  return {
    ...{ start: 0, from_reg: bit(), from_table: bit(), from_g: bit(), from_load: bit() },
    ...{ from_n: bit(), mb: random.int(3), k: random.int(8), load_word: random.bigint(256) },
    ...{ b1: random.bigint(260), word: random.bigint(260), g_point: random.bigint(260) },
    b2: anyElement(random),
  };
}

/** Digits as they come out, for one factor after the other, with gaps between them. */
async function run(factors: readonly Factor[], gap: (random: Random) => number): Promise<bigint[]> {
  const sim = await simulate('hdl/sigverify/sigv_factor.sv');
  const dut = sim.ports;
  const random = testRandom('factor noise');
  const timeline = new Timeline(() => {
    Object.assign(dut, noise(random));
  });
  const got: bigint[] = [];
  let cycle = 0;
  for (const factor of factors) {
    const { source, b2, k, mb } = factor;
    timeline.input(cycle, () => {
      const none = { from_reg: 0, from_table: 0, from_g: 0, from_load: 0 };
      Object.assign(dut, none, { start: 1, b2, mb });
      if ('constant' in source) dut.from_n = source.from_n;
      else Object.assign(dut, { [source.from]: 1, [source.port]: b1Of(factor) });
    });
    timeline.input(cycle + 1, () => {
      dut.k = K_CODES.get(k) as number;
    });
    timeline.output(cycle + LATENCY, () => got.push(dut.b as bigint));
    cycle += 1 + gap(random);
  }
  timeline.run(sim);
  return got;
}

async function check(factors: readonly Factor[], gap: (random: Random) => number = () => 0) {
  const got = await run(factors, gap);
  expect(got.length).toBe(factors.length);
  const wrong = factors.findIndex((factor, i) => {
    const digits = limbsOf(got[i] as bigint, WIDTH, DIGITS);
    return pack(digits, DIGIT_BITS) !== factorOf(factor);
  });
  expect(wrong < 0 ? undefined : { ...factors[wrong], got: got[wrong] }).toBeUndefined();
}

/** Every source with every k and mb. */
const FORMS = SOURCES.flatMap((source) => SCALES.map((scale) => ({ source, ...scale })));

test('every source, k and mb, with elements at their bounds', async () => {
  const bounds = [0n, 1n, P - 1n, P, 2n ** 256n - 1n, 2n ** 256n, WEAK_MAX];
  await check(
    FORMS.flatMap((form) => bounds.flatMap((b1) => bounds.map((b2) => ({ ...form, b1, b2 })))),
  );
});

test('differences of edge values, in all pairs', async () => {
  const [source] = SOURCES;
  await check(
    ELEMENT_EDGES.flatMap((b1, i) =>
      ELEMENT_EDGES.map((b2, j) => ({ source, b1, b2, k: 1, mb: 1 + ((i + j) % 2) })),
    ),
  );
});

test.each([
  { title: 'back to back', chance: 1 },
  { title: 'with gaps in which noise goes by', chance: 0.3 },
])('1,000 elements full of runs of 0s and 1s, $title', async ({ chance }) => {
  const random = testRandom(`factor ${chance}`);
  const factors = Array.from({ length: 1000 }, () => ({
    ...random.pick(FORMS),
    b1: anyElement(random),
    b2: anyElement(random),
  }));
  await check(factors, (any) => (any.chance(chance) ? 0 : any.int(1, 5)));
});

test('a factor stays until the next one, whatever goes by meanwhile', async () => {
  const sim = await simulate('hdl/sigverify/sigv_factor.sv');
  const dut = sim.ports;
  const random = testRandom('factor stays');
  for (let i = 0; i < 50; i++) {
    const b1 = anyElement(random);
    const k = random.pick([1, 2, 3, 4, 8]);
    Object.assign(dut, noise(random), { start: 1, from_reg: 1, b1, mb: 0 });
    sim.cycles(1);
    Object.assign(dut, noise(random), { k: K_CODES.get(k) as number });
    sim.cycles(1);
    for (let cycles = random.int(1, 8); cycles > 0; cycles--) {
      const digits = limbsOf(dut.b as bigint, WIDTH, DIGITS);
      expect(pack(digits, DIGIT_BITS)).toBe(BigInt(k) * b1);
      Object.assign(dut, noise(random));
      sim.cycles(1);
    }
  }
});
