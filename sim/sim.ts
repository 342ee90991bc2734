// SPDX-License-Identifier: Apache-2.0
// `make sim`: the emulated card on real input, its answers and its speed beside software.
//
//   make sim ARGS="--count 5000 --seed 7"

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { requireBackend, unavailability } from '../src/cli/backends.ts';
import { runBench } from '../src/cli/bench/command.ts';
import { SeededBytes } from '../src/cli/bench/material.ts';
import type { BenchRow } from '../src/cli/bench/rows.ts';
import { benchText } from '../src/cli/bench/text.ts';
import { CliError, EXIT } from '../src/cli/exit.ts';
import { formatCount, formatNumber, formatSeconds, formatTable } from '../src/cli/format.ts';
import { Progress } from '../src/cli/progress.ts';
import { type Terminal, withTerminal } from '../src/cli/terminal.ts';
import { AccelError, type Accelerator, openAccelerator } from '../src/driver/index.ts';
import { measureBatchSizes } from './batch-sizes.ts';
import { type Comparison, compareAnswers } from './compare.ts';
import { makeFresh } from './fresh.ts';
import { type Report, writeReport } from './report.ts';
import { readVectors } from './vectors.ts';

const USAGE = `usage: make sim [ARGS="--count N --seed SEED"]
  --count   fresh signatures (default 2400): three quarters verify, one quarter recover
  --seed    of the fresh signatures (default: random, printed; SEED= does the same)
`;
const DEFAULT_COUNT = 2_400;
/** Signatures per round of the comparison: as many as software answers in a second or two. */
const BENCH_COUNT = { verify: 192, recover: 96 } as const;
/** Differences that are printed; all are in the report. */
const SHOWN = 10;

interface Options {
  readonly count: number;
  readonly seed: string;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: { count: { type: 'string' }, seed: { type: 'string' } },
    });
    const count = Number(values.count ?? DEFAULT_COUNT);
    if (!Number.isInteger(count) || count < 4 || count > 1_000_000) {
      throw new Error(`--count: expected an integer from 4 to 1000000, got ${values.count}`);
    }
    const seed = values.seed ?? (process.env.SEED || String(randomInt(2 ** 32)));
    return { count, seed };
  } catch (error) {
    throw new CliError(EXIT.USAGE, `${(error as Error).message}\n${USAGE}`);
  }
}

/** All sets that the card must answer as it should, one after another. */
async function checkAnswers(
  { count, seed }: Options,
  card: Accelerator,
  others: readonly Accelerator[],
  signal: AbortSignal,
  onStep: (text: string, fraction: number) => void,
): Promise<Comparison[]> {
  const vectors = readVectors();
  const half = (share: number) => Math.ceil((count * share) / 2);
  const fresh = ([allowHighS, name]: readonly [boolean, string]) => {
    const random = new SeededBytes(seed, name);
    return [
      makeFresh('verify', half(3 / 4), allowHighS, random),
      makeFresh('recover', half(1 / 4), allowHighS, random),
    ];
  };
  const sets = [
    ...vectors.map(({ set }) => set),
    ...fresh([false, 'low s']),
    ...fresh([true, 'high s']),
  ];
  const total = sets.reduce((sum, { questions }) => sum + questions.length, 0);
  let done = 0;
  const comparisons: Comparison[] = [];
  for (const [i, set] of sets.entries()) {
    signal.throwIfAborted();
    const comparison = await compareAnswers(set, card, others, (answers) => {
      done += answers;
      onStep(`comparing answers: ${set.name}`, done / total);
    });
    const vector = vectors[i];
    comparisons.push({
      ...comparison,
      malformed: vector?.malformed ?? 0,
      differences: [
        ...comparison.differences,
        ...(vector?.wronglyMalformed.map((name) => `${name}: a valid encoding was refused`) ?? []),
      ],
    });
  }
  return comparisons;
}

function answersText(report: Report): string {
  const rows = report.comparisons.map(({ name, signatures, malformed, accepted, differences }) => [
    name,
    formatNumber(signatures + malformed),
    formatNumber(accepted),
    formatNumber(signatures + malformed - accepted),
    formatNumber(differences.length),
  ]);
  const table = formatTable([['', 'cases', 'accepted', 'refused', 'wrong'], ...rows]);
  const shown = report.comparisons.flatMap(({ differences }) => differences).slice(0, SHOWN);
  return [
    `Answers of the card, compared with ${report.comparedWith.join(' and ')}, reason by reason and key by key:\n`,
    table.replaceAll(/^(?=.)/gm, '  '),
    ...shown.map((difference) => `  WRONG ${difference}\n`),
  ].join('');
}

function speedText(report: Report): string {
  return report.benches.map((rows) => `${benchText(rows)}\n`).join('');
}

async function simulate(options: Options, terminal: Terminal): Promise<number> {
  const { stderr, stdout, interrupt } = terminal;
  const start = performance.now();
  const progress = new Progress(stderr);
  const onStep = (text: string, fraction: number) => progress.update(() => text, fraction);
  const onMissing = (text: string) => {
    progress.clear();
    stderr.write(`sim: ${text}\n`);
  };

  const card = await requireBackend('verilator');
  const software = await requireBackend('software');
  const native = await openAccelerator({ kind: 'native' }).catch((error) => {
    onMissing(`native does not work here: ${unavailability('native', error)}`);
  });
  const others = [...(native ? [native] : []), software];
  const opened = [card, ...others];
  let comparisons: Comparison[];
  try {
    comparisons = await checkAnswers(options, card, others, interrupt, onStep);
  } finally {
    await Promise.all(opened.map((accelerator) => accelerator.close()));
  }

  const names = ['software', ...(native ? (['native'] as const) : []), 'verilator'] as const;
  const benches: BenchRow[][] = [];
  for (const op of ['verify', 'recover'] as const) {
    const hooks = { signal: interrupt, onStep, onMissing, driverCost: op === 'verify' };
    benches.push(await runBench({ accel: names, count: BENCH_COUNT[op], op }, hooks));
  }
  const curves = await measureBatchSizes(names, interrupt, onStep);

  const report: Report = {
    created: new Date().toISOString(),
    seed: options.seed,
    comparedWith: others.map(({ backend }) => backend),
    comparisons,
    benches,
    curves,
    card: card.device!.capabilities,
  };
  const paths = writeReport(report);
  progress.clear();
  const wrong = comparisons.reduce((sum, { differences }) => sum + differences.length, 0);
  const asked = comparisons.reduce((sum, c) => sum + c.signatures + c.malformed, 0);
  const seconds = formatSeconds((performance.now() - start) / 1000);
  const count = options.count === DEFAULT_COUNT ? '' : `--count ${options.count} `;
  await stdout.write(
    [
      `\n${answersText(report)}\n`,
      speedText(report),
      `${formatCount(asked, 'case')}, ${formatNumber(wrong)} wrong; ${seconds}. Repeat: make sim ARGS="${count}--seed ${options.seed}"\n`,
      `${paths.html}\n${paths.json}\n`,
    ].join(''),
  );
  return wrong === 0 ? EXIT.OK : EXIT.FAILED;
}

process.exitCode = await withTerminal(async (terminal) => {
  try {
    return await simulate(readOptions(), terminal);
  } catch (error) {
    if (error instanceof AccelError) {
      terminal.stderr.write(`sim: a backend failed (${error.code}): ${error.message}\n`);
      return EXIT.FAILED;
    }
    if (!(error instanceof CliError)) throw error;
    terminal.stderr.write(`sim: ${error.message}\n`);
    if (error.exitCode === EXIT.INTERRUPTED) process.exit(error.exitCode);
    return error.exitCode;
  }
});
