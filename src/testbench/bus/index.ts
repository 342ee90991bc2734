// SPDX-License-Identifier: Apache-2.0
/** Models of buses: they drive a module's ports, answer them, and check the rules. */
export { type AddressSpace, BusMemory, type Refusal } from './address-space.ts';
export {
  BURST_TYPES,
  type Burst,
  type BurstType,
  beatAddress,
  beatLanes,
  burstBytes,
  burstFault,
} from './axi-burst.ts';
export type { AxiPauses, AxiResponse } from './axi-channels.ts';
export type { AxiLimits } from './axi-limits.ts';
export {
  AxiManager,
  type AxiManagerOptions,
  type BurstRequest,
  type ReadAnswer,
  type WriteAnswer,
  type WriteRequest,
} from './axi-manager.ts';
export {
  AXI_RULES,
  AxiMonitor,
  type AxiMonitorOptions,
  type AxiTransaction,
} from './axi-monitor.ts';
export {
  AxiSubordinate,
  type AxiSubordinateOptions,
  type MemoryTiming,
} from './axi-subordinate.ts';
export { type AxiLiteAnswer, AxiLiteManager, type AxiLiteManagerOptions } from './axil-manager.ts';
export {
  AXI_LITE_RULES,
  type AxiLiteAccess,
  AxiLiteMonitor,
  type AxiLiteMonitorOptions,
} from './axil-monitor.ts';
export { AxiLiteSubordinate, type AxiLiteSubordinateOptions } from './axil-subordinate.ts';
export {
  AxiStreamMonitor,
  type ObservedPacket,
  type StreamMonitorOptions,
} from './axis-monitor.ts';
export { AXI_STREAM_RULES, type StreamRuleOptions } from './axis-rules.ts';
export type { Frame, StreamOptions } from './axis-signals.ts';
export { AxiStreamSink, type ReceivedFrame, type SinkOptions } from './axis-sink.ts';
export { AxiStreamSource } from './axis-source.ts';
export type { BusOptions, BusSimulation } from './bus-simulation.ts';
export {
  type Payload,
  READY_VALID_RULES,
  ReadyValidMonitor,
  type ReadyValidMonitorOptions,
  type ReadyValidOptions,
  ReadyValidSink,
  ReadyValidSource,
  type Transfer,
} from './ready-valid.ts';
export { type MonitorOptions, ProtocolError, type Violation } from './violation.ts';
