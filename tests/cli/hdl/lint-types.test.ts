// SPDX-License-Identifier: Apache-2.0
// `hpb hdl lint` and `hpb hdl types` as processes, on modules of hdl/ and on files elsewhere.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hpb } from '../helpers/hpb.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpb-lint-'));
  file = join(folder, 'adder.sv');
  writeFileSync(
    file,
    `module adder #(
    parameter int W = 40
) (
    input  logic [W-1:0] a,
    input  logic signed [3:0] b,
    output logic [W-1:0] sum,
    output logic [35:0] fixed
);
  assign sum = a + W'(b);
  assign fixed = '0;
endmodule

module narrow (
    input  logic [3:0] a,
    output logic [1:0] q
);
  assign q = a;
endmodule
`,
  );
  writeFileSync(
    join(folder, 'named.sv'),
    'module named #(parameter string NAME = "plain") (output q);\n  assign q = NAME == "loud";\nendmodule\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('lint', () => {
  test('a module of hdl/ by its name, with both linters', async () => {
    const { stdout, exitCode } = await hpb(['hdl', 'lint', 'rr_arbiter']);
    expect(stdout).toBe(
      'verilator -Wall: 1 module, 0 with complaints\nyosys: 1 module, 0 with complaints\n',
    );
    expect(exitCode).toBe(0);
  });

  test('the complaint about a file elsewhere is shown with its line; exit code 1', async () => {
    const args = ['hdl', 'lint', file, '--top', 'narrow', '--with', 'verilator'];
    const { stdout, exitCode } = await hpb(args);
    expect(String(stdout)).toMatch(/verilator: adder\.sv:\n.*WIDTH.*adder\.sv:17/s);
    expect(String(stdout)).toContain('verilator -Wall: 1 module, 1 with complaints\n');
    expect(exitCode).toBe(1);
  });

  test('--json: one result a module and linter', async () => {
    const args = ['hdl', 'lint', file, '--top', 'narrow', '--json'];
    const { stdout, exitCode } = await hpb(args);
    expect(JSON.parse(String(stdout))).toMatchObject([
      { name: 'narrow', file: 'adder.sv', linter: 'verilator', isClean: false },
      { name: 'narrow', file: 'adder.sv', linter: 'yosys', isClean: true, output: '' },
    ]);
    expect(exitCode).toBe(1);
  });
});

describe('types', () => {
  test('ports as simulate() has them, and parameters with their defaults', async () => {
    const { stdout, exitCode } = await hpb(['hdl', 'types', file]);
    expect(stdout).toContain("declare module 'hpb-accel/testbench'");
    expect(stdout).toContain('readonly fixed: bigint;');
    expect(stdout).toContain('get b(): number;');
    expect(stdout).toContain('export interface AdderParameters {');
    expect(stdout).toContain('/** 40 by default */\n  readonly W?: number | bigint | boolean;');
    expect(exitCode).toBe(0);
    const named = await hpb(['hdl', 'types', join(folder, 'named.sv')]);
    expect(named.stdout).toContain('/** "plain" by default */\n  readonly NAME?: string;');
  });

  test('--json gives what a parameter makes of it', async () => {
    const { stdout } = await hpb(['hdl', 'types', file, '--parameter', 'W=9', '--json']);
    const [module] = JSON.parse(String(stdout));
    expect(module.name).toBe('adder');
    expect(
      module.ports.map(({ name, width }: { name: string; width: number }) => [name, width]),
    ).toEqual([
      ['a', 9],
      ['b', 4],
      ['sum', 9],
      ['fixed', 36],
    ]);
  });

  test('--out writes a file', async () => {
    const out = join(folder, 'adder.d.ts');
    expect(await hpb(['hdl', 'types', file, '--out', out])).toMatchObject({
      stdout: '',
      exitCode: 0,
    });
    expect(readFileSync(out, 'utf8')).toContain('AdderParameters');
  });
});

describe('error:', () => {
  test.each([
    [['lint', 'no_such_unit'], 2, /expected a module or folder of hdl\/.*got "no_such_unit"/],
    [['types', 'README.md'], 2, /README\.md: expected a file ending in \.v or \.sv/],
    [
      ['types', 'axis_fifo', '--top', 'ram'],
      2,
      /axis_fifo\.sv: expected a module ram, got axis_fifo/,
    ],
    [['types', 'axis_fifo', '--out', 'no/such/folder.d.ts'], 74, /cannot write no\/such\/folder/],
    [['types', '--json'], 2, /expected a target, got none/],
    [['types', 'axis_fifo', '--parameter', 'DEPTH'], 64, /expected NAME=VALUE, got "DEPTH"/],
    [['types', 'axis_fifo', '--parameter', 'DEPTH=5'], 1, /DEPTH=5 is no power of two/],
    [['types', 'axis_fifo', '-I', 'no/such'], 2, /expected a folder, got "no\/such"/],
    [['lint', 'axis_fifo', '--with', 'lintian'], 64, /'lintian' is invalid.*verilator, yosys/],
    [['frobnicate'], 64, /unknown command 'frobnicate'/],
  ])('%j ends with code %i', async (args, code, message) => {
    const { stdout, stderr, exitCode } = await hpb(['hdl', ...args]);
    expect(String(stderr)).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(code);
  });

  test('a missing linter is named, with what installs it; exit code 69', async () => {
    const { stderr, exitCode } = await hpb(
      ['hdl', 'lint', file, '--top', 'narrow', '--with', 'yosys'],
      {
        env: { PATH: folder },
      },
    );
    expect(stderr).toContain('yosys is not installed; run `src/scripts/setup synth`');
    expect(exitCode).toBe(69);
  });
});

test.each([['lint'], ['types']])('%s --help has an example', async (command) => {
  const { stdout } = await hpb(['hdl', command, '--help']);
  expect(stdout).toMatch(/Examples:\n {2}hpb hdl /);
});
