// SPDX-License-Identifier: Apache-2.0
// `hpb hdl schematic` as a process, where netlistsvg is installed already.

import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { COUNTER, COUNTER_TOP, isInstalled, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

const project = makeProject({
  'hdl/c/counter_top.sv': COUNTER_TOP,
  'hdl/c/counter.sv': COUNTER,
  'hdl/c/wrong.sv': 'module wrong (output q);\n  assign q = ;\nendmodule\n',
});
afterAll(() => project.remove());

/** What a test would install is this project's already, or it is left alone. */
const TOOLS = join(packageRoot(), '.tools');
const missing = [
  ...(isInstalled('yosys') ? [] : ['yosys']),
  ...(existsSync(join(TOOLS, 'netlistsvg')) ? [] : ['netlistsvg']),
];
if (missing.length === 0) symlinkSync(TOOLS, join(project.root, '.tools'));

const schematic = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'schematic', ...args], {
    cwd: project.root,
  });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

/** Skips a test, and says what for. */
function needsTools(context: { skip(reason: string): void }): void {
  if (missing.length === 0) return;
  context.skip(
    `${missing.join(' and ')} not installed: \`hpb hdl schematic rr_arbiter\` says or does what is needed`,
  );
}

describe('schematic (netlistsvg)', () => {
  test('ports, and modules below as boxes with the names of their instances', async (context) => {
    needsTools(context);
    const { stdout, exitCode } = await schematic('counter_top');
    expect(exitCode).toBe(0);
    const path = join(project.root, 'build/schematic/counter_top.svg');
    expect(stdout).toBe(`${path}\n`);
    const svg = readFileSync(path, 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    const words = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    for (const name of ['clk', 'go', 'low', 'high', 'q']) expect(words).toContain(name);
    expect(svg).toMatch(/first/);
    expect(svg).not.toMatch(/<script|<image|\bhref=/i);
  });

  test('--flatten draws registers in their place, --out somewhere else', async (context) => {
    needsTools(context);
    const boxes = await schematic('counter_top', '--json');
    const parts = await schematic('counter_top', '--flatten', '--out', 'a/b.svg', '--json');
    expect(JSON.parse(parts.stdout).cells).toBeGreaterThan(JSON.parse(boxes.stdout).cells);
    expect(JSON.parse(parts.stdout).out).toBe(join(project.root, 'a/b.svg'));
    expect(readFileSync(join(project.root, 'a/b.svg'), 'utf8')).toMatch(/\$?dff/);
  });

  test('error: more cells than allowed, a module that cannot be read, nowhere to write', async (context) => {
    needsTools(context);
    const many = await schematic('counter_top', '--max-cells', '1', '--out', 'many.svg');
    expect(many.stderr).toMatch(/counter_top\.sv: expected at most 1 cells, got \d+; raise it/);
    expect([many.exitCode, existsSync(join(project.root, 'many.svg'))]).toEqual([1, false]);
    const wrong = await schematic('hdl/c/wrong.sv');
    expect(wrong.stderr).toContain('wrong.sv:2');
    expect(wrong.exitCode).toBe(1);
    const full = await schematic('counter', '--out', 'package.json/x.svg');
    expect(full.stderr).toContain('cannot write');
    expect(full.exitCode).toBe(74);
  });
});

test('error: no such module', async () => {
  const { stderr, exitCode } = await schematic('nothing');
  expect(stderr).toContain('nothing');
  expect(exitCode).toBe(2);
});
