// SPDX-License-Identifier: Apache-2.0

import { AccelError } from '../../driver/index.ts';
import { type AccelName, LOCAL_NAMES, unavailability } from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { type DriverCost, measureDriverCost } from './driver-cost.ts';
import { type Contestant, closeAll, openContestants, ROUNDS, runRounds } from './measure.ts';
import { type BenchRow, makeRows } from './rows.ts';
import { benchText } from './text.ts';
import { makeWorkload, type Operation } from './workload.ts';

/** Options of `hpb bench sigverify`. */
export interface BenchOptions {
  /** Without it: all that work here. */
  readonly accel?: readonly AccelName[];
  /** Of pcie. */
  readonly device?: string;
  readonly count: number;
  readonly op: Operation;
  readonly json: boolean;
}

/** What a benchmark tells while it runs. */
export interface BenchHooks {
  readonly signal: AbortSignal;
  /** A line for people, and how far it is, 0 to 1. */
  readonly onStep: (text: string, fraction: number) => void;
  /** A backend that was not asked for by name does not work here. */
  readonly onMissing: (text: string) => void;
  /** Measure also what driver and FFI cost (default). */
  readonly driverCost?: boolean;
}

/**
 * Opens the backends to measure.
 *
 * @throws {CliError} `UNAVAILABLE` when one that was asked for by name does not open.
 */
async function openAll(
  names: readonly AccelName[] | undefined,
  device: string | undefined,
  onMissing: BenchHooks['onMissing'],
): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const name of names ?? LOCAL_NAMES) {
    try {
      contestants.push(...(await openContestants(name, device)));
    } catch (error) {
      const text = `${name} does not work here: ${unavailability(name, error)}`;
      if (!names && error instanceof AccelError) {
        onMissing(text);
        continue;
      }
      await closeAll(contestants);
      if (!(error instanceof AccelError)) throw error;
      throw new CliError(EXIT.UNAVAILABLE, text, { cause: error });
    }
  }
  return contestants;
}

/**
 * Measures backends against one another.
 *
 * @throws {CliError} `FAILED` at a wrong answer, `UNAVAILABLE`, `INTERRUPTED`.
 */
export async function runBench(
  options: Omit<BenchOptions, 'json'>,
  { signal, onStep, onMissing, driverCost = true }: BenchHooks,
): Promise<BenchRow[]> {
  const contestants = await openAll(options.accel, options.device, onMissing);
  try {
    onStep('making signatures', 0);
    const workload = await makeWorkload(options.op, options.count, signal);
    const turns = contestants.length * ROUNDS;
    let done = 0;
    await runRounds(contestants, workload, signal, (round, { backend, threads }) => {
      const what = round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`;
      const width = `${threads} thread${threads === 1 ? '' : 's'}`;
      onStep(`${options.op}, ${what}: ${backend}, ${width}`, done / turns);
      if (round > 0) done++;
    });
    const costs: DriverCost[] = [];
    for (const { accelerator } of driverCost ? contestants : []) {
      onStep(`${options.op}: cost of driver and FFI`, 1);
      costs.push(...(await measureDriverCost(accelerator, workload, signal)));
    }
    return makeRows(contestants, workload, costs);
  } finally {
    await closeAll(contestants);
  }
}

/** Runs the benchmark and prints it. */
export async function benchCommand(options: BenchOptions, terminal: Terminal): Promise<ExitCode> {
  const { stderr, stdout, interrupt } = terminal;
  const progress = new Progress(stderr);
  let step = 'starting';
  try {
    const rows = await runBench(options, {
      signal: interrupt,
      onStep: (text, fraction) => {
        step = text;
        progress.update(() => text, fraction);
      },
      onMissing: (text) => {
        progress.clear();
        stderr.write(`hpb bench: not measured: ${text}\n`);
      },
    });
    progress.clear();
    await stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : benchText(rows));
    return EXIT.OK;
  } catch (error) {
    progress.clear();
    if (interrupt.aborted) {
      const message = `interrupted (${step}); an unfinished run has no figures`;
      throw new CliError(EXIT.INTERRUPTED, message, { cause: error });
    }
    if (error instanceof AccelError) {
      throw new CliError(EXIT.FAILED, `a backend failed (${error.code}): ${error.message}`);
    }
    throw error;
  }
}
