// Every unit of hdl/ is read and elaborated by yosys, whose Verilog is narrower than Verilator's: `make lint`.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { findUnits, forEachUnit, root } from './units.js';
import { readScript } from './yosys.js';

const units = findUnits(process.env.UNIT);
const complaints = await forEachUnit(units, async (unit) => {
  const top = basename(unit, '.sv');
  // With the smallest table of G, since the largest takes a minute.
  const hasTable = readFileSync(join(root, unit), 'utf8').includes('G_WINDOW');
  const small = hasTable ? `chparam -set G_WINDOW 5 ${top};` : '';
  const script = `${readScript(unit)}; ${small} hierarchy -check -top ${top}`;
  const { exitCode, stderr, stdout } = await execa('yosys', ['-q', '-p', script], {
    cwd: root,
    reject: false,
    stdin: 'ignore',
  });
  return exitCode === 0 ? '' : `${unit}:\n${stdout}${stderr}\n`;
});
const found = complaints.filter(Boolean);
process.stdout.write(found.join('\n'));
process.stdout.write(`yosys: ${units.length} units, ${found.length} with complaints\n`);
process.exitCode = found.length === 0 && units.length > 0 ? 0 : 1;
