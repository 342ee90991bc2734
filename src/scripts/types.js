// Writes build/types/modules.d.ts, which tells TypeScript the ports of every module: `make types`.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.js';
import { findUnits, root } from './units.js';

compile();
const { generateTypings } = await import('../../build/js/src/testbench/index.js');

/** Modules that tests bring along: tests/<subject>/hdl. */
function testModules() {
  return readdirSync(join(root, 'tests'))
    .map((subject) => `tests/${subject}/hdl`)
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.sv') && !path.endsWith('_pkg.sv'));
}

const refused = await generateTypings({
  root,
  files: [...findUnits(), ...testModules()],
  specifier: '../../src/testbench/index.ts',
});
// Typings of a module that does not compile say nothing; its test and `make lint` will.
for (const message of refused) process.stderr.write(`${message}\n`);
