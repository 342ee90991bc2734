// Links node_modules/.bin/hpb to this checkout's own command, so that `npx hpb` and npm scripts
// find it, and never a registry package of that name.
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const link = join(root, 'node_modules/.bin/hpb');
if (existsSync(join(root, 'tsconfig.build.json')) && process.platform !== 'win32') {
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync('../../src/cli/hpb.js', link);
}
