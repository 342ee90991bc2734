// SPDX-License-Identifier: Apache-2.0
// `hpb hdl test`: the tests of a module.

import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { runTests } from '../../hdl/run-tests.ts';
import { resolveTargets, type Target } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount } from '../format.ts';
import { number } from '../number-option.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import {
  type CommonOptions,
  finishWith,
  parsePattern,
  targetOptions,
  withTarget,
} from './options.ts';
import { watchTargets } from './watch.ts';

interface TestOptions extends CommonOptions {
  readonly watch: boolean;
  readonly reached: boolean;
  readonly name?: string;
  readonly seed?: number;
}

const HELP = `
Runs the test files that simulate the target itself; where there are none, those that simulate something
above it. --reached runs both. Exit code 1 when a test fails, and when there is none.

Examples:
  hpb hdl test axis_fifo
  hpb hdl test common --seed 1 --name 'takes exactly'
  hpb hdl test axis_fifo --reached --json | jq '.files[] | [.file, .passed, .failed]'
`;

/** Adds `test` to the group. */
export function addTestCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('test').description('the tests of a module'))
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option('--watch', 'again whenever a file that they depend on is saved', false)
    .option('--reached', 'also the tests of what stands above it', false)
    .option('--name <pattern>', 'tests whose name matches this regular expression', parsePattern)
    .option('--seed <number>', 'repeats a run', number(0, 2 ** 32 - 1))
    .addHelpText('after', HELP)
    .action((name: string, options: TestOptions) =>
      finishWith(context, () => testCommand(name, options, context.terminal)),
    );
}

async function testCommand(
  name: string,
  options: TestOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = resolveTargets(name, targetOptions(options));
  if (options.watch) {
    return watchTargets(targets, { ...options, direct: !options.reached, lint: false }, terminal);
  }
  const { stdout, stderr, interrupt } = terminal;
  const files = testFiles(targets, options.reached);
  let written = Promise.resolve();
  const onText = (text: string) => {
    written = written.then(() => stdout.write(text)).catch(() => {});
  };
  if (options.json) stderr.write(`${formatCount(files.length, 'test file')} running\n`);
  const { seed, json, name: pattern } = options;
  const result = await runTests(targets[0]!.root, files, {
    name: pattern,
    signal: interrupt,
    env: {
      ...(seed !== undefined && { SEED: String(seed) }),
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    },
    ...(!json && { onText }),
  });
  await written;
  const { output: _, ...counts } = result;
  await stdout.write(
    json
      ? `${JSON.stringify({ targets: targets.map(({ file }) => file), ...counts }, null, 2)}\n`
      : `${result.passed} passed, ${result.failed} failed\n`,
  );
  return result.failed === 0 && result.passed > 0 ? EXIT.OK : EXIT.FAILED;
}

/** The tests of targets, each once. */
export function testFiles(targets: readonly Target[], reached: boolean): string[] {
  const own = targets.flatMap(({ tests }) => tests);
  const above = targets.flatMap(({ reachedBy }) => reachedBy);
  const files = new Set(reached || own.length === 0 ? above : own);
  if (files.size > 0) return [...files];
  const names = targets.map(({ name }) => name).join(', ');
  throw new HdlError('HDL_FAILED', `expected a test that simulates ${names}, got none`);
}
