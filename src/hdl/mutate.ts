// SPDX-License-Identifier: Apache-2.0
// Changes a module on purpose, one small change at a time: do its tests notice?
//
// A survivor is a missing test, or a change that makes no difference. What was tried is kept line by line in
// build/mutate, so that a run that was stopped goes on where it was.

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../testbench/index.ts';
import { projectRoot } from '../testbench/project.ts';
import { HdlError } from './errors.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { applyMutation, findMutations, type Mutation } from './mutations.ts';
import { parameterArguments } from './parameters.ts';
import { runProcess } from './process.ts';
import { revisionOf } from './revision.ts';
import { buildFolder, keyOf, storeRoot } from './store.ts';
import type { Target } from './target.ts';

/** One change and what became of it. */
export interface MutantResult extends Mutation {
  /** The line that was changed. */
  readonly source: string;
  /** `invalid`: it does not compile, or not within the limits of src/scripts/limited-verilator. */
  readonly outcome: 'killed' | 'survived' | 'invalid';
}

/** What a run found; a line of the history. */
export interface MutateEntry extends HistoryEntry {
  readonly seed: number;
  readonly tests: readonly string[];
  /** Changes that the text allows. */
  readonly possible: number;
  readonly killed: number;
  readonly survived: number;
  readonly survivors: ReadonlyArray<Pick<MutantResult, 'line' | 'what' | 'source'>>;
}

export interface MutateOptions {
  /** How many changes, of those possible. */
  readonly count: number;
  /** Chooses them, and is the tests' own. */
  readonly seed: number;
  /** Test files or parts of their paths; those that simulate the module unless given. */
  readonly tests?: readonly string[];
  /** Try again what was tried before. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of each result, in the order of the text; `isStored` when it was tried before. */
  readonly onResult?: (result: MutantResult, isStored: boolean) => void | Promise<void>;
}

/** A mutant may hang the module; its tests then run into their own limits. */
const TIMEOUT_MS = 300_000;
/** Verilator within limits of memory and time: some mutants never end their elaboration. */
const LIMITED_VERILATOR = join(
  projectRoot(dirname(fileURLToPath(import.meta.url))),
  'src/scripts/limited-verilator',
);

/**
 * Tries changes of a module.
 *
 * @returns what was found, and every single result.
 * @throws {HdlError} `HDL_ARGUMENT` when there are no tests, `HDL_FAILED` when they fail without any change, or
 *   when no change is valid.
 */
export async function mutate(
  target: Target,
  options: MutateOptions,
): Promise<{ entry: MutateEntry; results: readonly MutantResult[] }> {
  const { count, seed, signal, onResult } = options;
  const tests = testsOf(target, options.tests);
  const text = readFileSync(join(target.root, target.file), 'utf8');
  const possible = findMutations(text);
  const chosen = choose(possible, count, seed, target.name);
  const log = await openLog(target, text, tests, options);
  const results: MutantResult[] = [];
  let checked = false;
  for (const mutation of chosen) {
    const stored = log.find(mutation);
    if (!stored && !checked) {
      checked = true;
      if (!(await passes(target, tests, seed, '', signal))) {
        const message = `the tests of ${target.name} fail without any change (${tests.join(' ')})`;
        throw new HdlError('HDL_FAILED', message);
      }
    }
    const result = stored ?? (await tryMutant(target, text, mutation, tests, options));
    if (!stored) log.add(result);
    results.push(result);
    await onResult?.(result, stored !== undefined);
  }
  const survivors = results.filter(({ outcome }) => outcome === 'survived');
  const killed = results.filter(({ outcome }) => outcome === 'killed').length;
  if (killed + survivors.length === 0) {
    const reason = `none of ${possible.length} possible changes is valid`;
    throw new HdlError('HDL_FAILED', `${target.file}: ${reason}`);
  }
  const entry: MutateEntry = {
    ...keyOf(target),
    revision: await revisionOf(target, signal),
    time: new Date().toISOString(),
    seed,
    tests,
    possible: possible.length,
    killed,
    survived: survivors.length,
    survivors: survivors.map(({ line, what, source }) => ({ line, what, source })),
  };
  appendHistory(storeRoot(), 'mutate', entry);
  return { entry, results };
}

function testsOf(target: Target, given: readonly string[] = []): readonly string[] {
  const found = [given, target.tests, target.reachedBy].find((list) => list.length > 0);
  if (found) return found;
  throw new HdlError(
    'HDL_ARGUMENT',
    `${target.file}: expected tests that simulate ${target.name}, got none; name them with --test`,
  );
}

/** So many of the changes, at random, in the order of the text. */
function choose(all: readonly Mutation[], count: number, seed: number, name: string): Mutation[] {
  const random = new Random(seed, name);
  return all
    .map((mutation) => ({ mutation, order: random.uint32() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ mutation }) => mutation)
    .sort((a, b) => a.index - b.index);
}

async function tryMutant(
  target: Target,
  text: string,
  mutation: Mutation,
  tests: readonly string[],
  { seed, signal }: MutateOptions,
): Promise<MutantResult> {
  const mutant = join('build/mutate', `${target.name}-${process.pid}.sv`);
  const path = join(target.root, mutant);
  const source = text.split('\n')[mutation.line - 1]?.trim() ?? '';
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, applyMutation(text, mutation));
  try {
    if (!(await elaborates(target, mutant, signal))) {
      return { ...mutation, source, outcome: 'invalid' };
    }
    const survived = await passes(target, tests, seed, `${target.file}=${mutant}`, signal);
    return { ...mutation, source, outcome: survived ? 'survived' : 'killed' };
  } finally {
    rmSync(path, { force: true });
  }
}

async function elaborates(
  { root, top, file, parameters, sources }: Target,
  mutant: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const args = sources.verilator.map((each) => (each === file ? mutant : each));
  const named = args.includes(mutant) ? args : [...args, mutant];
  const lax = ['-Wno-fatal', '-Werror-USERERROR', '-Werror-USERFATAL'];
  const set = parameterArguments(parameters);
  const { exitCode } = await runProcess(
    LIMITED_VERILATOR,
    ['--lint-only', ...lax, '--top-module', top, ...set, ...named],
    { cwd: root, signal, env: limits() },
  );
  return exitCode === 0;
}

/** Runs the tests once. */
async function passes(
  target: Target,
  tests: readonly string[],
  seed: number,
  mutant: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { exitCode } = await runProcess(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=dot', ...tests],
    {
      cwd: target.root,
      signal,
      timeoutMs: TIMEOUT_MS,
      env: { ...limits(), HPB_MUTANT: mutant, SEED: String(seed) },
    },
  );
  return exitCode === 0;
}

/** Here and in the tests, which build what stands above the mutant. */
function limits(): Record<string, string> {
  return {
    LIMITED_VERILATOR: process.env.VERILATOR || 'verilator',
    VERILATOR: LIMITED_VERILATOR,
  };
}

interface Log {
  find(mutation: Mutation): MutantResult | undefined;
  add(result: MutantResult): void;
}

/** What was tried of this text with these tests and this seed. */
async function openLog(
  target: Target,
  text: string,
  tests: readonly string[],
  { seed, fresh = false, signal }: MutateOptions,
): Promise<Log> {
  const { sources } = await revisionOf(target, signal);
  const hash = createHash('sha256').update(JSON.stringify([sources, text, tests, seed]));
  for (const test of tests) {
    const path = join(target.root, test);
    if (existsSync(path) && /\.ts$/.test(path)) hash.update(readFileSync(path));
  }
  const key = hash.digest('hex').slice(0, 12);
  const path = join(buildFolder('mutate'), `${target.name}-${key}.jsonl`);
  if (fresh) rmSync(path, { force: true });
  const results = existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(parse) : [];
  return {
    find: ({ index, what }) => results.find((r) => r.index === index && r.what === what),
    add: (result) => appendFileSync(path, `${JSON.stringify(result)}\n`),
  };
}

/** A line that was cut off when the machine stopped is tried again. */
function parse(line: string): MutantResult[] {
  try {
    const result = JSON.parse(line) as MutantResult;
    return typeof result.index === 'number' ? [result] : [];
  } catch {
    return [];
  }
}
