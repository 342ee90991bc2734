// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../src/driver/paths.ts';

/** Somebody else's project, which has this package and Vitest installed. */
export interface Project {
  readonly root: string;
  write(file: string, text: string): void;
  remove(): void;
}

/** A module that counts, and its test, which passes. */
export const COUNTER = `// SPDX-License-Identifier: Apache-2.0
\`default_nettype none

module counter #(
    parameter int unsigned WIDTH = 8
) (
    input  wire logic             clk,
    input  wire logic             rst,
    input  wire logic             enable,
    output wire logic [WIDTH-1:0] count
);
  logic [WIDTH-1:0] count_q;
  always_ff @(posedge clk) begin
    if (enable) count_q <= count_q + 1'b1;
    if (rst) count_q <= '0;
  end
  assign count = count_q;
endmodule

\`default_nettype wire
`;

export const COUNTER_TEST = `
import { expect, test } from 'vitest';
import { simulate } from 'hpb-accel/testbench';

test('counts', async () => {
  const sim = await simulate('hdl/counter.sv');
  sim.reset();
  sim.ports.enable = 1;
  sim.cycles(3);
  expect(sim.ports.count).toBe(3);
});
`;

/** Makes one in a folder of its own, with some files. */
export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hpb-project-')));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('package.json', '{ "name": "somebody", "type": "module" }\n');
  write(
    'vitest.config.js',
    "export default { test: { setupFiles: ['hpb-accel/testbench/vitest'], testTimeout: 120_000 } };\n",
  );
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(packageRoot(), join(root, 'node_modules/hpb-accel'));
  symlinkSync(join(packageRoot(), 'node_modules/vitest'), join(root, 'node_modules/vitest'));
  // Verilator's runtime takes a while to compile, and is the same.
  const runtime = join(packageRoot(), 'build/sim/runtime');
  mkdirSync(runtime, { recursive: true });
  mkdirSync(join(root, 'build/sim'), { recursive: true });
  symlinkSync(runtime, join(root, 'build/sim/runtime'));
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
