// SPDX-License-Identifier: Apache-2.0
// A module drawn as SVG: yosys makes a netlist of it, netlistsvg draws that.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HdlError } from './errors.ts';
import { readNetlist } from './netlist.ts';
import { findNetlistsvg, type InstallOptions } from './on-demand.ts';
import { parameterCommands } from './parameters.ts';
import { runProcess } from './process.ts';
import { buildFolder, storeRoot } from './store.ts';
import { complaints } from './synth.ts';
import type { Target } from './target.ts';
import { quotePath, readCommand } from './yosys.ts';

export interface SchematicOptions extends InstallOptions {
  /** Absolute path of the SVG. */
  readonly out: string;
  /** Modules below drawn as what they are made of, instead of boxes. */
  readonly flatten?: boolean;
  /** Most cells that are drawn; the layout of more takes minutes, and nobody reads it. */
  readonly maxCells?: number;
}

export interface Schematic {
  readonly out: string;
  readonly cells: number;
}

const MAX_CELLS = 600;
const TIMEOUT_MS = 10 * 60_000;

/**
 * Draws a module.
 *
 * @throws {HdlError} `HDL_FAILED` when it has more cells than allowed or cannot be read; `HDL_TOOL` when a tool is
 *   missing and cannot be installed; `HDL_OUTPUT` when the file cannot be written.
 */
export async function drawSchematic(target: Target, options: SchematicOptions): Promise<Schematic> {
  const { root, top } = target;
  const { signal, out, flatten = false, maxCells = MAX_CELLS } = options;
  const tool = await findNetlistsvg(storeRoot(), options);
  const netlist = join(buildFolder('schematic'), `${top}-${process.pid}.json`);
  const drawn = netlist.replace(/json$/, 'svg');
  const script = [
    readCommand(target),
    ...parameterCommands(top, target.parameters),
    `hierarchy -check -top ${top}`,
    // Words stay words: no technology, no single bits.
    `proc; ${flatten ? 'flatten; ' : ''}opt_expr; opt_clean; memory -nomap; opt_clean`,
    `json -o ${quotePath(netlist)} ${top}`,
  ].join('; ');
  try {
    const { exitCode, output } = await runProcess('yosys', ['-q', '-p', script], {
      cwd: root,
      signal,
      timeoutMs: TIMEOUT_MS,
      installedBy: 'src/scripts/setup synth',
    });
    if (exitCode !== 0) throw new HdlError('HDL_FAILED', complaints(target, output));
    const cells = Object.keys(
      Object.values(readNetlist(netlist).modules).find((m) => 'top' in m.attributes)?.cells ?? {},
    ).length;
    if (cells > maxCells) {
      const smaller = flatten ? 'leave out --flatten, or ' : '';
      const hint = `${smaller}raise it with --max-cells`;
      throw new HdlError(
        'HDL_FAILED',
        `${target.file}: expected at most ${maxCells} cells, got ${cells}; ${hint}`,
      );
    }
    const result = await runProcess(tool.command, [...tool.args, netlist, '-o', drawn], {
      cwd: root,
      env: tool.env,
      signal,
      timeoutMs: TIMEOUT_MS,
    });
    if (result.exitCode !== 0) {
      const reason = result.timedOut ? 'no result in 10 minutes' : lastLines(result.output);
      throw new HdlError('HDL_FAILED', `${target.file}: netlistsvg failed: ${reason}`);
    }
    moveTo(drawn, out);
    return { out, cells };
  } finally {
    rmSync(netlist, { force: true });
    rmSync(drawn, { force: true });
  }
}

function moveTo(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, readFileSync(from));
  } catch (error) {
    const message = `cannot write ${to}: ${(error as Error).message}`;
    throw new HdlError('HDL_OUTPUT', message, { cause: error });
  }
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-4).join('\n');
}
