// SPDX-License-Identifier: Apache-2.0
/** What a cycle evaluates: a falling edge is left out where nothing sees it, and nowhere else. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { buildModel, Random, type Simulation, simulate } from '../../src/testbench/index.ts';

const FILE: string = 'tests/testbench/hdl/edges.sv';
const KINDS = [
  ['a rising edge', 0],
  ['a falling edge', 1],
  ['the clock as data', 2],
  ['an asynchronous reset', 3],
  ['a gated clock', 4],
  ['a latch', 5],
  ['a divided clock', 6],
  ['an edge of another input', 7],
  ['a combinational $display', 8],
  ['both edges', 9],
] as const;

/** Text of evaluation.inc of a built model. */
async function evaluationOf(file: string, parameters = {}): Promise<string> {
  const { library } = await buildModel(file, { parameters });
  return readFile(join(dirname(library), 'cpp/evaluation.inc'), 'utf8');
}

let open: Simulation[] = [];
afterEach(() => {
  for (const sim of open) sim.close();
  open = [];
});

describe('cycles of a model for tests', () => {
  test.each(KINDS)('%s: as in a model that is evaluated twice a cycle', async (_, KIND) => {
    const options = { parameters: { KIND }, seed: 3 };
    const fast = await simulate(FILE, options);
    // Counts coverage, so that nothing may be left out.
    const whole = await simulate(FILE, { ...options, kind: 'coverage' });
    open = [fast, whole];
    // Registers start with values of their own in each build.
    for (let i = 0; i < 8; i++) {
      for (const sim of open) {
        Object.assign(sim.ports, { rst: i < 4 ? 1 : 0, en: i & 1 });
        sim.cycles(1);
      }
    }
    const random = new Random(KIND);
    for (let i = 0; i < 400; i++) {
      const inputs = { rst: random.int(8) === 0 ? 1 : 0, en: random.int(2), d: random.int(255) };
      const way = random.int(4);
      const states = open.map((sim) => {
        Object.assign(sim.ports, inputs);
        if (way === 0) sim.settle();
        if (way === 1) sim.cycles(3);
        else if (way === 2) sim.play(2, { drive: { d: [inputs.d, 7] } });
        else sim.cycles(1);
        const { q, n, seen } = sim.ports;
        return { q, n, seen, cycle: sim.cycle, time: sim.time };
      });
      expect(states[0], `step ${i}`).toEqual(states[1]);
    }
  });

  test('only the first kind is evaluated once', async () => {
    const found = await Promise.all(KINDS.map(([, KIND]) => evaluationOf(FILE, { KIND })));
    const rising = found.map((text) => text.includes('HPB_TB_RISING clk'));
    expect(rising).toEqual(KINDS.map(([, KIND]) => KIND === 0));
  });

  test('small modules are evaluated once, and by the function that does it', async () => {
    const text = '#define HPB_TB_DIRECT\n#define HPB_TB_RISING clk\n';
    expect(await evaluationOf('tests/testbench/hdl/echo.sv')).toBe(text);
    expect(await evaluationOf('tests/testbench/hdl/mixer.sv')).toBe(text);
  });

  test('a second clock, and a clock under another name', async () => {
    const parameters = { KIND: 0 };
    const twice = await simulate(FILE, { parameters, clocks: { clk: 10, en: 6 } });
    const other = await simulate(FILE, { parameters, clock: 'en' });
    open = [twice, other];
    twice.ports.d = 5;
    twice.cycles(2);
    expect(twice.ports.q).toBe(5);
    // Nothing happens at the edges of what is no clock to the module; its own is an input like others.
    other.ports.d = 9;
    other.cycles(2);
    const before = other.ports.q;
    other.ports.clk = 1;
    other.cycles(1);
    expect([before === 9, other.ports.q]).toEqual([false, 9]);
  });
});
