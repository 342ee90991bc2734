// SPDX-License-Identifier: Apache-2.0

export type {
  Advanced,
  BlockFields,
  Candidate,
  Consensus,
  ConsensusEvent,
  ConsensusParameters,
  ConsensusState,
  ElectionView,
  HeaderFields,
  Producer,
} from './contract.ts';
export { ConsensusError, type ConsensusErrorCode } from './errors.ts';
export {
  contradictsHeader,
  contradictsVote,
  type Evidence,
  EvidenceLog,
} from './evidence.ts';
export { compareVotes } from './finality.ts';
export type { FinalityState, ProducerSet, VoterSet } from './finality-types.ts';
export {
  FinalityView,
  type FinalityViewOptions,
  type NextVote,
  type ViewBlock,
} from './finality-view.ts';
export { type GenesisFields, parametersOf } from './parameters.ts';
export { CONSENSUS, consensusOf } from './registry.ts';
export { quorum, tolerated } from './rules.ts';
export { emptyRecord, recordHeader, recordVote, type SafetyRecord } from './safety.ts';
export { lockSafetyRecord, type ReleaseLock } from './safety-lock.ts';
export { fileSafetyStore, type SafetyStore } from './safety-store.ts';
