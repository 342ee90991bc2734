// SPDX-License-Identifier: Apache-2.0
/** The Verilator runtime, compiled once per kind of build and linked into every model. */
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { withLock } from './lock.ts';
import { runTool } from './tool.ts';
import type { BuildKind, Toolchain } from './toolchain.ts';

const SOURCES: Record<BuildKind, readonly string[]> = {
  fast: ['verilated.cpp', 'verilated_threads.cpp'],
  waves: ['verilated.cpp', 'verilated_threads.cpp', 'verilated_fst_c.cpp'],
  coverage: ['verilated.cpp', 'verilated_threads.cpp', 'verilated_cov.cpp'],
};

/**
 * Compiles the runtime if it is not there yet (about ten seconds, once).
 *
 * @param buildDir - absolute folder for built things.
 * @returns absolute path of a static library.
 * @throws {TestbenchError} `TESTBENCH_BUILD`.
 */
export async function buildRuntime(
  toolchain: Toolchain,
  kind: BuildKind,
  buildDir: string,
): Promise<string> {
  const flags = [...toolchain.compileFlags(kind), '-O2'];
  const key = createHash('sha256')
    .update(JSON.stringify([toolchain.identity, flags]))
    .digest('hex')
    .slice(0, 16);
  const dir = join(buildDir, 'runtime');
  const library = join(dir, `verilated-${kind}-${key}.a`);
  if (await exists(library)) return library;
  await withLock(`${library}.lock`, async () => {
    if (await exists(library)) return;
    const work = join(dir, `${kind}-${key}.tmp`);
    await mkdir(work, { recursive: true });
    const options = { cwd: work, purpose: 'build the Verilator runtime' };
    const objects = await Promise.all(
      SOURCES[kind].map(async (source) => {
        const object = `${basename(source, '.cpp')}.o`;
        const file = join(toolchain.verilator.root, 'include', source);
        const [command = 'g++', ...args] = toolchain.compiler;
        await runTool(command, [...args, ...flags, '-c', file, '-o', object], options);
        return object;
      }),
    );
    await runTool('ar', ['rcs', 'runtime.a', ...objects], options);
    await rename(join(work, 'runtime.a'), library);
    await rm(work, { recursive: true, force: true });
  });
  return library;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
