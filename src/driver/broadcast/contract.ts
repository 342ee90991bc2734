// SPDX-License-Identifier: Apache-2.0

import type { NetworkBackendName, TransportSocket } from '../transport/contract.ts';

/** What happens to a frame for which its queue has no room. */
export type Overflow =
  /** It is not sent to this session; counted. */
  | 'drop'
  /** The session is closed: without this frame it would be useless to its peer. */
  | 'close';

/** One queue of each session. */
export interface QueueOptions {
  readonly name: string;
  /** Bytes that may wait. A single longer frame still passes when nothing waits. */
  readonly maxBytes: number;
  readonly overflow: Overflow;
}

/** Options of a group. */
export interface GroupOptions {
  /** At least one; earlier ones are sent first. Of one queue, frames leave in order. */
  readonly queues: readonly QueueOptions[];
  /** Bytes handed to the transport before it has sent them (default 256 KiB): what no queue can overtake. */
  readonly windowBytes?: number;
}

/** Why a session ended by itself. */
export type SessionEnd =
  /** The connection closed or failed. */
  | 'closed'
  /** A queue with overflow `close` had no room. */
  | 'overflow';

/** A connection as a member of a group: whatever is sent goes through its queues. */
export interface Session {
  /** Frames and bytes that wait in the queues, those handed to the transport not counted. */
  readonly queuedFrames: number;
  readonly queuedBytes: number;
  /** Frames dropped so far, by queue. */
  readonly dropped: readonly number[];
  /**
   * Grows whenever the transport has taken what was handed to it. While it stands still and
   * `waiting` holds, the other end does not read.
   */
  readonly progress: number;
  /** Something is on its way: handed to the transport or in a queue. */
  readonly waiting: boolean;
  /**
   * Queues a frame for this session alone.
   *
   * @param frame - not to be written afterwards.
   * @param queue - its place in `queues`.
   * @returns whether it was taken.
   */
  send(frame: Uint8Array, queue: number): boolean;
  /** Sends `last` after what the transport already has, drops what waits, and ends the connection. */
  end(last?: Uint8Array): void;
  /** Leaves the group and destroys the connection. Idempotent. */
  close(): void;
}

/** Sessions that are sent the same frames. */
export interface PeerGroup {
  readonly size: number;
  /**
   * Takes an open connection into the group; the group writes to it, the caller reads from it.
   *
   * @param onEnd - called once, unless the caller ended it by `close`.
   */
  add(socket: TransportSocket, onEnd?: (reason: SessionEnd) => void): Session;
  /**
   * Queues a frame for all sessions. The bytes are stored once.
   *
   * @param frame - not to be written afterwards.
   * @param queue - its place in `queues`.
   * @param except - sessions that do not get it.
   * @returns the number of sessions that took it.
   */
  publish(frame: Uint8Array, queue: number, except?: ReadonlySet<Session>): number;
  /** Closes all sessions. Idempotent. */
  close(): void;
}

/**
 * Remembers ids of 32 bytes: SHA-256 or as good as random.
 *
 * Two generations of `capacity` ids each: the last `capacity` are always known, older ones for a
 * while, and memory never grows. Compares 128 bits.
 */
export interface SeenFilter {
  /** Ids known now, at most twice the capacity. */
  readonly size: number;
  /** Whether the id is known; afterwards it is. */
  seen(id: Uint8Array): boolean;
  /** Whether the id is known. */
  has(id: Uint8Array): boolean;
}

/** Where a target stands. */
export interface Quorum {
  /** Distinct voters so far. */
  readonly count: number;
  /** K. */
  readonly needed: number;
  readonly reached: boolean;
  /** Whether this call counted; false when the voter had been counted. */
  readonly fresh: boolean;
}

/** Counts distinct voters per target, for so many targets at a time; the oldest makes room. */
export interface QuorumCounter {
  /** Targets counted now. */
  readonly size: number;
  /**
   * Counts a voter for a target.
   *
   * @param target - 32 bytes.
   * @param voter - its number in the set of voters.
   * @throws {AccelError} `ACCEL_ARGUMENT`.
   */
  count(target: Uint8Array, voter: number): Quorum;
  /** Where a target stands; `undefined` if never counted or forgotten. */
  get(target: Uint8Array): Omit<Quorum, 'fresh'> | undefined;
  /** Forgets a target. */
  delete(target: Uint8Array): void;
}

/** Size of a counter. */
export interface QuorumOptions {
  /** Size of the set of voters, 1 to 1024. */
  readonly voters: number;
  /** K: 1 to `voters`. */
  readonly needed: number;
  /** Targets at a time (default 1024). */
  readonly targets?: number;
}

/** One frame to many sessions, and the two tables beside it. */
export interface Broadcast {
  readonly backend: NetworkBackendName;
  /** @throws {AccelError} `ACCEL_ARGUMENT`. */
  group(options: GroupOptions): PeerGroup;
  /**
   * @param capacity - ids of a generation, 1 to 2^24; 16 bytes of memory each, times four.
   * @throws {AccelError} `ACCEL_ARGUMENT`.
   */
  seenFilter(capacity: number): SeenFilter;
  /** @throws {AccelError} `ACCEL_ARGUMENT`. */
  quorumCounter(options: QuorumOptions): QuorumCounter;
  /** Closes all groups. Idempotent. */
  close(): Promise<void>;
}
