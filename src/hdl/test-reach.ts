// SPDX-License-Identifier: Apache-2.0
// Which test depends on which file: its imports, the Verilog files that they name, and what those use.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { readFileList } from '../testbench/file-list.ts';
import { collectSources, forgetSources, indexSources, sourceFolders } from './source-index.ts';
import { SOURCE_FILE, VERILOG_FILE } from './verilog-text.ts';

/** What one test file depends on; paths relative to the project. */
export interface TestReach {
  readonly test: string;
  /** Verilog files that it simulates, or names in some other way. */
  readonly tops: ReadonlySet<string>;
  /** All it depends on: itself, what it imports, the tops and all below them. */
  readonly files: ReadonlySet<string>;
}

/** The tests of a Verilog file. */
export interface TestsOf {
  /** Those that name the file itself. */
  readonly direct: readonly string[];
  /** Those that depend on it, the direct ones first. */
  readonly all: readonly string[];
}

interface Script {
  readonly mtimeMs: number;
  readonly imports: readonly string[];
  /** Whether it starts simulations itself. */
  readonly simulates: boolean;
  /** Verilog files that its texts name, possibly with `${...}` in front. */
  readonly names: readonly string[];
  /** Folders that its texts name. */
  readonly folders: readonly string[];
}

const scripts = new Map<string, Script>();

/** Finds what each test below tests/, src/ and docs/ depends on. */
export function testReach(root: string): TestReach[] {
  const verilog = new VerilogFiles(root);
  return testFiles(root).map((test) => {
    const imported = importsOf(root, test);
    const own = [...imported].filter((file) => !file.startsWith('src/') || file === test);
    const read = own.map((file) => readScript(root, file));
    // A test that simulates nothing only speaks of files.
    const named = read.some(({ simulates }) => simulates) ? read : [];
    const tops = new Set(
      named.flatMap(({ names, folders }) => names.flatMap((name) => verilog.find(name, folders))),
    );
    const below = [...tops].flatMap((top) => verilog.below(top));
    return { test, tops, files: new Set([...imported, ...tops, ...below]) };
  });
}

/** The tests of one file, Verilog or script. */
export function testsOf(root: string, file: string): TestsOf {
  const reached = remembered(root).filter(({ files }) => files.has(file));
  const isDirect = ({ test, tops }: TestReach) => tops.has(file) || test === file;
  const direct = reached.filter(isDirect).map(({ test }) => test);
  return { direct, all: [...new Set([...direct, ...reached.map(({ test }) => test)])] };
}

/** One look serves all targets of a command; what changes meanwhile calls {@link forgetReach}. */
const known = new Map<string, TestReach[]>();

function remembered(root: string): TestReach[] {
  const reach = known.get(root) ?? testReach(root);
  known.set(root, reach);
  return reach;
}

/** To be called when files have changed: the next question looks again. */
export function forgetReach(): void {
  known.clear();
  forgetSources();
}

function testFiles(root: string): string[] {
  return ['tests', 'src', 'docs']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** A file and all that it imports by a relative path, of this project. */
function importsOf(root: string, file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of readScript(root, file).imports) importsOf(root, imported, found);
  return found;
}

function readScript(root: string, file: string): Script {
  const path = join(root, file);
  const { mtimeMs } = statSync(path);
  const before = scripts.get(path);
  if (before?.mtimeMs === mtimeMs) return before;
  const text = readFileSync(path, 'utf8').replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)]
    .map(([, name]) => normalize(join(dirname(file), name!)))
    .filter((name) => existsSync(join(root, name)));
  const texts = [...text.matchAll(/'([^'\n]*)'|"([^"\n]*)"|`([^`\n]*)`/g)].map(
    ([, single, double, template]) => single ?? double ?? template ?? '',
  );
  const script: Script = {
    mtimeMs,
    imports,
    simulates: /\b(?:simulate|buildModel)\(/.test(text),
    names: texts.filter((name) => SOURCE_FILE.test(name)),
    folders: texts.filter((name) => name.includes('/') && existsSync(join(root, name))),
  };
  scripts.set(path, script);
  return script;
}

/** The project's Verilog, and what is below each file. */
class VerilogFiles {
  readonly #root: string;
  readonly #hdl: readonly string[];
  readonly #all: readonly string[];
  readonly #below = new Map<string, string[]>();

  constructor(root: string) {
    this.#root = root;
    this.#hdl = sourceFolders(join(root, 'hdl'));
    const other = ['tests', 'docs'].flatMap((name) => sourceFolders(join(root, name)));
    this.#all = [...this.#hdl, ...other].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => VERILOG_FILE.test(name) || name.endsWith('.f'))
        .map((name) => relative(root, join(folder, name))),
    );
  }

  /**
   * The files that a text in a test names. With `${...}` in front all that end like it: those in the
   * folders that the test names, too, if there are any.
   */
  find(name: string, folders: readonly string[]): string[] {
    const open = name.lastIndexOf('}');
    if (open < 0) return existsSync(join(this.#root, name)) ? [normalize(name)] : [];
    const end = name.slice(open + 1);
    const list = end.replace(SOURCE_FILE, '.f');
    const found = this.#all.filter((file) => `/${file}`.endsWith(end) || `/${file}`.endsWith(list));
    // A top may be known by its list only: then there is no such file.
    const tops = new Set(
      found.map((file) => file.replace(/\.f$/, SOURCE_FILE.exec(end)?.[0] ?? '.f')),
    );
    const near = [...tops].filter((file) => folders.some((folder) => `${folder}${end}` === file));
    return near.length > 0 ? near : [...tops];
  }

  /** All files that a Verilog file or list depends on. */
  below(top: string): string[] {
    const before = this.#below.get(top);
    if (before) return before;
    const list = top.replace(SOURCE_FILE, '.f');
    const found = existsSync(join(this.#root, list)) ? this.#listed(list) : this.#used(top);
    this.#below.set(top, found);
    return found;
  }

  #used(file: string): string[] {
    const own = join(this.#root, dirname(file));
    const folders = [...new Set([own, ...this.#hdl])];
    const path = join(this.#root, file);
    const { files, includes } = collectSources(path, indexSources([], folders), folders);
    return [...files, ...includes].map((path) => relative(this.#root, path));
  }

  /** A list, and the lists and files that it names; with folders to search (-y) also what those use. */
  #listed(list: string): string[] {
    const { args, lists } = readFileList(this.#root, list);
    const files = args.filter(
      (name) => SOURCE_FILE.test(name) && existsSync(join(this.#root, name)),
    );
    const used = args.includes('-y') ? files.flatMap((file) => this.#used(file)) : files;
    return [...new Set([...lists, ...used])];
  }
}
