// SPDX-License-Identifier: Apache-2.0
// What the commands of `hpb hdl` have in common: options that name a target, and how errors end.

import { type Command, InvalidArgumentError } from 'commander';
import type { HdlErrorCode } from '../../hdl/errors.ts';
import { HdlError } from '../../hdl/errors.ts';
import { parseParameter } from '../../hdl/parameters.ts';
import type { TargetOptions } from '../../hdl/target.ts';
import { type ParameterValue, TestbenchError } from '../../testbench/index.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { HdlContext } from './command.ts';

/** Options of every command on a target. */
export interface CommonOptions {
  readonly json: boolean;
  readonly top?: string;
  readonly parameter?: Readonly<Record<string, ParameterValue>>;
  readonly include?: readonly string[];
  readonly source?: readonly string[];
}

/** Adds the options that name a target, and --json. */
export function withTarget(command: Command): Command {
  const list = (value: string, before: readonly string[] = []) => [...before, value];
  return command
    .option('--top <name>', 'the top module, where the file has several')
    .option('--parameter <name=value>', 'a parameter of the top; may be repeated', addParameter)
    .option('-I, --include <folder>', 'further folder with modules and includes', list)
    .option('--source <file>', 'further file with modules', list)
    .option('--json', 'JSON on standard output', false);
}

/** The options as src/hdl wants them. */
export function targetOptions({ top, parameter, include, source }: CommonOptions): TargetOptions {
  return { top, parameters: parameter, include, source };
}

function addParameter(
  text: string,
  before: Readonly<Record<string, ParameterValue>> = {},
): Record<string, ParameterValue> {
  try {
    const [name, value] = parseParameter(text);
    return { ...before, [name]: value };
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** A regular expression for the names of tests. */
export function parsePattern(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const EXIT_OF: Record<HdlErrorCode, ExitCode> = {
  HDL_TARGET: EXIT.INPUT,
  HDL_ARGUMENT: EXIT.INPUT,
  HDL_TOOL: EXIT.UNAVAILABLE,
  HDL_FAILED: EXIT.FAILED,
  HDL_OUTPUT: EXIT.OUTPUT,
};

/** Runs a command's body and hands over its exit code; errors of the toolkit become the command's. */
export async function finishWith(
  { terminal, finish }: HdlContext,
  body: () => Promise<ExitCode>,
): Promise<void> {
  try {
    finish(await body());
  } catch (error) {
    if (terminal.interrupt.aborted) throw new CliError(EXIT.INTERRUPTED, 'interrupted');
    if (error instanceof HdlError) {
      throw new CliError(EXIT_OF[error.code], error.message, { cause: error });
    }
    if (error instanceof TestbenchError) {
      throw new CliError(EXIT.FAILED, error.message, { cause: error });
    }
    throw error;
  }
}
