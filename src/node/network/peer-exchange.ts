// SPDX-License-Identifier: Apache-2.0

import { MessageCode } from '../generated/protocol.ts';
import type { Milliseconds } from '../protocol/types.ts';
import type { PeerId } from './contract.ts';
import { decodeGetPeers, decodePeers, encodeGetPeers, encodePeers } from './messages.ts';
import type { Peer } from './peer.ts';
import type { PeerBook } from './peer-book.ts';
import { Queue } from './peer-limits.ts';

/** Addresses asked for and told at a time. */
const ADDRESSES = 64;
/** Somebody is asked this often. */
const ASK_EVERY: Milliseconds = 300_000;

/** What the exchange needs of the network around it. */
export interface PeerExchangeParts {
  readonly book: PeerBook;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  now(): Milliseconds;
  attempt(peer: Peer, run: () => Promise<void>): void;
}

/** Addresses of nodes, asked for and told. */
export class PeerExchange {
  readonly #parts: PeerExchangeParts;
  #askedAt: Milliseconds;

  constructor(parts: PeerExchangeParts) {
    this.#parts = parts;
    this.#askedAt = parts.now();
  }

  /** Asks a peer; what it tells goes to the book, unverified. */
  ask(peer: Peer): void {
    this.#parts.attempt(peer, async () => {
      const answer = await peer.questions.ask(MessageCode.PEERS, (request) =>
        peer.send(MessageCode.GET_PEERS, encodeGetPeers(request, ADDRESSES), Queue.CONTROL),
      );
      if (!answer) return;
      for (const address of decodePeers(answer).slice(0, ADDRESSES))
        this.#parts.book.learn(address);
    });
  }

  /** Tells addresses that have answered, and where those take connections who came. @throws {ProtocolError} */
  answer(peer: Peer, payload: Uint8Array): void {
    const { request, count } = decodeGetPeers(payload);
    // Nobody dials who is connected: without these, nodes that only know this one never meet.
    const came = [...this.#parts.peers.values()]
      .filter(({ direction, hello }) => direction === 'in' && hello.port !== 0)
      .map(({ remote, hello }) => ({
        host: remote.host,
        port: hello.port,
        nodeKey: hello.nodeKey,
      }));
    const known = this.#parts.book
      .sample(Math.min(count, ADDRESSES) + 1, came)
      .filter(({ nodeKey }) => nodeKey !== peer.id)
      .slice(0, Math.min(count, ADDRESSES));
    peer.send(MessageCode.PEERS, encodePeers(request, known), Queue.CONTROL);
  }

  tick(now: Milliseconds): void {
    if (now - this.#askedAt < ASK_EVERY) return;
    this.#askedAt = now;
    const peers = [...this.#parts.peers.values()];
    const peer = peers[Math.floor(Math.random() * peers.length)];
    if (peer) this.ask(peer);
  }
}
