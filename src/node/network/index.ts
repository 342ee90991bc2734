// SPDX-License-Identifier: Apache-2.0
// A node's connections to other nodes.

export { type Clock, systemClock } from './clock.ts';
export type {
  Network,
  NetworkHandlers,
  NetworkLog,
  NetworkOptions,
  NetworkPeer,
  PeerId,
  PublishOptions,
  SyncProgress,
  SyncSource,
} from './contract.ts';
export type { NetworkCounters } from './counters.ts';
export type { Status } from './messages.ts';
export { createNetwork } from './network.ts';
export { DEFAULT_LIMITS, type PeerLimits } from './peer-limits.ts';
