// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, test } from 'vitest';
import { delay, join, type Simulation, simulate, type Task } from '../../src/testbench/index.ts';

const FILE: string = 'tests/testbench/hdl/two_clocks.sv';
const RESETS = ['wr_rst_n', 'rd_rst'];

let sim: Simulation;
afterEach(() => sim?.close());

test('clocks of different periods and phases rise when they should', async () => {
  const clocks = { wr_clk: 10, rd_clk: { period: 4, phase: 1 } };
  sim = await simulate(FILE, { clocks, reset: RESETS });
  const times: string[] = [];
  function* watch(clock: string): Task {
    for (let i = 0; i < 4; i++) {
      yield;
      times.push(`${clock} ${sim.time / 1000}`);
    }
  }
  const forks = ['wr_clk', 'rd_clk'].map((clock) => sim.fork(watch(clock), { clock }));
  sim.run(join(...forks), { clock: 'rd_clk' });
  // wr_clk rises at 5, 15, ..; rd_clk at 3, 7, ..; at 15 both do.
  const expected = ['rd_clk 3', 'wr_clk 5', 'rd_clk 7', 'rd_clk 11', 'wr_clk 15', 'rd_clk 15'];
  expect(times).toEqual([...expected, 'wr_clk 25', 'wr_clk 35']);
});

test('cycles counts the first clock; the others keep their own pace, in C as in steps', async () => {
  const clocks = { wr_clk: 10, rd_clk: 7 };
  sim = await simulate(FILE, { clocks, reset: RESETS });
  sim.cycles(700);
  expect([sim.cycle, sim.edges('rd_clk')]).toEqual([700, 999]);
  const stepped = await simulate(FILE, { clocks, reset: RESETS });
  stepped.attach({ drive() {}, sample() {} });
  stepped.cycles(700);
  expect([stepped.cycle, stepped.edges('rd_clk')]).toEqual([700, 999]);
  expect(stepped.time).toBe(sim.time);
});

/** Hands values over and compares, as the test of any crossing does. */
function exercise(values: number[]): void {
  const received: number[] = [];
  sim.reset();
  const writing = sim.fork(
    function* writer(): Task {
      for (const value of values) {
        sim.ports.wr_data = value;
        sim.ports.wr_valid = 1;
        do yield;
        while (sim.ports.wr_ready === 1);
        sim.ports.wr_valid = 0;
        sim.ports.wr_data = 0xee;
        yield* sim.equals('wr_ready', 1, { max: 50 });
      }
    },
    { clock: 'wr_clk' },
  );
  const reading = sim.fork(
    function* reader(): Task {
      while (received.length < values.length) {
        if (sim.ports.rd_valid === 1) received.push(sim.ports.rd_data);
        yield;
      }
    },
    { clock: 'rd_clk' },
  );
  sim.run(join<unknown>(writing, reading), { max: 5000 });
  expect(received).toEqual(values);
}

describe('a crossing between two clocks', () => {
  test.for([
    [10, 10],
    [10, 3],
    [4, 13],
  ])('passes with periods %i and %i', async ([wr_clk = 0, rd_clk = 0]) => {
    sim = await simulate(FILE, { clocks: { wr_clk, rd_clk }, reset: RESETS });
    exercise([...sim.random.bytes(30)]);
  });

  test('bug 2: data that changes while the other side reads is found', async () => {
    const clocks = { wr_clk: 4, rd_clk: 13 };
    sim = await simulate(FILE, { clocks, reset: RESETS, parameters: { BUG: 2 } });
    expect(() => exercise([...sim.random.bytes(30)])).toThrow(/to deeply equal/);
  });

  test('bug 1: a request without synchronizer comes sooner than it may', async () => {
    const clocks = { wr_clk: 10, rd_clk: 10 };
    const cycles: number[] = [];
    for (const BUG of [0, 1]) {
      sim = await simulate(FILE, { clocks, reset: RESETS, parameters: { BUG } });
      sim.reset();
      sim.ports.wr_valid = 1;
      cycles.push(sim.until('rd_valid'));
      sim.close();
    }
    expect(cycles).toEqual([4, 2]);
  });
});

describe('asynchronous resets', () => {
  async function count(BUG: number): Promise<number[]> {
    const clocks = { wr_clk: 10, rd_clk: 10 };
    sim = await simulate(FILE, { clocks, reset: RESETS, parameters: { BUG } });
    sim.reset();
    sim.ports.wr_valid = 1;
    sim.run(delay(40));
    const before = sim.ports.rd_count;
    sim.ports.rd_rst = 1;
    sim.settle();
    return [before, sim.ports.rd_count];
  }

  test('act without an edge', async () => {
    const [before, after] = await count(0);
    expect(before).toBeGreaterThan(3);
    expect(after).toBe(0);
  });

  test('bug 3: one that needs an edge is found', async () => {
    const [before, after] = await count(3);
    expect(after).toBe(before);
  });

  test('a reset that is active low rests high until reset() is called', async () => {
    sim = await simulate('tests/testbench/hdl/arrays.sv' as string);
    expect(sim.ports.rst_n).toBe(1);
    sim.signals.poked = 9;
    sim.ports.rst_n = 0;
    sim.settle();
    expect(sim.signals.poked).toBe(0);
    sim.ports.rst_n = 1;
    sim.cycles(4);
    expect(sim.signals.poked).toBe(4);
    sim.reset();
    expect([sim.ports.rst_n, sim.signals.poked]).toEqual([1, 0]);
  });
});

test('error: clocks and resets that are not there, or make no sense', async () => {
  const refused = (options: object) => expect(simulate(FILE, options)).rejects;
  await refused({ clocks: { wr_data: 10 } }).toThrow(
    'clock wr_data of two_clocks: expected an input of 1 bit, got input of 8 bits',
  );
  await refused({ clocks: { clk: 10 } }).toThrow('got no such port');
  await refused({ clocks: { wr_clk: 0 } }).toThrow(/expected a period from 0.002 to .* got 0 ns/);
  await refused({ clocks: { wr_clk: Number.NaN } }).toThrow(/got NaN ns/);
  await refused({ clocks: { wr_clk: 0.003 } }).toThrow(/even number of ps, got 3/);
  await refused({ reset: 'nothing' }).toThrow('two_clocks has no input nothing of 1 bit');
  sim = await simulate(FILE, { clocks: { wr_clk: 10 } });
  expect(() => sim.edges('rd_clk')).toThrow('two_clocks has no clock rd_clk; it has wr_clk');
  expect(() => sim.reset()).toThrow(/name it/);
});
