// SPDX-License-Identifier: Apache-2.0
/**
 * The header that everything of a model includes first, compiled once: most of what g++ does for a small model is
 * reading Verilator's headers and those of C++.
 *
 * A compiler that cannot use the compiled one reads the text beside it, and comes to the same.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { runTool } from './tool.ts';
import { CPP_DIR, type Toolchain } from './toolchain.ts';

const NAME = 'prelude.h';

/**
 * Compiles the header if it is not there yet (about a second, once).
 *
 * @param flags - the compiler's, with the optimization: others want a header of their own.
 * @param buildDir - absolute folder for built things.
 * @returns the flags that include it.
 * @throws {TestbenchError} `TESTBENCH_BUILD`.
 */
export async function preparePrelude(
  toolchain: Toolchain,
  flags: readonly string[],
  buildDir: string,
): Promise<readonly string[]> {
  const texts = await Promise.all(
    [NAME, 'print.h'].map((name) => readFile(join(CPP_DIR, name), 'utf8')),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([toolchain.identity, flags, texts]))
    .digest('hex')
    .slice(0, 16);
  const dir = join(buildDir, 'runtime', `prelude-${key}`);
  const use = ['-include', join(dir, NAME)];
  if (await exists(dir)) return use;
  await withLock(`${dir}.lock`, async () => {
    if (await exists(dir)) return;
    const work = `${dir}.tmp`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await writeFile(join(work, NAME), `#include "${join(CPP_DIR, NAME)}"\n`);
    await runTool(
      toolchain.compiler.at(-1) ?? 'g++',
      [...flags, '-x', 'c++-header', join(work, NAME), '-o', join(work, `${NAME}.gch`)],
      { cwd: work, purpose: "compile Verilator's headers" },
    );
    await rename(work, dir);
  });
  return use;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
