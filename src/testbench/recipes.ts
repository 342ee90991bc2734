// SPDX-License-Identifier: Apache-2.0
/**
 * Which models a test file was last run with, kept beside the models: whoever is about to run it again can build them
 * before it asks.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { BuildOptions } from './build.ts';

/** What `buildModel` was called with. */
export interface Recipe {
  readonly file: string;
  /** Without `root`. */
  readonly options: BuildOptions;
}

/** Most models of one test file that are remembered. */
const MAX_RECIPES = 256;

const noted = new Map<string, string>();

/** Remembers a model that has been built, or found, for the test file that runs in this process. */
export function noteRecipe(root: string, file: string, options: BuildOptions): void {
  const { parameters, kind, top, files, signals, verilatorFlags, compilerFlags } = options;
  if ((kind ?? 'fast') !== 'fast' || process.env.HPB_MUTANT || process.env.HPB_PROFILE) return;
  const kept = { parameters, top, files, signals, verilatorFlags, compilerFlags };
  noted.set(JSON.stringify([file, kept], writeBigint), root);
}

/**
 * Writes what the test file has built so far.
 *
 * @param isWhole - all of its tests have run; else what is known of the others stays.
 */
export async function writeRecipes(root: string, test: string, isWhole: boolean): Promise<void> {
  const own = [...noted].filter(([, of]) => of === root).map(([text]) => text);
  noted.clear();
  if (own.length === 0) return;
  const path = pathOf(root, test);
  const before = isWhole ? [] : await readTexts(path);
  const texts = [...new Set([...own, ...before])].slice(0, MAX_RECIPES);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, `[\n${texts.join(',\n')}\n]\n`);
  await rename(`${path}.${process.pid}`, path);
}

/**
 * The models that a test file was last run with, in the order in which it asked for them; none of a file that never
 * ran. They are a hint: what cannot be read is none.
 *
 * @param test - its path, absolute or relative to `root`.
 */
export async function readRecipes(root: string, test: string): Promise<Recipe[]> {
  return (await readTexts(pathOf(root, test))).flatMap((text) => {
    try {
      const [file, options] = JSON.parse(text, readBigint);
      return typeof file === 'string' && typeof options === 'object' ? [{ file, options }] : [];
    } catch {
      return [];
    }
  });
}

/** Each as it was written. */
async function readTexts(path: string): Promise<string[]> {
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as unknown;
    return Array.isArray(found) ? found.map((one) => JSON.stringify(one)) : [];
  } catch {
    return [];
  }
}

function pathOf(root: string, test: string): string {
  const path = relative(root, resolve(root, test));
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(root, 'build/sim/recipes', `${basename(test).replace(/\.\w+$/, '')}-${hash}.json`);
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { $bigint: String(value) } : value;
}

function readBigint(_key: string, value: unknown): unknown {
  const text = (value as { $bigint?: unknown } | null)?.$bigint;
  return typeof text === 'string' ? BigInt(text) : value;
}
