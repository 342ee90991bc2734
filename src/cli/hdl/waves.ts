// SPDX-License-Identifier: Apache-2.0
// `hpb hdl waves`: one test, with waves and a view of them.

import { randomInt } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { resolveTarget } from '../../hdl/target.ts';
import { recordWaves, type WavesResult } from '../../hdl/waves.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatNumber } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { finishWith, parsePattern } from './options.ts';

interface WavesOptions {
  readonly name?: string;
  readonly seed?: number;
  readonly from?: number;
  readonly to?: number;
  readonly last?: number;
  readonly json: boolean;
}

const HELP = `
Runs one test and records what it simulates as FST in build/waves, whether it passes or not. Beside each
file lie views that group the top's signals by interface: a save file of GTKWave, a command file of
Surfer. --last runs the test twice: once to count its cycles, then with the same seed to record.

Examples:
  hpb hdl waves axis_fifo
  hpb hdl waves tests/common/axis_fifo.test.ts --name 'a reset empties it' --from 2 --to 12
  hpb hdl waves axis_fifo --last 100 --seed 1 --json | jq -r '.waves[].gtkw' | xargs gtkwave

Exit code: 0 recorded, whatever the test says; 1 when nothing was simulated; 2 no such test.
`;

const CYCLES = number(0, 2 ** 48);

/** Adds `waves` to the group. */
export function addWavesCommand(group: Command, context: HdlContext): void {
  group
    .command('waves')
    .description('one test, recorded as FST with a view for GTKWave and Surfer')
    .argument('<test>', 'test file, or a module with one test file')
    .option(
      '--name <pattern>',
      'which test, a regular expression; the first that matches',
      parsePattern,
    )
    .option('--seed <number>', 'repeats a run', number(0, 2 ** 32 - 1))
    .option('--from <cycle>', 'first cycle recorded', CYCLES)
    .option('--to <cycle>', 'last cycle recorded', CYCLES)
    .option('--last <cycles>', 'only the last so many cycles', number(1, 2 ** 48))
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .action((test: string, options: WavesOptions) =>
      finishWith(context, () => wavesCommand(test, options, context.terminal)),
    );
}

async function wavesCommand(
  test: string,
  options: WavesOptions,
  { stdout, stderr, interrupt }: Terminal,
): Promise<ExitCode> {
  const { name, from, to, last, json, seed = randomInt(2 ** 32) } = options;
  if (last !== undefined && (from ?? to) !== undefined) {
    throw new HdlError('HDL_ARGUMENT', 'expected --last or --from and --to, got both');
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new HdlError('HDL_ARGUMENT', `expected --from before --to, got ${from} and ${to}`);
  }
  const root = projectRoot();
  const progress = new Progress(stderr);
  const result = await recordWaves({
    root,
    file: findTest(root, test),
    name,
    seed,
    from,
    to,
    last,
    signal: interrupt,
    onStep: (text) => progress.update(() => text),
  }).finally(() => progress.clear());
  const { run, ...rest } = result;
  const passed = run.failed === 0 && run.passed > 0;
  await stdout.write(
    json
      ? `${JSON.stringify({ ...rest, passed, seed }, null, 2)}\n`
      : describe(result, passed, seed),
  );
  return EXIT.OK;
}

function describe(
  { test, others, run, waves }: WavesResult,
  passed: boolean,
  seed: number,
): string {
  const more = others > 0 ? ` (${formatCount(others, 'other')} match; --name chooses)` : '';
  const lines = waves.flatMap(({ module, cycles, fst, gtkw, surfer, start, end, timescale }) => {
    const toNs = (time: number) => formatNumber(time * 10 ** (timescale + 9));
    return [
      `${module}: ${formatCount(cycles, 'cycle')}, recorded ${toNs(start)} to ${toNs(end)} ns`,
      `  gtkwave ${gtkw}`,
      `  surfer ${fst} --command-file ${surfer}`,
    ];
  });
  const verdict = passed ? 'passed' : `failed\n${run.output.trim()}\n`;
  return `${test}: ${verdict}, seed ${seed}${more}\n${lines.join('\n')}\n`;
}

/** The test file that is meant, relative to the project. */
function findTest(root: string, name: string): string {
  if (/\.test\.[jt]sx?$/.test(name)) {
    const path = [resolve(name), resolve(root, name)].find(
      (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
    );
    if (path !== undefined) return relative(root, path);
    throw new HdlError('HDL_ARGUMENT', `expected a test file, got ${JSON.stringify(name)}`);
  }
  const { tests } = resolveTarget(name);
  const [test] = tests;
  if (test === undefined || tests.length > 1) {
    const got = tests.join(', ') || 'none';
    throw new HdlError('HDL_ARGUMENT', `${name}: expected one test file, got ${got}`);
  }
  return test;
}
