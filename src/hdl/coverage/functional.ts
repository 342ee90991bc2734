// SPDX-License-Identifier: Apache-2.0
// Functional coverage: what tests say they want to have seen, and how often they saw it.

import { CheckError, readFunctionalCoverage } from '../../testbench/index.ts';
import { HdlError } from '../errors.ts';

/** A coverage point or a cross of several. */
export interface FunctionalPoint {
  readonly name: string;
  readonly isCross: boolean;
  readonly bins: readonly FunctionalBin[];
}

export interface FunctionalBin {
  readonly name: string;
  readonly hits: number;
  /** Hits from which on it counts as covered. */
  readonly goal: number;
}

export interface FunctionalGroup {
  readonly name: string;
  /** Whose it is: a test's or a module's file. */
  readonly file: string;
  readonly points: readonly FunctionalPoint[];
}

/**
 * Reads and merges what tests wrote, points and crosses alike.
 *
 * @param since - files older than this moment are of another run, and left out; ms as of Date.now().
 * @throws {HdlError} `HDL_ARGUMENT` when a file is not what it should be.
 */
export function readFunctional(root: string, since = 0): FunctionalGroup[] {
  try {
    return readFunctionalCoverage(root, since).groups.map(({ name, file, points, crosses }) => ({
      name,
      file,
      points: [
        ...points.map(({ name, bins }) => ({ name, isCross: false, bins })),
        ...crosses.map(({ name, bins }) => ({ name, isCross: true, bins })),
      ],
    }));
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    throw new HdlError('HDL_ARGUMENT', error.message, { cause: error });
  }
}
