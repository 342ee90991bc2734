// SPDX-License-Identifier: Apache-2.0
/** Repeats a test that failed: the command for it, and a run of its own with waves of the last cycles. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { projectRoot } from './project.ts';

/** A test, as far as repeating it needs. */
export interface FailedTest {
  /** Absolute path of its file. */
  readonly file: string;
  /** Its name with those of the groups around it, by which `vitest -t` finds it. */
  readonly name: string;
  readonly seed: number;
}

/** Cycles before the end that waves are recorded of, unless `WAVES_LAST` says otherwise. */
const LAST_CYCLES = 1000;
/** Tests of one file that repeat themselves, unless `TESTBENCH_RERUN` says otherwise. */
const MAX_RERUNS = 3;
const TIMEOUT_MS = 300_000;

/** How `waves: <path>` is told from the rest of a run's output. */
export const WAVES_MARK = '  waves: ';

/** How many tests of a file may repeat themselves; 0 for none, as in a repetition itself. */
export function rerunLimit(): number {
  const { TESTBENCH_RERUN, HPB_MUTANT, WAVES } = process.env;
  // What records waves has them already, and a mutant's tests are meant to fail.
  if (HPB_MUTANT || Number(WAVES ?? 0)) return 0;
  const limit = Number(TESTBENCH_RERUN ?? MAX_RERUNS);
  return Number.isInteger(limit) && limit >= 0 ? limit : MAX_RERUNS;
}

/** The command that repeats a test. */
export function repeatCommand({ file, name, seed }: FailedTest): string {
  const path = relative(process.cwd(), file);
  const pattern = quote(namePattern(name));
  // In the project that the library comes from, make finds tools and builds what is missing.
  if (isOwnProject()) return `make test UNIT=${path} TEST=${pattern} SEED=${seed}`;
  return `SEED=${seed} npx vitest run ${path} -t ${pattern}`;
}

/**
 * Runs the test again with its seed, in a process of its own, recording the last cycles.
 *
 * @param cycles - cycles that each simulation had made, by its key.
 * @returns lines that say where the waves are, or why there are none.
 */
export async function rerunWithWaves(
  test: FailedTest,
  cycles: Readonly<Record<string, number>>,
): Promise<string[]> {
  const last = Number(process.env.WAVES_LAST ?? LAST_CYCLES);
  const from = Object.entries(cycles).map(([key, end]) => [key, Math.max(0, end - last)]);
  const vitest = dirname(createRequire(join(process.cwd(), 'x.js')).resolve('vitest/package.json'));
  const { all, exitCode, timedOut } = await execa(
    process.execPath,
    [join(vitest, 'vitest.mjs'), 'run', test.file, '-t', namePattern(test.name), '--reporter=dot'],
    {
      cwd: process.cwd(),
      extendEnv: false,
      env: {
        ...withoutVitest(process.env),
        SEED: String(test.seed),
        WAVES: '1',
        WAVES_FROM: JSON.stringify(Object.fromEntries(from)),
        WAVES_NAME: `${relative(process.cwd(), test.file)} ${test.name}`,
      },
      reject: false,
      all: true,
      stdin: 'ignore',
      timeout: TIMEOUT_MS,
    },
  );
  if (timedOut) return [`waves: the repeated run did not end in ${TIMEOUT_MS / 1000} s`];
  // A reporter may have begun the line.
  const lines = (all ?? '').split('\n').flatMap((line) => line.split(WAVES_MARK)[1] ?? []);
  if (exitCode === 0) {
    return [
      'waves: none; repeated with the same seed, the test passed: it depends on something else',
    ];
  }
  if (lines.length === 0) {
    return [
      `waves: none; the repeated run said\n${(all ?? '').trim().split('\n').slice(-12).join('\n')}`,
    ];
  }
  return lines.map((path) => `waves of the last ${last} cycles: ${path}`);
}

/** Vitest would take itself for a worker of this run. */
function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VITEST|JEST_)/.test(name)));
}

/** A regular expression that the name alone matches; what a shell or make would change is any character. */
function namePattern(name: string): string {
  return `^${name.replace(/[^\w ,:=-]/g, '.')}$`;
}

/** For the shell; make reads a dollar twice. */
function quote(pattern: string): string {
  return `'${isOwnProject() ? pattern.replaceAll('$', '$$$$') : pattern}'`;
}

function isOwnProject(): boolean {
  const own = projectRoot(dirname(fileURLToPath(import.meta.url)));
  try {
    readFileSync(join(own, 'Makefile'));
  } catch {
    return false;
  }
  return own === projectRoot();
}
