// SPDX-License-Identifier: Apache-2.0
// `hpb hdl mutate` as a process, in a project of its own: a good test kills, one that looks at nothing does not.

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

const ADDER = `module adder (
    input  wire logic [3:0] a,
    input  wire logic [3:0] b,
    output wire logic [3:0] sum,
    output wire logic       both
);
  assign sum = a + b;
  assign both = a != 0 && b != 0;
endmodule
`;
/** Reads the text instead of simulating it, which would take minutes on a busy machine. */
const READS = `import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
const file = process.env.HPB_MUTANT?.split('=')[1] || 'hdl/a/adder.sv';
const text = readFileSync(file, 'utf8');
`;
const project = makeProject({
  'hdl/a/adder.sv': ADDER,
  'tests/sharp.test.ts': `${READS}test('adds', () => expect(text).toContain('sum = a + b;'));\n`,
  'tests/blind.test.ts': `import { test } from 'vitest';\ntest('nothing', () => {});\n`,
  'tests/wrong.test.ts': `import { test } from 'vitest';\ntest('no', () => { throw new Error(); });\n`,
});
beforeAll(() => {
  mkdirSync(join(project.root, 'node_modules'));
  for (const name of ['vitest', 'vite']) {
    symlinkSync(
      join(packageRoot(), 'node_modules', name),
      join(project.root, 'node_modules', name),
    );
  }
});
afterAll(() => project.remove());

const mutate = async (...args: string[]) => {
  const all = ['hdl', 'mutate', 'adder', '--json', ...args];
  const { stdout, stderr, exitCode } = await hpb(all, { cwd: project.root });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

test('what the tests notice, and the line of what they do not', async () => {
  const { stdout, exitCode } = await mutate('--test', 'tests/sharp.test.ts', '--strict');
  const { entry, results } = JSON.parse(stdout);
  expect(
    results.map(({ line, what, outcome }: Record<string, unknown>) => [line, what, outcome]),
  ).toEqual([
    [7, '+ -> -', 'killed'],
    [8, '!= -> ==', 'survived'],
    [8, '&& -> ||', 'survived'],
    [8, '!= -> ==', 'survived'],
  ]);
  expect(entry).toMatchObject({ killed: 1, survived: 3, possible: 4 });
  expect(entry.survivors[0]).toEqual({
    line: 8,
    what: '!= -> ==',
    source: 'assign both = a != 0 && b != 0;',
  });
  expect(exitCode).toBe(1);
});

test('what was tried is not tried again, unless the test changes', async () => {
  project.write('tests/blind.test.ts', `${READS}test('nothing', () => {});\n`);
  const args = ['--test', 'tests/blind.test.ts', '--count', '1'];
  const first = JSON.parse((await mutate(...args)).stdout);
  expect(first.entry).toMatchObject({ killed: 0, survived: 1 });
  const again = await mutate(...args);
  expect(JSON.parse(again.stdout).results).toEqual(first.results);
  project.write(
    'tests/blind.test.ts',
    `${READS}test('all', () => expect(file).toMatch(/^hdl/));\n`,
  );
  expect(JSON.parse((await mutate(...args)).stdout).entry).toMatchObject({ killed: 1 });
});

test('error: tests that fail without any change prove nothing', async () => {
  const { stderr, exitCode } = await mutate('--test', 'tests/wrong.test.ts');
  expect(stderr).toContain('the tests of adder fail without any change (tests/wrong.test.ts)');
  expect(exitCode).toBe(1);
});

test('error: a module without tests', async () => {
  const { stderr, exitCode } = await mutate();
  expect(stderr).toContain('expected tests that simulate adder, got none');
  expect(exitCode).toBe(2);
});
