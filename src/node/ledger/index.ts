// SPDX-License-Identifier: Apache-2.0
// The chain as it is executed and stored.

export {
  type Authorities,
  type AuthorityLookup,
  type AuthorityVerdict,
  checkAuthority,
  type NamedAuthority,
} from './authority.ts';
export { idPrefix } from './chain-ids.ts';
export type * from './contract.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export { genesisDraft } from './genesis-state.ts';
export { openLedger } from './ledger.ts';
export { requiredFee } from './transactions.ts';
