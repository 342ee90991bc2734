// SPDX-License-Identifier: Apache-2.0

/** Numbers since the start, by what they count. Only ever added to. */
export interface NetworkCounters {
  /** Frames by kind. */
  readonly received: Record<string, number>;
  /** Frames by kind, once for each peer. */
  readonly sent: Record<string, number>;
  bytesIn: number;
  bytesOut: number;
  /** Received transactions and votes that were known already. */
  duplicates: number;
  transactionsIn: number;
  transactionsOut: number;
  /** Received frames not looked into, by reason: `budget` or `work`. */
  readonly shed: Record<string, number>;
  /** Frames not sent because a queue was full, by queue. */
  readonly dropped: Record<string, number>;
  /** Connections that peers opened, and that this node opened. */
  accepted: number;
  dialled: number;
  /** Connections not taken, by reason. */
  readonly refused: Record<string, number>;
  /** Handshakes that failed, by reason. */
  readonly handshakesFailed: Record<string, number>;
  /** Peers that left or were sent away, by reason. */
  readonly disconnects: Record<string, number>;
  /** Points given, by reason. */
  readonly punished: Record<string, number>;
  bans: number;
  /** Times a peer was not read because of unfinished work. */
  pauses: number;
  /** Handlers that rejected. */
  handlerErrors: number;
  blocksServed: number;
  blocksSynced: number;
}

export function newCounters(): NetworkCounters {
  return {
    received: {},
    sent: {},
    bytesIn: 0,
    bytesOut: 0,
    duplicates: 0,
    transactionsIn: 0,
    transactionsOut: 0,
    shed: {},
    dropped: {},
    accepted: 0,
    dialled: 0,
    refused: {},
    handshakesFailed: {},
    disconnects: {},
    punished: {},
    bans: 0,
    pauses: 0,
    handlerErrors: 0,
    blocksServed: 0,
    blocksSynced: 0,
  };
}

/** Adds to a counter of a table; the names are this node's own, never a peer's. */
export function count(table: Record<string, number>, name: string, by = 1): void {
  table[name] = (table[name] ?? 0) + by;
}
