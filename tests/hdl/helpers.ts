// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A project of its own for one test file: a package.json and what `files` says, by path. */
export function makeProject(files: Readonly<Record<string, string>>): {
  root: string;
  write(path: string, text: string): void;
  git(...args: string[]): void;
  remove(): void;
} {
  const root = mkdtempSync(join(tmpdir(), 'hpb-project-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', '{"name":"scratch","type":"module"}\n');
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    root,
    write,
    git(...args) {
      const who = ['-c', 'user.name=test', '-c', 'user.email=test@test.example'];
      const { status, stderr } = spawnSync('git', [...who, ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** True when a command is on PATH. */
export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** A module with two counters below it. */
export const COUNTER_TOP = `module counter_top (
    input  wire logic       clk,
    input  wire logic       go,
    output wire logic [7:0] low,
    output wire logic [7:0] high
);
  counter #(.W(4)) first (.clk, .go, .q(low[3:0]));
  for (genvar i = 0; i < 1; i++) begin : g_more
    counter #(.W(8)) second (.clk, .go(low[0]), .q(high));
  end
  assign low[7:4] = '0;
endmodule
`;

export const COUNTER = `module counter #(
    parameter int W = 4
) (
    input  wire logic         clk,
    input  wire logic         go,
    output wire logic [W-1:0] q
);
  logic [W-1:0] count = '0;
  always_ff @(posedge clk) if (go) count <= count + 1'b1;
  assign q = count;
endmodule
`;
