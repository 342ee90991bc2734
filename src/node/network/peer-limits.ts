// SPDX-License-Identifier: Apache-2.0

import type { QueueOptions } from '../../driver/index.ts';
import { MessageCode } from '../generated/protocol.ts';
import type { Milliseconds } from '../protocol/types.ts';
import { MAX_ANSWER_BYTES } from './frame.ts';
import type { Rate } from './token-bucket.ts';

/** What one peer may take of this node. */
export interface PeerLimits {
  readonly handshakeMilliseconds: Milliseconds;
  readonly connectMilliseconds: Milliseconds;
  readonly pingMilliseconds: Milliseconds;
  /** Silence after which a peer is gone. */
  readonly silenceMilliseconds: Milliseconds;
  /** How long a peer may take to read what it was sent. */
  readonly stallMilliseconds: Milliseconds;
  /** How long one frame may take to arrive. */
  readonly frameMilliseconds: Milliseconds;
  /** How long the answer to a question may take. */
  readonly answerMilliseconds: Milliseconds;
  /** Work under way, transactions not counted, beyond which no more is read. */
  readonly workBytes: number;
  /** Transactions under way beyond which more are shed. */
  readonly transactionWorkBytes: number;
  /** Unfinished frames of all peers together. */
  readonly partialBytes: number;
  /** Transactions that may wait for one peer; more are not sent to it. */
  readonly transactionQueueBytes: number;
  /** Bytes handed to the connection that votes and blocks cannot overtake. */
  readonly windowBytes: number;
}

export const DEFAULT_LIMITS: PeerLimits = {
  handshakeMilliseconds: 5_000,
  connectMilliseconds: 10_000,
  pingMilliseconds: 15_000,
  silenceMilliseconds: 45_000,
  stallMilliseconds: 20_000,
  frameMilliseconds: 30_000,
  answerMilliseconds: 30_000,
  workBytes: 4 * 1024 * 1024,
  transactionWorkBytes: 4 * 1024 * 1024,
  partialBytes: 96 * 1024 * 1024,
  transactionQueueBytes: 4 * 1024 * 1024,
  windowBytes: 256 * 1024,
};

/** Queues of a session by number: earlier ones overtake. */
export const Queue = { CONTROL: 0, VOTES: 1, BLOCKS: 2, TRANSACTIONS: 3, ANSWERS: 4 } as const;

/** The queues themselves. */
export function queuesFor(maxBlockBytes: number, limits: PeerLimits): QueueOptions[] {
  const answers = 2 * (Math.max(maxBlockBytes, MAX_ANSWER_BYTES) + 1024);
  return [
    { name: 'control', maxBytes: 64 * 1024, overflow: 'close' },
    { name: 'votes', maxBytes: 1024 * 1024, overflow: 'close' },
    { name: 'blocks', maxBytes: 2 * maxBlockBytes + 64 * 1024, overflow: 'close' },
    { name: 'transactions', maxBytes: limits.transactionQueueBytes, overflow: 'drop' },
    { name: 'answers', maxBytes: answers, overflow: 'drop' },
  ];
}

/** What a peer may send of a kind; a frame beyond it is dropped and costs points. */
export interface Budget extends Rate {
  readonly unit: 'frames' | 'bytes';
  readonly points: number;
}

const frames = (perSecond: number, burst: number, points = 5): Budget => ({
  unit: 'frames',
  perSecond,
  burst,
  points,
});
const bytes = (perSecond: number, burst: number, points: number): Budget => ({
  unit: 'bytes',
  perSecond,
  burst,
  points,
});

/** Several times what an honest peer sends at full load. */
export const BUDGETS: ReadonlyMap<number, Budget> = new Map([
  [MessageCode.PING, frames(2, 20)],
  [MessageCode.PONG, frames(2, 20)],
  // 8 MB/s: 30,000 transfers a second.
  [MessageCode.TRANSACTIONS, bytes(8_000_000, 24_000_000, 1)],
  [MessageCode.BLOCK, frames(2, 32)],
  [MessageCode.ANNOUNCE, frames(5, 64)],
  [MessageCode.VOTES, bytes(250_000, 2_000_000, 2)],
  [MessageCode.GET_BLOCKS, frames(20, 64)],
  [MessageCode.GET_BLOCK, frames(5, 64)],
  // Only as answers, which are counted otherwise.
  [MessageCode.BLOCKS, frames(40, 128)],
  [MessageCode.GET_PEERS, frames(0.1, 4)],
  [MessageCode.PEERS, frames(1, 8)],
  [MessageCode.STATUS, frames(5, 64)],
  [MessageCode.GOODBYE, frames(1, 1)],
]);
