// SPDX-License-Identifier: Apache-2.0
/** The tools a model is built with, and the flags that they share. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { projectRoot } from './project.ts';
import { findVerilator, type Verilator } from './verilator.ts';

/** `fast` for tests, `waves` to record FST (10 times slower), `coverage` to count lines (30 times). */
export type BuildKind = 'fast' | 'waves' | 'coverage';

export interface Toolchain {
  readonly verilator: Verilator;
  /** The compiler's command line, through ccache where that is installed. */
  readonly compiler: readonly string[];
  readonly hasCcache: boolean;
  /** Whatever decides that a built model fits this machine: versions and processor. */
  readonly identity: readonly string[];
  /** Libraries that a model with waves is linked with. */
  readonly waveLibraries: readonly string[];
  /** Flags without the optimization level, the same for runtime, model and wrapper. */
  compileFlags(kind: BuildKind): readonly string[];
}

/** Folder of the wrapper's C++ sources; they stay where they are when the TypeScript is compiled. */
export const CPP_DIR = join(
  projectRoot(dirname(fileURLToPath(import.meta.url))),
  'src/testbench/cpp',
);

let found: Promise<Toolchain> | undefined;

/**
 * Finds Verilator, the C++ compiler (`CXX`, else g++) and ccache.
 *
 * @throws {TestbenchError} `TESTBENCH_BUILD` when Verilator is not installed.
 */
export function findToolchain(): Promise<Toolchain> {
  found ??= inspect();
  return found;
}

async function inspect(): Promise<Toolchain> {
  const compiler = process.env.CXX || 'g++';
  const [verilator, compilerVersion, ccache] = await Promise.all([
    findVerilator(),
    execa(compiler, ['-dumpfullversion', '-dumpversion'], { reject: false }),
    execa('ccache', ['--version'], { reject: false }),
  ]);
  const hasCcache = ccache.exitCode === 0;
  return {
    verilator,
    hasCcache,
    compiler: hasCcache ? ['ccache', compiler] : [compiler],
    // Newer Verilators write FST with code of their own, which wants lz4.
    waveLibraries: existsSync(join(verilator.root, 'include/fstcpp')) ? ['-lz', '-llz4'] : ['-lz'],
    identity: [
      verilator.version,
      verilator.root,
      compiler,
      compilerVersion.stdout ?? '',
      cpus()[0]?.model ?? process.arch,
    ],
    compileFlags: (kind) => [
      '-std=gnu++17',
      '-fPIC',
      '-march=native',
      // Many models are loaded into one process: none may lend its symbols to another.
      '-fvisibility=hidden',
      '-fno-gnu-unique',
      '-faligned-new',
      '-w',
      '-DVL_USER_FATAL',
      `-DVM_COVERAGE=${kind === 'coverage' ? 1 : 0}`,
      '-DVM_SC=0',
      `-DVM_TRACE=${kind === 'waves' ? 1 : 0}`,
      `-DVM_TRACE_FST=${kind === 'waves' ? 1 : 0}`,
      '-DVM_TRACE_VCD=0',
      '-include',
      join(CPP_DIR, 'print.h'),
      `-I${CPP_DIR}`,
      `-I${join(verilator.root, 'include')}`,
      `-I${join(verilator.root, 'include/vltstd')}`,
    ],
  };
}
