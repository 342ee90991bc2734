// SPDX-License-Identifier: Apache-2.0
// Malformed and mutated frames at the TCP engine, with live sessions in every state: what it says is held to the
// RFCs, and after each run everything is whole.
//
//   node src/scripts/run.js sim/toe/fuzz.ts --frames 100000 --seed 7

import { Command } from 'commander';
import { CliError, EXIT } from '../../src/cli/exit.ts';
import { formatSeconds } from '../../src/cli/format.ts';
import { number } from '../../src/cli/number-option.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { runSeed } from '../../src/testbench/random.ts';
import { Pcap } from './fuzz/pcap.ts';
import { type Counts, fuzz, type RunResult } from './fuzz/run.ts';
import { Violation } from './fuzz/violation.ts';

const HELP = `
A campaign is runs of so many mutants each, with the seeds SEED, SEED + 1 and so on; each begins with a reset and ends
with no session, no timer and whole pools. A run depends on its seed and length only: --first goes on where a
campaign was stopped, and several processes share one. What is checked: hdl/toe/README.md.

Exit code: 0 everything held, 1 something did not, 64 wrong usage, 130 Ctrl-C.

Examples:
  make fuzz ARGS="--frames 1000000"
  make fuzz SEED=7 ARGS="--first 12 --runs 1 --pcap /tmp/run.pcap"
`;

interface Options {
  readonly seed: number;
  readonly frames: number;
  readonly perRun: number;
  readonly first: number;
  readonly runs?: number;
  readonly pcap?: string;
  readonly json: boolean;
}

interface Failure {
  readonly run: number;
  readonly seed: number;
  readonly message: string;
}

function add(sums: Counts, counts: Counts): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
}

/** Sums of runs. */
class Totals {
  readonly runs: RunResult[] = [];
  readonly kinds: Counts = {};
  readonly states: Counts = {};
  readonly host: Counts = {};
  readonly figures: Counts = {};

  add(result: RunResult): void {
    this.runs.push(result);
    const { mutants, framesIn, framesOut, cycles, ms, beside } = result;
    add(this.figures, { mutants, framesIn, framesOut, cycles, ms });
    add(this.figures, { besideSessions: beside.sessions, besideBytes: beside.bytes });
    add(this.kinds, result.kinds);
    add(this.states, result.states);
    add(this.host, result.host);
  }

  get text(): string {
    const list = (counts: Counts) =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    const { mutants = 0, framesIn = 0, framesOut = 0, cycles = 0, ms = 0 } = this.figures;
    const { besideSessions = 0, besideBytes = 0 } = this.figures;
    return [
      `${mutants} mutants in ${this.runs.length} runs, of ${framesIn} frames in; ${framesOut} out`,
      `what was wrong: ${list(this.kinds)}`,
      `sessions that they met: ${list(this.states)}`,
      `beside them: ${besideSessions} sessions, ${besideBytes} bytes, all as they were sent`,
      `the host: ${list(this.host)}`,
      `${cycles} cycles, ${(ms / 1000).toFixed(0)} s of the card's time\n`,
    ].join('\n');
  }
}

async function campaign(options: Options, { stdout, stderr, interrupt }: Terminal) {
  const { seed, perRun, first, json } = options;
  const began = performance.now();
  const runs = options.runs ?? Math.ceil(options.frames / perRun) - first;
  const totals = new Totals();
  let failure: Failure | undefined;
  stderr.write(`fuzz: seed ${seed}, runs ${first} to ${first + runs - 1} of ${perRun} mutants\n`);
  const pcap = options.pcap === undefined ? undefined : new Pcap(options.pcap);
  try {
    for (let run = first; run < first + runs && !interrupt.aborted && !failure; run++) {
      const left = options.runs === undefined ? options.frames - run * perRun : perRun;
      const ownSeed = (seed + run) % 2 ** 32;
      try {
        const result = await fuzz({
          seed: ownSeed,
          frames: Math.min(perRun, left),
          isStopped: () => interrupt.aborted,
          ...(pcap && { watch: (passed) => pcap.add(passed) }),
        });
        totals.add(result);
        const took = formatSeconds((performance.now() - began) / 1000);
        stderr.write(`fuzz: run ${run}: ${totals.figures.mutants} mutants so far, ${took}\n`);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        failure = { run, seed: ownSeed, message: error.message };
      }
    }
  } finally {
    pcap?.close();
  }
  const seconds = (performance.now() - began) / 1000;
  const { runs: results, kinds, states, host, figures } = totals;
  if (json) {
    const outcome = { options, seconds, failure, figures, kinds, states, host, results };
    await stdout.write(`${JSON.stringify(outcome)}\n`);
  } else await stdout.write(totals.text);
  if (failure) {
    stderr.write(`fuzz: BAD: ${failure.message}\n`);
    const again = `SEED=${seed} ARGS="--first ${failure.run} --runs 1 --per-run ${perRun}"`;
    stderr.write(`fuzz: to repeat it: make fuzz ${again}\n`);
    return EXIT.FAILED;
  }
  return interrupt.aborted ? EXIT.INTERRUPTED : EXIT.OK;
}

/** SEED, where it is set. */
function defaultSeed(): number {
  try {
    return runSeed();
  } catch (error) {
    throw new CliError(EXIT.USAGE, (error as RangeError).message);
  }
}

await runProgram('fuzz', (terminal, finish) =>
  new Command('fuzz')
    .description(
      'Malformed and mutated frames at the TCP engine, with live sessions in every state.',
    )
    .option('--frames <count>', 'mutants in all', number(1, 1e9), 1_000_000)
    .option('--per-run <count>', 'mutants between two resets', number(1, 1e7), 25_000)
    .option('--first <run>', 'the first run', number(0, 1e6), 0)
    .option('--runs <count>', 'so many runs, instead of all', number(1, 1e6))
    .option('--seed <seed>', 'of what is random', number(0, 2 ** 32 - 1), defaultSeed())
    .option('--pcap <file>', 'records all frames, for Wireshark')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for all options)')
    .exitOverride()
    .action(async (options: Options) => {
      finish(await campaign(options, terminal));
    }),
);
