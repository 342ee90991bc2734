/** sigv_field: R = k A (B1 + mb B2) + mc C for all k, mb, mc and sources, alone and back to back. */
import { beforeAll, describe, expect, test } from 'vitest';
import { CAPTURES, REGISTERS } from '../../hdl/sigverify/microcode/instruction.js';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { anyElement, ELEMENT_EDGES as EDGES } from './helpers/elements.ts';
import {
  type FieldResult,
  type FieldRunner,
  type FieldSlot,
  openField,
  resultFault,
} from './helpers/field-runner.ts';

const WRITABLE = REGISTERS.slice(1);

/** B1 in all its forms, without the number of the register, word or point. */
const SOURCES = [
  'REG',
  'table',
  ...['x', 'y'].flatMap((y) => [0, 1, 2, 3].map((kind) => `entry ${y} ${kind}`)),
  ...['const BETA', 'const N', 'load JOB_X', 'load JOB_Y', 'load JOB_R', 'load INVERSE'],
];
/** k beside a difference is 1: the assembler sees to it. */
const SCALES = [
  ...[1, 2, 3, 4, 8].map((k) => ({ k, mb: 0 })),
  ...[-1, -2].map((mb) => ({ k: 1, mb })),
];
const SUMMANDS = [0, 1, -1, 2, -2];

interface Form {
  readonly source: string;
  readonly k: number;
  readonly mb: number;
  readonly mc: number;
}

const FORMS: readonly Form[] = SOURCES.flatMap((source) =>
  SCALES.flatMap((scale) => SUMMANDS.map((mc) => ({ source, ...scale, mc }))),
);

/** A slot of a form, with any registers and destinations. */
function slotOf({ source, k, mb, mc }: Form, ctx: number, random: Random): FieldSlot {
  const register = () => random.pick(REGISTERS);
  const [word, which, kind] = source.split(' ');
  const b = () => {
    if (word === 'REG') return register();
    return word === 'table' ? `table ${random.int(32)}` : `${word} ${which}`;
  };
  const destinations = [[], [], [random.pick(WRITABLE)], [`table ${random.int(32)}`]];
  return {
    ctx,
    to: random.chance(0.1)
      ? [random.pick(WRITABLE), `table ${random.int(32)}`]
      : (random.pick(destinations) as string[]),
    a: register(),
    b: b(),
    more: {
      k,
      ...(mb === 0 ? {} : { sub: [mb, register()] as const }),
      ...(mc === 0 ? {} : { add: [mc, register()] as const }),
      capture: random.pick(['NONE', 'NONE', 'INVERT', 'KEY_X', 'KEY_Y']),
    },
    kind: Number(kind ?? 0),
    idx: random.int(8),
    // The core loads numbers of 256 bits.
    load: BigInt.asUintN(256, anyElement(random)),
    go: !random.chance(0.1),
  };
}

/**
 * Two slots that put an element as it is into a register, and into a table word beside it: also one
 * above 2^256, up to ABOVE, which comes of a carry that only the last step of the reduction sees.
 */
function placeSlots(ctx: number, to: readonly string[], value: bigint): [FieldSlot, FieldSlot] {
  const [register] = to as [string];
  const limb = value >> 182n;
  const summand = value < 2n ** 256n ? value : (BigInt.asUintN(26, limb) + 1n) << 182n;
  const load = { ctx, a: 'ONE', b: 'load JOB_X' };
  return [
    { ...load, to: [register], load: summand },
    { ...load, to, load: value - summand, more: { add: [1, register] } },
  ];
}

const ABOVE = 2n ** 256n + (2n ** 26n - 1n) * 2n ** 182n - 1n;
/** Elements as registers may get them: the bound of limb 9 is not quite reached. */
const ELEMENTS = [
  ...EDGES.filter((value) => value <= ABOVE),
  ...[2n ** 256n + 2n ** 182n - 1n, 2n ** 256n + 2n ** 207n, ABOVE - 1n, ABOVE],
];

function anyRegister(random: Random): bigint {
  const value = random.chance(0.2) ? random.pick(ELEMENTS) : anyElement(random);
  return value <= ABOVE ? value : 2n ** 256n + (value % (ABOVE - 2n ** 256n));
}

/** Places values in contexts that take turns: all first slots, then all second ones. */
function placeAll(places: readonly Parameters<typeof placeSlots>[]): FieldSlot[] {
  const pairs = places.map((place) => placeSlots(...place));
  return [...pairs.map(([first]) => first), ...pairs.map(([, second]) => second)];
}

/** Loads of all registers and table words of some contexts, each context in its turn. */
function loadAll(contexts: readonly number[], random: Random): FieldSlot[] {
  const [first] = WRITABLE as [string];
  const words = Array.from({ length: 32 }, (_, i) => [first, `table ${i}`]);
  const targets = [...words, ...WRITABLE.map((register) => [register])];
  return targets.flatMap((to) => placeAll(contexts.map((ctx) => [ctx, to, anyRegister(random)])));
}

/** All forms in any order, with fresh loads of edge values in between. */
function allForms(contexts: readonly number[], random: Random): FieldSlot[] {
  const order = FORMS.map((form) => ({ form, at: random.uint32() }));
  const forms = order.sort((a, b) => a.at - b.at).map(({ form }) => form);
  const slots: FieldSlot[] = [];
  const waiting = new Map<number, FieldSlot>();
  /** The context whose turn it is, once second slots of loads have had theirs. */
  const next = (): number => {
    const ctx = contexts[slots.length % contexts.length] as number;
    const second = waiting.get(ctx);
    if (second === undefined) return ctx;
    waiting.delete(ctx);
    slots.push(second);
    return next();
  };
  for (const form of forms) {
    while (random.chance(0.4)) {
      const to = [
        random.pick(WRITABLE),
        ...(random.chance(0.5) ? [`table ${random.int(32)}`] : []),
      ];
      const ctx = next();
      const [first, second] = placeSlots(ctx, to, anyRegister(random));
      slots.push(first);
      waiting.set(ctx, second);
    }
    const ctx = next();
    slots.push(slotOf(form, ctx, random));
  }
  return slots;
}

function expectRight(
  field: FieldRunner,
  slots: readonly FieldSlot[],
  spacing?: () => number,
): FieldResult[] {
  const results = field.run(slots, spacing);
  expect(results.length).toBe(slots.length);
  for (const [i, slot] of slots.entries()) {
    const fault = resultFault(slot, results[i] as (typeof results)[number]);
    if (fault) throw new Error(`slot ${i} ${JSON.stringify(slot, showBigint)}: ${fault}`);
  }
  return results;
}

const showBigint = (_: string, value: unknown) =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : value;

describe.each([
  { contexts: 32, mulIi: 1 },
  { contexts: 16, mulIi: 2 },
])('$contexts contexts, a product every $mulIi', ({ contexts, mulIi }) => {
  const random = testRandom(`field ${mulIi}`);
  const all = Array.from({ length: contexts }, (_, ctx) => ctx);
  let field: FieldRunner;
  beforeAll(async () => {
    field = await openField({ contexts, mulIi }, random);
    expectRight(field, loadAll(all, random));
  });

  test('every form of a slot, one slot at a time in one context', () => {
    const ctx = random.int(contexts);
    expectRight(field, allForms([ctx], random), () => field.turn);
  });

  test('every form of a slot, back to back in all contexts', () => {
    for (let round = 0; round < 4; round++) expectRight(field, allForms(all, random));
  });

  test('every form of a slot, with any number of bubbles in between', () => {
    const bubbles = () => (random.chance(0.5) ? 0 : random.int(1, field.turn));
    expectRight(field, allForms(all, random), () => mulIi + bubbles());
  });

  test('every form of a slot, with as few contexts as there may be', () => {
    const few = all.slice(0, Math.ceil(field.turn / mulIi));
    expectRight(field, allForms(few, random));
  });

  // Element j has its home in register T1, T2, .. of context j mod contexts.
  const everywhere = Array.from({ length: Math.ceil(ELEMENTS.length / contexts) * contexts });
  const home = (j: number) => ({ ctx: j % contexts, register: `T${1 + Math.floor(j / contexts)}` });
  const homes = everywhere.map((_, j): [number, string[], bigint] => {
    const { ctx, register } = home(j);
    return [ctx, [register], ELEMENTS[j % ELEMENTS.length] as bigint];
  });

  test('registers get every representation that a result can have', () => {
    const results = expectRight(field, placeAll(homes));
    const values = results.slice(homes.length).map(({ value }) => value);
    expect(values).toEqual(homes.map(([, , value]) => value));
  });

  test('sums and differences of elements at their bounds, in all pairs', () => {
    const uses = ELEMENTS.flatMap((x, i) => [
      ...placeAll(all.map((ctx) => [ctx, ['T0'], x])),
      ...everywhere.map((_, j): FieldSlot => {
        const { ctx, register } = home(j);
        const [a, sub] = i % 2 ? ['T0', register] : [register, 'T0'];
        const mc = [1, -1, 2, -2][(i + j) % 4] as number;
        return { ctx, to: [], a, b: a, more: { sub: [-1 - (j % 2), sub], add: [mc, sub] } };
      }),
    ]);
    expectRight(field, [...placeAll(homes), ...uses]);
  });

  test('reset takes the slots on their way out of effect, and the constant 1 stays', () => {
    const dut = field.sim.ports;
    expectRight(field, placeAll(all.map((ctx) => [ctx, ['T7'], anyRegister(random)])));
    for (let i = 0; i < 30; i++) {
      dut.s_slot = random.bigint(64) | (1n << 63n);
      field.sim.cycles(1);
      if (dut.rst) expect(dut.capture).toBe(CAPTURES.indexOf('NONE'));
      dut.rst = i >= 2 ? 1 : 0;
    }
    dut.s_slot = 0n;
    field.sim.cycles(field.turn);
    dut.rst = 0;
    expectRight(
      field,
      all.map((ctx) => ({ ctx, to: [], a: 'ONE', b: 'T7', more: { add: [1, 'ONE'] } })),
    );
  });
});
