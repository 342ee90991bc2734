// SPDX-License-Identifier: Apache-2.0
// Runs tests on models that count coverage, and sums up what they counted.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HdlError } from '../errors.ts';
import { withRecords } from '../records.ts';
import { runTests, type TestRun } from '../run-tests.ts';
import type { Target } from '../target.ts';
import { type FunctionalGroup, readFunctional } from './functional.ts';
import { toLcov } from './lcov.ts';
import { toPage } from './page.ts';
import { CoverageData } from './points.ts';
import {
  findMisses,
  functionalShare,
  type Miss,
  type ModuleCoverage,
  percent,
  readThresholds,
  type Share,
  summarize,
} from './summary.ts';

/** Where reports go unless told otherwise, relative to the project. */
export const COVERAGE_FOLDER = 'build/coverage';

/** Counting makes a simulation some thirty times slower: tests get an hour. */
const TEST_TIMEOUT_MS = 3_600_000;

export interface CoverageResult {
  readonly modules: readonly ModuleCoverage[];
  readonly groups: readonly FunctionalGroup[];
  readonly functional: Share;
  readonly misses: readonly Miss[];
  readonly tests: readonly string[];
  readonly run: Omit<TestRun, 'output'> & { readonly output: string };
  /** Simulations whose coverage is in here. */
  readonly simulations: number;
}

export interface MeasureOptions {
  readonly tests: readonly string[];
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets what Vitest prints as it comes. */
  readonly onText?: (text: string) => void;
}

/**
 * Measures targets of one project by tests.
 *
 * @throws {HdlError} `HDL_FAILED` when no simulation counted.
 */
export async function measureCoverage(
  targets: readonly Target[],
  { tests, seed, signal, onText }: MeasureOptions,
): Promise<CoverageResult> {
  const { root } = targets[0]!;
  const since = Date.now();
  const data = new CoverageData();
  const { result: run, simulations } = await withRecords(root, async (env, folder) => {
    const done = await runTests(root, tests, {
      env: {
        ...env,
        HPB_COVERAGE: join(folder, 'coverage'),
        ...(seed !== undefined && { SEED: String(seed) }),
      },
      testTimeoutMs: TEST_TIMEOUT_MS,
      signal,
      ...(onText && { onText }),
    });
    addAll(data, join(folder, 'coverage'));
    return done;
  });
  const counted = simulations.filter(({ coverage }) => coverage !== null);
  if (counted.length === 0) {
    const got = `got ${simulations.length} simulations without\n${run.output.trim()}`;
    throw new HdlError('HDL_FAILED', `expected a simulation with coverage, ${got.trim()}`);
  }
  const { points } = data;
  const modules = targets.map(({ name, file }) => summarize(name, file, points));
  const groups = [...readFunctional(root, since), ...coverGroups(modules)];
  const functional = functionalShare(groups);
  const thresholds = targets.map(readThresholds);
  const wanted = Math.max(0, ...thresholds.map((each) => each.functional ?? 0));
  const misses: Miss[] = modules.flatMap((module, i) => findMisses(module, thresholds[i]!));
  if (percent(functional) < wanted) {
    const got = percent(functional);
    misses.push({ name: 'functional', metric: 'functional', expected: wanted, got });
  }
  return { modules, groups, functional, misses, tests, run, simulations: counted.length };
}

function addAll(data: CoverageData, folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.dat'))) {
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    data.add(read(name), read(`${name}.start`));
  }
}

/** Cover properties in the source are functional coverage, too. */
function coverGroups(modules: readonly ModuleCoverage[]): FunctionalGroup[] {
  return modules.flatMap(({ name, file, points }) => {
    const covers = points.filter(({ kind }) => kind === 'cover');
    const bins = covers.map(({ line, hits }) => ({ name: `line ${line}`, hits, goal: 1 }));
    if (bins.length === 0) return [];
    return [{ name, file, points: [{ name: 'cover properties', isCross: false, bins }] }];
  });
}

/** The files of a report, relative to the project. */
export interface CoverageReport {
  readonly html: string;
  readonly lcov: string;
  readonly json: string;
}

/**
 * Writes the report: index.html, lcov.info, coverage.json.
 *
 * @param folder - relative to the root.
 * @throws {HdlError} `HDL_OUTPUT`.
 */
export function writeReport(root: string, folder: string, result: CoverageResult): CoverageReport {
  const report = {
    html: join(folder, 'index.html'),
    lcov: join(folder, 'lcov.info'),
    json: join(folder, 'coverage.json'),
  };
  const source = (file: string) => readFileSync(join(root, file), 'utf8');
  try {
    mkdirSync(join(root, folder), { recursive: true });
    rmSync(join(root, report.html), { force: true });
    writeFileSync(join(root, report.lcov), toLcov(result.modules));
    writeFileSync(join(root, report.json), `${JSON.stringify(toJson(result), null, 2)}\n`);
    writeFileSync(join(root, report.html), toPage(result, source));
  } catch (error) {
    throw new HdlError('HDL_OUTPUT', `cannot write ${folder}: ${(error as Error).message}`);
  }
  return report;
}

/** The numbers of a result, as other programs read them. */
export function toJson({
  modules,
  groups,
  functional,
  misses,
  tests,
  run,
  simulations,
}: CoverageResult) {
  return {
    version: 1,
    tests,
    passed: run.passed,
    failed: run.failed,
    simulations,
    modules: modules.map(({ name, file, line, branch, toggle, points }) => ({
      name,
      file,
      line,
      branch,
      toggle,
      missed: points
        .filter(({ isCovered, kind }) => !isCovered && kind !== 'cover')
        .map(({ kind, line: at, name: what }) => ({ kind, line: at, name: what })),
    })),
    functional,
    groups,
    misses,
  };
}
