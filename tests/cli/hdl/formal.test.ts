// SPDX-License-Identifier: Apache-2.0
// `hpb hdl formal` as a process: modules that are right, and modules with faults that must be found.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isInstalled, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

/** Counts to LIMIT and starts anew; `step` is what it adds. */
const wrap = (name: string, condition: string, cover = 'count == LIMIT') => `module ${name} #(
    parameter int unsigned LIMIT = 5
) (
    input wire logic clk,
    input wire logic rst
);
  logic [3:0] count;
  always_ff @(posedge clk) begin
    count <= ${condition} ? '0 : count + 1'b1;
    if (rst) count <= '0;
  end
\`ifdef FORMAL
  logic seen = 1'b0;
  always_ff @(posedge clk) seen <= 1'b1;
  always_comb if (!seen) assume (rst);
  always_ff @(posedge clk) begin
    if (seen) assert (count <= LIMIT);
    cover (${cover});
  end
\`endif
endmodule
`;
/** Three registers that stay 0; that the last one does is inductive in 4 cycles, not in 2. `spare` is not proven. */
const SLOW = `module slow (
    input  wire logic clk,
    input  wire logic rst,
    output wire logic spare
);
  logic first = 1'b0, second = 1'b0, third = 1'b0, spare_q;
  always_ff @(posedge clk) begin
    first <= 1'b0;
    second <= first;
    third <= second;
    spare_q <= rst;
  end
  assign spare = spare_q;
\`ifdef FORMAL
  always_ff @(posedge clk) begin
    assert (!third);
    cover (spare_q);
  end
\`endif
endmodule
`;
const project = makeProject({
  'hdl/s/slow.sv': SLOW,
  'hdl/s/formal/jobs': 'slow 8 4 6\n',
  'hdl/s/formal/breaks':
    'slow@@s/spare_q <= rst/spare_q <= !rst/@nothing that is proven\nslow@@s/second <= first/second <= rst/@a register that does not stay\n',
  'hdl/w/wrap.sv': wrap('wrap', 'count == LIMIT'),
  'hdl/w/wrap_late.sv': wrap('wrap_late', 'count > LIMIT'),
  'hdl/w/wrap_never.sv': wrap('wrap_never', 'count == LIMIT', 'seen && count == 9'),
  'hdl/w/plain.sv': 'module plain (output q);\n  assign q = 1;\nendmodule\n',
  'hdl/w/formal/jobs': '# module base step cover\nwrap 8 2 10 LIMIT=3\nwrap 10 2 12 LIMIT=4\n',
  'hdl/w/formal/breaks': [
    'wrap@LIMIT=3@s/== LIMIT/> LIMIT/@one too far',
    'wrap@LIMIT=3@s/rst) count/!rst) count/@reset the wrong way round',
    'wrap@LIMIT=3@s/nowhere/there/@an edit that does not apply\n',
  ].join('\n'),
});
afterAll(() => project.remove());

const formal = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'formal', ...args], { cwd: project.root });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

const hasTools = ['yosys', 'yosys-smtbmc', 'z3'].every(isInstalled);

describe.runIf(hasTools)('formal (yosys, z3)', () => {
  test('every line of formal/jobs is proven, and each cover has its trace', async () => {
    const { stdout, exitCode } = await formal('wrap', '--json');
    expect(exitCode).toBe(0);
    const entries = JSON.parse(stdout);
    expect(entries).toHaveLength(2);
    expect(entries[1]).toMatchObject({
      parameters: { LIMIT: '4' },
      base: 'proven',
      induction: 'proven',
      cover: 'reached',
      failures: [],
    });
    const [wave] = entries[1].waves;
    expect(readFileSync(join(project.root, wave), 'utf8')).toMatch(/\$var .* count/);
  });

  test('a fault is found: its line, and the waves of the counterexample', async () => {
    const { stdout, exitCode } = await formal('wrap_late', '--json');
    expect(exitCode).toBe(1);
    const [entry] = JSON.parse(stdout);
    expect(entry).toMatchObject({ base: 'FAILED', failures: ['hdl/w/wrap_late.sv:17'] });
    expect(existsSync(join(project.root, entry.waves[0]))).toBe(true);
  });

  test('a cover that is out of reach fails, whatever else is proven', async () => {
    const { stdout, exitCode } = await formal('wrap_never', '--cover', '12');
    expect(stdout).toMatch(/wrap_never +proven +\w+ +FAILED/);
    expect(stdout).toContain('failed: hdl/w/wrap_never.sv:18');
    expect(exitCode).toBe(1);
  });

  test('deliberate faults: caught, and an edit that does not apply is told', async () => {
    const { stdout, exitCode } = await formal('wrap', '--breaks', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { isCaught: true, how: expect.stringMatching(/^counterexample, cycle \d+$/) },
      { isCaught: true },
      { isCaught: false, how: 'the edit does not apply' },
    ]);
    expect(exitCode).toBe(1);
  });

  test('a fault is tried as deep as the proof: one that breaks nothing survives', async () => {
    expect((await formal('slow')).exitCode).toBe(0);
    const { stdout } = await formal('slow', '--breaks', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { isCaught: false, how: 'SURVIVED' },
      { isCaught: true },
    ]);
  });

  test('a file elsewhere, with parameters', async () => {
    const { stdout, exitCode } = await formal('hdl/w/wrap.sv', '--parameter', 'LIMIT=2');
    expect(stdout).toMatch(/wrap +LIMIT=2 +proven +proven +reached/);
    expect(exitCode).toBe(0);
  });
});

test('error: no properties, and lists that make no sense', async () => {
  const plain = await formal('plain');
  expect(plain.stderr).toContain('expected properties under `ifdef FORMAL, got none in plain');
  expect(plain.exitCode).toBe(2);
  project.write('hdl/w/formal/jobs', 'wrap 8 2\n');
  const short = await formal('wrap');
  expect(short.stderr).toMatch(/jobs:1: expected 1 to 1000 cycles, got undefined/);
  expect(short.exitCode).toBe(2);
  project.write('hdl/w/formal/jobs', 'wrap 2 8 4\n');
  expect((await formal('wrap')).stderr).toContain('at least the 8 cycles of the step, got 2');
});
