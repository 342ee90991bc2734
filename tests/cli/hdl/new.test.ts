// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { makeProject, type Project } from '../../hdl/helpers/project.ts';
import { hpb } from '../helpers/hpb.ts';

let project: Project;
beforeAll(() => {
  project = makeProject();
});
afterAll(() => project.remove());
const run = (...args: string[]) => hpb(['hdl', ...args], { cwd: project.root });
const read = (file: string) => readFileSync(join(project.root, file), 'utf8');

test('what it writes passes lint and test at once', async () => {
  const made = await run('new', 'axis_crc', '--folder', 'net');
  expect(made.stdout).toBe(
    'hdl/net/axis_crc.sv\ntests/net/axis_crc.test.ts\nhdl/net/README.md\n' +
      'now: hpb hdl watch axis_crc (lint and test on each save)\n',
  );
  const lint = await run('lint', '--json');
  expect(JSON.parse(String(lint.stdout))).toMatchObject([
    { name: 'axis_crc', linter: 'verilator', isClean: true },
    { name: 'axis_crc', linter: 'yosys', isClean: true },
  ]);
  const tested = await run('test', 'axis_crc', '--json');
  expect(JSON.parse(String(tested.stdout))).toMatchObject({ passed: 7, failed: 0 });
});

test('its test notices a module that does something else', async () => {
  const text = read('hdl/net/axis_crc.sv');
  project.write('hdl/net/axis_crc.sv', text.replace('<= s_axis_tdata', '<= ~s_axis_tdata'));
  const { stdout } = await run('test', 'axis_crc', '--json');
  project.write('hdl/net/axis_crc.sv', text);
  expect(JSON.parse(String(stdout)).failed).toBe(4);
});

test('the test is in house style, as far as Biome knows it', async () => {
  const biome = join(packageRoot(), 'node_modules/.bin/biome');
  const text = read('tests/net/axis_crc.test.ts');
  const { stdout, exitCode } = await execa(
    biome,
    ['check', '--write', '--stdin-file-path=tests/net/axis_crc.test.ts'],
    { cwd: packageRoot(), input: text, reject: false },
  );
  expect(stdout).toBe(text.trimEnd());
  expect(exitCode).toBe(0);
});

test('a second module in a folder leaves its README; --json says what was written', async () => {
  project.write('hdl/net/README.md', '# mine\n');
  const { stdout } = await run('new', 'axis_sum', '--folder', 'hdl/net', '--json');
  expect(JSON.parse(String(stdout))).toEqual({
    name: 'axis_sum',
    module: 'hdl/net/axis_sum.sv',
    test: 'tests/net/axis_sum.test.ts',
  });
  expect(read('hdl/net/README.md')).toBe('# mine\n');
});

test.each([
  [['axis_crc'], /expected a new name, got hdl\/net\/axis_crc\.sv/],
  [['Axis'], /lower case letters, digits and _ that is no keyword, got "Axis"/],
  [['endmodule'], /no keyword, got "endmodule"/],
  [['../x'], /got "\.\.\/x"/],
  [['x', '--folder', '../outside'], /expected a folder in hdl\/, got "\.\.\/outside"/],
  [['x', '--folder', '/tmp'], /expected a folder in hdl\/, got "\/tmp"/],
  [['x', '--folder', 'hdl/../src'], /expected a folder in hdl\//],
])('error: %j', async (args, message) => {
  const { stderr, exitCode } = await run('new', ...args);
  expect(String(stderr)).toMatch(message);
  expect(exitCode).toBe(2);
  expect(existsSync(join(project.root, 'src'))).toBe(false);
});

test('--help has an example', async () => {
  const { stdout } = await run('new', '--help');
  expect(stdout).toMatch(/Examples:\n {2}hpb hdl new /);
});
