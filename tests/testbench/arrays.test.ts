// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, test } from 'vitest';
import { buildModel, type Simulation, simulate } from '../../src/testbench/index.ts';

const FILE: string = 'tests/testbench/hdl/arrays.sv';

let sim: Simulation;
afterEach(() => sim?.close());

describe('unpacked arrays', () => {
  test('elements come back, each at the index that the module declares', async () => {
    sim = await simulate(FILE);
    const dut = sim.ports;
    for (let round = 0; round < 50; round++) {
      const { random } = sim;
      const table = [0, 1, 2, 3].map(() => random.int(256));
      const levels = [1, 2, 3].map(() => random.int(-16, 15));
      const wide = [random.runs(100), random.runs(100)];
      dut.table_in = table;
      for (const [i, level] of levels.entries()) dut.levels_in.set(i + 1, level);
      for (const [i, value] of wide.entries()) dut.wide_in.set(i, value);
      const cells = [0, 1].flatMap((row) => [0, 1, 2].map((column) => [row, column] as const));
      for (const [row, column] of cells) dut.grid_in.set(row, column, 16 * row + column + round);
      sim.cycles(1);
      expect([...dut.table_out]).toEqual(table);
      expect([1, 2, 3].map((i) => dut.levels_out.at(i))).toEqual(levels);
      expect(dut.levels_out.toArray()).toEqual(levels);
      expect([...dut.wide_out]).toEqual(wide);
      for (const [row, column] of cells) {
        expect(dut.grid_out.at(row, column)).toBe(16 * row + column + round);
      }
    }
    expect(dut.wide_out.bytes(1)).toHaveLength(13);
  });

  test('one index of an input reaches that index and no other', async () => {
    sim = await simulate(FILE);
    for (const index of [0, 1, 2, 3]) {
      sim.ports.table_in = [0, 0, 0, 0];
      sim.ports.table_in.set(index, 77);
      sim.cycles(1);
      expect(sim.ports.table_out.toArray().indexOf(77)).toBe(index);
    }
  });

  test('error: indices, values, lengths and outputs are refused', async () => {
    sim = await simulate(FILE);
    const { table_in, grid_in, levels_in, table_out } = sim.ports;
    expect(() => table_in.at(4)).toThrow('port table_in: expected an index from 0 to 3, got 4');
    expect(() => levels_in.at(0)).toThrow('expected an index from 1 to 3, got 0');
    expect(() => table_in.at(0.5)).toThrow(/got 0.5/);
    expect(() => grid_in.at(1)).toThrow(/an index for each of 2 dimensions, got 1: \[1\]/);
    expect(() => table_in.set(0, 256)).toThrow('expected 8 unsigned bits, got 256');
    expect(() => levels_in.set(1, -17)).toThrow('expected 5 signed bits, got -17');
    expect(() => (sim.ports.table_in = [1, 2])).toThrow('expected 4 elements, got 2');
    expect(() => table_out.set(0, 1)).toThrow(/cannot be written/);
    expect(() => (sim.ports.table_out = [1, 2, 3, 4])).toThrow(/cannot be written/);
    sim.close();
    expect(table_in.at(0)).toBe(0);
  });
});

test('ports with names that C++ reserves, or that Verilator encodes', async () => {
  sim = await simulate(FILE);
  sim.ports.private = 1;
  sim.ports['dotted.name'] = 1;
  sim.cycles(1);
  expect(sim.ports.odd_out).toBe(0b101);
  sim.ports.a__b = 1;
  sim.cycles(1);
  expect(sim.ports.odd_out).toBe(0b111);
});

describe('internal signals', () => {
  test('those that the source marks are there by their path, with sign, width and array', async () => {
    sim = await simulate(FILE);
    sim.ports.table_in = [7, 5, 0x34, 0x12];
    sim.cycles(1);
    expect(sim.signals['g_lane[2].u_lane.held_q']).toBe(-7); // 7 + 2 of 4 signed bits
    expect(sim.signals['g_lane[0].u_lane.held_q']).toBe(7);
    expect(sim.signals.memory.at(5)).toBe(0x1234);
    expect(() => (sim.signals['g_lane[0].u_lane.held_q'] = 1)).toThrow(/cannot be written/);
  });

  test('one marked to be written is written', async () => {
    sim = await simulate(FILE);
    sim.reset();
    sim.signals.poked = 100;
    sim.cycles(3);
    expect(sim.signals.poked).toBe(103);
    expect(sim.until('poked', { value: 120 })).toBe(17);
  });

  test('others are named in the options; a module that is not inlined has them too', async () => {
    for (const verilatorFlags of [[], ['-fno-inline']]) {
      sim = await simulate(FILE, { signals: ['u_lane.hidden_q'], verilatorFlags });
      sim.ports.table_in.set(0, 9);
      sim.cycles(1);
      expect(sim.signals['g_lane[1].u_lane.hidden_q']).toBe(9);
      expect(sim.signals['g_lane[1].u_lane.held_q']).toBe(-6);
      sim.close();
    }
  });

  test('error: a path that does not exist is named, with what there is', async () => {
    await expect(buildModel(FILE, { signals: ['u_other.hidden_q'] })).rejects.toThrow(
      /no signal u_other.hidden_q; it has g_lane\[0\].u_lane.hidden_q, g_lane\[1\]/,
    );
    await expect(buildModel(FILE, { signals: ['x"; rm'] })).rejects.toThrow(/expected the path/);
  });
});
