// Runs one TypeScript file of src/ or sim/: `node src/scripts/run.js sim/compare.ts --count 1000`.
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './compile.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const file = process.argv[2];
if (file === undefined) {
  process.stderr.write('usage: node src/scripts/run.js FILE.ts [ARGUMENT...]\n');
  process.exit(2);
}
compile();
const compiled = join(root, 'build/js', relative(root, resolve(file)).replace(/\.ts$/, '.js'));
// The script sees its own name and arguments, as if node had been given it.
process.argv.splice(1, 2, compiled);
await import(pathToFileURL(compiled).href);
