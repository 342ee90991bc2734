// Writes build/types/modules.d.ts, which tells TypeScript the ports of every module: `make types`.
//
// Descriptions are kept in build/types/cache.json by the contents of the module's files.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile } from './compile.js';
import { findUnits, forEachUnit, root } from './units.js';

compile();
const { sourceArguments, findSources } = await import('../build/js/src/testbench/project.js');
const { describeModule, findVerilator } = await import('../build/js/src/testbench/verilator.js');
const { writeTypings } = await import('../build/js/src/testbench/typings.js');

const dir = join(root, 'build/types');
const cachePath = join(dir, 'cache.json');
const readText = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
/** @type {Record<string, any>} */
const old = existsSync(cachePath) ? JSON.parse(readFileSync(cachePath, 'utf8')) : {};
/** @type {Record<string, any>} */
const cache = {};

/** Modules that tests bring along: tests/<subject>/hdl. */
function testModules() {
  return readdirSync(join(root, 'tests'))
    .map((subject) => `tests/${subject}/hdl`)
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.sv') && !path.endsWith('_pkg.sv'));
}

const verilator = await findVerilator();
const found = await forEachUnit([...findUnits(), ...testModules()], async (file) => {
  const { args, folders } = sourceArguments(root, file);
  const { packages, modules } = findSources(root, file, folders);
  const hash = createHash('sha256').update(verilator.version).update(JSON.stringify(args));
  for (const path of [file, ...packages, ...modules]) hash.update(readText(path));
  const key = hash.digest('hex');
  const sources = ['--top-module', basename(file, '.sv'), '-Wno-fatal', ...args];
  try {
    cache[key] =
      old[key] ??
      (await describeModule(verilator, sources, { cwd: root, purpose: `read ${file}` }));
    return { file, description: cache[key], source: readText(file) };
  } catch (error) {
    // Typings of a module that does not compile say nothing; its test will say what is wrong.
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
});
const text = writeTypings(
  '../../src/testbench/index.ts',
  found.filter((module) => module !== undefined),
);
mkdirSync(dir, { recursive: true });
writeFileSync(cachePath, JSON.stringify(cache));
const target = join(dir, 'modules.d.ts');
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
