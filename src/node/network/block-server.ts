// SPDX-License-Identifier: Apache-2.0

import { MessageCode } from '../generated/protocol.ts';
import type { Id } from '../protocol/types.ts';
import type { NetworkHandlers } from './contract.ts';
import type { NetworkCounters } from './counters.ts';
import { MAX_ANSWER_BYTES } from './frame.ts';
import { decodeGetBlock, decodeGetBlocks, encodeBlocks } from './messages.ts';
import type { Peer } from './peer.ts';
import { Queue } from './peer-limits.ts';

/** Questions of one peer that may wait. */
const MAX_WAITING = 8;

/** What the server needs of the network around it. */
export interface ServerParts {
  readonly handlers: NetworkHandlers;
  readonly counters: NetworkCounters;
  find(id: Id): Promise<Uint8Array | undefined>;
  /** Runs what a peer caused; a failure of the chain is counted. */
  attempt(peer: Peer, run: () => Promise<void>): void;
  shed(peer: Peer, kind: MessageCode, reason: 'work'): void;
}

/** Answers to getBlocks and getBlock: one at a time for each peer, no faster than it reads. */
export class BlockServer {
  readonly #parts: ServerParts;
  readonly #waiting = new WeakMap<Peer, (() => Promise<void>)[]>();

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** @throws {ProtocolError} */
  getBlocks(peer: Peer, payload: Uint8Array): void {
    const { request, from, count, maxBytes } = decodeGetBlocks(payload);
    const limit = Math.min(maxBytes, MAX_ANSWER_BYTES);
    this.#serve(peer, MessageCode.GET_BLOCKS, async () => {
      const blocks: Uint8Array[] = [];
      let bytes = 0;
      for (let height = from; blocks.length < count && !peer.ended; height++) {
        const block = await this.#parts.handlers.blockAt(height);
        if (!block || (blocks.length > 0 && bytes + block.length > limit)) break;
        blocks.push(block);
        bytes += block.length;
      }
      this.#answer(peer, request, blocks);
    });
  }

  /** @throws {ProtocolError} */
  getBlock(peer: Peer, payload: Uint8Array): void {
    const { request, id } = decodeGetBlock(payload);
    this.#serve(peer, MessageCode.GET_BLOCK, async () => {
      const block = await this.#parts.find(id);
      this.#answer(peer, request, block ? [block] : []);
    });
  }

  #answer(peer: Peer, request: number, blocks: readonly Uint8Array[]): void {
    this.#parts.counters.blocksServed += blocks.length;
    peer.send(MessageCode.BLOCKS, encodeBlocks(request, blocks), Queue.ANSWERS);
  }

  #serve(peer: Peer, kind: MessageCode, job: () => Promise<void>): void {
    const waiting = this.#waiting.get(peer);
    // The queue of answers is not read from the disk in advance.
    const full = peer.session.queuedBytes > MAX_ANSWER_BYTES;
    if (full || (waiting && waiting.length >= MAX_WAITING)) {
      this.#parts.shed(peer, kind, 'work');
      return;
    }
    if (waiting) {
      waiting.push(job);
      return;
    }
    const jobs = [job];
    this.#waiting.set(peer, jobs);
    this.#parts.attempt(peer, async () => {
      try {
        for (let next = jobs[0]; next && !peer.ended; next = jobs[0]) {
          await next();
          jobs.shift();
        }
      } finally {
        this.#waiting.delete(peer);
      }
    });
  }
}
