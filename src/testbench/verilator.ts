// SPDX-License-Identifier: Apache-2.0
/** The installed Verilator: where it is, which version, and what it says about a module. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeJson } from './describe-json.ts';
import { describeXml } from './describe-xml.ts';
import type { ModuleDescription } from './description.ts';
import { runTool } from './tool.ts';

export interface Verilator {
  readonly command: string;
  /** Its whole version line: part of every cache key. */
  readonly version: string;
  /** Folder with `include/verilated.cpp`. */
  readonly root: string;
}

let found: Promise<Verilator> | undefined;

/**
 * Finds Verilator: `VERILATOR` names another command than `verilator`.
 *
 * @throws {TestbenchError} `TESTBENCH_BUILD` when it is not installed.
 */
export function findVerilator(): Promise<Verilator> {
  found ??= inspect(process.env.VERILATOR || 'verilator');
  return found;
}

async function inspect(command: string): Promise<Verilator> {
  const options = { cwd: process.cwd(), purpose: 'find Verilator' };
  const [version, root] = await Promise.all([
    runTool(command, ['--version'], options),
    runTool(command, ['--getenv', 'VERILATOR_ROOT'], options),
  ]);
  return { command, version: version.trim(), root: root.trim() };
}

/**
 * Describes a module, elaborated: ports, parameters, and the files it is made of.
 *
 * @param args - sources, parameters and warnings, as for a build.
 * @throws {TestbenchError} `TESTBENCH_BUILD` with the complaints of Verilator.
 */
export async function describeModule(
  verilator: Verilator,
  args: readonly string[],
  { cwd, purpose }: { cwd: string; purpose: string },
): Promise<ModuleDescription> {
  const dir = await mkdtemp(join(tmpdir(), 'hpb-describe-'));
  const common = [...args, '--Mdir', dir, '--prefix', 'Vdut'];
  const readResult = (suffix: string) => readFile(join(dir, `Vdut${suffix}`), 'utf8');
  try {
    // Major version 5: XML up to 5.034 or so, JSON since 5.022; a build without a number has JSON.
    const minor = Number(/^Verilator 5\.(\d+)/.exec(verilator.version)?.[1] ?? '999');
    if (minor < 30) {
      await runTool(verilator.command, ['--xml-only', ...common], { cwd, purpose });
      return describeXml(await readResult('.xml'));
    }
    await runTool(verilator.command, ['--json-only', ...common], { cwd, purpose });
    return describeJson(await readResult('.tree.json'), await readResult('.tree.meta.json'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
