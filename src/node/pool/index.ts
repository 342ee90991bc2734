// SPDX-License-Identifier: Apache-2.0
// Transactions that wait for a block, and how they come there.

export type { PoolErrorCode, PoolVerdict } from './errors.ts';
export { Intake, type IntakeParts } from './intake.ts';
export { KnownTransactions } from './known.ts';
export { DEFAULT_POOL_LIMITS, Pool, type PoolLimits } from './pool.ts';
