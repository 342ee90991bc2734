// The Verilog units of hdl/, for scripts that go through all of them.
import { relative } from 'node:path';
import { compile } from './compile.js';

compile();
const { resolveTarget, unitFiles } = await import('../../build/js/src/hdl/target.js');
const { runPool } = await import('../../build/js/src/hdl/pool.js');
const { readCommand } = await import('../../build/js/src/hdl/yosys.js');
const { packageRoot } = await import('../../build/js/src/driver/paths.js');

export { runPool as forEachUnit };

/** @type {string} */
export const root = packageRoot();

/**
 * Files of all modules below hdl/.
 *
 * @param {string} [unit] - part of a path, or none for all.
 * @returns {string[]} paths relative to the project, sorted.
 */
export function findUnits(unit = '') {
  return unitFiles(root)
    .map((/** @type {string} */ path) => relative(root, path))
    .filter((/** @type {string} */ path) => path.includes(unit));
}

/**
 * The yosys command that reads a unit and all below it; nothing is elaborated yet.
 *
 * @param {string} unit - path relative to the project.
 * @returns {string}
 */
export const readScript = (unit) => readCommand(resolveTarget(unit, { root }));
