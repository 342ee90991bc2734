// SPDX-License-Identifier: Apache-2.0
// What a chain begins with.

export { lockedAt, vestingOf, WHITE_PAPER_ALLOCATION } from './allocation.ts';
export { canonicalGenesis, genesisId, genesisToJson } from './canonical.ts';
export { type DevGenesis, type DevGenesisOptions, devGenesis, devSecret, GXN } from './dev.ts';
export { GenesisError, parseGenesis } from './parse.ts';
export type { GenesisInput } from './schema.ts';
export type * from './types.ts';
