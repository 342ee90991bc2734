// SPDX-License-Identifier: Apache-2.0
/** Constrained random tests: many cases from a description of what is legal, and the smallest that fails. */
import fc from 'fast-check';
import { runSeed } from '../random.ts';
import { CheckError } from './check-error.ts';
import { currentTest } from './current-test.ts';
import { describeValue } from './describe-value.ts';

export interface ForAllOptions {
  /** Cases; 100 unless given. */
  readonly runs?: number;
  /** Most cases tried to make a failing one smaller; 1000 unless given. */
  readonly maxShrinks?: number;
  /** The seed; unless given, the run's: `SEED`, else a fresh one. */
  readonly seed?: number;
  /** The only case to run, as a failure names it; unless given, `CASE` in the environment. */
  readonly case?: string;
}

/** A case's name: fast-check's path to it, numbers with colons between. */
const CASE = /^\d+(:\d+){0,4095}$/;

/**
 * Runs a test on many cases; of one that fails it looks for the smallest that does, and says how to repeat
 * that one alone.
 *
 * @param cases - what is legal: `fc.record({ length: fc.integer({ min: 1, max: 64 }) })` and the like.
 * @param body - the test of one case; a simulation of its own for each keeps cases apart.
 * @throws {CheckError} with the smallest failing case and its command; `cause` is what the test threw.
 * @throws {RangeError} when CASE is no case's name.
 *
 * @example
 * await forAll(fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 })), async (frames) => {
 *   using sim = await simulate('hdl/common/axis_fifo.sv');
 *   ...
 * });
 */
export async function forAll<T>(
  cases: fc.Arbitrary<T>,
  body: (value: T) => Promise<void> | void,
  options: ForAllOptions = {},
): Promise<void> {
  const seed = options.seed ?? runSeed();
  const only = options.case ?? process.env.CASE;
  if (only !== undefined && only !== '' && !CASE.test(only)) {
    throw new RangeError(`CASE: expected numbers with colons between, as in 3:0:1, got "${only}"`);
  }
  let shrinks = 0;
  let hasFailed = false;
  const property = fc.asyncProperty(cases, async (value) => {
    // Beyond the limit all smaller cases pass, so that the search ends.
    if (hasFailed && ++shrinks > (options.maxShrinks ?? 1000)) return;
    try {
      await body(value);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  });
  const result = await fc.check(property, {
    seed: seed | 0,
    numRuns: options.runs ?? 100,
    ...(only ? { path: only, endOnFailure: true } : {}),
  });
  if (!result.failed) return;
  const { counterexample, counterexamplePath, errorInstance, numShrinks } = result;
  const path = counterexamplePath ?? '';
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const lines = [
    `case ${path} of seed ${seed} fails, the smallest after ${numShrinks} steps:`,
    `  ${describeValue(counterexample?.[0])}`,
    message,
    `To repeat this case alone:`,
    `  ${repeatCommand(seed, path)}`,
  ];
  throw new CheckError(lines.join('\n'), { cause: errorInstance });
}

/** The command that runs one case of the test that is running. */
function repeatCommand(seed: number, path: string): string {
  const test = currentTest();
  if (test === undefined) return `SEED=${seed} CASE=${path} node ${process.argv[1] ?? ''}`;
  // A pattern for `vitest -t`, safe within quotes of the shell.
  const name = test.names.map((each) => each.replace(/[^\w ,=-]/g, '.')).join(' ');
  return `SEED=${seed} CASE=${path} npx vitest run ${test.file} -t '${name}'`;
}

/**
 * Words of some bits, as often at the edges (0, all ones, one bit, runs of ones) as anywhere: the operands
 * on which carries and comparisons go wrong. Shrinks towards 0.
 */
export function words(bits: number): fc.Arbitrary<bigint> {
  const max = (1n << BigInt(bits)) - 1n;
  const runs = fc
    .tuple(fc.integer({ min: 0, max: bits }), fc.integer({ min: 0, max: bits }))
    .map(([a, b]) => ((1n << BigInt(Math.max(a, b))) - 1n) ^ ((1n << BigInt(Math.min(a, b))) - 1n));
  return fc.oneof(fc.bigInt({ min: 0n, max }), runs);
}
