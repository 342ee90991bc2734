// SPDX-License-Identifier: Apache-2.0
// Runs test files with the project's own Vitest, and reads what became of them.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { HdlError } from './errors.ts';
import { runProcess } from './process.ts';

export interface RunTestsOptions {
  /** Part of the names of the tests to run, a regular expression; all unless given. */
  readonly name?: string | undefined;
  /** Environment: SEED, WAVES and what else a test reads. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Gets what Vitest prints as it comes. */
  readonly onText?: (text: string) => void;
  /** Most time for all files, in ms; without limit unless given. */
  readonly timeoutMs?: number;
  /** Most time for one test and one hook, in ms; the project's own unless given. */
  readonly testTimeoutMs?: number;
}

export interface TestRun {
  readonly files: readonly TestFileResult[];
  readonly passed: number;
  /** Tests, and files that do not load. */
  readonly failed: number;
  /** What Vitest printed; empty with `onText`. */
  readonly output: string;
}

export interface TestFileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly TestResult[];
}

export interface TestResult {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
}

/** What is read of Vitest's JSON. */
interface VitestJson {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
    }[];
  }[];
}

let runs = 0;

/**
 * Runs test files.
 *
 * @param files - relative to `root`; each must exist.
 * @throws {HdlError} `HDL_TOOL` without Vitest; `HDL_FAILED` when it ends without a result, with what it
 *   printed.
 */
export async function runTests(
  root: string,
  files: readonly string[],
  { name, env = {}, signal, onText, timeoutMs, testTimeoutMs }: RunTestsOptions = {},
): Promise<TestRun> {
  const report = join(root, 'build/hdl', `tests-${process.pid}-${runs++}.json`);
  mkdirSync(dirname(report), { recursive: true });
  const args = [
    findVitest(root),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(name === undefined ? [] : ['-t', name]),
    ...(testTimeoutMs === undefined
      ? []
      : [`--testTimeout=${testTimeoutMs}`, `--hookTimeout=${testTimeoutMs}`]),
    ...files,
  ];
  try {
    const { output, timedOut } = await runProcess(process.execPath, args, {
      cwd: root,
      env,
      signal,
      ...(onText && { onText: (text) => onText(withoutReport(text)) }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    if (!existsSync(report)) {
      const reason = timedOut ? `no result in ${timeoutMs} ms` : output.trim();
      throw new HdlError('HDL_FAILED', `the tests ended without a result: ${reason}`);
    }
    const json = JSON.parse(readFileSync(report, 'utf8')) as VitestJson;
    return { ...readResults(root, json), output: withoutReport(output) };
  } finally {
    rmSync(report, { force: true });
  }
}

/**
 * The tests of a file, by their whole names, in its order; none of them runs.
 *
 * @param file - relative to `root`.
 * @throws {HdlError} `HDL_TOOL` without Vitest; `HDL_FAILED` when the file does not load.
 */
export async function listTests(
  root: string,
  file: string,
  { name, signal }: Pick<RunTestsOptions, 'name' | 'signal'> = {},
): Promise<string[]> {
  const list = join(root, 'build/hdl', `list-${process.pid}-${runs++}.json`);
  mkdirSync(dirname(list), { recursive: true });
  const args = ['list', file, `--json=${list}`, ...(name === undefined ? [] : ['-t', name])];
  try {
    const { output } = await runProcess(process.execPath, [findVitest(root), ...args], {
      cwd: root,
      signal,
    });
    if (!existsSync(list)) throw new HdlError('HDL_FAILED', `${file}: ${output.trim()}`);
    const tests = JSON.parse(readFileSync(list, 'utf8')) as { name: string; file: string }[];
    return tests
      .filter((test) => relative(root, test.file) === file)
      .map((test) => test.name.replaceAll(' > ', ' '));
  } finally {
    rmSync(list, { force: true });
  }
}

/** What Vitest prints, without its word about the file that is read here and removed. */
function withoutReport(text: string): string {
  return text.replace(/^JSON report written to .*\n?/gm, '');
}

function readResults(root: string, { testResults }: VitestJson): Omit<TestRun, 'output'> {
  const files = testResults.map(({ name, status, assertionResults }): TestFileResult => {
    const tests = assertionResults.map((each) => ({
      name: each.fullName,
      state: stateOf(each.status),
      ms: each.duration ?? 0,
    }));
    const count = (state: string) => tests.filter((test) => test.state === state).length;
    const failed = count('failed');
    // A file that does not load has no tests, and has failed.
    const broken = failed === 0 && status === 'failed' ? 1 : 0;
    return {
      file: relative(root, name),
      passed: count('passed'),
      failed: failed + broken,
      tests,
    };
  });
  const sum = (key: 'passed' | 'failed') => files.reduce((total, file) => total + file[key], 0);
  return { files, passed: sum('passed'), failed: sum('failed') };
}

function stateOf(status: string): TestResult['state'] {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}

/** Vitest as the project has installed it. */
export function findVitest(root: string): string {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('vitest/package.json');
    return join(dirname(manifest), 'vitest.mjs');
  } catch (error) {
    const message = `vitest is not installed in ${root}; run \`npm install --save-dev vitest\``;
    throw new HdlError('HDL_TOOL', message, { cause: error });
  }
}
