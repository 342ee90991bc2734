// SPDX-License-Identifier: Apache-2.0

import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { makeProject, type Project } from '../../hdl/helpers/project.ts';
import { hpb } from '../helpers/hpb.ts';

describe('the map', () => {
  test('as a table: addresses, access, reset values, fields', async () => {
    const { stdout, exitCode } = await hpb(['hdl', 'regs', 'card.version']);
    expect(String(stdout)).toMatch(
      /^0x0004 {2}CARD\.VERSION +ro +0x00010001 +Version of this map\.\n +\[15:0\] MINOR/,
    );
    expect(String(stdout)).toMatch(/\n1 register, map 1\.1, hash [\da-f]{16}\n$/);
    expect(exitCode).toBe(0);
  });

  test('--json: the same register of every engine at an address of its own', async () => {
    const { stdout } = await hpb(['hdl', 'regs', '--json']);
    const { registers, hash } = JSON.parse(String(stdout));
    type Register = { block: string; name: string; address: number; offset: number };
    const capabilities = registers.filter(({ offset }: Register) => offset === 0);
    expect(capabilities.map(({ block, address }: Register) => [block, address])).toEqual([
      ['CARD', 0],
      ['SIGVERIFY', 0x1000],
      ['TOE', 0x2000],
      ['BROADCAST', 0x3000],
    ]);
    const fields = registers
      .find(({ block, name }: Register) => block === 'TOE' && name === 'STATUS')
      .fields.map(({ name }: { name: string }) => name);
    expect(fields).toEqual(expect.arrayContaining(['BUSY', 'READY']));
    const header = readFileSync(join(packageRoot(), 'docs/registers.md'), 'utf8');
    expect(header).toContain(hash);
  });

  test('--markdown is docs/registers.md', async () => {
    const { stdout } = await hpb(['hdl', 'regs', '--markdown']);
    expect(stdout).toBe(readFileSync(join(packageRoot(), 'docs/registers.md'), 'utf8'));
  });
});

describe('generated files', () => {
  let project: Project;
  const run = (...args: string[]) => hpb(['hdl', 'regs', ...args], { cwd: project.root });
  beforeEach(() => {
    project = makeProject();
    cpSync(join(packageRoot(), 'hdl/card'), join(project.root, 'hdl/card'), { recursive: true });
    symlinkSync(join(packageRoot(), 'node_modules/zod'), join(project.root, 'node_modules/zod'));
  });
  afterEach(() => project.remove());

  test('--check names what differs, --write makes it so, --check is content', async () => {
    mkdirSync(join(project.root, 'docs'));
    const before = await run('--check');
    expect(before.stdout).toContain('hdl/card/registers/generate.js: out of date\n');
    expect(before.stdout).toContain('docs/registers.md is not what registers.json says');
    expect(before.exitCode).toBe(1);
    expect(await run('--write')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(project.root, 'docs/registers.md'), 'utf8')).toBe(
      readFileSync(join(packageRoot(), 'docs/registers.md'), 'utf8'),
    );
    const after = await run('--check', '--json');
    expect(JSON.parse(String(after.stdout))).toEqual([
      { generator: 'hdl/card/registers/generate.js', isCurrent: true, output: '' },
    ]);
    expect(after.exitCode).toBe(0);
  });

  test('error: a map that contradicts itself', async () => {
    const text = readFileSync(join(project.root, 'hdl/card/registers.json'), 'utf8');
    project.write(
      'hdl/card/registers.json',
      text.replace('"offset": "0x004"', '"offset": "0x000"'),
    );
    const { stderr, exitCode } = await run();
    expect(stderr).toContain('registers.json: card: two entries share a value');
    expect(exitCode).toBe(2);
  });
});

test.each([
  [
    ['nothing'],
    2,
    /expected part of BLOCK\.REGISTER \(CARD, SIGVERIFY, TOE, BROADCAST\), got nothing/,
  ],
  [['card', '--markdown'], 2, /--markdown: expected no name, got card/],
  [['card', '--write'], 2, /expected no name, got card/],
  [['--json', '--markdown'], 64, /'--markdown' cannot be used with option '--json'/],
  [['--write', '--check'], 64, /cannot be used with/],
])('error: %j ends with code %i', async (args, code, message) => {
  const { stderr, exitCode } = await hpb(['hdl', 'regs', ...args]);
  expect(String(stderr)).toMatch(message);
  expect(exitCode).toBe(code);
});

test('error: a project without a map', async () => {
  const project = makeProject();
  const { stderr, exitCode } = await hpb(['hdl', 'regs'], { cwd: project.root });
  project.remove();
  expect(stderr).toContain('expected a register map in hdl/card/registers/map.js, got none in');
  expect(exitCode).toBe(2);
});

test('--help has an example', async () => {
  expect((await hpb(['hdl', 'regs', '--help'])).stdout).toMatch(/Examples:\n {2}hpb hdl regs/);
});
