// SPDX-License-Identifier: Apache-2.0
/** Reads `.f` file lists, so that all files they name are known to the cache. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { TestbenchError } from './errors.ts';

export interface FileList {
  /** Verilator's arguments, with paths relative to the project. */
  readonly args: readonly string[];
  /** The list itself and the lists that it names, relative to the project. */
  readonly lists: readonly string[];
}

/**
 * Reads a file list: files, `-y DIR`, `+incdir+DIR`, `-f`/`-F LIST` and other options, with comments.
 *
 * All paths are relative to the list that has them, as with Verilator's `-F`.
 *
 * @param list - the list, relative to `root`.
 * @throws {TestbenchError} `TESTBENCH_BUILD` when a list is missing.
 */
export function readFileList(root: string, list: string): FileList {
  let text: string;
  try {
    text = readFileSync(resolve(root, list), 'utf8');
  } catch {
    throw new TestbenchError('TESTBENCH_BUILD', `file list ${list} is missing`);
  }
  const here = (path: string) => normalize(join(dirname(list), path));
  const words = text.replace(/\/\/.*|\/\*[\s\S]*?\*\/|^\s*#.*/gm, '').match(/\S+/g) ?? [];
  const args: string[] = [];
  const lists = [list];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-f' || word === '-F') {
      const inner = readFileList(root, here(words[++i] ?? ''));
      args.push(...inner.args);
      lists.push(...inner.lists);
    } else if (word === '-y' || word === '-v') {
      args.push(word, here(words[++i] ?? ''));
    } else if (word.startsWith('+incdir+')) {
      args.push(`+incdir+${here(word.slice('+incdir+'.length))}`);
    } else {
      args.push(/^[-+]/.test(word) ? word : here(word));
    }
  }
  return { args, lists };
}
