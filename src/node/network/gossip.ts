// SPDX-License-Identifier: Apache-2.0

import { hash } from 'node:crypto';
import type { Broadcast, PeerGroup, SeenFilter } from '../../driver/index.ts';
import { Limit, MessageCode } from '../generated/protocol.ts';
import type { NetworkHandlers, PeerId } from './contract.ts';
import { count, type NetworkCounters } from './counters.ts';
import { kindName } from './frame.ts';
import { decodeTransactions, decodeVotes, encodeBatch } from './messages.ts';
import type { Peer } from './peer.ts';
import { Queue } from './peer-limits.ts';

/** A message of transactions leaves when it has so many bytes, or is so old. */
const BATCH_BYTES = 64 * 1024;
const BATCH_MILLISECONDS = 5;

/** Votes remembered as seen, times two. */
const SEEN_VOTES = 2 ** 14;

/** What gossip needs of the network around it. */
export interface GossipParts {
  readonly broadcast: Broadcast;
  readonly group: PeerGroup;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly handlers: NetworkHandlers;
  readonly counters: NetworkCounters;
  readonly seenTransactions: number;
  readonly transactionWorkBytes: number;
  /** Runs a handler while its bytes count as the peer's work. */
  work(peer: Peer, kind: 'work' | 'transactionWork', bytes: number, run: () => unknown): void;
  shed(peer: Peer, kind: MessageCode, reason: 'work'): void;
}

interface Batch {
  entries: Uint8Array[];
  bytes: number;
}

/** Transactions and votes: each node sees the bytes once, whoever sends them. */
export class Gossip {
  readonly #parts: GossipParts;
  readonly #transactions: SeenFilter;
  readonly #votes: SeenFilter;
  /** By the peer they came from; '' for this node. */
  readonly #batches = new Map<PeerId, Batch>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: GossipParts) {
    this.#parts = parts;
    this.#transactions = parts.broadcast.seenFilter(parts.seenTransactions);
    this.#votes = parts.broadcast.seenFilter(SEEN_VOTES);
  }

  publishTransactions(transactions: readonly Uint8Array[], except: PeerId = ''): void {
    if (this.#parts.peers.size === 0) return;
    for (const bytes of transactions) {
      this.#transactions.seen(digest(bytes));
      let batch = this.#batches.get(except);
      if (!batch) {
        batch = { entries: [], bytes: 0 };
        this.#batches.set(except, batch);
      }
      batch.entries.push(bytes);
      batch.bytes += bytes.length;
      if (batch.bytes >= BATCH_BYTES || batch.entries.length === Limit.MAX_BATCH_TRANSACTIONS) {
        this.#flush(except, batch);
      }
    }
    if (this.#batches.size > 0) {
      this.#timer ??= setTimeout(() => this.#flushAll(), BATCH_MILLISECONDS).unref();
    }
  }

  publishVotes(votes: readonly Uint8Array[], except: PeerId = ''): void {
    for (const vote of votes) this.#votes.seen(digest(vote));
    for (let at = 0; at < votes.length; at += Limit.MAX_BATCH_VOTES) {
      const entries = votes.slice(at, at + Limit.MAX_BATCH_VOTES);
      this.#publish(MessageCode.VOTES, entries, Queue.VOTES, except);
    }
  }

  /** @throws {ProtocolError} */
  receiveTransactions(peer: Peer, payload: Uint8Array): void {
    const { handlers, counters, transactionWorkBytes } = this.#parts;
    if (peer.transactionWork >= transactionWorkBytes) {
      this.#parts.shed(peer, MessageCode.TRANSACTIONS, 'work');
      return;
    }
    const all = decodeTransactions(payload);
    const fresh = all.filter((bytes) => !this.#transactions.seen(digest(bytes)));
    counters.duplicates += all.length - fresh.length;
    counters.transactionsIn += fresh.length;
    if (fresh.length === 0) return;
    this.#parts.work(peer, 'transactionWork', payload.length, () =>
      handlers.onTransactions(peer.id, fresh),
    );
  }

  /** @throws {ProtocolError} */
  receiveVotes(peer: Peer, payload: Uint8Array): void {
    const { handlers, counters } = this.#parts;
    const all = decodeVotes(payload);
    const fresh = all.filter((bytes) => !this.#votes.seen(digest(bytes)));
    counters.duplicates += all.length - fresh.length;
    if (fresh.length === 0) return;
    this.#parts.work(peer, 'work', payload.length, () => handlers.onVotes(peer.id, fresh));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#batches.clear();
  }

  #flushAll(): void {
    this.#timer = undefined;
    for (const [except, batch] of [...this.#batches]) this.#flush(except, batch);
  }

  #flush(except: PeerId, { entries }: Batch): void {
    this.#batches.delete(except);
    const taken = this.#publish(MessageCode.TRANSACTIONS, entries, Queue.TRANSACTIONS, except);
    this.#parts.counters.transactionsOut += entries.length * taken;
  }

  #publish(
    kind: MessageCode,
    entries: readonly Uint8Array[],
    queue: number,
    except: PeerId,
  ): number {
    const { group, peers, counters } = this.#parts;
    const origin = peers.get(except);
    const audience = group.size - (origin ? 1 : 0);
    if (audience === 0) return 0;
    const without = origin ? new Set([origin.session]) : undefined;
    const taken = group.publish(encodeBatch(kind, entries), queue, without);
    count(counters.sent, kindName(kind), taken);
    if (taken < audience) count(counters.dropped, kindName(kind), audience - taken);
    return taken;
  }
}

function digest(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
