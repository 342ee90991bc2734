// SPDX-License-Identifier: Apache-2.0
// Builds the models of a test file before it asks for them.

import { type BuiltModel, buildModel, findModel } from '../testbench/build.ts';
import { readRecipes } from '../testbench/recipes.ts';
import { runPool } from './pool.ts';

/**
 * Builds the models that a test file was last run with, as many at once as there are processors. One that cannot be
 * built is the test's to tell, since it asks for it, too; the others are left to it then.
 *
 * @param test - the test file, relative to `root`.
 * @throws the signal's reason when it fired.
 */
export async function prebuild(root: string, test: string, signal: AbortSignal): Promise<void> {
  let hasFailed = false;
  await runPool(
    await readRecipes(root, test),
    async ({ file, options }) => {
      if (hasFailed) return;
      await buildModel(file, { ...options, root }, { signal }).catch(() => {
        hasFailed = true;
      });
    },
    { signal },
  );
  signal.throwIfAborted();
}

/** The models of a test file's last run that are up to date. */
export async function modelsOf(root: string, test: string): Promise<BuiltModel[]> {
  const recipes = await readRecipes(root, test);
  const found = await Promise.all(
    recipes.map(({ file, options }) => findModel(file, { ...options, root })),
  );
  return found.filter((model) => model !== undefined);
}
