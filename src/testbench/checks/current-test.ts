// SPDX-License-Identifier: Apache-2.0
/** The test that is running, as far as Vitest says so. */
import { relative } from 'node:path';
import { projectRoot } from '../project.ts';

export interface CurrentTest {
  /** The test's file, relative to the project. */
  readonly file: string;
  /** Names of the test and of what it stands in, outermost first; empty between tests. */
  readonly names: readonly string[];
}

/**
 * Vitest, in a process that it has started. Elsewhere a script runs, and there are no tests; nor have they
 * names for a package that does not find Vitest from where it lies.
 */
const vitest = process.env.VITEST ? await import('vitest').catch(() => undefined) : undefined;

/** @returns undefined outside of Vitest. */
export function currentTest(): CurrentTest | undefined {
  const { testPath, currentTestName } = vitest?.expect.getState() ?? {};
  if (testPath === undefined) return undefined;
  return {
    file: relative(projectRoot(), testPath),
    names: currentTestName?.split(' > ') ?? [],
  };
}
