// SPDX-License-Identifier: Apache-2.0
// What a chain begins with.

export {
  CUSTOMARY,
  GXN,
  lockedAt,
  restOfParts,
  vestingOf,
  WHITE_PAPER_ALLOCATION,
} from './allocation.ts';
export { canonicalGenesis, genesisId, genesisToJson } from './canonical.ts';
export { type DevGenesis, type DevGenesisOptions, devGenesis, devSecret } from './dev.ts';
export { firstIssue, type Issue } from './issue.ts';
export { GenesisError, parseGenesis } from './parse.ts';
export { authority, type GenesisInput } from './schema.ts';
export type * from './types.ts';
