// Resources of each unit by yosys, for UltraScale+ (xcup) and ECP5: `make synth [UNIT=sigv_mul]`.
//
// Counts only: yosys knows nothing of routing, so it says nothing about the clock. Reports and the
// table are in build/synth. Parameters are the modules' defaults; ARGS="DATA_W=32" changes them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { findUnits, forEachUnit, readScript, root } from './units.js';

/** Cells of a family that make up each column. */
const FAMILIES = {
  xcup: {
    command: 'synth_xilinx -family xcup -noiopad -flatten',
    columns: {
      LUT: /^LUT\d|^RAM(32|64)|^SRL/,
      FF: /^FD[RSCP]E/,
      CARRY: /^CARRY[48]/,
      DSP: /^DSP48/,
      BRAM: /^RAMB/,
    },
  },
  ecp5: {
    command: 'synth_ecp5',
    columns: {
      LUT: /^LUT4|^TRELLIS_DPR16X4/,
      FF: /^TRELLIS_FF/,
      CARRY: /^CCU2C/,
      DSP: /^MULT18X18D|^ALU54B/,
      BRAM: /^DP16KD|^PDPW16KD/,
    },
  },
};

/** A unit for which nobody waits longer. */
const TIMEOUT_MINUTES = 20;

const dir = join(root, 'build/synth');
mkdirSync(dir, { recursive: true });

async function synthesize(/** @type {string} */ unit, /** @type {'xcup' | 'ecp5'} */ family) {
  const top = basename(unit, '.sv');
  const parameters = process.argv.slice(2).map((pair) => pair.replace('=', ' '));
  const report = join(dir, `${top}-${family}.json`);
  const script = [
    readScript(unit),
    ...parameters.map((pair) => `chparam -set ${pair} ${top}`),
    `${FAMILIES[family].command} -top ${top}`,
    `tee -q -o ${report} stat -json`,
  ].join('; ');
  const { exitCode, stderr, stdout, timedOut } = await execa(
    'yosys',
    ['-q', '-l', join(dir, `${top}-${family}.log`), '-p', script],
    { cwd: root, reject: false, stdin: 'ignore', timeout: TIMEOUT_MINUTES * 60_000 },
  );
  if (exitCode !== 0) {
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /ERROR|error/.test(line));
    const reason = timedOut ? `no result in ${TIMEOUT_MINUTES} minutes` : lines.join('\n');
    return { unit, family, error: reason || `yosys ended with ${exitCode}` };
  }
  // Verilog names have backslashes that are no JSON.
  const { design } = JSON.parse(readFileSync(report, 'utf8').replaceAll('\\', '/'));
  const cells = Object.entries(design.num_cells_by_type);
  const counts = Object.entries(FAMILIES[family].columns).map(([column, pattern]) => {
    const matching = cells.filter(([cell]) => pattern.test(cell));
    return [column, matching.reduce((sum, [, count]) => sum + Number(count), 0)];
  });
  return { unit, family, ...Object.fromEntries(counts) };
}

const units = findUnits(process.env.UNIT);
const jobs = units.flatMap((unit) => [
  /** @type {const} */ ([unit, 'xcup']),
  /** @type {const} */ ([unit, 'ecp5']),
]);
const rows = await forEachUnit(jobs, async ([unit, family]) => {
  const row = await synthesize(unit, family);
  const numbers = 'error' in row ? row.error : ['LUT', 'FF', 'CARRY', 'DSP', 'BRAM'];
  const text = Array.isArray(numbers)
    ? numbers.map((column) => `${row[column]} ${column}`.padStart(12)).join('')
    : `  ${numbers}`;
  process.stdout.write(`${basename(unit, '.sv').padEnd(24)} ${family}${text}\n`);
  return row;
});
writeFileSync(join(dir, 'resources.json'), `${JSON.stringify(rows, null, 2)}\n`);
process.exitCode = rows.length > 0 && rows.every((row) => !('error' in row)) ? 0 : 1;
