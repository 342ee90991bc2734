// SPDX-License-Identifier: Apache-2.0
/** Which waves are recorded, and into which file. */
import { resolve } from 'node:path';
import { TestbenchError } from './errors.ts';
import type { Waves } from './simulation.ts';

/** Waves of a part of a run. */
export interface WavesOptions {
  /** FST file, relative to the project; one of build/waves unless given. */
  readonly file?: string;
  /** First cycle recorded; 0 unless given. */
  readonly from?: number;
  /** Last cycle recorded; all unless given. */
  readonly to?: number;
}

let recorded = 0;
/** Whether a test has begun; simulations before it are of the whole file. */
let isInTest = false;
/** How many simulations of each module have been opened since {@link beginWaves}. */
let started = new Map<string, number>();

/** Starts to count simulations anew, by module, at the start of each test. */
export function beginWaves(): void {
  started = new Map();
  isInTest = true;
}

/**
 * Names the simulation that is being opened: `counter test 0` is the first of counter in its test, `counter file 1`
 * the second that the file opens outside of tests. The same name when the test is repeated.
 */
export function nextKey(module: string): string {
  const number = started.get(module) ?? 0;
  started.set(module, number + 1);
  return `${module} ${isInTest ? 'test' : 'file'} ${number}`;
}

/**
 * Decides about a simulation's waves.
 *
 * `WAVES=1` records all; `WAVES_FROM` and `WAVES_TO` bound it, in cycles: a number, or what who repeats a test
 * sets: a JSON object of numbers, by the simulation's key (see {@link nextKey}); one that is not in it is not bounded.
 *
 * @returns undefined for none, else what makes the file's name and bounds from the simulation's key.
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when a bound is no number of cycles.
 */
export function chooseWaves(
  root: string,
  waves: boolean | string | WavesOptions | undefined,
): ((key: string) => Waves) | undefined {
  const { WAVES, WAVES_FROM, WAVES_TO } = process.env;
  const chosen = waves ?? Boolean(Number(WAVES ?? 0));
  if (chosen === false) return undefined;
  const options = typeof chosen === 'object' ? chosen : {};
  const file = typeof chosen === 'string' ? chosen : options.file;
  return (key) => {
    const from = options.from ?? bound('WAVES_FROM', WAVES_FROM, key) ?? 0;
    const to = options.to ?? bound('WAVES_TO', WAVES_TO, key) ?? Number.POSITIVE_INFINITY;
    check('from', from);
    check('to', to);
    // One file per simulation: a test may run several, and test files run beside each other.
    const name = file ?? `build/waves/${baseName(key)}.fst`;
    return { path: resolve(root, name), from, to };
  };
}

/** A name of its own, or, after `WAVES_NAME`, always the same. */
function baseName(key: string): string {
  const { WAVES_NAME } = process.env;
  const [module, level, number] = key.split(' ');
  if (!WAVES_NAME) return `${module}-${process.pid}-${recorded++}`;
  const name = WAVES_NAME.replace(/[^\w]+/g, '-').slice(0, 120);
  return `${name}-${module}-${level === 'test' ? '' : 'file-'}${number}`;
}

function bound(name: string, text: string | undefined, key: string): number | undefined {
  if (!text) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  if (typeof value === 'object' && value !== null) {
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === 'number' && value >= 0) return value;
  throw new TestbenchError('TESTBENCH_ARGUMENT', `${name}: expected cycles, got ${text}`);
}

function check(what: string, cycles: number): void {
  if (cycles >= 0) return;
  throw new TestbenchError('TESTBENCH_ARGUMENT', `waves: ${what}: expected cycles, got ${cycles}`);
}
