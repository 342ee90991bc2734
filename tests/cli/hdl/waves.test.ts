// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFst } from '../../../src/hdl/fst.ts';
import { COUNTER, COUNTER_TEST, makeProject, type Project } from '../../hdl/helpers/project.ts';
import { hpb } from '../helpers/hpb.ts';

let project: Project;
beforeAll(() => {
  const more = `
test('counts (on) and on', async () => {
  const sim = await simulate('hdl/counter.sv');
  sim.cycles(sim.random.int(100, 200));
  expect(sim.ports.count).toBe(-1);
});
test('nothing', () => {});
`;
  // Opened outside of tests, and closed in another order than they were opened in.
  const shared = `
import { beforeAll, expect, test } from 'vitest';
import { simulate } from 'hpb-accel/testbench';

let whole;
beforeAll(async () => {
  whole = await simulate('hdl/counter.sv');
});
test('closes the second first', async () => {
  const long = await simulate('hdl/counter.sv');
  const short = await simulate('hdl/counter.sv');
  short.cycles(20);
  short.close();
  long.cycles(300);
  whole.cycles(50);
});
`;
  project = makeProject({
    'hdl/counter.sv': COUNTER,
    'hdl/lonely.sv': 'module lonely (input a, output b);\n  assign b = a;\nendmodule\n',
    'tests/counter.test.ts': COUNTER_TEST + more,
    'tests/shared.test.ts': shared,
  });
});
afterAll(() => project.remove());
const run = (...args: string[]) => hpb(['hdl', 'waves', ...args], { cwd: project.root });
const read = (file: string) => readFileSync(join(project.root, file), 'utf8');

test('the first test of a module, with views beside the waves', async () => {
  const { stdout, exitCode } = await run('tests/counter.test.ts', '--seed', '7');
  expect(stdout).toBe(
    'counts: passed, seed 7 (2 others match; --name chooses)\n' +
      'counter: 5 cycles, recorded 0.001 to 45 ns\n' +
      '  gtkwave build/waves/counter-counter.gtkw\n' +
      '  surfer build/waves/counter-counter.fst --command-file build/waves/counter-counter.sucl\n',
  );
  expect(exitCode).toBe(0);
  expect(read('build/waves/counter-counter.gtkw')).toContain('TOP.counter.count[7:0]');
  expect(read('build/waves/counter-counter.sucl')).toContain('variable_add TOP.counter.count\n');
});

test('a failing test of some name is recorded, too: its last cycles', async () => {
  const args = ['tests/counter.test.ts', '--name', 'counts .on. and', '--last', '3', '--json'];
  const { stdout, exitCode } = await run(...args);
  const { test: name, passed, waves, seed } = JSON.parse(String(stdout));
  expect([name, passed]).toEqual(['counts (on) and on', false]);
  const [{ cycles, fst }] = waves;
  expect(cycles).toBeGreaterThanOrEqual(100);
  const { start, end } = readFst(join(project.root, fst));
  expect([start, end]).toEqual([(cycles - 3) * 10_000, (cycles - 1) * 10_000 + 5_000]);
  expect(exitCode).toBe(0);
  // The same seed, the same run
  const again = await run(...args, '--seed', String(seed));
  expect(JSON.parse(String(again.stdout)).waves[0].cycles).toBe(cycles);
});

test('--last is of each simulation, whichever closes first, and of those outside of tests', async () => {
  const { stdout } = await run('tests/shared.test.ts', '--last', '4', '--json');
  const waves: Array<{ cycles: number; start: number }> = JSON.parse(String(stdout)).waves;
  const starts = waves.map(({ cycles, start }) => [cycles, start / 10_000]);
  expect(starts.sort(([a = 0], [b = 0]) => a - b)).toEqual([
    [20, 16],
    [50, 46],
    [300, 296],
  ]);
});

test('--from and --to bound it', async () => {
  const { stdout } = await run('tests/counter.test.ts', '--from', '1', '--to', '3', '--json');
  const [{ start, end }] = JSON.parse(String(stdout)).waves;
  expect([start, end]).toEqual([10_000, 35_000]);
});

test.each([
  [['lonely'], 2, /lonely: expected one test file, got none/],
  [['tests/none.test.ts'], 2, /expected a test file, got "tests\/none\.test\.ts"/],
  [
    ['tests/counter.test.ts', '--name', 'no such'],
    2,
    /expected a test that matches "no such", got none/,
  ],
  [
    ['tests/counter.test.ts', '--name', 'nothing'],
    1,
    /nothing: expected a simulation with waves, got none/,
  ],
  [['counter', '--last', '0'], 64, /integer from 1 to .*, got 0/],
  [['counter', '--last', '5', '--from', '3'], 2, /--last or --from and --to, got both/],
  [['counter', '--from', '5', '--to', '3'], 2, /expected --from before --to, got 5 and 3/],
  [[], 64, /missing required argument 'test'/],
])('error: %j ends with code %i', async (args, code, message) => {
  const { stderr, exitCode } = await run(...args);
  expect(String(stderr)).toMatch(message);
  expect(exitCode).toBe(code);
});

test('--help has an example', async () => {
  expect((await run('--help')).stdout).toMatch(/Examples:\n {2}hpb hdl waves /);
});
