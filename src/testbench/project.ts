// SPDX-License-Identifier: Apache-2.0
/** Where the project is, and how its Verilog files find one another. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readFileList } from './file-list.ts';

/**
 * Folder that module paths are relative to: the nearest one upwards with a package.json.
 *
 * @param from - where to start; the working directory unless given.
 */
export function projectRoot(from: string = process.cwd()): string {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dirname(dir) === dir) return resolve(from);
  }
}

/** The verilator arguments that name a top module's sources; paths are relative to the project. */
export interface SourceArguments {
  readonly args: readonly string[];
  /** Folders searched for modules and includes; a new file in one can change the build. */
  readonly folders: readonly string[];
  /** The file lists read. */
  readonly lists: readonly string[];
}

/**
 * Tells Verilator where a module's sources are.
 *
 * Modules, packages and includes are found by file name in the module's own folder and in every folder
 * below `hdl/`. A file list `<module>.f` beside the module (paths relative to the list) replaces the
 * search for packages; it then names the module's own file too.
 *
 * `HPB_MUTANT=<file>=<other file>` puts another file in a file's place: `make mutate`.
 *
 * @param root - project folder.
 * @param file - the top module's file, relative to `root`.
 * @param lists - further sources and `.f` files, relative to `root`.
 */
export function sourceArguments(
  root: string,
  file: string,
  lists: readonly string[] = [],
): SourceArguments {
  const own = dirname(file);
  const folders = [
    ...new Set([own, ...hdlFolders(join(root, 'hdl')).map((d) => relative(root, d))]),
  ];
  const ownList = file.replace(/\.s?v$/, '.f');
  const hasOwnList = existsSync(resolve(root, ownList));
  const sources = lists.filter((list) => !list.endsWith('.f'));
  const read = [
    ...lists.filter((list) => list.endsWith('.f')),
    ...(hasOwnList ? [ownList] : []),
  ].map((list) => readFileList(root, list));
  const listed = [...read.flatMap(({ args }) => args), ...sources];
  const files = hasOwnList
    ? listed
    : [...listed, ...findSources(root, file, folders).packages, file];
  return {
    args: [
      ...folders.flatMap((folder) => ['-y', folder, `+incdir+${folder}`]),
      ...exchange(files, process.env.HPB_MUTANT),
    ],
    folders,
    lists: read.flatMap((list) => list.lists),
  };
}

/**
 * Puts the mutant in its original's place; where that is found by its name only, the mutant is named last,
 * after the packages that it uses, and so found first.
 */
function exchange(files: readonly string[], mutant: string | undefined): readonly string[] {
  if (!mutant) return files;
  const [original = '', replacement = ''] = mutant.split('=');
  if (!files.includes(original)) return [...files, replacement];
  return files.map((file) => (file === original ? replacement : file));
}

function hdlFolders(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const below = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => hdlFolders(join(dir, entry.name)));
  const hasSources = readdirSync(dir).some((name) => /\.s?vh?$/.test(name));
  return [...(hasSources ? [dir] : []), ...below.sort()];
}

/** The files below a top module, by the names used in its text. */
export interface Sources {
  /** Each after those that it uses itself: Verilator and Yosys want packages in order. */
  readonly packages: readonly string[];
  readonly modules: readonly string[];
}

/**
 * Finds the packages and modules that a module and those below it use.
 *
 * A name counts as used where it stands in the text outside of comments; Verilator finds modules by
 * itself, but wants packages named.
 */
export function findSources(root: string, file: string, folders: readonly string[]): Sources {
  const known = new Map<string, string>();
  for (const folder of folders) {
    const dir = resolve(root, folder);
    for (const name of existsSync(dir) ? readdirSync(dir) : []) {
      const unit = /^(\w+)\.s?v$/.exec(name)?.[1];
      if (unit !== undefined && !known.has(unit)) known.set(unit, join(folder, name));
    }
  }
  const visited = new Set([basename(file).replace(/\.s?v$/, '')]);
  const packages: string[] = [];
  const modules: string[] = [];
  const visit = (path: string) => {
    const text = readFileSync(resolve(root, path), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
    for (const word of new Set(text.match(/[a-zA-Z_]\w*/g))) {
      const found = known.get(word);
      if (found === undefined || visited.has(word)) continue;
      visited.add(word);
      visit(found);
      (word.endsWith('_pkg') ? packages : modules).push(found);
    }
  };
  if (existsSync(resolve(root, file))) visit(file);
  return { packages, modules };
}
