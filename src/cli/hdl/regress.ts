// SPDX-License-Identifier: Apache-2.0
// `hpb hdl regress`: tests with thousands of seeds, here or over many machines.

import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import {
  CampaignLog,
  type CampaignOptions,
  campaignKey,
  keepCampaign,
  planRuns,
  type RegressEntry,
  repeatCommand,
  runCampaign,
  type SeedOutcome,
} from '../../hdl/regress.ts';
import {
  checkQueueUrl,
  describeQueue,
  queueCampaign,
  workForQueue,
} from '../../hdl/regress-queue.ts';
import { resolveTargets } from '../../hdl/target.ts';
import { testReach } from '../../hdl/test-reach.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatNumber, formatSeconds } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { finishWith } from './options.ts';

interface RegressOptions {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly jobs: number;
  readonly minutes: number;
  readonly test?: readonly string[];
  readonly queue?: string;
  readonly worker: boolean;
  readonly idleSeconds?: number;
  readonly fresh: boolean;
  readonly json: boolean;
}

const HELP = `
Runs the tests that simulate the target, each file with every seed, on every core. What came out is kept in
.hpb/regress as it comes: the same command goes on where it was stopped, and begins anew when hdl, tests or
src/testbench have changed. At the end each failing seed is given with the command that repeats it.

With --queue the runs go to workers on any number of machines, through Redis or Valkey. A worker is this command
with --worker, in a checkout of the same sources; one with other sources gets no runs of this campaign.

Exit code 1 when a run failed, 69 when the queue does not answer.

Examples:
  hpb hdl regress common --seeds 1000
  hpb hdl regress --seeds 100 --json | jq '.failures[].repeat'
  hpb hdl regress --worker --queue redis://10.0.0.5:6379      # on each machine
  hpb hdl regress --seeds 5000 --queue redis://10.0.0.5:6379
`;

/** Adds `regress` to the group. */
export function addRegressCommand(group: Command, context: HdlContext): void {
  group
    .command('regress')
    .description('tests with thousands of seeds, here or over many machines')
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option('--seeds <count>', 'seeds for each test file', number(1, 1_000_000), 10)
    .option('--first-seed <seed>', 'the first of them', number(0, 2 ** 32 - 1), 1)
    .option('--jobs <count>', 'runs at once', number(1, 1024), availableParallelism())
    .option('--minutes <minutes>', 'most time for one run', number(1, 1440), 30)
    .option('--test <file>', 'this test file; may be repeated', (value, before: string[] = []) => [
      ...before,
      value,
    ])
    .option('--queue <url>', 'give the runs to workers: redis://[user:password@]host:port[/db]')
    .option('--worker', 'work for the queue', false)
    .option(
      '--idle-seconds <seconds>',
      'a worker ends after so long without a run',
      number(1, 86_400),
    )
    .option('--fresh', 'forget what is kept of this campaign', false)
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .action((name: string, options: RegressOptions) =>
      finishWith(context, () =>
        options.worker
          ? workerCommand(options, context.terminal)
          : regressCommand(name, options, context.terminal),
      ),
    );
}

async function workerCommand(
  { queue, jobs, idleSeconds, json }: RegressOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  if (queue === undefined)
    throw new HdlError('HDL_ARGUMENT', '--worker: expected --queue, got none');
  const root = projectRoot();
  const key = campaignKey(root);
  checkQueueUrl(queue);
  stderr.write(`worker for sources ${key} at ${describeQueue(queue)}; Ctrl-C ends it\n`);
  const count = await workForQueue(queue, key, root, {
    signal,
    workers: jobs,
    files: new Set(testReach(root).map(({ test }) => test)),
    ...(idleSeconds !== undefined && { idleMs: idleSeconds * 1000 }),
    onOutcome: (outcome) => stderr.write(`${showOutcome(outcome)}\n`),
  });
  await stdout.write(
    json ? `${JSON.stringify({ key, runs: count })}\n` : `${formatCount(count, 'run')}\n`,
  );
  return signal.aborted ? EXIT.INTERRUPTED : EXIT.OK;
}

async function regressCommand(
  name: string,
  options: RegressOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  if (options.queue !== undefined) checkQueueUrl(options.queue);
  const root = projectRoot();
  const files = testFiles(name, options.test, root);
  const key = campaignKey(root);
  const log = new CampaignLog(key, options.fresh);
  const runs = planRuns(files, options.firstSeed, options.seeds);
  const progress = new Progress(stderr);
  const start = performance.now();
  let done = 0;
  let stored = 0;
  let failed = 0;
  const settings: CampaignOptions = {
    log,
    signal,
    workers: options.jobs,
    timeoutMs: options.minutes * 60_000,
    onOutcome(outcome, isStored) {
      done++;
      if (isStored) stored++;
      if (outcome.failures.length > 0) {
        failed++;
        progress.clear();
        stderr.write(`${showOutcome(outcome)}\n`);
      }
      progress.update(
        () => showProgress(done, runs.length, failed, stored, start),
        done / runs.length,
      );
    },
  };
  if (!options.json) {
    const where = options.queue === undefined ? '' : ` through ${describeQueue(options.queue)}`;
    stderr.write(
      `campaign ${key}: ${formatCount(files.length, 'test file')}, ${formatCount(runs.length, 'run')}${where}\n`,
    );
  }
  const outcomes = await (options.queue === undefined
    ? runCampaign(root, runs, settings)
    : queueCampaign(options.queue, key, runs, settings)
  ).finally(() => progress.clear());
  const entries = await keepCampaign(root, key, outcomes);
  const failures = outcomes.flatMap((outcome) =>
    outcome.failures.map(({ test, reason }) => ({
      file: outcome.file,
      seed: outcome.seed,
      test,
      reason,
      repeat: repeatCommand(outcome, test),
    })),
  );
  const seconds = (performance.now() - start) / 1000;
  const workers = new Set(outcomes.map(({ by }) => by)).size;
  if (options.json) {
    const about = { key, log: log.path, runs: outcomes.length, stored, workers, seconds };
    await stdout.write(`${JSON.stringify({ ...about, files: entries, failures }, null, 2)}\n`);
  } else {
    await stdout.write(showSummary(entries));
    for (const { test, reason, repeat } of failures) {
      await stdout.write(`\n${repeat}\n  ${test || '(the file)'}: ${reason}\n`);
    }
    const new_ = outcomes.length - stored;
    await stdout.write(
      `\n${formatCount(outcomes.length, 'run')}, ${failed} failed; ${formatNumber(new_)} new in ${formatSeconds(seconds)}\n`,
    );
  }
  return failures.length === 0 ? EXIT.OK : EXIT.FAILED;
}

/** Test files that simulate a target; those given, if they are among all. */
function testFiles(name: string, given: readonly string[] | undefined, root: string): string[] {
  if (given !== undefined) {
    const known = new Set(testReach(root).map(({ test }) => test));
    const unknown = given.find((file) => !known.has(file));
    if (unknown === undefined) return [...new Set(given)];
    throw new HdlError(
      'HDL_ARGUMENT',
      `--test: expected a test file below tests/, got ${JSON.stringify(unknown)}`,
    );
  }
  const files = [...new Set(resolveTargets(name).flatMap(({ tests }) => tests))].sort();
  if (files.length > 0) return files;
  throw new HdlError('HDL_ARGUMENT', `expected tests that simulate ${name}, got none`);
}

function showOutcome({ file, seed, passed, failures, seconds }: SeedOutcome): string {
  const verdict = failures.length > 0 ? 'FAILED' : 'passed';
  const counts = `${passed} passed, ${failures.length} failed`;
  return `${verdict} ${file} SEED=${seed} (${counts}, ${formatSeconds(seconds)})`;
}

function showProgress(
  done: number,
  all: number,
  failed: number,
  stored: number,
  start: number,
): string {
  const fresh = done - stored;
  const left =
    fresh === 0 ? Number.NaN : ((performance.now() - start) / 1000 / fresh) * (all - done);
  const time = Number.isNaN(left) ? '' : `, ${formatSeconds(left)} left`;
  return `${formatNumber(done)} of ${formatCount(all, 'run')}, ${failed} failed${time}`;
}

function showSummary(entries: readonly RegressEntry[]): string {
  const width = Math.max(...entries.map(({ file }) => file.length));
  return entries
    .map(({ file, runs, tests, failedSeeds, seconds }) => {
      const seeds = failedSeeds.slice(0, 8).join(' ');
      const more = failedSeeds.length > 8 ? ' ..' : '';
      const failed = failedSeeds.length > 0 ? `  FAILED seeds ${seeds}${more}` : '';
      const mean = formatSeconds(seconds / runs);
      return `${file.padEnd(width)}  ${formatCount(runs, 'seed')}, ${formatCount(tests, 'test')}, ${mean} each${failed}\n`;
    })
    .join('');
}
