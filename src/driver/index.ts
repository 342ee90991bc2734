// SPDX-License-Identifier: Apache-2.0
// The driver: one contract, any backend.

export {
  type Accelerator,
  type AcceleratorOptions,
  attachAccelerator,
  openAccelerator,
} from './accelerator.ts';
export type {
  Broadcast,
  GroupOptions,
  Overflow,
  PeerGroup,
  QueueOptions,
  Quorum,
  QuorumCounter,
  QuorumOptions,
  SeenFilter,
  Session,
  SessionEnd,
} from './broadcast/contract.ts';
export type { CardIncidents, CardOptions } from './device/card-backend.ts';
export type { Capabilities, Device, DeviceCounters, DmaMemory, Wake } from './device/device.ts';
export { type SimCounters, SimDevice, type SimOptions } from './device/sim-device.ts';
export { AccelError, type AccelErrorCode } from './errors.ts';
export type {
  BackendName,
  BatchOptions,
  RecoverResult,
  RecoverResults,
  SignatureEngine,
  VerifyResult,
  VerifyResults,
} from './signatures/contract.ts';
export { decodeCompact, decodeDer, decodePublicKey, encodePublicKey } from './signatures/decode.ts';
export { REASON, type ReasonCode, type ReasonName, reasonName } from './signatures/reasons.ts';
export {
  KEY_BYTES,
  packRecover,
  packRecoverBatch,
  packVerify,
  packVerifyBatch,
  RECOVER_RECORD_BYTES,
  type RecoverInput,
  SIGNATURE_BYTES,
  VERIFY_RECORD_BYTES,
  type VerifyInput,
} from './signatures/records.ts';
export type {
  ConnectOptions,
  ListenOptions,
  NetworkBackendName,
  Transport,
  TransportListener,
  TransportSocket,
} from './transport/contract.ts';
