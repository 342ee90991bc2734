// SPDX-License-Identifier: Apache-2.0
// Both readers of a module: Verilator with all warnings, and yosys, whose Verilog is narrower.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findVerilator } from '../testbench/verilator.ts';
import { parameterArguments, parameterCommands } from './parameters.ts';
import { runProcess } from './process.ts';
import type { Target } from './target.ts';
import { readCommand } from './yosys.ts';

export const LINTERS = ['verilator', 'yosys'] as const;
export type Linter = (typeof LINTERS)[number];

/** What one linter says about one module. */
export interface LintResult {
  readonly name: string;
  readonly file: string;
  readonly linter: Linter;
  readonly isClean: boolean;
  /** The linter's own words; empty when it has no complaint. */
  readonly output: string;
}

/**
 * Looks at a module.
 *
 * @throws {HdlError} `HDL_TOOL` when the linter is not installed.
 */
export async function lint(
  target: Target,
  linter: Linter,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<LintResult> {
  const options = { cwd: target.root, signal };
  const { exitCode, output } =
    linter === 'verilator'
      ? await runProcess(...(await verilatorCommand(target)), options)
      : await runProcess('yosys', yosysArguments(target), {
          ...options,
          installedBy: 'src/scripts/setup synth',
        });
  const isClean = exitCode === 0;
  const { name, file } = target;
  return { name, file, linter, isClean, output: isClean ? '' : output.trim() };
}

async function verilatorCommand(target: Target): Promise<[string, string[]]> {
  const { program, version } = await findVerilator();
  const [command, ...first] = program;
  const minor = Number(/^Verilator 5\.(\d+)/.exec(version)?.[1] ?? '999');
  const waived = [
    // A port marked for splitting cannot be split where its module is the top itself.
    '-Wno-SPLITVAR',
    // Newer ones want names for the blocks around elaboration checks, `if (...) $error(...)`.
    ...(minor >= 30 ? ['-Wno-GENUNNAMED'] : []),
    // Whoever asks for one of several modules in a file knows that it has another name.
    ...(basename(target.file).startsWith(`${target.top}.`) ? [] : ['-Wno-DECLFILENAME']),
  ];
  return [
    command,
    [
      ...first,
      '--lint-only',
      '-Wall',
      ...waived,
      '--top-module',
      target.top,
      ...parameterArguments(target.parameters),
      ...target.sources.verilator,
    ],
  ];
}

function yosysArguments(target: Target): string[] {
  const { root, file, top, parameters } = target;
  // With the smallest table of G, since the largest takes a minute.
  const hasTable = readFileSync(join(root, file), 'utf8').includes('G_WINDOW');
  const set = parameterCommands(top, { ...(hasTable && { G_WINDOW: 5 }), ...parameters });
  return ['-q', '-p', [readCommand(target), ...set, `hierarchy -check -top ${top}`].join('; ')];
}
