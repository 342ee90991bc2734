// SPDX-License-Identifier: Apache-2.0
/** What a test checks with: scoreboards, random cases that shrink, functional coverage. */
export { CheckError } from './check-error.ts';
export { type Bin, type Bins, CoverGroup, illegal, ranges } from './coverage.ts';
export {
  type BinCount,
  type CrossCount,
  FUNCTIONAL_FOLDER,
  type FunctionalCoverage,
  type GroupCount,
  mergeCoverage,
  type PointCount,
  parseCoverage,
  readFunctionalCoverage,
} from './coverage-file.ts';
export { flushCoverage } from './coverage-store.ts';
export { describeValue } from './describe-value.ts';
export { type ForAllOptions, forAll, words } from './for-all.ts';
export { type Difference, type Entry, Scoreboard, type ScoreboardOptions } from './scoreboard.ts';
