/**
 * Vitest setup file: closes each test's simulations, and says how to repeat a test that failed.
 *
 * Simulations made outside of tests (at a file's top, in beforeAll) stay open until the file ends.
 */
import { afterAll, afterEach, beforeEach } from 'vitest';
import { runSeed } from './random.ts';
import { notedSimulations } from './registry.ts';

const openBefore = new Set<object>();

beforeEach(() => {
  openBefore.clear();
  for (const simulation of notedSimulations()) openBefore.add(simulation);
});

afterEach(({ task }) => {
  const failed = task.result?.state === 'fail' || (task.result?.errors?.length ?? 0) > 0;
  if (failed) process.stderr.write(`\n${describeRepeat(task.file.name, task.name)}\n`);
  for (const simulation of notedSimulations()) {
    if (failed && simulation.wavesPath) {
      simulation.flush();
      process.stderr.write(`  waves: ${simulation.wavesPath}\n`);
    }
    if (!openBefore.has(simulation)) simulation.close();
  }
});

// Those that stay open.
afterAll(() => {
  for (const simulation of notedSimulations()) simulation.record();
});

function describeRepeat(file: string, name: string): string {
  const seeds = new Set([...notedSimulations()].map(({ seed }) => seed));
  const seed = seeds.size === 1 ? [...seeds][0] : runSeed();
  const command = `make test UNIT=${file} TEST=${quote(name)} SEED=${seed}`;
  return `To repeat "${name}":\n  ${command}\n  (add WAVES=1 to record waves)`;
}

/** A test's name for `vitest -t`, which takes a regular expression, through make and the shell. */
function quote(name: string): string {
  return `'${name.replace(/[^\w ,:=-]/g, '.')}'`;
}
