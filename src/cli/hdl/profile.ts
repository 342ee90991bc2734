// SPDX-License-Identifier: Apache-2.0
// `hpb hdl profile`: which module and line costs a test its time.

import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { type ProfileEntry, profile } from '../../hdl/profile.ts';
import { resolveTarget } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatMillions, formatSeconds, formatShare } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface ProfileCommandOptions extends CommonOptions {
  readonly test?: string;
  readonly name?: string;
  readonly seed?: number;
  readonly lines: number;
}

const HELP = `
Runs the first test that simulates the target, or --test, on models in which every block of Verilog is a function
of its own, and looks once a millisecond of processor time which one runs. Blocks that Verilator merged count
at the first of them. Keeping blocks apart costs the simulation some speed; the shares stay.

Exit code 1 when no time was spent in a model.

Examples:
  hpb hdl profile sigv_mul
  hpb hdl profile axis_fifo --test tests/common/axis_fifo.test.ts --name 'every pause' --json | jq '.lines[:5]'
`;

/** Adds `profile` to the group. */
export function addProfileCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('profile').description('which module and line costs a test its time'))
    .argument('<target>', 'module or file')
    .option('--test <file>', 'test file; the first that simulates the target unless given')
    .option('--name <text>', "part of a test's name")
    .option('--seed <seed>', 'of the test', number(0, 2 ** 32 - 1))
    .option('--lines <count>', 'lines shown', number(1, 10_000), 20)
    .addHelpText('after', HELP)
    .action((name: string, options: ProfileCommandOptions) =>
      finishWith(context, () => profileCommand(name, options, context.terminal)),
    );
}

async function profileCommand(
  name: string,
  options: ProfileCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const target = resolveTarget(name, targetOptions(options));
  const test = testOf(options.test, target.tests, target.root, target.name);
  const progress = new Progress(stderr);
  progress.update(() => `${target.name}: ${test}`);
  const { seed, name: testName } = options;
  const entry = await profile(target, { test, testName, seed, signal }).finally(() =>
    progress.clear(),
  );
  if (!entry.testsPassed) stderr.write(`${test}: tests failed; where their time went:\n`);
  await stdout.write(
    options.json ? `${JSON.stringify(entry, null, 2)}\n` : show(entry, options.lines),
  );
  return EXIT.OK;
}

function testOf(
  given: string | undefined,
  tests: readonly string[],
  root: string,
  name: string,
): string {
  if (given !== undefined) {
    if (existsSync(resolve(root, given))) return relative(root, resolve(root, given));
    throw new HdlError('HDL_ARGUMENT', `--test: expected a file, got ${JSON.stringify(given)}`);
  }
  const [first] = tests;
  if (first !== undefined) return first;
  throw new HdlError(
    'HDL_ARGUMENT',
    `${name}: expected a test that simulates it, got none; see --test`,
  );
}

function show(entry: ProfileEntry, count: number): string {
  const { test, seconds, modelShare, modules, lines, cyclesPerSecond } = entry;
  const speed =
    cyclesPerSecond === null ? '' : `, ${formatMillions(cyclesPerSecond)} cycles a second of it`;
  const share = (value: number) => formatShare(value).padStart(7);
  const shown = lines.slice(0, count);
  return `${test}: ${formatSeconds(seconds)} of processor time, ${formatShare(modelShare)} in models${speed}

by module
${modules.map(({ module, share: part }) => `${share(part)}  ${module}\n`).join('')}
by line
${shown.map(({ share: part, file, line, source }) => `${share(part)}  ${file}:${line}  ${source}\n`).join('')}`;
}
