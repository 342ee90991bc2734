// SPDX-License-Identifier: Apache-2.0

import { MessageCode } from '../generated/protocol.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { fail } from '../protocol/fields.ts';
import type { Id, Milliseconds } from '../protocol/types.ts';
import type { NetworkLog, PeerId, SyncProgress, SyncSource } from './contract.ts';
import type { NetworkCounters } from './counters.ts';
import { MAX_ANSWER_BYTES } from './frame.ts';
import { chainOf, decodeBlocks, encodeGetBlocks, heightOf } from './messages.ts';
import type { Peer } from './peer.ts';
import { Queue } from './peer-limits.ts';

/** Blocks of one question. */
const RANGE = 128;
/** One block behind is no reason to ask: it is usually on its way, if its owner was connected when it came. */
const PATIENCE: Milliseconds = 4_000;
/** A peer that did not help is not asked again for so long. */
const EXCLUDED: Milliseconds = 30_000;
const MAX_FORGIVEN = 1024;
/** How often one peer's chain may turn out to leave the own one, in one round. */
const MAX_DETOURS = 3;

/** What catching up needs of the network around it. */
export interface SyncParts {
  readonly source: SyncSource;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly counters: NetworkCounters;
  readonly chainId: Id;
  readonly log: NetworkLog;
  now(): Milliseconds;
  malformed(peer: Peer, error: ProtocolError): void;
}

/**
 * Catches up: ranges of blocks from one peer at a time, the next one on its way while the last is taken
 * over. What a peer says of its height is believed until it fails to deliver.
 */
export class RangeSync {
  readonly #parts: SyncParts;
  readonly #excluded = new Map<PeerId, Milliseconds>();
  /** Peers whose connection ended before they had helped, and which may be asked again at once: the first time. */
  readonly #forgiven = new Set<PeerId>();
  /** Peers whose first status has been looked at. */
  readonly #met = new WeakSet<Peer>();
  #behindSince: Milliseconds | undefined;
  #forced = false;
  #active: { readonly peer: Peer; readonly from: number; height: number } | undefined;
  #closed = false;

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  progress(): SyncProgress {
    const next = this.#active?.height ?? this.#parts.source.next();
    const target = Math.max(next - 1, this.#active?.peer.status?.head.height ?? 0);
    const common = { height: next - 1, target, from: (this.#active?.from ?? next) - 1 };
    return this.#active
      ? { active: true, peer: this.#active.peer.id, ...common }
      : { active: false, ...common };
  }

  /** Does not wait for a second block. */
  force(): void {
    this.#forced = true;
  }

  close(): void {
    this.#closed = true;
  }

  /** Begins a round when peers are ahead. */
  tick(now: Milliseconds): void {
    if (this.#active || this.#closed) return;
    for (const [id, until] of this.#excluded) if (until <= now) this.#excluded.delete(id);
    const next = this.#parts.source.next();
    this.#meet(next);
    const ahead = [...this.#parts.peers.values()].filter(
      (peer) => heightClaimed(peer) >= next && !this.#excluded.has(peer.id),
    );
    if (ahead.length === 0) {
      this.#behindSince = undefined;
      this.#forced = false;
      return;
    }
    this.#behindSince ??= now;
    const best = Math.max(...ahead.map(heightClaimed));
    const patient = best === next && now - this.#behindSince < PATIENCE;
    if (patient && !this.#forced) return;
    // Others may lack the end of it; who claims it without having it is excluded once it does not deliver.
    const choice = ahead.filter((peer) => heightClaimed(peer) === best);
    const peer = choice[Math.floor(Math.random() * choice.length)]!;
    this.#forced = false;
    this.#behindSince = undefined;
    this.#active = { peer, from: next, height: next };
    this.#run(peer, next).then((helped) => {
      if (helped) this.#forgiven.delete(peer.id);
      else this.#failed(peer);
      this.#active = undefined;
    });
  }

  /** Others may help at once; so may the same node once it is back, or over the other of two connections. */
  #failed(peer: Peer): void {
    const once = peer.ended && !this.#forgiven.has(peer.id);
    if (once && this.#forgiven.size < MAX_FORGIVEN) this.#forgiven.add(peer.id);
    else this.#excluded.set(peer.id, this.#parts.now() + EXCLUDED);
    this.#forced = true;
  }

  /** What a peer had before it was connected it will not send by itself. */
  #meet(next: number): void {
    for (const peer of this.#parts.peers.values()) {
      if (!peer.status || this.#met.has(peer)) continue;
      this.#met.add(peer);
      if (heightClaimed(peer) >= next) this.#forced = true;
    }
  }

  /** Whether the peer did what it promised. */
  async #run(peer: Peer, first: number): Promise<boolean> {
    const { source, counters, log } = this.#parts;
    let from = first;
    let detours = 0;
    let ahead: Promise<readonly Uint8Array[]> | undefined;
    while (heightClaimed(peer) >= from && !peer.ended && !this.#closed) {
      const blocks = await (ahead ?? this.#fetch(peer, from));
      if (blocks.length === 0) return false;
      const end = from + blocks.length;
      ahead = heightClaimed(peer) >= end ? this.#fetch(peer, end) : undefined;
      let next: number;
      try {
        next = await source.import(peer.id, from, blocks);
      } catch (error) {
        log.info({ peer: peer.id, from, error: String(error) }, 'blocks of a peer were not taken');
        return false;
      }
      if (next < end) {
        detours += 1;
        if (detours > MAX_DETOURS) return false;
      } else counters.blocksSynced += blocks.length;
      if (next !== end) ahead = undefined;
      from = Math.max(1, next);
      if (this.#active) this.#active.height = from;
    }
    return true;
  }

  /** Blocks from a height on; none when the peer has none, or does not answer. */
  async #fetch(peer: Peer, from: number): Promise<readonly Uint8Array[]> {
    const range = { from, count: RANGE, maxBytes: MAX_ANSWER_BYTES };
    const answer = await peer.questions.ask(MessageCode.BLOCKS, (request) =>
      peer.send(MessageCode.GET_BLOCKS, encodeGetBlocks(request, range), Queue.CONTROL),
    );
    if (!answer) return [];
    try {
      const blocks = decodeBlocks(answer);
      if (blocks.length > RANGE) {
        fail('PROTOCOL_COUNT', 0, `blocks: expected at most ${RANGE}, got ${blocks.length}`);
      }
      blocks.forEach((block, i) => {
        const height = heightOf(block);
        if (height !== from + i || chainOf(block) !== this.#parts.chainId) {
          fail('PROTOCOL_RANGE', 0, `blocks: expected height ${from + i}, got ${height}`);
        }
      });
      return blocks;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#parts.malformed(peer, error);
      return [];
    }
  }
}

function heightClaimed(peer: Peer): number {
  return peer.status?.head.height ?? 0;
}
