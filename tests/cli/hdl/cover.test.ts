// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNTER, COUNTER_TEST, makeProject, type Project } from '../../hdl/helpers/project.ts';
import { hpb } from '../helpers/hpb.ts';

/** A second test file, which says what it saw. */
const FUNCTIONAL_TEST = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { simulate } from 'hpb-accel/testbench';
import { expect, test } from 'vitest';

const sim = await simulate('hdl/counter.sv'); // stays open until the file ends
test('rests', () => {
  sim.reset();
  sim.cycles(300);
  expect(sim.ports.count).toBe(0);
  const bins = [{ name: 'rest', hits: 1, goal: 1 }, { name: 'wrap', hits: 0, goal: 1 }];
  const groups = [{ name: 'counter', file: 'tests/rest.test.ts', points: [{ name: 'what', bins }], crosses: [] }];
  mkdirSync('build/coverage/functional', { recursive: true });
  writeFileSync('build/coverage/functional/rest.json', JSON.stringify({ version: 1, groups }));
});
`;

let project: Project;
beforeAll(() => {
  project = makeProject({
    'hdl/unit/counter.sv': COUNTER,
    'tests/counter.test.ts': COUNTER_TEST.replace('hdl/', 'hdl/unit/'),
    'tests/rest.test.ts': FUNCTIONAL_TEST.replace('hdl/', 'hdl/unit/'),
  });
});
afterAll(() => project.remove());
const run = (...args: string[]) => hpb(['hdl', 'cover', ...args], { cwd: project.root });
const read = (file: string) => readFileSync(join(project.root, file), 'utf8');

test('all tests of a module together, as table, lcov, JSON and page', async () => {
  const { stdout, exitCode } = await run('counter');
  // Both ways went clk, rst and bit 0 of counter and port; bit 1 did if its register started at 1
  expect(String(stdout)).toMatch(
    /^counter +100\.0 % of 3 +100\.0 % of 4 +(21\.1|31\.6) % of 19\nfunctional: 50\.0 % of 2 bins\n/m,
  );
  expect(String(stdout)).toMatch(/\nbuild\/coverage\/index\.html\nbuild\/coverage\/lcov\.info\n$/);
  expect(exitCode).toBe(0);
  expect(read('build/coverage/lcov.info')).toContain('SF:hdl/unit/counter.sv\n');
  const json = JSON.parse(read('build/coverage/coverage.json'));
  expect(json).toMatchObject({ version: 1, passed: 2, failed: 0, simulations: 2 });
  expect(json.modules[0].missed).toContainEqual({ kind: 'toggle', line: 12, name: 'count_q[7]' });
  const page = read('build/coverage/index.html');
  expect(page).toContain('count_q &lt;= count_q + 1');
  expect(page).toContain('wrap: 0 of 1');
});

test('below what the unit asks for: exit code 1, and what is missed', async () => {
  project.write('hdl/unit/coverage.json', '{ "line": 100, "toggle": 50, "functional": 60 }');
  const { stdout, exitCode } = await run('counter', '--out', 'build/report', '--json');
  project.write('hdl/unit/coverage.json', '{}');
  expect(JSON.parse(String(stdout)).misses).toMatchObject([
    { name: 'counter', metric: 'toggle', expected: 50, got: expect.any(Number) },
    { name: 'functional', metric: 'functional', expected: 60, got: 50 },
  ]);
  expect(exitCode).toBe(1);
  expect(read('build/report/index.html')).toContain('%, expected 50 %');
});

test('a failing test is counted, and ends with code 1', async () => {
  const text = read('tests/counter.test.ts');
  project.write('tests/counter.test.ts', text.replace('toBe(3)', 'toBe(4)'));
  const { stdout, exitCode } = await run('counter', '--json');
  project.write('tests/counter.test.ts', text);
  expect(JSON.parse(String(stdout))).toMatchObject({ passed: 1, failed: 1, simulations: 2 });
  expect(exitCode).toBe(1);
});

test.each([
  [
    ['counter', '--out', '../elsewhere'],
    2,
    /expected a folder in the project, got \.\.\/elsewhere/,
  ],
  [['counter', '--out', '/tmp'], 2, /expected a folder in the project, got \/tmp/],
  [['nothing'], 2, /got "nothing"/],
])('error: %j ends with code %i', async (args, code, message) => {
  const { stderr, exitCode } = await run(...args);
  expect(String(stderr)).toMatch(message);
  expect(exitCode).toBe(code);
});

test('--help has an example', async () => {
  expect((await run('--help')).stdout).toMatch(/Examples:\n {2}hpb hdl cover /);
});
