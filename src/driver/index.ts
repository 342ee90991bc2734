// SPDX-License-Identifier: Apache-2.0
// The driver: one contract, any backend.

export {
  type Accelerator,
  type AcceleratorOptions,
  attachAccelerator,
  type CardNetworkOptions,
  openAccelerator,
  type RunOptions,
  type ServiceOptions,
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
export { PCIE_TIMES, PcieDevice, type PcieOptions } from './device/pcie-device.ts';
export { RecordingReader } from './device/recording/reader.ts';
export { RecordingDevice, type RecordingOptions } from './device/recording/recording-device.ts';
export type { Difference } from './device/replay/difference.ts';
export { type ReplayOptions, replayOnDevice } from './device/replay/on-device.ts';
export { replayOnEngine } from './device/replay/on-engine.ts';
export type { ReplayResult } from './device/replay/summary.ts';
export { type SelfTestStep, selfTest } from './device/self-test.ts';
export {
  type LinkCounters,
  type SimCounters,
  SimDevice,
  type SimOptions,
} from './device/sim-device.ts';
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
export { readToeCounters, type ToeCounter } from './transport/card/counters.ts';
export type { NetworkOptions } from './transport/card/network-options.ts';
export { type Forward, forwardsOf } from './transport/card/passt-link.ts';
export {
  CardTransport,
  type CardTransportOptions,
  type TransportIncidents,
} from './transport/card/transport.ts';
export type {
  ConnectionOptions,
  ConnectOptions,
  ListenOptions,
  NetworkBackendName,
  ServerOptions,
  SocketCounters,
  TcpCounters,
  TcpState,
  Transport,
  TransportListener,
  TransportServer,
  TransportSocket,
} from './transport/contract.ts';
