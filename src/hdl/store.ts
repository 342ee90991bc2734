// SPDX-License-Identifier: Apache-2.0
// Where the commands keep what they make and find, and by which key.

import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { formatParameter } from '../testbench/build.ts';
import { projectRoot } from '../testbench/project.ts';
import type { HistoryEntry } from './history.ts';
import type { Target } from './target.ts';

/**
 * Where .hpb, build and .tools are: the project that one works in, for files of other folders, too. `HPB_STORE`
 * names another folder.
 */
export function storeRoot(): string {
  return process.env.HPB_STORE ? resolve(process.env.HPB_STORE) : projectRoot();
}

/** What a result is kept under: the module, its file as seen from the project, its parameters as text. */
export function keyOf(
  { name, root, file, parameters }: Target,
  store = storeRoot(),
): Pick<HistoryEntry, 'name' | 'file' | 'parameters'> {
  const pairs = Object.entries(parameters).map(([key, value]) => [key, formatParameter(value)]);
  return {
    name,
    file: relative(store, join(root, file)),
    parameters: Object.fromEntries(pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))),
  };
}

/** A folder of build/, made if it is not there. @returns its absolute path. */
export function buildFolder(name: string, store = storeRoot()): string {
  const folder = join(store, 'build', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
