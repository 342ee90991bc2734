// SPDX-License-Identifier: Apache-2.0
// `hpb hdl fmax` as a process, on iCE40: nextpnr-ice40 comes with Debian, and small modules take a second.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

/** A sum of N words within one cycle: the more, the slower. */
const SUM = `module sum #(
    parameter int N = 2
) (
    input  wire logic            clk,
    input  wire logic [8*N-1:0]  words,
    output wire logic [7:0]      total
);
  logic [8*N-1:0] words_q;
  logic [7:0] sum, total_q;
  always_comb begin
    sum = '0;
    for (int i = 0; i < N; i++) sum = sum ^ (sum + words_q[8*i+:8]);
  end
  always_ff @(posedge clk) begin
    words_q <= words;
    total_q <= sum;
  end
  assign total = total_q;
endmodule
`;
/** More flip-flops than the chip has. */
const LARGE = `module vast (
    input  wire logic clk,
    input  wire logic d,
    output wire logic q
);
  logic [8999:0] bits;
  always_ff @(posedge clk) bits <= {bits, d};
  assign q = bits[8999];
endmodule
`;
const project = makeProject({ 'hdl/s/sum.sv': SUM, 'hdl/s/vast.sv': LARGE });
beforeAll(() => project.write('.gitignore', 'build/\n.hpb/\n'));
afterAll(() => project.remove());

const fmax = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'fmax', ...args], { cwd: project.root });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

describe.runIf(isInstalled('yosys') && isInstalled('nextpnr-ice40'))('fmax (nextpnr-ice40)', () => {
  const ice40 = ['--device', 'ice40-hx8k'];

  test('more logic between two flip-flops is a lower clock, and its line is on the path', async () => {
    const measured = await Promise.all(
      [2, 8].map(async (n) => {
        const args = [...ice40, '--parameter', `N=${n}`, '--seeds', '2', '--json'];
        const { stdout, exitCode } = await fmax('sum', ...args);
        expect(exitCode).toBe(0);
        return JSON.parse(stdout)[0];
      }),
    );
    const [short, long] = measured;
    expect(short.best).toBeGreaterThan(1.5 * long.best);
    expect(long.best).toBeGreaterThanOrEqual(long.median);
    expect(long.seeds.map(({ seed }: { seed: number }) => seed)).toEqual([1, 2]);
    // Periods and paths are the same thing said twice; what a flip-flop needs may be left out of the path.
    expect(long.path.ns).toBeGreaterThan(0.8 * (1000 / long.best));
    expect(long.path.ns).toBeLessThan(1.05 * (1000 / long.best));
    const lines = long.path.steps.map(({ source }: { source: string }) => source);
    expect(lines.some((line: string) => /^hdl\/s\/sum\.sv:1[0-3]$/.test(line))).toBe(true);
  });

  test('for people: clock, what is used, the path with its source text', async () => {
    const { stdout } = await fmax('sum', ...ice40, '--seeds', '1', '--first-seed', '7');
    expect(stdout).toMatch(/^sum, Lattice iCE40HX8K: \d+\.\d MHz \(seed 7\)\n/);
    expect(stdout).toMatch(/ns \(\d\.\d\d logic\) {2}hdl\/s\/sum\.sv:\d+ {2}\w.*\n {30}\| \S/);
  });

  test('error: a module that does not fit', async () => {
    const { stderr, exitCode } = await fmax('vast', ...ice40, '--seeds', '1');
    expect(stderr).toContain('hdl/s/vast.sv: nextpnr failed:\nERROR');
    expect(exitCode).toBe(1);
  });

  test('error: a clock that is none', async () => {
    const { stderr, exitCode } = await fmax('sum', ...ice40, '--clock', 'words');
    expect(stderr).toContain('sum: expected clock "words" among the inputs of one bit, clk');
    expect(exitCode).toBe(2);
  });
});

test('error: a tool that cannot be installed says so', async () => {
  const { stderr, exitCode } = await hpb(['hdl', 'fmax', 'sum'], {
    cwd: project.root,
    // Node alone: neither nextpnr nor python3 is found.
    env: { PATH: '' },
    extendEnv: true,
  });
  expect(String(stderr)).toMatch(/python3 is not installed; run `apt-get install python3/);
  expect(exitCode).toBe(69);
});
