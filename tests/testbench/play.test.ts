// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, test } from 'vitest';
import { Random, type Simulation, simulate, sweep } from '../../src/testbench/index.ts';

const FILE: string = 'tests/testbench/hdl/echo.sv';

let sim: Simulation;
afterEach(() => sim?.close());

describe('play', () => {
  test('writes a row before each cycle and records after it, as single cycles do', async () => {
    sim = await simulate(FILE);
    const random = new Random(9);
    const CYCLES = 300;
    const rows = Array.from({ length: CYCLES }, () => ({
      i1: random.int(2),
      is8: random.int(-128, 127),
      i32: random.uint32(),
      i48: random.runs(48),
      i100: random.runs(100),
    }));
    const column = <K extends keyof (typeof rows)[0]>(key: K) => rows.map((row) => row[key]);
    const drive = {
      i1: Uint8Array.from(column('i1')),
      is8: column('is8'),
      i32: Uint32Array.from(column('i32')),
      i48: column('i48'),
      i100: column('i100'),
    };
    const record = ['o1', 'os8', 'o32', 'o48', 'o100', 'count'] as const;
    sim.reset();
    const played = sim.play(CYCLES, { drive, record });
    expect([...played.o1]).toEqual(column('i1'));
    expect([...played.os8]).toEqual(column('is8'));
    expect([...played.o32]).toEqual(column('i32'));
    expect([...played.o48]).toEqual(column('i48'));
    expect([...played.count]).toEqual(rows.map((_, i) => i + 1));
    const limbs = played.o100 as Uint32Array;
    expect(limbs).toHaveLength(4 * CYCLES);
    const words = [3, 2, 1, 0].map((i) => BigInt(limbs[4 * 7 + i] ?? 0));
    expect(words.reduce((value, word) => (value << 32n) | word, 0n)).toBe(rows[7]?.i100);
    expect(sim.ports.o32).toBe(rows.at(-1)?.i32);
  });

  test('rows that a model which stops does not come to are 0', async () => {
    sim = await simulate('tests/testbench/hdl/speaker.sv' as string);
    const drive = { finish: [0, 0, 1, 0, 0] };
    const { answer } = sim.play(5, { drive, record: ['answer'] });
    const constant = sim.ports.answer;
    expect(constant).not.toBe(0);
    expect([...(answer ?? [])]).toEqual([constant, constant, constant, 0, 0]);
    expect(sim.cycle).toBe(3);
  });

  test('error: too few values, values out of range, outputs, and streams that want each cycle', async () => {
    sim = await simulate(FILE);
    const play = (drive: Record<string, number[] | Uint8Array>) => () => sim.play(3, { drive });
    expect(play({ i8: [1, 2] })).toThrow('port i8: expected 3 values, got 2');
    expect(play({ i8: [1, 2, 256] })).toThrow('expected 8 unsigned bits, got 256');
    expect(play({ i1: Uint8Array.of(0, 1, 2) })).toThrow('expected 1 unsigned bits, got 2');
    expect(play({ is8: [1, 2, -129] })).toThrow('expected 8 signed bits, got -129');
    expect(play({ o8: [1, 2, 3] })).toThrow(/o8 is an output/);
    expect(() => sim.play(-1)).toThrow(/expected a whole number/);
    expect(sim.cycle).toBe(0);
    sim.attach({ drive() {}, sample() {} });
    expect(() => sim.play(1)).toThrow(/expected no streams and tasks/);
  });
});

describe('sweep', () => {
  const parameters = sweep({ DATA_W: [1, 32, 33, 300] });
  test.each(parameters)('a port of $DATA_W bits', async ({ DATA_W }) => {
    sim = await simulate(FILE, { parameters: { DATA_W } });
    const value = sim.random.runs(DATA_W);
    sim.ports.idata = value;
    sim.cycles(1);
    expect(BigInt(sim.ports.odata)).toBe(value);
  });

  test('gives all combinations, or those that are wanted; never none', () => {
    const space = { WIDTH: [8, 16], MODE: ['a', 'b', 'c'] } as const;
    expect(sweep(space)).toHaveLength(6);
    expect(sweep(space, { where: ({ WIDTH, MODE }) => WIDTH === 8 || MODE === 'a' })).toEqual([
      { WIDTH: 8, MODE: 'a' },
      { WIDTH: 8, MODE: 'b' },
      { WIDTH: 8, MODE: 'c' },
      { WIDTH: 16, MODE: 'a' },
    ]);
    expect(() => sweep(space, { where: () => false })).toThrow(/got none/);
    const many = Array.from({ length: 33 }, (_, i) => i);
    expect(() => sweep({ A: many, B: many })).toThrow('at most 1024 combinations, got 1089');
  });
});

describe('several models in one test', () => {
  test('a module against another of other parameters, in step', async () => {
    const files = ['tests/testbench/hdl/bad_stream.sv', 'tests/testbench/hdl/bad_stream.sv'];
    const [good, bad] = await Promise.all(
      files.map((file, BUG) => simulate(file as string, { parameters: { BUG: BUG * 4 }, seed: 5 })),
    );
    if (!good || !bad) throw new Error('expected two simulations');
    const both = [good, bad];
    for (const model of both) model.reset();
    const random = new Random(3);
    const differences: number[] = [];
    for (let cycle = 0; cycle < 40; cycle++) {
      const inputs = {
        s_axis_tvalid: random.int(2),
        s_axis_tdata: random.int(256),
        m_axis_tready: 1,
      };
      for (const model of both) {
        Object.assign(model.ports, inputs);
        model.cycles(1);
      }
      if (good.ports.m_axis_tvalid !== bad.ports.m_axis_tvalid) differences.push(cycle);
    }
    // Bug 4 takes data without tvalid.
    expect(differences.length).toBeGreaterThan(0);
  });

  test('more of one module than have calls of their own, closed and opened anew', async () => {
    const models = await Promise.all(Array.from({ length: 7 }, () => simulate(FILE)));
    for (const model of models) model.reset();
    for (const [i, model] of models.entries()) for (let n = 0; n <= i; n++) model.cycles(1);
    expect(models.map(({ ports }) => ports.count)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    models[2]?.close();
    const fresh = await simulate(FILE);
    fresh.reset();
    fresh.cycles(1);
    models[6]?.cycles(1);
    expect([fresh.ports.count, models[6]?.ports.count, models[3]?.ports.count]).toEqual([1, 8, 4]);
    expect(() => models[2]?.cycles(1)).toThrow(/closed/);
  });

  test('what one prints is not taken for the other', async () => {
    const speaker = await simulate('tests/testbench/hdl/speaker.sv' as string);
    const failing = await simulate('tests/testbench/hdl/speaker.sv' as string);
    failing.ports.fail = 1;
    for (let i = 0; i < 3; i++) speaker.cycles(1);
    expect(() => failing.cycles(1)).toThrow(/told to fail/);
    speaker.cycles(1);
    expect([speaker.cycle, speaker.isFinished]).toEqual([4, false]);
  });
});
