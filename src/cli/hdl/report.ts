// SPDX-License-Identifier: Apache-2.0
// `hpb hdl report`: one page of all that the other commands found out.

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { collectReport } from '../../hdl/report.ts';
import { reportPage } from '../../hdl/report-page.ts';
import { commitOf, shortRevision } from '../../hdl/revision.ts';
import { storeRoot } from '../../hdl/store.ts';
import { resolveTargets } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { finishWith } from './options.ts';

interface ReportOptions {
  readonly out?: string;
  readonly json: boolean;
}

const HELP = `
Measures nothing: shows the newest of what regress, cover, mutate, formal, synth, fmax and profile kept, module by
module, and marks what belongs to earlier sources. The page needs nothing but itself.

Examples:
  hpb hdl report
  hpb hdl report sigverify --out sigverify.html
  hpb hdl report --json | jq '.[] | select(.mutation.entry.survived > 0) | .name'
`;

/** Adds `report` to the group. */
export function addReportCommand(group: Command, context: HdlContext): void {
  group
    .command('report')
    .description('one page: tests, coverage, mutants, proofs, resources, Fmax, speed')
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option('--out <file>', 'where it goes; build/hdl/report.html unless given')
    .option('--json', 'the same as JSON on standard output, no page', false)
    .addHelpText('after', HELP)
    .action((name: string, options: ReportOptions) =>
      finishWith(context, () => reportCommand(name, options, context.terminal)),
    );
}

async function reportCommand(
  name: string,
  { out, json }: ReportOptions,
  { stdout, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const store = storeRoot();
  const modules = await collectReport(resolveTargets(name), signal);
  if (json) {
    await stdout.write(`${JSON.stringify(modules, null, 2)}\n`);
    return EXIT.OK;
  }
  const path = resolve(out ?? join(store, 'build/hdl/report.html'));
  const revision = { ...(await commitOf(store, ['hdl', 'tests'], signal)), sources: '' };
  const page = reportPage(modules, {
    project: basename(store),
    commit: shortRevision(revision),
    time: new Date().toISOString(),
  });
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, page);
  } catch (error) {
    throw new HdlError('HDL_OUTPUT', `cannot write ${path}: ${(error as Error).message}`);
  }
  await stdout.write(`${path}\n`);
  return EXIT.OK;
}
