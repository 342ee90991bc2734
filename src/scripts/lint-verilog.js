// `verilator --lint-only -Wall` over every unit of hdl/, each as a top of its own: `make lint`.
import { basename } from 'node:path';
import { execa } from 'execa';
import { compile } from './compile.js';
import { findUnits, forEachUnit, root } from './units.js';

compile();
const { sourceArguments } = await import('../../build/js/src/testbench/project.js');

const { findVerilator } = await import('../../build/js/src/testbench/verilator.js');

const { command, version } = await findVerilator();
const minor = Number(/^Verilator 5\.(\d+)/.exec(version)?.[1] ?? '999');
const waived = [
  // A port marked for splitting cannot be split where its module is the top itself.
  '-Wno-SPLITVAR',
  // Newer ones want names for the blocks around elaboration checks, `if (...) $error(...)`.
  ...(minor >= 30 ? ['-Wno-GENUNNAMED'] : []),
];

const units = findUnits(process.env.UNIT);
const complaints = await forEachUnit(units, async (unit) => {
  const { args } = sourceArguments(root, unit);
  const top = basename(unit, '.sv');
  const { exitCode, stderr, stdout } = await execa(
    command,
    ['--lint-only', '-Wall', ...waived, '--top-module', top, ...args],
    { cwd: root, reject: false, stdin: 'ignore' },
  );
  return exitCode === 0 ? '' : `${unit}:\n${stdout}${stderr}\n`;
});
const found = complaints.filter(Boolean);
process.stdout.write(found.join('\n'));
process.stdout.write(`verilator -Wall: ${units.length} units, ${found.length} with complaints\n`);
process.exitCode = found.length === 0 && units.length > 0 ? 0 : 1;
