// SPDX-License-Identifier: Apache-2.0
// `hpb hdl formal`: proofs of properties, and deliberate faults that they must notice.

import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { isProven, type ProofEntry, prove, tryFault } from '../../hdl/formal.ts';
import {
  DEFAULT_DEPTH,
  hasProperties,
  MAX_DEPTH,
  proofFaults,
  proofJobs,
} from '../../hdl/formal-jobs.ts';
import { runPool } from '../../hdl/pool.ts';
import { resolveTargets, type Target } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface FormalCommandOptions extends CommonOptions {
  readonly base: number;
  readonly step: number;
  readonly cover: number;
  readonly seconds: number;
  readonly breaks: boolean;
}

const HELP = `
Proves what stands under \`ifdef FORMAL by temporal induction: base case and step, so a proof holds for runs of any
length. Covers show that the assumptions leave something to prove. The lines of formal/jobs beside a module
say for which parameters and how deep; a module without lines is proven once, at the depths given here.

Waves (.vcd) of counterexamples and of every cover that is reached are in build/formal, with models and logs;
results are kept in .hpb/history/formal.jsonl. --breaks breaks each module as formal/breaks lists: every proof must
fail then.

Exit code 1 when a property is not proven, a cover not reached, or a fault not caught.

Examples:
  hpb hdl formal axis_fifo
  hpb hdl formal common --breaks
  hpb hdl formal arbiter.sv --top arbiter --step 8 --json | jq '.[].failures'
`;

/** Adds `formal` to the group. */
export function addFormalCommand(group: Command, context: HdlContext): void {
  const depth = number(1, MAX_DEPTH);
  withTarget(group.command('formal').description('proofs of properties, by yosys and z3'))
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option(
      '--base <cycles>',
      'base case, without a line in formal/jobs',
      depth,
      DEFAULT_DEPTH.base,
    )
    .option('--step <cycles>', 'induction step, the same', depth, DEFAULT_DEPTH.step)
    .option('--cover <cycles>', 'covers, the same', depth, DEFAULT_DEPTH.cover)
    .option('--seconds <seconds>', 'most time for each run of the solver', number(1, 86_400), 300)
    .option('--breaks', 'try the deliberate faults instead', false)
    .addHelpText('after', HELP)
    .action((name: string, options: FormalCommandOptions) =>
      finishWith(context, () => formalCommand(name, options, context.terminal)),
    );
}

async function formalCommand(
  name: string,
  options: FormalCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { base, step, cover } = options;
  if (base < step) {
    const message = `expected --base of at least --step, ${step}; got ${base}`;
    throw new HdlError('HDL_ARGUMENT', message);
  }
  const targets = resolveTargets(name, targetOptions(options)).filter(hasProperties);
  if (targets.length === 0) {
    const got = name === '' ? 'none in hdl/' : `none in ${name}`;
    throw new HdlError('HDL_ARGUMENT', `expected properties under \`ifdef FORMAL, got ${got}`);
  }
  if (options.breaks) return breakAll(targets, options, terminal);
  const jobs = targets.flatMap((target) =>
    proofJobs(target, { base, step, cover }).map((job) => ({ target, job })),
  );
  return proveAll(jobs, options, terminal);
}

const COLUMNS = ['MODULE', 'PARAMETERS', 'BASE', 'INDUCTION', 'COVER', 'SECONDS'];
const WIDTHS = [20, 34, 8, 10, 8, 0];

async function proveAll(
  jobs: ReadonlyArray<{ target: Target; job: ReturnType<typeof proofJobs>[number] }>,
  { json, seconds }: FormalCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const progress = new Progress(stderr);
  const row = (cells: readonly string[]) =>
    `${cells
      .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
      .join(' ')
      .trimEnd()}\n`;
  if (!json) await stdout.write(row(COLUMNS));
  let done = 0;
  const entries = await runPool(
    jobs,
    async ({ target, job }) => {
      progress.update(() => target.name, done / jobs.length);
      const entry = await prove(target, job, { signal, solverSeconds: seconds });
      done++;
      progress.clear();
      if (!json) {
        const { base, induction, cover } = entry;
        const time = entry.seconds.toFixed(1);
        await stdout.write(row([entry.name, showSet(entry), base, induction, cover, time]));
        for (const failure of entry.failures) await stdout.write(`  failed: ${failure}\n`);
        if (!isProven(entry))
          for (const path of entry.waves) await stdout.write(`  waves: ${path}\n`);
      }
      return entry;
    },
    { signal },
  ).finally(() => progress.clear());
  const failed = entries.filter((entry) => !isProven(entry)).length;
  if (json) await stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
  else await stdout.write(`${formatCount(entries.length, 'proof')}, ${failed} failed\n`);
  return failed === 0 ? EXIT.OK : EXIT.FAILED;
}

function showSet({ parameters }: ProofEntry): string {
  return Object.entries(parameters)
    .map((pair) => pair.join('='))
    .join(' ');
}

async function breakAll(
  targets: readonly Target[],
  { json, seconds }: FormalCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const faults = targets.flatMap((target) =>
    proofFaults(target).map((fault) => ({ target, fault })),
  );
  if (faults.length === 0) {
    throw new HdlError(
      'HDL_ARGUMENT',
      'expected lines in formal/breaks, got none for these modules',
    );
  }
  const progress = new Progress(stderr);
  let done = 0;
  const results = await runPool(
    faults,
    async ({ target, fault }) => {
      progress.update(() => `${target.name}: ${fault.what}`, done / faults.length);
      const result = await tryFault(target, fault, { signal, solverSeconds: seconds });
      done++;
      progress.clear();
      if (!json) {
        const verdict = result.isCaught ? 'caught' : 'MISSED';
        await stdout.write(
          `${result.name.padEnd(15)} ${verdict}  ${result.how.padEnd(26)} ${result.what}\n`,
        );
      }
      return result;
    },
    { signal },
  ).finally(() => progress.clear());
  const missed = results.filter(({ isCaught }) => !isCaught).length;
  if (json) await stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else await stdout.write(`${formatCount(results.length, 'fault')}, ${missed} missed\n`);
  return missed === 0 ? EXIT.OK : EXIT.FAILED;
}
