// SPDX-License-Identifier: Apache-2.0
// What is proven of which module: the file `formal/jobs` beside the modules, and `formal/breaks`.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ParameterValue } from '../testbench/index.ts';
import { HdlError } from './errors.ts';
import { parseParameter } from './parameters.ts';
import type { Target } from './target.ts';

/** How deep a proof looks, in cycles. */
export interface ProofDepth {
  /** From reset on: the base case; at least `step`. */
  readonly base: number;
  /** From any state on: the induction. */
  readonly step: number;
  /** Within which every cover must be reached. */
  readonly cover: number;
}

/** One proof of a module. */
export interface ProofJob extends ProofDepth {
  readonly module: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** One deliberate fault, which the proof must notice. */
export interface Fault {
  readonly module: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** sed commands on what stands before the properties. */
  readonly edit: string;
  readonly what: string;
}

/** For modules that no list names. */
export const DEFAULT_DEPTH: ProofDepth = { base: 12, step: 4, cover: 24 };
/** Above this a solver does not come to an end. */
export const MAX_DEPTH = 1000;

/**
 * The proofs of a module: its lines in `formal/jobs`, else one at the depths given.
 *
 * A line is `module base step cover [NAME=VALUE ..]`; `#` begins a comment line.
 *
 * @throws {HdlError} `HDL_ARGUMENT` for a line that is none.
 */
export function proofJobs(target: Target, depth: ProofDepth = DEFAULT_DEPTH): ProofJob[] {
  const path = join(target.root, dirname(target.file), 'formal/jobs');
  const listed = readLines(path).map(([line, at]): ProofJob => {
    const [module = '', base, step, cover, ...parameters] = line.trim().split(/\s+/);
    const cycles = [base, step, cover].map((word) => {
      const value = Number(word);
      if (/^\d+$/.test(word ?? '') && value >= 1 && value <= MAX_DEPTH) return value;
      throw new HdlError('HDL_ARGUMENT', `${at}: expected 1 to ${MAX_DEPTH} cycles, got ${word}`);
    });
    const [b = 0, s = 0, c = 0] = cycles;
    if (b < s) {
      const expected = `expected a base case of at least the ${s} cycles of the step`;
      throw new HdlError('HDL_ARGUMENT', `${at}: ${expected}, got ${b}`);
    }
    return { module, base: b, step: s, cover: c, parameters: readParameters(parameters, at) };
  });
  const own = listed.filter(({ module }) => module === target.top);
  if (Object.keys(target.parameters).length === 0 && own.length > 0) return own;
  const { base, step, cover } = own[0] ?? depth;
  return [{ module: target.top, base, step, cover, parameters: target.parameters }];
}

/** True when a module has properties to prove. */
export function hasProperties({ root, file }: Target): boolean {
  return /`ifdef\s+FORMAL\b/.test(readFileSync(join(root, file), 'utf8'));
}

/**
 * The faults of a module, of `formal/breaks`: `module@NAME=VALUE ..@sed commands@what`.
 *
 * @throws {HdlError} `HDL_ARGUMENT` for a line that is none.
 */
export function proofFaults(target: Target): Fault[] {
  const path = join(target.root, dirname(target.file), 'formal/breaks');
  return readLines(path)
    .map(([line, at]): Fault => {
      const [module = '', parameters = '', edit = '', what] = line.split('@');
      if (what === undefined) {
        throw new HdlError('HDL_ARGUMENT', `${at}: expected module@parameters@edit@fault`);
      }
      const words = parameters.split(/\s+/).filter(Boolean);
      return { module, parameters: readParameters(words, at), edit, what };
    })
    .filter(({ module }) => module === target.top);
}

/** How deep the proof looks that a fault is to break: that with its parameters, else the module's first. */
export function faultDepth(target: Target, { parameters }: Fault): ProofDepth {
  const jobs = proofJobs({ ...target, parameters: {} });
  const key = (set: ProofJob['parameters']) =>
    JSON.stringify(
      Object.entries(set)
        .map(([name, value]) => [name, String(value)])
        .sort(),
    );
  return jobs.find((job) => key(job.parameters) === key(parameters)) ?? jobs[0] ?? DEFAULT_DEPTH;
}

/** Lines with something on them, each with its place. */
function readLines(path: string): Array<[line: string, at: string]> {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line, i): [string, string] => [line, `${path}:${i + 1}`])
    .filter(([line]) => line.trim() !== '' && !line.startsWith('#'));
}

function readParameters(words: readonly string[], at: string): Record<string, ParameterValue> {
  try {
    return Object.fromEntries(words.map(parseParameter));
  } catch (error) {
    throw new HdlError('HDL_ARGUMENT', `${at}: ${(error as Error).message}`, { cause: error });
  }
}
