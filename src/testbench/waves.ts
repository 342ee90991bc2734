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
/** How many simulations of each module have been asked for since {@link beginWaves}. */
let started = new Map<string, number>();

/** Starts to count simulations anew: `WAVES_FROM` counts them by module, from the start of each test. */
export function beginWaves(): void {
  started = new Map();
  isInTest = true;
}

/** Which simulation of its module the next one is, in this test. */
export function countSimulation(module: string): number {
  const number = started.get(module) ?? 0;
  started.set(module, number + 1);
  return number;
}

/**
 * Decides about a simulation's waves.
 *
 * `WAVES=1` records all; `WAVES_FROM` and `WAVES_TO` bound it, in cycles: a number, or what a test that
 * repeats itself sets: a JSON object of lists of numbers, by module and in the order of its simulations.
 *
 * @returns undefined for none, else what makes the file's name and bounds from the module's name.
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when a bound is no number of cycles.
 */
export function chooseWaves(
  root: string,
  waves: boolean | string | WavesOptions | undefined,
): ((module: string) => Waves) | undefined {
  const { WAVES, WAVES_FROM, WAVES_TO } = process.env;
  const chosen = waves ?? Boolean(Number(WAVES ?? 0));
  if (chosen === false) return undefined;
  const options = typeof chosen === 'object' ? chosen : {};
  const file = typeof chosen === 'string' ? chosen : options.file;
  return (module) => {
    const number = countSimulation(module);
    const from = options.from ?? bound('WAVES_FROM', WAVES_FROM, module, number) ?? 0;
    const to = options.to ?? bound('WAVES_TO', WAVES_TO, module, number) ?? Infinity;
    check('from', from);
    check('to', to);
    // One file per simulation: a test may run several, and test files run beside each other.
    const name = file ?? `build/waves/${baseName(module, number)}.fst`;
    return { path: resolve(root, name), from, to };
  };
}

/** A name of its own, or, after `WAVES_NAME`, always the same. */
function baseName(module: string, number: number): string {
  const { WAVES_NAME } = process.env;
  if (!WAVES_NAME) return `${module}-${process.pid}-${recorded++}`;
  const name = WAVES_NAME.replace(/[^\w]+/g, '-').slice(0, 120);
  return `${name}-${module}-${isInTest ? '' : 'file-'}${number}`;
}

function bound(
  name: string,
  text: string | undefined,
  module: string,
  number: number,
): number | undefined {
  if (!text) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  if (typeof value === 'object' && value !== null) {
    const list = (value as Record<string, unknown>)[module];
    value = isInTest && Array.isArray(list) ? (list[number] ?? 0) : 0;
  }
  if (typeof value === 'number' && value >= 0) return value;
  throw new TestbenchError('TESTBENCH_ARGUMENT', `${name}: expected cycles, got ${text}`);
}

function check(what: string, cycles: number): void {
  if (cycles >= 0) return;
  throw new TestbenchError('TESTBENCH_ARGUMENT', `waves: ${what}: expected cycles, got ${cycles}`);
}
