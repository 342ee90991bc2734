// SPDX-License-Identifier: Apache-2.0
// Runs one test with waves, and writes views of them.

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { HdlError } from './errors.ts';
import { readFst } from './fst.ts';
import { withRecords } from './records.ts';
import { listTests, runTests, type TestRun } from './run-tests.ts';
import { groupSignals, toGtkwave, toSurfer } from './wave-view.ts';

export interface WavesRequest {
  readonly root: string;
  /** Test file, relative to the root. */
  readonly file: string;
  /** Part of the test's name, a regular expression; its first test unless given. */
  readonly name?: string | undefined;
  readonly seed: number;
  /** First and last cycle to record. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only so many cycles before the end; the test then runs twice. */
  readonly last?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets what goes on. */
  readonly onStep?: (text: string) => void;
}

/** The waves of one simulation. */
export interface RecordedWaves {
  readonly module: string;
  /** Cycles that it ran. */
  readonly cycles: number;
  /** First and last time recorded, in units of `timescale`, a power of ten of seconds. */
  readonly start: number;
  readonly end: number;
  readonly timescale: number;
  /** Relative to the root: the waves, GTKWave's save file, Surfer's command file. */
  readonly fst: string;
  readonly gtkw: string;
  readonly surfer: string;
}

export interface WavesResult {
  /** The whole name of the test. */
  readonly test: string;
  /** How many others the name matched. */
  readonly others: number;
  readonly run: TestRun;
  readonly waves: readonly RecordedWaves[];
}

/**
 * Records a test.
 *
 * @throws {HdlError} `HDL_ARGUMENT` when there is no such test; `HDL_FAILED` when it simulates nothing.
 */
export async function recordWaves(request: WavesRequest): Promise<WavesResult> {
  const { root, file, name, seed, signal, onStep = () => {} } = request;
  onStep(`finding the tests of ${file}`);
  const names = await listTests(root, file, { name, signal });
  const [test] = names;
  if (test === undefined) {
    const wanted = name === undefined ? 'a test' : `a test that matches ${JSON.stringify(name)}`;
    throw new HdlError('HDL_ARGUMENT', `${file}: expected ${wanted}, got none`);
  }
  const options = { name: `^${literal(test)}$`, signal };
  const env = { SEED: String(seed) };
  const window = await findWindow(request, (more) =>
    runTests(root, [file], { ...options, env: { ...env, ...more } }),
  );
  onStep(`${test}, with waves`);
  const { result: run, simulations } = await withRecords(root, (record) =>
    runTests(root, [file], { ...options, env: { ...env, ...record, ...window, WAVES: '1' } }),
  );
  const recorded = simulations.filter(({ waves }) => waves !== null && existsSync(waves));
  if (recorded.length === 0) {
    throw new HdlError(
      'HDL_FAILED',
      `${test}: expected a simulation with waves, got none\n${run.output.trim()}`,
    );
  }
  const waves = recorded.map(({ module, cycles, waves: path }, i) =>
    keepWaves(root, path!, { module, cycles, label: `${slug(file)}${i > 0 ? `-${i}` : ''}` }),
  );
  return { test, others: names.length - 1, run, waves };
}

/** The environment that bounds what is recorded. */
async function findWindow(
  { root, from, to, last, onStep = () => {} }: WavesRequest,
  run: (env: Record<string, string>) => Promise<TestRun>,
): Promise<Record<string, string>> {
  if (last === undefined) {
    return {
      ...(from !== undefined && { WAVES_FROM: String(from) }),
      ...(to !== undefined && { WAVES_TO: String(to) }),
    };
  }
  // How long it takes is not known before it has run; the same seed makes it run the same way again.
  onStep('once without waves, to count its cycles');
  const { simulations } = await withRecords(root, run);
  const starts = simulations.map(({ key, cycles }) => [key, Math.max(0, cycles - last)]);
  return { WAVES_FROM: JSON.stringify(Object.fromEntries(starts)) };
}

/** Gives waves a name that stays the same from run to run, and writes their views. */
function keepWaves(
  root: string,
  recorded: string,
  { module, cycles, label }: { module: string; cycles: number; label: string },
): RecordedWaves {
  const path = join(root, 'build/waves', `${label}-${module}.fst`);
  mkdirSync(dirname(path), { recursive: true });
  renameSync(recorded, path);
  const { start, end, timescale, signals } = readFst(path);
  const groups = groupSignals(signals);
  const gtkw = path.replace(/\.fst$/, '.gtkw');
  const surfer = path.replace(/\.fst$/, '.sucl');
  writeFileSync(gtkw, toGtkwave(path, groups, start));
  writeFileSync(surfer, toSurfer(groups));
  const local = (file: string) => relative(root, file);
  return {
    module,
    cycles,
    start,
    end,
    timescale,
    fst: local(path),
    gtkw: local(gtkw),
    surfer: local(surfer),
  };
}

function slug(file: string): string {
  return basename(file).replace(/\.test\.ts$/, '');
}

/** A name as a regular expression that matches it and nothing else. */
function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
