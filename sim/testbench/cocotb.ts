// SPDX-License-Identifier: Apache-2.0
/** Measures cocotb on the same module, where Python has it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../../src/testbench/project.ts';

/** Some ms each. */
const CYCLES = 100;
const TURNS = 200;

/** What was measured, and with what. */
export interface Measured {
  /** Million cycles per second. */
  readonly speed: number;
  readonly version: string;
  /** Its version line. */
  readonly verilator: string;
}

/** That, or why there is no figure. */
export type Cocotb = Measured | string;

const BUILD = `
import sys
from cocotb_tools.runner import get_runner
source, top, folder, tests = sys.argv[1:]
runner = get_runner("verilator")
runner.build(sources=[source], hdl_toplevel=top, build_dir=folder, build_args=["-O3", "-Wno-fatal"], always=True)
runner.test(hdl_toplevel=top, test_module="cocotb_bench", build_dir=folder, test_dir=tests)
`;

/**
 * Runs cocotb_bench.py under Verilator.
 *
 * `PYTHON` names the interpreter, python3 unless given; `VERILATOR_BIN_DIR` a folder with a Verilator that this
 * cocotb supports, where that of the machine is too old.
 *
 */
export async function measureCocotb(file: string): Promise<Cocotb> {
  const python = process.env.PYTHON || 'python3';
  const found = await execa(python, ['-c', 'import cocotb; print(cocotb.__version__)'], {
    reject: false,
  });
  if (found.exitCode !== 0) return `not measured: ${python} does not have it`;
  const folder = await mkdtemp(join(tmpdir(), 'hpb-cocotb-'));
  const tests = join(projectRoot(), 'sim/testbench');
  const bin = process.env.VERILATOR_BIN_DIR;
  try {
    const top = basename(file).replace(/\.s?v$/, '');
    const { all, exitCode } = await execa(
      python,
      ['-c', BUILD, resolve(projectRoot(), file), top, folder, folder],
      {
        reject: false,
        all: true,
        env: {
          CYCLES: String(CYCLES),
          TURNS: String(TURNS),
          PYTHONPATH: tests,
          PATH: bin ? `${bin}:${process.env.PATH}` : process.env.PATH,
        },
      },
    );
    const speed = /^SPEED ([\d.]+)/m.exec(all ?? '')?.[1];
    if (speed !== undefined) {
      const { stdout } = await execa(bin ? join(bin, 'verilator') : 'verilator', ['--version']);
      return { speed: Number(speed) / 1e6, version: found.stdout, verilator: stdout };
    }
    const last = (all ?? '').trim().split('\n').at(-1);
    return `not measured: ${found.stdout} ended with status ${exitCode}: ${last}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
