// SPDX-License-Identifier: Apache-2.0
// On save: lint of what was saved, and just the tests that the change reaches. Their models are built at once, beside
// Vitest, which is kept ready.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findToolchain } from '../testbench/toolchain.ts';
import { changes, type Saved } from './changes.ts';
import { LINTERS, type LintResult, lint } from './lint.ts';
import { runPool } from './pool.ts';
import { modelsOf, prebuild } from './prebuild.ts';
import type { TestRun } from './run-tests.ts';
import { SaveClock, type SaveTimes } from './save-times.ts';
import { readSource } from './source-index.ts';
import { resolveTarget, type Target } from './target.ts';
import { forgetReach, testReach, testsOf } from './test-reach.ts';
import { TestServer } from './test-server.ts';
import { SOURCE_FILE } from './verilog-text.ts';

/** Folders whose files tests and modules are made of. */
const FOLDERS = ['hdl', 'tests', 'src', 'docs'];
/** Most test files that are loaded before the first save. */
const MAX_WARM = 4;

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
  /** The direct tests have ended, where others follow; all tests and linters have. */
  | { readonly event: 'done'; readonly tests: 'direct' | 'all'; readonly ms: SaveTimes }
  /** A tool did not work. */
  | { readonly event: 'problem'; readonly message: string };

/**
 * Watches a project until the signal fires. A save while something runs ends that and begins anew.
 *
 * @param tell - gets each event.
 */
export async function watchProject(
  root: string,
  options: WatchOptions,
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const server = new TestServer(root);
  try {
    await watchWith(server, root, options, tell, signal);
  } finally {
    server.close();
  }
}

async function watchWith(
  server: TestServer,
  root: string,
  { targets, lints = true, directOnly = false }: WatchOptions,
  tell: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const stream = changes(root, FOLDERS, signal);
  const saved = async (): Promise<Saved | undefined> => {
    for (;;) {
      const { value, done } = await stream.next();
      if (done) return undefined;
      forgetReach();
      for (const file of value.files) untold.add(file);
      const files = value.files.filter((file) => concerns(root, file, targets));
      if (files.length > 0) return { ...value, files };
    }
  };
  /** Saved, and Vitest has not been told. */
  const untold = new Set<string>();
  /** Saved, and not looked at to the end. */
  let open: readonly string[] = [];
  let next = saved();
  // A save does not wait for it; what does not work is told then.
  const early = new AbortController();
  next.finally(() => early.abort(new Error('saved'))).catch(() => {});
  const tests = targets?.flatMap((target) => target.tests).slice(0, MAX_WARM) ?? [];
  for (const test of new Set(tests)) prebuild(root, test, early.signal).catch(() => {});
  await Promise.race([next, prepare(server, root, targets).catch(() => {})]);
  tell({ event: 'waiting' });
  for (;;) {
    const save = await next;
    if (save === undefined) return;
    next = saved();
    open = [...new Set([...open, ...save.files])];
    const round = new AbortController();
    const stop = () => round.abort(new Error('saved again'));
    next.then(stop, stop);
    const clock = new SaveClock(save.at);
    try {
      const { direct, others } = plan(root, open, directOnly);
      tell({ event: 'saved', files: save.files, direct, others });
      const context = { root, tell, clock, signal: round.signal };
      const testAll = async () => {
        await testSaved(context, server, untold, direct);
        if (direct.length > 0 && others.length > 0) {
          tell({ event: 'done', tests: 'direct', ms: clock.times() });
        }
        await testSaved(context, server, untold, others);
      };
      await Promise.all([testAll(), lints ? lintSaved(context, open) : undefined]);
      open = [];
      tell({ event: 'done', tests: 'all', ms: clock.times() });
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

/** Starts Vitest, lets it load tests that are likely to come, and finds the tools. */
async function prepare(
  server: TestServer,
  root: string,
  targets: readonly Target[] | undefined,
): Promise<void> {
  const tests =
    targets?.flatMap((target) => target.tests) ??
    testReach(root).flatMap(({ test, tops }) => (tops.size > 0 ? [test] : []));
  await Promise.all([server.warm([...new Set(tests)].slice(0, MAX_WARM)), findToolchain()]);
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

/** What happens after a save. */
interface Round {
  readonly root: string;
  readonly tell: (event: WatchEvent) => void;
  readonly clock: SaveClock;
  readonly signal: AbortSignal;
}

async function lintSaved(
  { root, tell, clock, signal }: Round,
  files: readonly string[],
): Promise<void> {
  const targets = files
    .filter((file) => SOURCE_FILE.test(file) && existsSync(join(root, file)))
    .filter((file) => readSource(join(root, file)).modules.length > 0)
    .map((file) => resolveTarget(file, { root }));
  const jobs = targets.flatMap((target) => LINTERS.map((linter) => ({ target, linter })));
  await runPool(
    jobs,
    async ({ target, linter }) => {
      const start = Date.now();
      const result = await lint(target, linter, { signal });
      const end = Date.now();
      clock.lint(start, end);
      tell({ event: 'lint', result, ms: end - start });
    },
    { signal },
  );
}

async function testSaved(
  { root, tell, clock, signal }: Round,
  server: TestServer,
  untold: Set<string>,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    if (!existsSync(join(root, file))) continue;
    const start = Date.now();
    const changed = [...untold];
    untold.clear();
    const [run] = await Promise.all([
      server.run(file, changed, { signal }),
      prebuild(root, file, signal),
    ]).catch((error) => {
      for (const each of changed) untold.add(each);
      throw error;
    });
    const end = Date.now();
    const { firstAt, ...result } = run;
    clock.test(start, end, firstAt);
    for (const { library, times } of await modelsOf(root, file)) clock.built(library, times);
    tell({ event: 'test', file, run: result, ms: end - start });
  }
}
