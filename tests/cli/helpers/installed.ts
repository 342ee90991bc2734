// SPDX-License-Identifier: Apache-2.0

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/driver/paths.ts';

/** The package as npm installs it: compiled code, no native libraries. */
export interface Installed {
  readonly command: string;
  remove(): void;
}

/** Copies what the package consists of to a folder of its own. */
export function installWithoutLibraries(): Installed {
  const root = packageRoot();
  const folder = mkdtempSync(join(tmpdir(), 'hpb-installed-'));
  for (const name of ['package.json', 'src/cli/hpb.js', 'build/js', 'src/scripts/compile.js']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    command: join(folder, 'src/cli/hpb.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
