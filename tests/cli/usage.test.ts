// SPDX-License-Identifier: Apache-2.0
// Help, versions, wrong usage, and which command `npx hpb` is.

import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/driver/paths.ts';
import { HPB, hpb } from './helpers/hpb.ts';

const root = packageRoot();
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('default', () => {
  test('--version', async () => {
    const { stdout, exitCode } = await hpb(['--version']);
    expect(stdout).toBe(`${version}\n`);
    expect(exitCode).toBe(0);
  });

  test.each([
    [[], ['verify', 'bench', 'info']],
    [['verify'], ['--accel <backend>', '--op <operation>', '--allow-high-s', 'Exit code']],
    [['bench'], ['sigverify']],
    [
      ['bench', 'sigverify'],
      ['--accel <list>', '--count <signatures>', '--op', '--json'],
    ],
    [['info'], ['--json']],
  ])('%j --help names everything', async (command, words) => {
    const { stdout, exitCode } = await hpb([...command, '--help']);
    for (const word of words) expect(stdout).toContain(word);
    expect(exitCode).toBe(0);
  });

  test.each([['verify'], ['bench', 'sigverify'], ['info']])(
    '%s %s --help has an example',
    async (...command) => {
      const { stdout } = await hpb([...command.filter((word) => word !== undefined), '--help']);
      expect(stdout).toMatch(/Examples:\n {2}.*hpb /);
    },
  );

  test('npx hpb is this checkout, without asking a registry', async () => {
    expect(realpathSync(join(root, 'node_modules/.bin/hpb'))).toBe(realpathSync(HPB));
    const { stdout } = await execa('npx', ['--offline', 'hpb', '--version'], { cwd: root });
    expect(stdout).toBe(version);
  });
});

describe('README', () => {
  test('the example of hpb verify gives what the README says', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const example = /```sh\nnpx (hpb verify .*<<'END'\n[^`]*END)\n```\s*```\n([^`]*)```/.exec(
      readme,
    );
    const [, command, output] = example!;
    const script = command!.replace('hpb', `'${process.execPath}' '${HPB}'`);
    const { stdout } = await execa('sh', ['-c', script], { stripFinalNewline: false });
    expect(stdout).toBe(output);
  });
});

describe('error: wrong usage, exit code 64', () => {
  test.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['verify', '--frobnicate'], /unknown option '--frobnicate'/],
    [['verify', '--accel', 'gpu'], /'gpu' is invalid.*software, native, verilator/],
    [['verify', '--accel'], /argument missing/],
    [['verify', '--op', 'sign'], /'sign' is invalid.*verify, recover/],
    [['verify', 'one', 'two'], /too many arguments.*Expected 1 argument but got 2/],
    [['bench', 'frobnicate'], /unknown command 'frobnicate'/],
    [['bench', 'sigverify', '--accel', 'native,gpu'], /software,native,verilator.*got "gpu"/],
    [['bench', 'sigverify', '--accel', ''], /got ""/],
    [['bench', 'sigverify', '--count', '0'], /integer from 1 to 1000000, got 0/],
    [['bench', 'sigverify', '--count', '1e3'], /integer from 1 to 1000000, got 1e3/],
    [['bench', 'sigverify', '--count', 'many'], /got many/],
    [['info', 'more'], /too many arguments/],
  ])('%j', async (args, message) => {
    const { stdout, stderr, exitCode } = await hpb(args);
    expect(String(stderr)).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(64);
  });

  test('no command: the help, on standard error', async () => {
    const { stderr, exitCode } = await hpb([]);
    expect(stderr).toContain('Commands:');
    expect(exitCode).toBe(64);
  });
});
