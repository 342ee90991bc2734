// SPDX-License-Identifier: Apache-2.0
// What a command works on: a module of this project, or of any Verilog file.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ParameterValue } from '../testbench/index.ts';
import { projectRoot, sourceArguments } from '../testbench/project.ts';
import { HdlError } from './errors.ts';
import { collectSources, indexSources, readSource, sourceFolders } from './source-index.ts';
import { testsOf } from './test-reach.ts';
import { SOURCE_FILE } from './verilog-text.ts';

/** A top module and all that belongs to it. */
export interface Target {
  /** The module's name. */
  readonly name: string;
  /** Same as `name`: what tools are given as top. */
  readonly top: string;
  /** Folder that all paths here are relative to, and that tools run in; absolute. */
  readonly root: string;
  /** The module's file. */
  readonly file: string;
  readonly sources: TargetSources;
  /** Folder in hdl/ that it belongs to: `common`. */
  readonly unit?: string;
  /** Test files that simulate it as top. */
  readonly tests: readonly string[];
  /** Test files that simulate it or something above it; `tests` are the first of them. */
  readonly reachedBy: readonly string[];
  /** Values of the top's parameters that differ from its defaults. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** A target's files, without those that only proofs use. */
export interface TargetSources {
  /** In compile order: packages, modules, the top's own file last. */
  readonly files: readonly string[];
  /** Files that those include. */
  readonly includes: readonly string[];
  /** Folders in which includes, and modules by their name, are found. */
  readonly folders: readonly string[];
  /** The arguments by which Verilator reads it all, but for `--top-module` and parameters. */
  readonly verilator: readonly string[];
}

export interface TargetOptions {
  /** Name of the top module; that of the file unless given. */
  readonly top?: string | undefined;
  readonly parameters?: Readonly<Record<string, ParameterValue>> | undefined;
  /** Further folders with modules and includes. */
  readonly include?: readonly string[] | undefined;
  /** Further files with modules, before those that are found. */
  readonly source?: readonly string[] | undefined;
  /** Project folder; found from the working directory unless given. */
  readonly root?: string | undefined;
}

/**
 * Finds the one target of a name.
 *
 * @param nameOrFile - a module (`axis_fifo`), its file, or any Verilog file.
 * @throws {HdlError} `HDL_TARGET` when there is none, or more than one.
 */
export function resolveTarget(nameOrFile: string, options: TargetOptions = {}): Target {
  const files = findFiles(nameOrFile, rootOf(options));
  const [file] = files;
  if (file === undefined || files.length > 1) {
    const names = files.map((path) => basename(path).replace(SOURCE_FILE, ''));
    throw new HdlError(
      'HDL_TARGET',
      `${nameOrFile}: expected one module, got ${names.length}: ${names.join(', ')}`,
    );
  }
  return makeTarget(file, options);
}

/**
 * Finds the targets of a name: a module, a file, a folder of hdl/ (`common`, `hdl/common`), or part of a
 * path in hdl/. No name stands for all.
 *
 * @throws {HdlError} `HDL_TARGET` when there is none.
 */
export function resolveTargets(nameOrFile: string, options: TargetOptions = {}): Target[] {
  const files = findFiles(nameOrFile, rootOf(options));
  return files.map((file) => makeTarget(file, options));
}

/** All modules of hdl/, but for those that serve proofs only. */
export function allTargets(options: TargetOptions = {}): Target[] {
  return resolveTargets('', options);
}

/**
 * Files of all modules below hdl/, without packages and without what serves proofs only.
 *
 * @returns absolute paths, sorted.
 */
export function unitFiles(root: string): string[] {
  return sourceFolders(join(root, 'hdl'))
    .filter((folder) => basename(folder) !== 'formal')
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => SOURCE_FILE.test(path) && readSource(path).modules.length > 0)
    .sort();
}

function rootOf({ root }: TargetOptions): string {
  return root === undefined ? projectRoot() : resolve(root);
}

/** Absolute paths of the files that a name means; the exact meanings come first. */
function findFiles(name: string, root: string): string[] {
  const units = unitFiles(root);
  if (name === '') {
    if (units.length > 0) return units;
    throw new HdlError('HDL_TARGET', `expected modules in hdl/, got none below ${root}`);
  }
  const exact = units.filter((path) => basename(path).replace(SOURCE_FILE, '') === name);
  if (exact.length > 0) return exact;
  for (const path of [resolve(name), resolve(root, name)]) {
    if (!existsSync(path)) continue;
    if (statSync(path).isFile()) {
      if (SOURCE_FILE.test(path)) return [path];
      throw new HdlError('HDL_TARGET', `${name}: expected a file ending in .v or .sv`);
    }
    const inside = units.filter((unit) => isInside(unit, path));
    if (inside.length > 0) return inside;
  }
  const inUnit = units.filter((unit) => isInside(unit, join(root, 'hdl', name)));
  if (inUnit.length > 0) return inUnit;
  const partial = units.filter((unit) => relative(root, unit).includes(name));
  if (partial.length > 0) return partial;
  throw new HdlError(
    'HDL_TARGET',
    `expected a module or folder of hdl/, or a Verilog file; got ${JSON.stringify(name)}${hint(name, units)}`,
  );
}

/** Modules that begin alike. */
function hint(name: string, units: readonly string[]): string {
  const word = basename(name).slice(0, 4);
  const near = units
    .map((path) => basename(path).replace(SOURCE_FILE, ''))
    .filter((unit) => word.length > 2 && unit.includes(word))
    .slice(0, 6);
  return near.length > 0 ? ` (there is ${near.join(', ')})` : '';
}

function makeTarget(path: string, options: TargetOptions): Target {
  const project = rootOf(options);
  const isOwn = isInside(path, project);
  const root = isOwn ? project : dirname(path);
  const local = (file: string) => {
    const path = relative(root, file) || '.';
    return path.startsWith('-') ? `./${path}` : path;
  };
  const top = topOf(path, options.top);
  const extra = (options.source ?? []).map((file) => existing(file, 'file'));
  const added = (options.include ?? []).map((folder) => existing(folder, 'folder'));
  const folders = [
    ...new Set([dirname(path), ...added, ...(isOwn ? sourceFolders(join(root, 'hdl')) : [])]),
  ];
  const { files, includes } = collectSources(path, indexSources(extra, folders), folders);
  const all = [...new Set([...extra.filter((file) => file !== path), ...files])];
  // As the tests read it, unless it must be found some other way.
  const isByName =
    isOwn && extra.length + added.length === 0 && basename(path).startsWith(`${top}.`);
  const reach = isOwn ? testsOf(root, local(path)) : { direct: [], all: [] };
  const unit = isOwn ? /^hdl\/(.+)\/[^/]+$/.exec(local(path))?.[1] : undefined;
  return {
    name: top,
    top,
    root,
    file: local(path),
    sources: {
      files: all.map(local),
      includes: includes.map(local),
      folders: folders.map(local),
      verilator: isByName
        ? sourceArguments(root, local(path)).args
        : [...folders.map((folder) => `+incdir+${local(folder)}`), ...all.map(local)],
    },
    ...(unit !== undefined && { unit }),
    tests: reach.direct,
    reachedBy: reach.all,
    parameters: options.parameters ?? {},
  };
}

/** The top module of a file: the one asked for, the one of the file's name, or the only one. */
function topOf(path: string, wanted: string | undefined): string {
  const { modules, packages } = readSource(path);
  const file = basename(path);
  if (modules.length === 0) {
    const got = packages.length > 0 ? `only ${packages.join(', ')}` : 'none';
    throw new HdlError('HDL_TARGET', `${file}: expected a module, got ${got}`);
  }
  if (wanted !== undefined) {
    if (modules.includes(wanted)) return wanted;
    throw new HdlError(
      'HDL_TARGET',
      `${file}: expected a module ${wanted}, got ${modules.join(', ')}`,
    );
  }
  const own = file.replace(SOURCE_FILE, '');
  if (modules.includes(own)) return own;
  if (modules.length === 1) return modules[0]!;
  throw new HdlError(
    'HDL_TARGET',
    `${file}: expected one module, got ${modules.join(', ')}; say which with --top`,
  );
}

function existing(path: string, kind: 'file' | 'folder'): string {
  const absolute = resolve(path);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (kind === 'file' ? found?.isFile() : found?.isDirectory()) return absolute;
  throw new HdlError('HDL_ARGUMENT', `expected a ${kind}, got ${JSON.stringify(path)}`);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
