/** sigv_recode against the definition of the windowed non-adjacent form. */
import { expect, test } from 'vitest';
import { type Random, simulate, testRandom } from '../../src/testbench/index.ts';
import { type Entry, evaluate, listFault, listOf, readEntry } from './helpers/scalars.ts';

const MAX = 2n ** 128n - 1n;
const WINDOWS = { q: 5, g: 10 };

const open = (windows = WINDOWS) =>
  simulate('hdl/sigverify/sigv_recode.sv', {
    parameters: { Q_WINDOW: windows.q, G_WINDOW: windows.g },
  });
type Recoder = Awaited<ReturnType<typeof open>>;

/** Writes the words of k1, k2, low and high. */
function write(sim: Recoder, scalars: readonly bigint[]): void {
  const dut = sim.ports;
  dut.s_valid = 1;
  for (let index = 0; index < 16; index++) {
    dut.s_index = index;
    const scalar = scalars[index >> 2] as bigint;
    dut.s_word = Number(BigInt.asUintN(32, scalar >> BigInt(32 * (index & 3))));
    sim.cycles(1);
  }
  dut.s_valid = 0;
}

/** Starts on the words written, and optionally writes the next while it works. */
function recode(
  sim: Recoder,
  scalars: readonly bigint[],
  {
    windows = WINDOWS,
    negateG = false,
    ctx = 3,
    next,
  }: {
    windows?: { q: number; g: number };
    negateG?: boolean;
    ctx?: number;
    next?: readonly bigint[];
  } = {},
) {
  const dut = sim.ports;
  Object.assign(dut, { start: 1, start_ctx: ctx, start_negate_g: negateG ? 1 : 0 });
  dut.start_negative1 = (scalars[0] as bigint) < 0n ? 1 : 0;
  dut.start_negative2 = (scalars[1] as bigint) < 0n ? 1 : 0;
  const entries: Entry[] = [];
  const start = sim.cycle;
  const step = () => {
    sim.cycles(1);
    if (!dut.m_list_we) return;
    if (dut.m_list_addr !== entries.length || dut.m_list_ctx !== ctx) {
      throw new Error(`entry ${entries.length} written to ${dut.m_list_addr}`);
    }
    entries.push(readEntry(dut.m_list_data as number, Math.max(windows.q, windows.g) - 2));
  };
  step();
  dut.start = 0;
  let nextIndex = 0;
  while (!dut.m_done_valid) {
    if (next && nextIndex < 16) {
      const word = (next[nextIndex >> 2] as bigint) >> BigInt(32 * (nextIndex & 3));
      Object.assign(dut, { s_valid: 1, s_index: nextIndex++, s_word: Number(word & 0xffffffffn) });
    } else dut.s_valid = 0;
    if (sim.cycle - start > 300) throw new Error('no done');
    step();
  }
  expect(dut.m_done_count).toBe(entries.length);
  expect(dut.m_done_ctx).toBe(ctx);
  return { entries, cycles: sim.cycle - start };
}

const signed = (random: Random) => (random.chance(0.5) ? 1n : -1n) * value(random);
const value = (random: Random) => (random.chance(0.6) ? random.runs(128) : random.bigint(128));
const anyScalars = (random: Random) => [
  signed(random),
  signed(random),
  value(random),
  value(random),
];

test.each([
  { q: 5, g: 5 },
  { q: 5, g: 10 },
  { q: 5, g: 15 },
  { q: 7, g: 6 },
])('600 lists are the very digits, windows of $q and $g bits', async (windows) => {
  const sim = await open(windows);
  sim.reset();
  const random = testRandom(`recode ${windows.q} ${windows.g}`);
  for (let i = 0; i < 600; i++) {
    const scalars = anyScalars(random);
    const negateG = random.chance(0.5);
    write(sim, scalars);
    const { entries } = recode(sim, scalars, { windows, negateG, ctx: random.int(32) });
    expect(entries).toEqual(listOf(scalars, windows, negateG));
    expect(listFault(entries, windows)).toBeUndefined();
  }
});

test('edges: zeros, ones, all bits, signs, carries beyond the top', async () => {
  const sim = await open();
  sim.reset();
  const edges = [
    0n,
    1n,
    2n,
    MAX,
    MAX - 1n,
    2n ** 127n,
    2n ** 127n - 1n,
    15n,
    16n,
    17n,
    31n << 123n,
  ];
  for (const k of edges) {
    for (const sign of [1n, -1n]) {
      for (const g of edges) {
        const scalars = [sign * k, -sign * g, g, k];
        write(sim, scalars);
        const { entries } = recode(sim, scalars);
        expect(entries).toEqual(listOf(scalars, WINDOWS));
        const values = [1n, 2n ** 200n, 2n ** 400n, 2n ** 600n];
        const sum = scalars.reduce((total, scalar, kind) => total + scalar * values[kind]!, 0n);
        expect(evaluate(entries, values)).toBe(sum);
      }
    }
  }
});

test('no digit at all: an empty list, and a done', async () => {
  const sim = await open();
  sim.reset();
  write(sim, [0n, 0n, 0n, 0n]);
  expect(recode(sim, [0n, 0n, 0n, 0n]).entries).toEqual([]);
});

test('the longest list has 104 entries at windows of 5, and takes at most 240 cycles', async () => {
  const windows = { q: 5, g: 5 };
  const sim = await open(windows);
  sim.reset();
  // A digit in every fifth position from 0 on: 2^0 + 2^5 + ... + 2^125
  const dense = Array.from({ length: 26 }, (_, i) => 1n << BigInt(5 * i)).reduce((a, b) => a + b);
  const scalars = [dense, -dense, dense, dense];
  write(sim, scalars);
  const { entries, cycles } = recode(sim, scalars, { windows });
  expect(entries).toEqual(listOf(scalars, windows));
  expect(entries.length).toBe(104);
  expect(cycles).toBeLessThanOrEqual(240);
});

test('words of the next job may come while a list is made', async () => {
  const sim = await open();
  sim.reset();
  const random = testRandom('overlap');
  let scalars = anyScalars(random);
  write(sim, scalars);
  for (let i = 0; i < 300; i++) {
    const next = anyScalars(random);
    expect(recode(sim, scalars, { next }).entries).toEqual(listOf(scalars, WINDOWS));
    scalars = next;
    sim.until('busy', { value: 0 });
  }
});
