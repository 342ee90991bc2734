/** Where the project is, and how its Verilog files find one another. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

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

/** The verilator arguments that name a top module's sources. */
export interface SourceArguments {
  readonly args: readonly string[];
  /** Folders searched for modules and includes; a new file in one can change the build. */
  readonly folders: readonly string[];
}

/**
 * Tells Verilator where a module's sources are.
 *
 * With a file list `<module>.f` beside the module, the list says it all (its paths are relative to the
 * list). In any case modules and includes are found by file name in the module's own folder and in every
 * folder below `hdl/`.
 *
 * @param root - project folder.
 * @param file - the top module's file, relative to `root`.
 * @param lists - further `.f` files, relative to `root`.
 */
export function sourceArguments(
  root: string,
  file: string,
  lists: readonly string[] = [],
): SourceArguments {
  const own = dirname(file);
  const folders = [...new Set([own, ...hdlFolders(join(root, 'hdl')).map((d) => relative(root, d))])];
  const ownList = file.replace(/\.s?v$/, '.f');
  const hasOwnList = existsSync(join(root, ownList));
  const args = [
    ...folders.flatMap((folder) => ['-y', folder, `+incdir+${folder}`]),
    ...[...lists, ...(hasOwnList ? [ownList] : [])].flatMap((list) => ['-F', list]),
    ...(hasOwnList ? [] : [file]),
  ];
  return { args, folders };
}

function hdlFolders(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const below = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => hdlFolders(join(dir, entry.name)));
  return [dir, ...below.sort()];
}
