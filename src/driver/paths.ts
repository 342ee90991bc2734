// SPDX-License-Identifier: Apache-2.0
// Where built things lie, seen from the sources (tests) and from build/js (everything else).

import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folder of the package: the nearest one above this file that has the package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}

/** Path of a library that make builds: build/native/`name`. */
export function nativeLibrary(name: string): string {
  return join(packageRoot(), 'build', 'native', name);
}

/**
 * The compiled form of a source module, for threads: Node 20 runs no TypeScript.
 *
 * @param source - URL of the .ts file as its sibling would write it; from compiled code, the same
 *   name in build/js.
 */
export function compiledUrl(source: URL): URL {
  const script = fileURLToPath(source).replace(/\.ts$/, '.js');
  const root = packageRoot();
  const inside = relative(root, script);
  return pathToFileURL(inside.startsWith('build') ? script : join(root, 'build', 'js', inside));
}
