// SPDX-License-Identifier: Apache-2.0

import { isIP } from 'node:net';
import type { Transport, TransportListener, TransportSocket } from '../../driver/index.ts';
import type { Milliseconds, PublicKey } from '../protocol/types.ts';
import { canonicalAddress, type Endpoint, formatEndpoint } from './addresses.ts';
import type { Admission } from './admission.ts';
import { addressKey, type Bans } from './bans.ts';
import type { NetworkLog, PeerId } from './contract.ts';
import { count, type NetworkCounters } from './counters.ts';
import { HandshakeError, type NodeIdentity } from './handshake.ts';
import { encodeGoodbye, type GoodbyeReason, type Hello } from './messages.ts';
import type { Peer } from './peer.ts';
import type { BookEntry, PeerBook } from './peer-book.ts';
import type { PeerLimits } from './peer-limits.ts';
import {
  type Authenticated,
  PendingHandshake,
  RefusedError,
  sayGoodbye,
} from './pending-handshake.ts';

/** A connection whose peer is proven. */
export interface Connection extends Authenticated {
  readonly socket: TransportSocket;
  readonly direction: 'in' | 'out';
  readonly remote: Endpoint;
}

/** What connections need of the network around them. */
export interface ConnectionsParts {
  readonly transport: Transport;
  readonly identity: NodeIdentity;
  readonly limits: PeerLimits;
  readonly admission: Admission;
  readonly bans: Bans;
  readonly book: PeerBook;
  readonly counters: NetworkCounters;
  readonly log: NetworkLog;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  /** Connections to open besides those of the operator. */
  readonly outbound: number;
  /** The key that must answer at an address of the operator. */
  readonly expected: ReadonlyMap<string, PublicKey>;
  now(): Milliseconds;
  /** Takes a proven connection over, or closes it. */
  adopt(connection: Connection): void;
  /** Points against an address. */
  punishAddress(address: string, reason: string, points: number): void;
}

/** Handshakes that failed this way tell nothing good about the address. */
const POINTS: Partial<Record<GoodbyeReason, number>> = {
  bad_message: 34,
  bad_proof: 34,
  timeout: 10,
  wrong_chain: 5,
  wrong_version: 5,
};

/** How long a peer that refused is left in peace. */
const PAUSE: Partial<Record<GoodbyeReason, Milliseconds>> = {
  full: 60_000,
  banned: 600_000,
  duplicate: 10_000,
  self: 86_400_000,
  wrong_chain: 3_600_000,
  wrong_version: 3_600_000,
};

/** What an operator has to know of an address of theirs: it does not go away by itself. */
const LASTING: ReadonlySet<GoodbyeReason | undefined> = new Set([
  'self',
  'wrong_chain',
  'wrong_version',
  'bad_proof',
] as const);

/** Listens and dials, up to the proof of who is there. */
export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #pending = new Set<PendingHandshake>();
  readonly #dialling = new Map<string, { since: Milliseconds; abort: AbortController }>();
  #listener: TransportListener | undefined;
  #inbound = 0;
  #closed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  get port(): number | undefined {
    return this.#listener?.port;
  }

  /** Handshakes under way. */
  get pending(): number {
    return this.#pending.size;
  }

  async listen(endpoint: Endpoint): Promise<void> {
    this.#listener = await this.#parts.transport.listen(endpoint, (socket) => this.#accept(socket));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { abort } of this.#dialling.values()) abort.abort();
    for (const handshake of [...this.#pending]) {
      handshake.abort(new HandshakeError('shutdown', ''));
    }
    await this.#listener?.close();
  }

  /** Looks at the clock. */
  tick(now: Milliseconds): void {
    const { limits } = this.#parts;
    for (const handshake of [...this.#pending]) {
      if (now - handshake.startedAt > limits.handshakeMilliseconds) {
        handshake.abort(new HandshakeError('timeout', 'handshake'));
      }
    }
    for (const { since, abort } of this.#dialling.values()) {
      if (now - since > limits.connectMilliseconds) abort.abort();
    }
    if (!this.#closed) this.#dialSome(now);
  }

  #accept(socket: TransportSocket): void {
    const { admission, bans, counters } = this.#parts;
    const now = this.#parts.now();
    counters.accepted += 1;
    const address = canonicalAddress(socket.remoteAddress ?? '');
    if (isIP(address) === 0 || this.#closed) {
      socket.destroy();
      return;
    }
    const banned = bans.isBanned(addressKey(address), now) ? 'banned' : undefined;
    const refusal = banned ?? admission.refuse(address, this.#inbound, now);
    if (refusal) {
      count(counters.refused, refusal);
      // A storm gets no answer; a node that comes when all places are taken is told.
      if (refusal === 'full') sayGoodbye(socket, encodeGoodbye('full'));
      else socket.resetAndDestroy();
      return;
    }
    this.#inbound += 1;
    const remote = { host: address, port: socket.remotePort ?? 0 };
    this.#shake(socket, 'in', remote, undefined)
      .catch((error: HandshakeError) => {
        const points = error instanceof RefusedError ? 0 : POINTS[error.reason];
        if (points) this.#parts.punishAddress(address, error.reason, points);
      })
      .finally(() => {
        this.#inbound -= 1;
      });
  }

  #dialSome(now: Milliseconds): void {
    const { book, peers, outbound, bans } = this.#parts;
    let open = this.#dialling.size;
    const taken = new Set<string>();
    for (const peer of peers.values()) {
      if (peer.direction === 'out') {
        open += 1;
        taken.add(formatEndpoint(peer.remote));
      } else taken.add(formatEndpoint({ host: peer.remote.host, port: peer.hello.port }));
    }
    for (const entry of book.candidates(now)) {
      const key = formatEndpoint(entry);
      if (taken.has(key) || this.#dialling.has(key)) continue;
      // A key that somebody told may be a lie to keep this node away.
      const nodeKey = entry.fixed || entry.lastSuccess > 0 ? entry.nodeKey : undefined;
      if (nodeKey !== undefined && peers.has(nodeKey)) continue;
      if (!entry.fixed && open >= outbound) continue;
      if (isIP(entry.host) !== 0 && bans.isBanned(addressKey(entry.host), now)) continue;
      if (nodeKey !== undefined && bans.isBanned(`id:${nodeKey}`, now)) continue;
      open += 1;
      this.#dial(entry, now);
    }
  }

  #dial(entry: BookEntry, now: Milliseconds): void {
    const { transport, counters, book, log, expected } = this.#parts;
    const { host, port } = entry;
    const key = formatEndpoint(entry);
    const abort = new AbortController();
    this.#dialling.set(key, { since: now, abort });
    counters.dialled += 1;
    transport
      .connect({ host, port, signal: abort.signal })
      .then((socket) => this.#shake(socket, 'out', { host, port }, expected.get(key)))
      .then((hello) => book.succeeded(entry, hello.nodeKey, this.#parts.now()))
      .catch((error: Error) => {
        const reason = error instanceof HandshakeError ? error.reason : undefined;
        book.failed(entry, this.#parts.now(), reason ? (PAUSE[reason] ?? 0) : 0);
        if (reason === 'self') book.forget(entry);
        const level = entry.fixed && LASTING.has(reason) ? 'warn' : 'debug';
        log[level]({ address: key, reason, error: error.message }, 'no connection');
      })
      .finally(() => this.#dialling.delete(key));
  }

  /** Proves who is there, and hands the connection on; rejects with `HandshakeError`. */
  async #shake(
    socket: TransportSocket,
    direction: 'in' | 'out',
    remote: Endpoint,
    expectedKey: PublicKey | undefined,
  ): Promise<Hello> {
    const { admission, identity, counters, bans, adopt } = this.#parts;
    const release = admission.enter(canonicalAddress(socket.remoteAddress ?? remote.host));
    socket.once('close', release);
    if (socket.destroyed) release();
    const accept = (hello: Hello) => {
      if (!bans.isBanned(`id:${hello.nodeKey}`, this.#parts.now())) return;
      throw new HandshakeError('banned', 'this node is banned here');
    };
    const options = {
      identity,
      port: this.#listener?.port ?? 0,
      initiator: direction === 'out',
      expectedKey,
      accept,
    };
    const handshake = new PendingHandshake(socket, options, this.#parts.now());
    this.#pending.add(handshake);
    try {
      const { hello, reader } = await handshake.done;
      adopt({ socket, hello, reader, direction, remote });
      return hello;
    } catch (error) {
      const reason = error instanceof HandshakeError ? error.reason : 'bad_message';
      const told = error instanceof RefusedError ? 'told ' : '';
      count(counters.handshakesFailed, `${told}${reason}`);
      throw error;
    } finally {
      this.#pending.delete(handshake);
    }
  }
}
