// SPDX-License-Identifier: Apache-2.0
// `hpb hdl watch`: on save, lint and just the tests that the change reaches.

import type { Command } from 'commander';
import type { LintResult } from '../../hdl/lint.ts';
import type { SaveTimes } from '../../hdl/save-times.ts';
import { resolveTargets, type Target } from '../../hdl/target.ts';
import { type WatchEvent, type WatchOptions, watchProject } from '../../hdl/watch.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatSeconds } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface WatchCommandOptions extends CommonOptions {
  readonly direct: boolean;
  readonly lint: boolean;
}

const HELP = `
On each save in hdl/, tests/, src/ or docs/: the saved modules are linted, and the tests that depend on what was
saved run, those first that name the file themselves. Which depend on it is read off their imports, the
Verilog files that they name, and what those use. A save while tests run ends them and begins anew. The last
line says how long it took from saving, and what it went into; with --json the event "done", in ms.

Examples:
  hpb hdl watch
  hpb hdl watch axis_fifo --direct
  hpb hdl watch --json | jq -c 'select(.event == "test") | [.file, .run.failed]'

Exit code: 0 after Ctrl-C, 2 no such target.
`;

/** Adds `watch` to the group. */
export function addWatchCommand(group: Command, context: HdlContext): void {
  withTarget(
    group.command('watch').description('on save, lint and the tests that the change reaches'),
  )
    .argument('[target]', 'module, folder of hdl/, or file; everything unless given')
    .option('--direct', 'only tests that name a saved file themselves', false)
    .option('--no-lint', 'tests only')
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: WatchCommandOptions) =>
      finishWith(context, () => watchCommand(name, options, context.terminal)),
    );
}

async function watchCommand(
  name: string | undefined,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = name === undefined ? undefined : resolveTargets(name, targetOptions(options));
  return watchTargets(targets, options, terminal);
}

/** Watches until Ctrl-C. */
export async function watchTargets(
  targets: readonly Target[] | undefined,
  { json, direct, lint }: { json: boolean; direct: boolean; lint: boolean },
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  const root = targets?.[0]?.root ?? projectRoot();
  const watching: WatchOptions = { ...(targets && { targets }), lints: lint, directOnly: direct };
  let written = Promise.resolve();
  const tell = (event: WatchEvent) => {
    const text = json ? `${JSON.stringify(event)}\n` : describe(event);
    written = written.then(() => stdout.write(text)).catch(() => {});
  };
  await watchProject(root, watching, tell, interrupt);
  await written;
  return EXIT.OK;
}

function describe(event: WatchEvent): string {
  switch (event.event) {
    case 'waiting':
      return 'waiting for a file to be saved; Ctrl-C ends\n';
    case 'problem':
      return `${event.message}\n`;
    case 'saved':
      return `\nsaved ${event.files.join(', ')}\n${reachText(event)}`;
    case 'lint':
      return `lint  ${lintText(event.result)}  ${formatSeconds(event.ms / 1000)}\n${indent(event.result.output)}`;
    case 'done':
      return `${timesText(event)}\n`;
    case 'test': {
      const { passed, failed, output } = event.run;
      const counts = `${passed} passed, ${failed} failed`;
      const shown = failed > 0 || passed === 0 ? indent(output.trim()) : '';
      return `test  ${event.file}: ${counts}  ${formatSeconds(event.ms / 1000)}\n${shown}`;
    }
  }
}

function reachText({ direct, others }: { direct: readonly string[]; others: readonly string[] }) {
  if (direct.length + others.length === 0) return 'no test depends on it\n';
  const parts = [
    ...(direct.length > 0 ? [`named in ${direct.join(', ')}`] : []),
    ...(others.length > 0 ? [`reaches ${formatCount(others.length, 'other test file')}`] : []),
  ];
  return `${parts.join('; ')}\n`;
}

/** What runs beside each other counts in each. */
function timesText({ tests, ms }: { tests: 'direct' | 'all'; ms: SaveTimes }): string {
  const { first, all, ...parts } = ms;
  const seconds = (ms: number) => formatSeconds(ms / 1000);
  const spent = [
    ['lint', parts.lint],
    ['verilator', parts.verilate],
    ['g++', parts.compile],
    ['tests', parts.tests],
  ] as const;
  const shown = spent.filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${seconds(ms)}`);
  return [
    `from saving:${tests === 'direct' ? ' tests that name it,' : ''}`,
    ...(first === null ? [] : [`first result ${seconds(first)},`]),
    `all ${seconds(all)}`,
    ...(shown.length > 0 ? [`(beside each other: ${shown.join(', ')})`] : []),
  ].join(' ');
}

function lintText({ name, linter, isClean }: LintResult): string {
  return `${name}: ${linter} ${isClean ? 'clean' : 'complains'}`;
}

function indent(text: string): string {
  return text === '' ? '' : `${text.replace(/^(?=.)/gm, '    ')}\n`;
}
