// SPDX-License-Identifier: Apache-2.0

/**
 * Why a transaction does not come into the pool, besides what the protocol and the ledger say. Codes are
 * stable.
 *
 * - `POOL_FULL`: full of transactions that pay at least as much.
 * - `POOL_ACCOUNT`: its account has too many there, or not enough for all of their fees.
 * - `POOL_SIGNATURE`: a signature that nobody made.
 * - `POOL_BUSY`: more is waiting to be checked than can be; try again.
 */
export type PoolErrorCode = 'POOL_FULL' | 'POOL_ACCOUNT' | 'POOL_SIGNATURE' | 'POOL_BUSY';

/** What became of a transaction handed in. */
export type PoolVerdict =
  | { readonly accepted: true; readonly id: string; readonly known: boolean }
  | {
      readonly accepted: false;
      readonly id?: string;
      readonly code: string;
      readonly message: string;
    };
