// SPDX-License-Identifier: Apache-2.0
/** The installed Verilator: where it is, which version, and what it says about a module. */
import { access, constants, mkdtemp, open, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describeJson } from './describe-json.ts';
import { describeXml } from './describe-xml.ts';
import type { ModuleDescription } from './description.ts';
import { runTool, type ToolOptions } from './tool.ts';

export interface Verilator {
  /** What it is called. */
  readonly command: string;
  /** The command line that its arguments follow. */
  readonly program: readonly [command: string, ...args: string[]];
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
  const program = (await findBinary(command)) ?? ([command] as const);
  const options = { cwd: process.cwd(), purpose: 'find Verilator' };
  const [version, root] = await Promise.all([
    runVerilator({ command, program }, ['--version'], options),
    runVerilator({ command, program }, ['--getenv', 'VERILATOR_ROOT'], options),
  ]);
  return { command, program, version: version.trim(), root: root.trim() };
}

/** What the script does besides reading the manual and its options. */
const UNLIMITED = 'ulimit -s unlimited 2>/dev/null; exec "$0" "$@"';

/**
 * The binary behind the script of the same name, which takes longer to start than a small module to translate. Only
 * where the script would do nothing else: it is the one that comes with Verilator, beside its binary, and the
 * environment tells it nothing.
 */
async function findBinary(command: string): Promise<Verilator['program'] | undefined> {
  const { PATH = '', VERILATOR_ROOT, VERILATOR_BIN } = process.env;
  if (command !== 'verilator' || VERILATOR_ROOT || VERILATOR_BIN) return undefined;
  for (const folder of PATH.split(delimiter)) {
    const script = await realpath(join(folder, command)).catch(() => undefined);
    if (script === undefined) continue;
    const binary = join(dirname(script), 'verilator_bin');
    const isBeside = await access(binary, constants.X_OK).then(
      () => true,
      () => false,
    );
    return isBeside && (await isPerl(script)) ? ['sh', '-c', UNLIMITED, binary] : undefined;
  }
  return undefined;
}

async function isPerl(script: string): Promise<boolean> {
  const file = await open(script);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^#!.*\bperl\b/.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * Runs it.
 *
 * @returns standard output.
 * @throws {TestbenchError} `TESTBENCH_BUILD` with its complaints.
 */
export function runVerilator(
  { command, program }: Pick<Verilator, 'command' | 'program'>,
  args: readonly string[],
  options: ToolOptions,
): Promise<string> {
  const [first, ...rest] = program;
  return runTool(first, [...rest, ...args], { ...options, name: command });
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
  options: ToolOptions,
): Promise<ModuleDescription> {
  const dir = await mkdtemp(join(tmpdir(), 'hpb-describe-'));
  const common = [...args, '--Mdir', dir, '--prefix', 'Vdut'];
  const readResult = (suffix: string) => readFile(join(dir, `Vdut${suffix}`), 'utf8');
  try {
    // Major version 5: XML up to 5.034 or so, JSON since 5.022; a build without a number has JSON.
    const minor = Number(/^Verilator 5\.(\d+)/.exec(verilator.version)?.[1] ?? '999');
    if (minor < 30) {
      await runVerilator(verilator, ['--xml-only', ...common], options);
      return describeXml(await readResult('.xml'));
    }
    await runVerilator(verilator, ['--json-only', ...common], options);
    return describeJson(await readResult('.tree.json'), await readResult('.tree.meta.json'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
