// Changes a module on purpose, one small change at a time, and reports which changes its tests notice.
//
//   make mutate UNIT=hdl/common/axis_fifo.sv ARGS='tests/common/axis_fifo.test.ts --count 40'
//
// Without a test file, the tests whose path has the module's name are run. SEED chooses the mutants
// and the tests' randomness. A mutant that does not compile, or not within the limits of
// src/scripts/limited-verilator, is left out. Survivors are printed with line and text: each is a missing
// test, or a change that makes no difference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { applyMutation, findMutations } from './mutations.js';
import { findUnits, root } from './units.js';

// Here and in the tests, which build what stands above the mutant.
process.env.LIMITED_VERILATOR = process.env.VERILATOR || 'verilator';
process.env.VERILATOR = join(root, 'src/scripts/limited-verilator');
const { Random, buildModel } = await import('../../build/js/src/testbench/index.js');

const { values, positionals } = parseArgs({
  options: { count: { type: 'string', default: '40' }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const units = findUnits(process.env.UNIT || ' ');
const exact = units.filter((unit) => basename(unit, '.sv') === process.env.UNIT);
const [unit] = exact.length === 1 ? exact : units;
if (unit === undefined || (units.length !== 1 && exact.length !== 1)) {
  process.stderr.write(
    `mutate: UNIT=<module> must name one module, got ${units.join(', ') || 'none'}\n`,
  );
  process.exit(2);
}
const name = basename(unit, '.sv');
const tests = positionals.length > 0 ? positionals : [name];
const seed = Number(process.env.SEED || 1);
/** A mutant may hang the module; its tests then run into their own limits. */
const TIMEOUT_MS = 300_000;

async function runTests(/** @type {Record<string, string>} */ env) {
  const { exitCode } = await execa(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=dot', ...tests],
    {
      cwd: root,
      env: { ...env, SEED: String(seed) },
      reject: false,
      timeout: TIMEOUT_MS,
      all: true,
    },
  );
  return exitCode === 0;
}

const text = readFileSync(join(root, unit), 'utf8');
const all = findMutations(text);
const random = new Random(seed, name);
const chosen = all
  .map((mutation) => ({ mutation, order: random.uint32() }))
  .sort((a, b) => a.order - b.order)
  .slice(0, Number(values.count))
  .map(({ mutation }) => mutation)
  .sort((a, b) => a.index - b.index);

if (!(await runTests({ HPB_MUTANT: '' }))) {
  process.stderr.write(`mutate: the tests of ${name} fail without any change\n`);
  process.exit(1);
}
const dir = join(root, 'build/mutate');
const mutant = `build/mutate/${name}.sv`;
const env = { HPB_MUTANT: `${unit}=${mutant}` };
mkdirSync(dir, { recursive: true });
const results = [];
for (const mutation of chosen) {
  writeFileSync(join(root, mutant), applyMutation(text, mutation));
  process.env.HPB_MUTANT = env.HPB_MUTANT;
  const builds = await buildModel(unit).then(
    () => true,
    () => false,
  );
  if (!builds) continue;
  const survived = await runTests(env);
  results.push({ ...mutation, survived });
  const source = text.split('\n')[mutation.line - 1]?.trim();
  const verdict = survived ? 'SURVIVED' : 'killed  ';
  process.stdout.write(`${verdict} ${unit}:${mutation.line}: ${mutation.what}   in: ${source}\n`);
}
const killed = results.filter(({ survived }) => !survived).length;
writeFileSync(join(dir, `${name}.json`), `${JSON.stringify({ unit, seed, results }, null, 2)}\n`);
process.stdout.write(
  `${name}: ${killed} of ${results.length} mutants killed (${all.length} possible, seed ${seed})\n`,
);
process.exitCode = results.length > 0 ? 0 : 1;
