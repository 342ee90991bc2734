// SPDX-License-Identifier: Apache-2.0
import type { ParameterValue } from './build.ts';
import { TestbenchError } from './errors.ts';

/** More models than a test file should build. */
const MAX_COMBINATIONS = 1024;

export interface SweepOptions<T> {
  /** Which combinations are wanted; all unless given. */
  readonly where?: (parameters: T) => boolean;
}

/** One value of each list. */
export type Combination<S> = {
  -readonly [K in keyof S]: S[K] extends readonly (infer V)[] ? V : never;
};

/**
 * All combinations of parameters, for `test.each`.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` for more than 1024 combinations, or none.
 *
 * @example
 * test.each(sweep({ WIDTH: [8, 64], DEPTH: [2, 16] }))('$WIDTH bits, $DEPTH deep', async (parameters) => {
 *   const sim = await simulate('hdl/fifo.sv', { parameters });
 * });
 */
export function sweep<const S extends Readonly<Record<string, readonly ParameterValue[]>>>(
  space: S,
  { where = () => true }: SweepOptions<Combination<S>> = {},
): Combination<S>[] {
  const count = Object.values(space).reduce((product, values) => product * values.length, 1);
  if (count > MAX_COMBINATIONS) refuse(`at most ${MAX_COMBINATIONS} combinations, got ${count}`);
  let all: Array<Record<string, ParameterValue>> = [{}];
  for (const [name, values] of Object.entries(space)) {
    all = all.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value })));
  }
  const wanted = (all as Combination<S>[]).filter(where);
  // A loop over nothing would be a file of tests that passes by having none.
  if (wanted.length === 0) refuse('one combination or more, got none');
  return wanted;
}

function refuse(message: string): never {
  throw new TestbenchError('TESTBENCH_ARGUMENT', `sweep: expected ${message}`);
}
