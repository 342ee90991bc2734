// How yosys reads a unit of hdl/.
import { compile } from './compile.js';
import { root } from './units.js';

compile();
const { sourceArguments, findSources } = await import('../../build/js/src/testbench/project.js');

/**
 * Commands that read a unit and all below it, packages first; nothing is elaborated yet.
 *
 * @param {string} unit - path relative to the project.
 * @returns {string}
 */
export function readScript(unit) {
  const { folders } = sourceArguments(root, unit);
  const { packages, modules } = findSources(root, unit, folders);
  const includes = folders.map((/** @type {string} */ folder) => `-I${folder}`);
  return ['read_verilog -sv -defer', ...includes, ...packages, ...modules, unit].join(' ');
}
