/** sigv_field: R = k A (B1 + mb B2) + mc C for all k, mb, mc and sources, alone and back to back. */
import { beforeAll, describe, expect, test } from 'vitest';
import { REGISTERS } from '../../hdl/sigverify/microcode/instruction.js';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { anyElement, ELEMENT_EDGES as EDGES } from './helpers/elements.ts';
import {
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

/** Puts an element, also one above p, where it stays as it is: times one, through LOAD. */
function loadSlot(ctx: number, to: string, random: Random): FieldSlot {
  return { ctx, to: [to], a: 'ONE', b: 'load JOB_X', load: anyElement(random) };
}

/** Loads of all registers and table words of some contexts, each context in its turn. */
function loadAll(contexts: readonly number[], random: Random): FieldSlot[] {
  const words = [...WRITABLE, ...Array.from({ length: 32 }, (_, i) => `table ${i}`)];
  return words.flatMap((word) => contexts.map((ctx) => loadSlot(ctx, word, random)));
}

/** All forms in any order, with fresh loads of edge values in between. */
function allForms(contexts: readonly number[], random: Random): FieldSlot[] {
  const order = FORMS.map((form) => ({ form, at: random.uint32() }));
  const forms = order.sort((a, b) => a.at - b.at).map(({ form }) => form);
  const slots: FieldSlot[] = [];
  for (const form of forms) {
    const ctx = () => contexts[slots.length % contexts.length] as number;
    while (random.chance(0.4)) {
      const word = random.chance(0.5) ? random.pick(WRITABLE) : `table ${random.int(32)}`;
      slots.push(loadSlot(ctx(), word, random));
    }
    slots.push(slotOf(form, ctx(), random));
  }
  return slots;
}

function expectRight(field: FieldRunner, slots: readonly FieldSlot[], spacing?: number): void {
  const results = field.run(slots, spacing);
  expect(results.length).toBe(slots.length);
  for (const [i, slot] of slots.entries()) {
    const fault = resultFault(slot, results[i] as (typeof results)[number]);
    if (fault) throw new Error(`slot ${i} ${JSON.stringify(slot, showBigint)}: ${fault}`);
  }
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
    expectRight(field, allForms([ctx], random), field.turn);
  });

  test('every form of a slot, back to back in all contexts', () => {
    for (let round = 0; round < 4; round++) expectRight(field, allForms(all, random));
  });

  test('every form of a slot, with as few contexts as there may be', () => {
    const few = all.slice(0, Math.ceil(field.turn / mulIi));
    expectRight(field, allForms(few, random));
  });

  test('sums and differences of elements at their bounds, in all pairs', () => {
    const load = (ctx: number, to: string, value: bigint): FieldSlot => {
      return { ctx, to: [to], a: 'ONE', b: 'load JOB_X', load: value };
    };
    // Edge j is in register T1, T2, .. of context j mod contexts.
    const place = (j: number) => ({
      ctx: j % contexts,
      register: `T${1 + Math.floor(j / contexts)}`,
    });
    const everywhere = Array.from({ length: Math.ceil(EDGES.length / contexts) * contexts });
    const others = everywhere.map((_, j) => {
      const { ctx, register } = place(j);
      return load(ctx, register, EDGES[j % EDGES.length] as bigint);
    });
    const uses = EDGES.flatMap((x, i) => [
      ...all.map((ctx) => load(ctx, 'T0', x)),
      ...everywhere.map((_, j): FieldSlot => {
        const { ctx, register } = place(j);
        const [a, sub] = i % 2 ? ['T0', register] : [register, 'T0'];
        const mc = [1, -1, 2, -2][(i + j) % 4] as number;
        return { ctx, to: [], a, b: a, more: { sub: [-1 - (j % 2), sub], add: [mc, sub] } };
      }),
    ]);
    expectRight(field, [...others, ...uses]);
  });

  test('reset takes the slots on their way out of effect, and the constant 1 stays', () => {
    const dut = field.sim.ports;
    const before = all.map((ctx) => loadSlot(ctx, 'T7', random));
    expectRight(field, before);
    for (let i = 0; i < 30; i++) {
      dut.s_slot = random.bigint(64) | (1n << 63n);
      field.sim.cycles(1);
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
