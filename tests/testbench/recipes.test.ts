// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noteRecipe, readRecipes, writeRecipes } from '../../src/testbench/recipes.ts';

const TEST = 'tests/a.test.ts';
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hpb-recipes-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A run of a test file with some models. */
async function run(parameters: readonly (number | bigint | string | boolean)[], isWhole = true) {
  for (const P of parameters) noteRecipe(root, 'hdl/m.sv', { parameters: { P }, root });
  await writeRecipes(root, TEST, isWhole);
}
const read = async () =>
  (await readRecipes(root, TEST)).map(({ options }) => options.parameters?.P);

describe('the models of a test file', () => {
  test('are those of its last run, in its order, each once, with all kinds of values', async () => {
    await run([7]);
    await run([2, 1, 2, 2n ** 40n, 'text', true]);
    expect(await read()).toEqual([2, 1, 2n ** 40n, 'text', true]);
    expect(await readRecipes(root, join(root, TEST))).toHaveLength(5);
    expect((await readRecipes(root, TEST))[0]).toEqual({
      file: 'hdl/m.sv',
      options: { parameters: { P: 2 } },
    });
  });

  test('a run of some of its tests forgets nothing', async () => {
    await run([1, 2]);
    await run([3, 2], false);
    expect(await read()).toEqual([3, 2, 1]);
  });

  test('a run without models leaves what is known; another test file has its own', async () => {
    await run([1]);
    await run([]);
    expect(await read()).toEqual([1]);
    expect(await readRecipes(root, 'tests/b/a.test.ts')).toEqual([]);
  });

  test('models for waves and for coverage, and of other projects, are none of them', async () => {
    noteRecipe(root, 'hdl/m.sv', { kind: 'waves' });
    noteRecipe(root, 'hdl/m.sv', { kind: 'coverage' });
    noteRecipe('/elsewhere', 'hdl/m.sv', {});
    await run([]);
    expect(await readRecipes(root, TEST)).toEqual([]);
  });

  test.each(['', '{', '[1]', '{"a":1}', '[["f",{"parameters":{"P":{"$bigint":"x"}}}]]'])(
    'a damaged file is no hint: %s',
    async (text) => {
      await run([1]);
      const folder = join(root, 'build/sim/recipes');
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), text);
      expect(await readRecipes(root, TEST)).toEqual([]);
    },
  );
});
