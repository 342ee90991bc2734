// The Verilog units of hdl/, for scripts that go through all of them.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Files of all modules below hdl/, without packages and without what serves formal proofs only.
 *
 * @param {string} [unit] - part of a path, or none for all.
 * @returns {string[]} paths relative to the project, sorted.
 */
export function findUnits(unit = '') {
  return readdirSync(join(root, 'hdl'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sv'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((path) => !path.endsWith('_pkg.sv') && !path.includes('/formal/'))
    .filter((path) => path.includes(unit))
    .sort();
}

/**
 * Runs a job for each item, as many at once as there are processors.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} job
 * @returns {Promise<R[]>} results in the order of the items.
 */
export async function forEachUnit(items, job) {
  /** @type {R[]} */
  const results = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) results[index] = await job(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
