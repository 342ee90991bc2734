// SPDX-License-Identifier: Apache-2.0
// `hpb hdl mutate`: small changes of a module; do its tests notice?

import type { Command } from 'commander';
import { mutate } from '../../hdl/mutate.ts';
import { resolveTarget } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface MutateCommandOptions extends CommonOptions {
  readonly count: number;
  readonly seed: number;
  readonly test?: readonly string[];
  readonly fresh: boolean;
  readonly strict: boolean;
}

const HELP = `
Each change is tried by itself with the tests that simulate the module, or those of --test. A survivor is a
missing test, or a change that makes no difference; it is shown with file and line. A change that does not
compile does not count. What was tried is kept in build/mutate until sources, tests or seed change: a run that
was stopped goes on where it was. The figures are kept in .hpb/history/mutate.jsonl.

Exit code 1 when the tests fail without any change; with --strict also when a change survives.

Examples:
  hpb hdl mutate axis_fifo --count 40
  hpb hdl mutate card_axil --test tests/card/hdl/axil.test.ts --json | jq .entry.survivors
`;

/** Adds `mutate` to the group. */
export function addMutateCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('mutate').description('changes a module: do its tests notice?'))
    .argument('<target>', 'module or file')
    .option('--count <changes>', 'how many, chosen at random', number(1, 100_000), 40)
    .option('--seed <seed>', 'of the choice and of the tests', number(0, 2 ** 32 - 1), 1)
    .option('--test <file>', 'test file; may be repeated', (value, before: string[] = []) => [
      ...before,
      value,
    ])
    .option('--fresh', 'try again what was tried before', false)
    .option('--strict', 'exit code 1 when a change survives', false)
    .addHelpText('after', HELP)
    .action((name: string, options: MutateCommandOptions) =>
      finishWith(context, () => mutateCommand(name, options, context.terminal)),
    );
}

async function mutateCommand(
  name: string,
  options: MutateCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const target = resolveTarget(name, targetOptions(options));
  const progress = new Progress(stderr);
  const { json, count, seed, fresh } = options;
  let done = 0;
  progress.update(() => `${target.name}: without any change`, 0);
  const { entry, results } = await mutate(target, {
    count,
    seed,
    fresh,
    signal,
    ...(options.test && { tests: options.test }),
    async onResult({ outcome, line, what, source }, isStored) {
      done++;
      progress.clear();
      if (!json && outcome !== 'invalid') {
        const verdict = outcome === 'survived' ? 'SURVIVED' : 'killed  ';
        const stored = isStored ? ' (before)' : '';
        await stdout.write(`${verdict} ${target.file}:${line}: ${what}   in: ${source}${stored}\n`);
      }
      progress.update(() => `${target.name}: ${done} tried`, done / count);
    },
  }).finally(() => progress.clear());
  if (json) {
    await stdout.write(`${JSON.stringify({ entry, results }, null, 2)}\n`);
  } else {
    const tried = entry.killed + entry.survived;
    await stdout.write(
      `${entry.name}: ${entry.killed} of ${tried} mutants killed (${entry.possible} possible, seed ${seed})\n`,
    );
  }
  return options.strict && entry.survived > 0 ? EXIT.FAILED : EXIT.OK;
}
