// SPDX-License-Identifier: Apache-2.0

/** Port of a node's API, unless told otherwise. */
export const DEFAULT_API_PORT = 8480;

/** How much anybody may ask of the API. */
export interface ApiLimits {
  /** Of JSON. */
  readonly bodyBytes: number;
  /** Of transactions handed in as bytes. */
  readonly submitBytes: number;
  /** Transactions of one request. */
  readonly submitTransactions: number;
  /** Per address. */
  readonly requestsPerSecond: number;
  /** Calls of one JSON-RPC batch. */
  readonly batchCalls: number;
  /** Entries of a page. */
  readonly pageSize: number;
  /** Of all kinds. */
  readonly connections: number;
  /** Subscribers. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** Of one message from a subscriber. */
  readonly messageBytes: number;
  /** Per subscriber. */
  readonly messagesPerSecond: number;
  /** Per subscriber. */
  readonly subscriptions: number;
  /** Transactions that a subscriber follows at a time. */
  readonly watched: number;
  /** What waits to be read by a subscriber; what comes beyond it is lost, and counted. */
  readonly queueBytes: number;
  /** Between two signs of life of a subscriber. */
  readonly heartbeatMilliseconds: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  bodyBytes: 256 * 1024,
  submitBytes: 4 * 1024 * 1024,
  submitTransactions: 10_000,
  requestsPerSecond: 200,
  batchCalls: 50,
  pageSize: 100,
  connections: 1024,
  sockets: 256,
  socketsPerAddress: 64,
  messageBytes: 128 * 1024,
  messagesPerSecond: 50,
  subscriptions: 16,
  watched: 1000,
  queueBytes: 16 * 1024 * 1024,
  heartbeatMilliseconds: 30_000,
};
