// SPDX-License-Identifier: Apache-2.0
// Test files run again and again, each time with another seed.
//
// What came out is kept line by line in .hpb/regress, under a name made of all sources that count: a campaign that
// was stopped goes on where it was, one on changed sources begins anew.

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { HdlError } from './errors.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { runPool } from './pool.ts';
import { runProcess } from './process.ts';
import { commitOf } from './revision.ts';
import { storeRoot } from './store.ts';

/** One test file with one seed. */
export interface SeedRun {
  /** Test file, relative to the project. */
  readonly file: string;
  /** 32 bits. */
  readonly seed: number;
}

/** What became of it. */
export interface SeedOutcome extends SeedRun {
  readonly passed: number;
  /** Names of the tests that failed, with the first line of why. */
  readonly failures: ReadonlyArray<{ readonly test: string; readonly reason: string }>;
  readonly seconds: number;
  /** Host and process that ran it. */
  readonly by: string;
}

/** The outcomes of one test file; a line of the history. */
export interface RegressEntry extends HistoryEntry {
  readonly runs: number;
  readonly tests: number;
  readonly failedSeeds: readonly number[];
  readonly seconds: number;
}

/** Most time for one run, in ms. */
export const RUN_TIMEOUT_MS = 30 * 60_000;
/** Folders whose files decide about what tests say. */
const COUNTED = ['hdl', 'src/testbench', 'tests'];

/**
 * A name for the state of all sources that tests depend on: 16 hexadecimal digits, the same on every machine
 * with the same sources.
 */
export function campaignKey(root: string): string {
  const hash = createHash('sha256');
  const files = COUNTED.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  for (const file of [...files].sort()) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** All runs of a campaign: every file with the first seed, then with the next. */
export function planRuns(files: readonly string[], firstSeed: number, count: number): SeedRun[] {
  return Array.from({ length: count }, (_, i) => (firstSeed + i) >>> 0).flatMap((seed) =>
    files.map((file) => ({ file, seed })),
  );
}

/** What a campaign has found so far, in a file. */
export class CampaignLog {
  readonly path: string;
  readonly #outcomes = new Map<string, SeedOutcome>();

  /** @param fresh - forget what was found. */
  constructor(key: string, fresh = false, store = storeRoot()) {
    const folder = join(store, '.hpb/regress');
    this.path = join(folder, `${key}.jsonl`);
    mkdirSync(folder, { recursive: true });
    if (fresh) rmSync(this.path, { force: true });
    if (!existsSync(this.path)) return;
    for (const line of readFileSync(this.path, 'utf8').split('\n')) {
      const outcome = parseOutcome(line);
      if (outcome) this.#outcomes.set(nameOf(outcome), outcome);
    }
  }

  find(run: SeedRun): SeedOutcome | undefined {
    return this.#outcomes.get(nameOf(run));
  }

  /** @throws {HdlError} `HDL_OUTPUT`. */
  add(outcome: SeedOutcome): void {
    this.#outcomes.set(nameOf(outcome), outcome);
    try {
      appendFileSync(this.path, `${JSON.stringify(outcome)}\n`);
    } catch (error) {
      const message = `cannot write ${this.path}: ${(error as Error).message}`;
      throw new HdlError('HDL_OUTPUT', message, { cause: error });
    }
  }
}

function nameOf({ file, seed }: SeedRun): string {
  return `${file} ${seed}`;
}

/** A line that was cut off is run again. */
function parseOutcome(line: string): SeedOutcome | undefined {
  try {
    const value = JSON.parse(line) as SeedOutcome;
    const isOne = typeof value.file === 'string' && typeof value.seed === 'number';
    return isOne && Array.isArray(value.failures) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** The part of Vitest's JSON report that counts. */
interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }>;
  }>;
}

/** Runs one test file with one seed, in a process of its own. */
export async function runSeed(
  root: string,
  { file, seed }: SeedRun,
  { signal, timeoutMs = RUN_TIMEOUT_MS }: RunOptions = {},
): Promise<SeedOutcome> {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'hpb-regress-'));
  const report = join(folder, 'report.json');
  try {
    const { exitCode, output, timedOut } = await runProcess(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', file, '--reporter=json', `--outputFile=${report}`],
      { cwd: root, signal, timeoutMs, env: { SEED: String(seed) } },
    );
    const found = readReport(report);
    const failures = found.failures;
    if (exitCode !== 0 && failures.length === 0) {
      const reason = timedOut
        ? `no result after ${Math.round(timeoutMs / 1000)} s`
        : (output.trim().split('\n').at(-1) ?? `ended with ${exitCode}`);
      failures.push({ test: '', reason });
    }
    const seconds = (performance.now() - start) / 1000;
    return {
      file,
      seed,
      passed: found.passed,
      failures,
      seconds,
      by: `${hostname()}:${process.pid}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path: string): {
  passed: number;
  failures: Array<{ test: string; reason: string }>;
} {
  if (!existsSync(path)) return { passed: 0, failures: [] };
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = tests
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({
      test: fullName,
      reason: failureMessages?.[0]?.split('\n')[0]?.slice(0, 500) ?? '',
    }));
  for (const { status, message, assertionResults } of testResults) {
    if (status === 'failed' && assertionResults.length === 0) {
      failures.push({ test: '', reason: message?.split('\n')[0]?.slice(0, 500) ?? 'did not load' });
    }
  }
  return { passed: tests.filter(({ status }) => status === 'passed').length, failures };
}

export interface CampaignOptions extends RunOptions {
  readonly log: CampaignLog;
  /** How many at once on this machine. */
  readonly workers?: number;
  /** Told of each outcome as it comes; `isStored` when it was known. */
  readonly onOutcome?: ((outcome: SeedOutcome, isStored: boolean) => void) | undefined;
}

/** Runs what is missing of a campaign on this machine. @returns all outcomes, in the order of the runs. */
export async function runCampaign(
  root: string,
  runs: readonly SeedRun[],
  { log, workers, onOutcome, signal, timeoutMs }: CampaignOptions,
): Promise<SeedOutcome[]> {
  return runPool(
    runs,
    async (run) => {
      const stored = log.find(run);
      const outcome =
        stored ?? (await runSeed(root, run, { signal, ...(timeoutMs && { timeoutMs }) }));
      if (!stored) log.add(outcome);
      onOutcome?.(outcome, stored !== undefined);
      return outcome;
    },
    { signal, ...(workers && { workers }) },
  );
}

/** Keeps what a campaign found of each test file. */
export async function keepCampaign(
  root: string,
  key: string,
  outcomes: readonly SeedOutcome[],
): Promise<RegressEntry[]> {
  const revision = { ...(await commitOf(root, COUNTED)), sources: key };
  const files = [...new Set(outcomes.map(({ file }) => file))];
  return files.map((file) => {
    const own = outcomes.filter((outcome) => outcome.file === file);
    const entry: RegressEntry = {
      name: file,
      file,
      parameters: {},
      revision,
      time: new Date().toISOString(),
      runs: own.length,
      tests: Math.max(...own.map(({ passed, failures }) => passed + failures.length)),
      failedSeeds: own.filter(({ failures }) => failures.length > 0).map(({ seed }) => seed),
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    };
    appendHistory(storeRoot(), 'regress', entry);
    return entry;
  });
}

/** The command that repeats a failure. */
export function repeatCommand({ file, seed }: SeedRun, test: string): string {
  const name = test === '' ? '' : ` TEST='${test.replace(/[^\w ,:=-]/g, '.')}'`;
  return `make test UNIT=${file}${name} SEED=${seed}`;
}
