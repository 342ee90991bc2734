// SPDX-License-Identifier: Apache-2.0
// `hpb hdl cover`: what of a module its tests reach.

import { isAbsolute, normalize } from 'node:path';
import type { Command } from 'commander';
import {
  COVERAGE_FOLDER,
  type CoverageResult,
  measureCoverage,
  toJson,
  writeReport,
} from '../../hdl/coverage/measure.ts';
import { METRICS, percent, type Share } from '../../hdl/coverage/summary.ts';
import { HdlError } from '../../hdl/errors.ts';
import { resolveTargets } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatTable } from '../format.ts';
import { number } from '../number-option.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';
import { testFiles } from './test.ts';

interface CoverOptions extends CommonOptions {
  readonly reached: boolean;
  readonly seed?: number;
  readonly out: string;
}

const HELP = `
Runs the target's tests on models that count lines, branches and toggles (some thirty times slower, in builds
of their own), adds the functional coverage that tests write to build/coverage/functional/*.json and the
cover properties in the source, and writes index.html, lcov.info and coverage.json.

A unit says in hdl/<unit>/coverage.json what it asks for, in percent of each of its modules:
  { "line": 100, "branch": 95, "toggle": 90, "functional": 100, "modules": { "axis_arb": { "toggle": 80 } } }

Exit code: 0 covered as asked, 1 below that or a test failed, 2 no such target.

Examples:
  hpb hdl cover axis_fifo && xdg-open build/coverage/index.html
  hpb hdl cover common --seed 1 --json | jq '.modules[] | [.name, .toggle.hit, .toggle.total]'
`;

/** Adds `cover` to the group. */
export function addCoverCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('cover').description('line, toggle and functional coverage of modules'))
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option('--reached', 'also by the tests of what stands above it', false)
    .option('--seed <number>', 'repeats a run', number(0, 2 ** 32 - 1))
    .option('--out <folder>', 'where the report goes, in the project', COVERAGE_FOLDER)
    .addHelpText('after', HELP)
    .action((name: string, options: CoverOptions) =>
      finishWith(context, () => coverCommand(name, options, context.terminal)),
    );
}

async function coverCommand(
  name: string,
  options: CoverOptions,
  { stdout, stderr, interrupt }: Terminal,
): Promise<ExitCode> {
  const folder = normalize(options.out);
  if (isAbsolute(folder) || folder.startsWith('..')) {
    throw new HdlError('HDL_ARGUMENT', `--out: expected a folder in the project, got ${folder}`);
  }
  const targets = resolveTargets(name, targetOptions(options));
  const tests = testFiles(targets, options.reached);
  stderr.write(`${formatCount(tests.length, 'test file')} on models that count coverage\n`);
  const result = await measureCoverage(targets, {
    tests,
    seed: options.seed,
    signal: interrupt,
    onText: (text) => stderr.write(text),
  });
  const report = writeReport(targets[0]!.root, folder, result);
  await stdout.write(
    options.json
      ? `${JSON.stringify(toJson(result), null, 2)}\n`
      : `${describe(result)}${report.html}\n${report.lcov}\n`,
  );
  const { run, misses } = result;
  return misses.length === 0 && run.failed === 0 && run.passed > 0 ? EXIT.OK : EXIT.FAILED;
}

function describe({ modules, functional, misses, run }: CoverageResult): string {
  const share = (each: Share) =>
    each.total === 0 ? '-' : `${percent(each).toFixed(1)} % of ${each.total}`;
  const rows = modules.map((module) => [
    module.name,
    ...METRICS.map((metric) => share(module[metric])),
  ]);
  const table = formatTable([['module', 'lines', 'branches', 'toggles'], ...rows]);
  const lines = [
    ...(functional.total > 0 ? [`functional: ${share(functional)} bins`] : []),
    ...misses.map(
      ({ name, metric, expected, got }) =>
        `missed: ${name}: ${metric} ${got.toFixed(1)} %, expected ${expected} %`,
    ),
    ...(run.failed > 0 ? [`${run.failed} failed; see above`] : []),
  ];
  return `${table}${lines.map((line) => `${line}\n`).join('')}`;
}
