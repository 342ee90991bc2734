// SPDX-License-Identifier: Apache-2.0
// On save: lint of what was saved, and just the tests that the change reaches.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changes } from './changes.ts';
import { LINTERS, type LintResult, lint } from './lint.ts';
import { runPool } from './pool.ts';
import { runTests, type TestRun } from './run-tests.ts';
import { readSource } from './source-index.ts';
import { resolveTarget, type Target } from './target.ts';
import { forgetReach, testsOf } from './test-reach.ts';
import { SOURCE_FILE } from './verilog-text.ts';

/** Folders whose files tests and modules are made of. */
const FOLDERS = ['hdl', 'tests', 'src'];

export interface WatchOptions {
  /** Only changes of files that these consist of, or are tested by; of all files unless given. */
  readonly targets?: readonly Target[];
  /** Whether what was saved is also linted; true unless given. */
  readonly lints?: boolean;
  /** Whether only those tests run that name a changed file themselves. */
  readonly directOnly?: boolean;
}

/** What happens, in this order for each save. */
export type WatchEvent =
  /** Nothing is happening. */
  | { readonly event: 'waiting' }
  | {
      readonly event: 'saved';
      readonly files: readonly string[];
      /** Tests that name one of them, and then the others that depend on one: in this order they run. */
      readonly direct: readonly string[];
      readonly others: readonly string[];
    }
  | { readonly event: 'lint'; readonly result: LintResult; readonly ms: number }
  | { readonly event: 'test'; readonly file: string; readonly run: TestRun; readonly ms: number }
  /** A tool did not work. */
  | { readonly event: 'problem'; readonly message: string };

/**
 * Watches a project until the signal fires. A save while something runs ends that and begins anew.
 *
 * @param tell - gets each event.
 */
export async function watchProject(
  root: string,
  { targets, lints = true, directOnly = false }: WatchOptions,
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const stream = changes(root, FOLDERS, signal);
  const saved = async () => {
    for (;;) {
      const { value: files, done } = await stream.next();
      if (done) return undefined;
      forgetReach();
      const relevant = files.filter((file) => concerns(root, file, targets));
      if (relevant.length > 0) return relevant;
    }
  };
  /** Saved, and not looked at to the end. */
  let open: readonly string[] = [];
  let next = saved();
  tell({ event: 'waiting' });
  for (;;) {
    const files = await next;
    if (files === undefined) return;
    next = saved();
    open = [...new Set([...open, ...files])];
    const round = new AbortController();
    const stop = () => round.abort(new Error('saved again'));
    next.then(stop, stop);
    try {
      const { direct, others } = plan(root, open, directOnly);
      tell({ event: 'saved', files, direct, others });
      await Promise.all([
        lints ? lintSaved(root, open, tell, round.signal) : undefined,
        testSaved(root, [...direct, ...others], tell, round.signal),
      ]);
      open = [];
    } catch (error) {
      if (round.signal.aborted) continue;
      // Whatever else is under way.
      stop();
      open = [];
      tell({ event: 'problem', message: (error as Error).message });
    }
    tell({ event: 'waiting' });
  }
}

/** Whether a file has to do with one of the targets. */
function concerns(root: string, file: string, targets: readonly Target[] | undefined): boolean {
  if (targets === undefined) return true;
  return targets.some(({ sources, tests, file: own }) => {
    if (sources.files.includes(file) || sources.includes.includes(file)) return true;
    const reached = testsOf(root, file).all;
    return file === own || tests.some((test) => reached.includes(test));
  });
}

function plan(root: string, files: readonly string[], directOnly: boolean) {
  const found = files.map((file) => testsOf(root, file));
  const direct = [...new Set(found.flatMap((tests) => tests.direct))];
  const all = new Set(directOnly ? [] : found.flatMap((tests) => tests.all));
  for (const test of direct) all.delete(test);
  return { direct, others: [...all] };
}

async function lintSaved(
  root: string,
  files: readonly string[],
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const targets = files
    .filter((file) => SOURCE_FILE.test(file) && existsSync(join(root, file)))
    .filter((file) => readSource(join(root, file)).modules.length > 0)
    .map((file) => resolveTarget(file, { root }));
  const jobs = targets.flatMap((target) => LINTERS.map((linter) => ({ target, linter })));
  await runPool(
    jobs,
    async ({ target, linter }) => {
      const start = performance.now();
      const result = await lint(target, linter, { signal });
      tell({ event: 'lint', result, ms: performance.now() - start });
    },
    { signal },
  );
}

async function testSaved(
  root: string,
  files: readonly string[],
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const file of files) {
    if (!existsSync(join(root, file))) continue;
    const start = performance.now();
    const run = await runTests(root, [file], { signal });
    tell({ event: 'test', file, run, ms: performance.now() - start });
  }
}
