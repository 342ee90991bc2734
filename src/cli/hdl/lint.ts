// SPDX-License-Identifier: Apache-2.0
// `hpb hdl lint`: verilator -Wall and yosys over modules, each as a top of its own.

import { type Command, Option } from 'commander';
import { LINTERS, type Linter, lint } from '../../hdl/lint.ts';
import { runPool } from '../../hdl/pool.ts';
import { resolveTargets } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount } from '../format.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface LintOptions extends CommonOptions {
  readonly with?: Linter;
}

const HELP = `
Verilator looks with -Wall; yosys reads and elaborates, since its Verilog is narrower. Each module is a
top of its own. Complaints are the linters' own words; exit code 1 when there are any.

Examples:
  hpb hdl lint
  hpb hdl lint axis_fifo --with verilator
  hpb hdl lint uart.sv --top uart_rx --json | jq '.[] | select(.isClean | not)'
`;

/** Adds `lint` to the group. */
export function addLintCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('lint').description('verilator -Wall and yosys over modules'))
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .addOption(new Option('--with <linter>', 'this one only').choices(LINTERS))
    .addHelpText('after', HELP)
    .action((name: string, options: LintOptions) =>
      finishWith(context, () => lintCommand(name, options, context.terminal)),
    );
}

async function lintCommand(
  name: string,
  options: LintOptions,
  { stdout, stderr, interrupt }: Terminal,
): Promise<ExitCode> {
  const targets = resolveTargets(name, targetOptions(options));
  const linters = options.with ? [options.with] : LINTERS;
  const jobs = linters.flatMap((linter) => targets.map((target) => ({ target, linter })));
  const progress = new Progress(stderr);
  let done = 0;
  const results = await runPool(
    jobs,
    async ({ target, linter }) => {
      const result = await lint(target, linter, { signal: interrupt });
      done++;
      progress.update(() => `${linter} ${target.name}`, done / jobs.length);
      return result;
    },
    { signal: interrupt },
  ).finally(() => progress.clear());
  const complaints = results.filter(({ isClean }) => !isClean);
  if (options.json) {
    await stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  } else {
    for (const { linter, file, output } of complaints) {
      await stdout.write(`${linter}: ${file}:\n${output}\n\n`);
    }
    for (const linter of linters) {
      const found = complaints.filter((result) => result.linter === linter).length;
      const title = linter === 'verilator' ? 'verilator -Wall' : linter;
      await stdout.write(
        `${title}: ${formatCount(targets.length, 'module')}, ${found} with complaints\n`,
      );
    }
  }
  return complaints.length === 0 ? EXIT.OK : EXIT.FAILED;
}
