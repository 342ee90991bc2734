// SPDX-License-Identifier: Apache-2.0
// Which file declares which module, and all files below a top module.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { readVerilog, SOURCE_FILE, VERILOG_FILE, type VerilogText } from './verilog-text.ts';

/** Above this a file is no source that somebody wrote; reading stops. 64 MiB. */
const MAX_BYTES = 2 ** 26;

interface Read {
  readonly mtimeMs: number;
  readonly size: number;
  readonly text: VerilogText;
}

const readBefore = new Map<string, Read>();

/**
 * Looks at a file; again only when it has changed.
 *
 * @param path - absolute.
 * @throws an error of node:fs, or RangeError above 64 MiB.
 */
export function readSource(path: string): VerilogText {
  const { mtimeMs, size } = statSync(path);
  if (size > MAX_BYTES) throw new RangeError(`${path}: expected at most 64 MiB, got ${size} bytes`);
  const before = readBefore.get(path);
  if (before?.mtimeMs === mtimeMs && before.size === size) return before.text;
  const text = readVerilog(readFileSync(path, 'utf8'));
  readBefore.set(path, { mtimeMs, size, text });
  return text;
}

/** Where names are declared: name to absolute path. */
export type SourceIndex = ReadonlyMap<string, string>;

/** One look serves all targets of a command. */
const indexes = new Map<string, SourceIndex>();

/** To be called when files have changed: {@link indexSources} looks again. */
export function forgetSources(): void {
  indexes.clear();
}

/**
 * Finds the modules, packages and interfaces of files and folders. What comes first wins; within a folder
 * a file of the name's own name does.
 *
 * @param files - absolute paths that come before all folders.
 * @param folders - absolute paths; not what is below them.
 */
export function indexSources(files: readonly string[], folders: readonly string[]): SourceIndex {
  const key = JSON.stringify([files, folders]);
  const before = indexes.get(key);
  if (before) return before;
  const index = new Map<string, string>();
  indexes.set(key, index);
  const add = (path: string, names: readonly string[]) => {
    for (const name of names) if (!index.has(name)) index.set(name, path);
  };
  const declared = (path: string) => {
    const { modules, packages } = readSource(path);
    return [...modules, ...packages];
  };
  for (const path of files) add(path, declared(path));
  for (const folder of folders) {
    const paths = listFolder(folder)
      .filter((name) => SOURCE_FILE.test(name))
      .map((name) => join(folder, name));
    for (const path of paths) {
      const own = basename(path).replace(SOURCE_FILE, '');
      if (declared(path).includes(own)) add(path, [own]);
    }
    for (const path of paths) add(path, declared(path));
  }
  return index;
}

/** The files below and with a top module. */
export interface SourceFiles {
  /** In compile order: packages, each after those that it uses; modules; the top's own file last. */
  readonly files: readonly string[];
  /** Files that are included by one of them. */
  readonly includes: readonly string[];
}

/**
 * Collects the files that a file needs, by the names in its text. A name that is also a module's counts as
 * its use: rather one file too many than one too few.
 *
 * @param file - absolute path.
 * @param folders - absolute paths in which includes are looked for.
 */
export function collectSources(
  file: string,
  index: SourceIndex,
  folders: readonly string[],
): SourceFiles {
  const packages: string[] = [];
  const modules: string[] = [];
  const includes = new Set<string>();
  const visited = new Set<string>();
  const visit = (path: string, isIncluded: boolean) => {
    if (visited.has(path)) return;
    visited.add(path);
    const { words, includes: named, modules: own } = readSource(path);
    for (const name of named) {
      const found = [join(path, '..'), ...folders]
        .map((folder) => resolve(folder, name))
        .find((candidate) => existsSync(candidate));
      if (found === undefined) continue;
      includes.add(found);
      visit(found, true);
    }
    for (const word of words) {
      const found = index.get(word);
      if (found !== undefined) visit(found, false);
    }
    if (!isIncluded && path !== file) (own.length > 0 ? modules : packages).push(path);
  };
  visit(file, false);
  return {
    files: [...packages, ...modules, file].filter((path) => !includes.has(path)),
    includes: [...includes],
  };
}

/** All folders below one, itself first, that hold Verilog. */
export function sourceFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(folder, entry.name))
    .sort();
  const own = entries.some((entry) => entry.isFile() && VERILOG_FILE.test(entry.name));
  return [...(own ? [folder] : []), ...below.flatMap(sourceFolders)];
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
