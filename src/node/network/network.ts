// SPDX-License-Identifier: Apache-2.0

import type { PeerGroup } from '../../driver/index.ts';
import { Limit, MessageCode } from '../generated/protocol.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { fail } from '../protocol/fields.ts';
import { isPublicKey } from '../protocol/signing.ts';
import type { Milliseconds, PublicKey } from '../protocol/types.ts';
import { addressesIn, formatEndpoint, isLoopback, parseEndpoint } from './addresses.ts';
import { Admission, DEFAULT_ADMISSION } from './admission.ts';
import { addressKey, Bans } from './bans.ts';
import { BlockExchange } from './block-exchange.ts';
import { BlockServer } from './block-server.ts';
import { systemClock } from './clock.ts';
import { type Connection, Connections } from './connections.ts';
import type {
  Network,
  NetworkLog,
  NetworkOptions,
  NetworkPeer,
  PeerId,
  PublishOptions,
  SyncProgress,
} from './contract.ts';
import { count, newCounters } from './counters.ts';
import { kindName, sessionBounds } from './frame.ts';
import type { Frame } from './frame-reader.ts';
import { Gossip } from './gossip.ts';
import { NodeIdentity } from './handshake.ts';
import { encodeGoodbye, encodeStatus, type Status } from './messages.ts';
import { Peer, type PeerOwner } from './peer.ts';
import { PeerBook } from './peer-book.ts';
import { PeerExchange } from './peer-exchange.ts';
import { DEFAULT_LIMITS, type PeerLimits, Queue, queuesFor } from './peer-limits.ts';
import { sayGoodbye } from './pending-handshake.ts';
import { RangeSync } from './range-sync.ts';
import { routeFrame } from './router.ts';

const TICK: Milliseconds = 100;
/** A tick so late means that this node itself did nothing, not its peers. */
const STOOD_STILL: Milliseconds = 2_000;
/** The peer book is written this often, if it changed. */
const SAVE_EVERY: Milliseconds = 30_000;
/** A message that breaks the rules: two of them in a short time are a ban. */
const MALFORMED_POINTS = 50;

const SILENT: NetworkLog = { debug() {}, info() {}, warn() {} };

/**
 * A node's connections to others, over the accelerator's transport and broadcast.
 *
 * @throws {ProtocolError} when an address of `peers` or the secret key is none.
 * @example
 * const network = createNetwork({ accelerator, secretKey, chainId, agent: 'hpb/0.1', handlers,
 *   maxBlockBytes, listen: { host: '0.0.0.0', port: 7070 }, peers: ['198.51.100.7:7070'] });
 * await network.start();
 */
export function createNetwork(options: NetworkOptions): Network {
  return new PeerNetwork(options);
}

class PeerNetwork implements Network, PeerOwner {
  readonly counters = newCounters();
  readonly limits: PeerLimits;
  readonly nodeKey: PeerId;
  readonly #options: NetworkOptions;
  readonly #clock;
  readonly #log: NetworkLog;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #group: PeerGroup;
  readonly #bans: Bans;
  readonly #book: PeerBook;
  readonly #connections: Connections;
  readonly #gossip: Gossip;
  readonly #blocks: BlockExchange;
  readonly #server: BlockServer;
  readonly #exchange: PeerExchange;
  readonly #sync: RangeSync | undefined;
  readonly #bounds;
  readonly #isExempt: (address: string) => boolean;
  #status: Status | undefined;
  #stopTicks: (() => void) | undefined;
  #savedAt: Milliseconds;
  #tickedAt: Milliseconds;
  #closed = false;

  constructor(options: NetworkOptions) {
    const { accelerator, handlers, chainId, maxBlockBytes } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const clock = options.clock ?? systemClock;
    const now = () => clock.now();
    const log = options.log ?? SILENT;
    const identity = new NodeIdentity(options);
    const expected = new Map<string, PublicKey>();
    this.#options = options;
    this.limits = limits;
    this.#clock = clock;
    this.#log = log;
    this.#savedAt = now();
    this.#tickedAt = now();
    this.nodeKey = identity.nodeKey;
    this.#bounds = sessionBounds(maxBlockBytes);
    this.#group = accelerator.broadcast.group({
      queues: queuesFor(maxBlockBytes, limits),
      windowBytes: limits.windowBytes,
    });
    this.#bans = new Bans(options.bans);
    this.#book = new PeerBook({
      path: options.bookPath,
      allowPrivate: options.allowPrivate ?? false,
    });
    for (const text of options.peers ?? []) this.#addFixed(text, expected);
    const shared = {
      broadcast: accelerator.broadcast,
      transport: accelerator.transport,
      group: this.#group,
      peers: this.#peers,
      counters: this.counters,
      identity,
      limits,
      handlers,
      chainId,
      log,
      now,
      work: this.#work.bind(this),
      attempt: this.#attempt.bind(this),
      malformed: this.malformed.bind(this),
      shed: (peer: Peer, kind: MessageCode, reason: 'work') => this.shed(peer, kind, reason, 0),
    };
    this.#gossip = new Gossip({
      ...shared,
      seenTransactions: options.seenTransactions ?? 2 ** 17,
      transactionWorkBytes: limits.transactionWorkBytes,
    });
    this.#blocks = new BlockExchange(shared);
    this.#server = new BlockServer({ ...shared, find: (id) => this.#blocks.find(id) });
    this.#exchange = new PeerExchange({ ...shared, book: this.#book });
    this.#sync = options.sync && new RangeSync({ ...shared, source: options.sync });
    const admission = { ...DEFAULT_ADMISSION, ...options.admission };
    const isListed = addressesIn(options.exempt ?? []);
    this.#isExempt = (address) =>
      (admission.exemptLoopback && isLoopback(address)) || isListed(address);
    this.#connections = new Connections({
      ...shared,
      admission: new Admission(admission, now(), this.#isExempt),
      bans: this.#bans,
      book: this.#book,
      outbound: options.outbound ?? 8,
      expected,
      adopt: (connection) => this.#adopt(connection),
      punishAddress: (address, reason, points) => this.#punishAddress(address, reason, points),
    });
  }

  get port(): number | undefined {
    return this.#connections.port;
  }

  async start(): Promise<void> {
    const { bans, problem } = this.#book.load();
    if (problem !== undefined) this.#log.warn({ problem }, 'the peer book begins empty');
    this.#bans.restore(bans, this.now());
    if (this.#options.listen) await this.#connections.listen(this.#options.listen);
    this.#stopTicks = this.#clock.every(TICK, () => this.#tick());
    const { transport, broadcast } = this.#options.accelerator;
    this.#log.info(
      { port: this.port, transport: transport.backend, broadcast: broadcast.backend },
      'network started',
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTicks?.();
    this.#sync?.close();
    this.#gossip.close();
    for (const peer of [...this.#peers.values()]) peer.disconnect('shutdown');
    await this.#connections.close();
    this.#save();
    this.#group.close();
  }

  peers(): NetworkPeer[] {
    const now = this.now();
    return [...this.#peers.values()].map((peer) => ({
      nodeKey: peer.id,
      address: formatEndpoint(peer.remote),
      direction: peer.direction,
      version: peer.hello.agent,
      height: peer.status?.head.height ?? 0,
      finalHeight: peer.status?.final.height ?? 0,
      connectedSince: peer.connectedSince,
      ...(peer.roundTrip === undefined ? {} : { roundTripMilliseconds: peer.roundTrip }),
      bytesIn: peer.bytesIn,
      bytesOut: peer.bytesOut,
      queued: peer.session.queuedFrames,
      queuedBytes: peer.session.queuedBytes,
      workBytes: peer.work + peer.transactionWork,
      score: this.#bans.score(`id:${peer.id}`, now),
    }));
  }

  syncProgress(): SyncProgress {
    if (this.#sync) return this.#sync.progress();
    const height = this.#status?.head.height ?? 0;
    return { active: false, from: height, height, target: height };
  }

  publishTransactions(transactions: readonly Uint8Array[], { except }: PublishOptions = {}): void {
    if (!this.#closed) this.#gossip.publishTransactions(transactions, except);
  }

  publishVotes(votes: readonly Uint8Array[], { except }: PublishOptions = {}): void {
    if (!this.#closed) this.#gossip.publishVotes(votes, except);
  }

  publishBlock(block: Uint8Array, { except }: PublishOptions = {}): void {
    if (!this.#closed) this.#blocks.publish(block, except);
  }

  announceBlock(block: Uint8Array, { except }: PublishOptions = {}): void {
    if (!this.#closed) this.#blocks.announce(block, except);
  }

  setStatus(status: Status): void {
    this.#status = status;
    if (this.#closed) return;
    const taken = this.#group.publish(encodeStatus(status), Queue.CONTROL);
    count(this.counters.sent, 'status', taken);
  }

  catchUp(): void {
    this.#sync?.force();
  }

  punish(id: PeerId, reason: string, points: number): void {
    const peer = this.#peers.get(id);
    count(this.counters.punished, reason, points);
    const now = this.now();
    const wasBanned = this.#bans.isBanned(`id:${id}`, now);
    const banned = this.#bans.add(`id:${id}`, points, now);
    if (banned && !wasBanned) {
      this.counters.bans += 1;
      this.#book.touch();
      this.#log.warn({ peer: id, reason }, 'peer banned');
    } else this.#log.debug({ peer: id, reason, points }, 'points against a peer');
    const addressBanned = peer ? this.#addPoints(peer.remote.host, points) : false;
    if (banned || addressBanned) peer?.disconnect('banned', reason);
  }

  // PeerOwner

  now(): Milliseconds {
    return this.#clock.now();
  }

  receive(peer: Peer, frame: Frame): void {
    count(this.counters.received, kindName(frame.kind));
    routeFrame(peer, frame, {
      gossip: this.#gossip,
      blocks: this.#blocks,
      server: this.#server,
      exchange: this.#exchange,
      punish: (reason, points) => this.punish(peer.id, reason, points),
    });
  }

  received(peer: Peer, bytes: number): void {
    this.counters.bytesIn += bytes;
    if (peer.held > Limit.MAX_TRANSACTION_BYTES * 8) this.#boundPartials();
  }

  sent(kind: MessageCode): void {
    count(this.counters.sent, kindName(kind));
  }

  shed(peer: Peer, kind: MessageCode, reason: 'budget' | 'work', points: number): void {
    count(this.counters.shed, `${kindName(kind)} ${reason}`);
    if (points > 0) this.punish(peer.id, `too many ${kindName(kind)}`, points);
  }

  paused(): void {
    this.counters.pauses += 1;
  }

  malformed(peer: Peer, error: ProtocolError): void {
    this.#log.info({ peer: peer.id, error: error.message, code: error.code }, 'malformed message');
    this.punish(peer.id, 'malformed', MALFORMED_POINTS);
    peer.disconnect('bad_message', error.message);
  }

  ended(peer: Peer, reason: string): void {
    this.counters.bytesOut += peer.takeBytesOut();
    count(this.counters.disconnects, reason);
    if (peer.direction === 'out') {
      const pause = reason === 'told banned' ? 600_000 : 0;
      this.#book.failed(peer.remote, this.now(), pause);
    }
    if (this.#peers.get(peer.id) !== peer) return;
    this.#peers.delete(peer.id);
    this.#log.info({ peer: peer.id, reason }, 'peer gone');
    this.#options.handlers.onPeer?.(peer.id, 'gone');
  }

  /** One connection for each node: of two that cross, that of the smaller key stays. */
  #adopt({ socket, hello, reader, direction, remote }: Connection): void {
    const known = this.#peers.get(hello.nodeKey);
    if (this.#closed || (known && !this.#yields(known, direction))) {
      sayGoodbye(socket, encodeGoodbye(this.#closed ? 'shutdown' : 'duplicate'));
      return;
    }
    if (known) {
      this.#peers.delete(known.id);
      known.disconnect('duplicate');
    }
    reader.bounds = this.#bounds;
    const parts = { socket, hello, reader, direction, remote, group: this.#group };
    const peer = new Peer(this, parts);
    this.#peers.set(peer.id, peer);
    if (hello.port !== 0 && direction === 'in') {
      this.#book.learn({ host: remote.host, port: hello.port, nodeKey: hello.nodeKey });
    }
    this.#log.info({ peer: peer.id, address: formatEndpoint(remote), direction }, 'peer connected');
    if (!known) this.#options.handlers.onPeer?.(peer.id, 'connected');
    if (this.#status) peer.send(MessageCode.STATUS, encodeStatus(this.#status), Queue.CONTROL);
    if (direction === 'out') this.#exchange.ask(peer);
    peer.start();
  }

  /** Whether a connection makes room for a new one of the same node. */
  #yields(known: Peer, direction: 'in' | 'out'): boolean {
    if (known.direction === direction) {
      return this.now() - known.lastHeard > 2 * this.limits.pingMilliseconds;
    }
    const ownIsSmaller = this.nodeKey < known.id;
    return (direction === 'out') === ownIsSmaller;
  }

  /** Runs a handler; its failure is this node's. */
  #work(peer: Peer, kind: 'work' | 'transactionWork', bytes: number, run: () => unknown): void {
    peer.during(kind, bytes, run).catch((error: unknown) => this.#handlerFailed(error));
  }

  #attempt(peer: Peer, run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      if (error instanceof ProtocolError) this.malformed(peer, error);
      else this.#handlerFailed(error);
    });
  }

  #handlerFailed(error: unknown): void {
    this.counters.handlerErrors += 1;
    this.#log.warn({ error: String(error) }, 'a handler of the network failed');
  }

  /** All unfinished frames together stay below their bound: the largest goes. */
  #boundPartials(): void {
    let total = 0;
    let largest: Peer | undefined;
    for (const peer of this.#peers.values()) {
      total += peer.held;
      if (!largest || peer.held > largest.held) largest = peer;
    }
    if (total > this.limits.partialBytes) largest?.disconnect('too_slow', 'too much unfinished');
  }

  #punishAddress(address: string, reason: string, points: number): void {
    count(this.counters.punished, reason, points);
    this.#addPoints(address, points);
  }

  #addPoints(address: string, points: number): boolean {
    if (this.#isExempt(address)) return false;
    const key = addressKey(address);
    const now = this.now();
    const wasBanned = this.#bans.isBanned(key, now);
    const banned = this.#bans.add(key, points, now);
    if (banned && !wasBanned) {
      this.counters.bans += 1;
      this.#book.touch();
      this.#log.warn({ address }, 'address banned');
    }
    return banned;
  }

  #tick(): void {
    const now = this.now();
    const late = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#connections.tick(now);
    for (const peer of [...this.#peers.values()]) {
      if (late > STOOD_STILL) peer.pardon(late);
      this.counters.bytesOut += peer.takeBytesOut();
      peer.tick(now);
    }
    this.#blocks.tick(now);
    this.#exchange.tick(now);
    this.#sync?.tick(now);
    if (now - this.#savedAt < SAVE_EVERY) return;
    this.#savedAt = now;
    this.#save();
  }

  #save(): void {
    try {
      this.#book.save(this.#bans.list(this.now()));
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'the peer book could not be written');
    }
  }

  #addFixed(text: string, expected: Map<string, PublicKey>): void {
    const at = text.indexOf('@');
    const endpoint = parseEndpoint(text.slice(at + 1));
    const key = at < 0 ? undefined : text.slice(0, at);
    if (key !== undefined) {
      if (!isPublicKey(key)) {
        fail('PROTOCOL_KEY', 0, `peer: expected nodeKey@host:port, got ${text.slice(0, 160)}`);
      }
      expected.set(formatEndpoint(endpoint), key);
    }
    this.#book.addFixed(endpoint, key);
  }
}
