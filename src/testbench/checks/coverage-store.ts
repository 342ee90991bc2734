// SPDX-License-Identifier: Apache-2.0
/** The cover groups of this process, written to the file of the test that runs in it. */
import { createHash } from 'node:crypto';
import { basename, relative } from 'node:path';
import { projectRoot } from '../project.ts';
import { type GroupCount, writeCoverageFile } from './coverage-file.ts';
import { currentTest } from './current-test.ts';

interface Counted {
  count(file: string): GroupCount;
}

const groups = new Set<Counted>();
let isScheduled = false;
let isWatchingExit = false;

/**
 * Remembers a group, and that it has changed. Its counts are written when the event loop comes round, after the
 * test's synchronous part; and at the process's exit, should it come before.
 */
export function noteGroup(group: Counted): void {
  groups.add(group);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(flushCoverage);
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.on('exit', flushCoverage);
}

/** Writes the counts now, if any have changed. */
export function flushCoverage(): void {
  if (!isScheduled) return;
  isScheduled = false;
  const root = projectRoot();
  const file = currentTest()?.file ?? relative(root, process.argv[1] ?? 'script');
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 8);
  const name = `${basename(file).replace(/\W+/g, '-')}-${hash}.json`;
  writeCoverageFile(
    root,
    name,
    [...groups].map((group) => group.count(file)),
  );
}
