// SPDX-License-Identifier: Apache-2.0

import type { PeerGroup, Session, TransportSocket } from '../../driver/index.ts';
import { MessageCode } from '../generated/protocol.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { Id, Milliseconds } from '../protocol/types.ts';
import type { Endpoint } from './addresses.ts';
import type { PeerId } from './contract.ts';
import { kindName } from './frame.ts';
import type { Frame, FrameReader } from './frame-reader.ts';
import {
  encodeGoodbye,
  encodePing,
  type GoodbyeReason,
  type Hello,
  type Status,
} from './messages.ts';
import { BUDGETS, type PeerLimits, Queue } from './peer-limits.ts';
import { Questions } from './questions.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a peer's connection needs of the network around it. */
export interface PeerOwner {
  readonly limits: PeerLimits;
  now(): Milliseconds;
  /** Handles a frame within its budget. @throws {ProtocolError} when its payload is malformed. */
  receive(peer: Peer, frame: Frame): void;
  received(peer: Peer, bytes: number): void;
  sent(kind: MessageCode): void;
  shed(peer: Peer, kind: MessageCode, reason: 'budget' | 'work', points: number): void;
  paused(peer: Peer): void;
  /** The stream is not what it should be. */
  malformed(peer: Peer, error: ProtocolError): void;
  /** Called once. */
  ended(peer: Peer, reason: string): void;
}

/** What a peer is made of. */
export interface PeerParts {
  readonly socket: TransportSocket;
  readonly hello: Hello;
  readonly reader: FrameReader;
  readonly direction: 'in' | 'out';
  /** The other end of the connection. */
  readonly remote: Endpoint;
  readonly group: PeerGroup;
}

/** Blocks a peer is remembered to have. */
const KNOWN_BLOCKS = 64;

/** A connection to a proven node. */
export class Peer {
  readonly id: PeerId;
  readonly hello: Hello;
  readonly direction: 'in' | 'out';
  readonly remote: Endpoint;
  readonly session: Session;
  readonly connectedSince: Milliseconds;
  readonly questions: Questions;
  status: Status | undefined;
  roundTrip: Milliseconds | undefined;
  lastHeard: Milliseconds;
  /** Bytes of handlers under way: of transactions, and of all else. */
  transactionWork = 0;
  work = 0;
  readonly #owner: PeerOwner;
  readonly #socket: TransportSocket;
  readonly #reader: FrameReader;
  readonly #budgets = new Map<number, TokenBucket>();
  readonly #knownBlocks = new Set<Id>();
  readonly #onData = (chunk: Uint8Array) => this.#receive(chunk);
  #paused = false;
  #ended = false;
  #frames = 0;
  #countedOut = 0;
  #partial = { frames: -1, since: 0 };
  #progress = { value: -1, since: 0 };
  #ping = { nonce: 0n, at: 0 };

  constructor(owner: PeerOwner, parts: PeerParts) {
    const now = owner.now();
    this.id = parts.hello.nodeKey;
    this.hello = parts.hello;
    this.direction = parts.direction;
    this.remote = parts.remote;
    this.connectedSince = now;
    this.lastHeard = now;
    this.#ping.at = now;
    this.#owner = owner;
    this.#socket = parts.socket;
    this.#reader = parts.reader;
    this.questions = new Questions(owner.limits.answerMilliseconds);
    this.session = parts.group.add(parts.socket, (reason) => this.#finish(reason));
  }

  /** Begins to read; what came with the handshake first. */
  start(): void {
    this.#socket.on('data', this.#onData);
    this.#pump();
    if (!this.#paused && !this.#ended) this.#socket.resume();
  }

  get ended(): boolean {
    return this.#ended;
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  /** Bytes sent since the last call. */
  takeBytesOut(): number {
    const since = this.bytesOut - this.#countedOut;
    this.#countedOut += since;
    return since;
  }

  /** Memory of an unfinished frame. */
  get held(): number {
    return this.#reader.held;
  }

  /** Queues a frame for this peer. */
  send(kind: MessageCode, frame: Uint8Array, queue: number): boolean {
    const taken = this.session.send(frame, queue);
    if (taken) this.#owner.sent(kind);
    return taken;
  }

  /** Says why, and closes. */
  disconnect(reason: GoodbyeReason, detail = ''): void {
    if (this.#ended) return;
    this.#stop();
    this.session.end(encodeGoodbye(reason, detail));
    this.#owner.ended(this, reason);
  }

  /** Closes without a word: the other end said goodbye. */
  close(reason: string): void {
    if (this.#ended) return;
    this.#stop();
    this.session.close();
    this.#owner.ended(this, reason);
  }

  /** Whether the peer is known to have a block. */
  hasBlock(id: Id): boolean {
    return this.#knownBlocks.has(id);
  }

  /** Remembers that the peer has a block, or will have. */
  noteBlock(id: Id): void {
    this.#knownBlocks.delete(id);
    this.#knownBlocks.add(id);
    if (this.#knownBlocks.size <= KNOWN_BLOCKS) return;
    for (const oldest of this.#knownBlocks) {
      this.#knownBlocks.delete(oldest);
      break;
    }
  }

  /** A pong came. */
  pong(nonce: bigint): void {
    if (nonce !== this.#ping.nonce || nonce === 0n) return;
    this.roundTrip = this.#owner.now() - this.#ping.at;
    this.#ping.nonce = 0n;
  }

  /** Counts work until `run` is done; more is read when there is room again. */
  async during(kind: 'work' | 'transactionWork', bytes: number, run: () => unknown): Promise<void> {
    this[kind] += bytes;
    try {
      await run();
    } finally {
      this[kind] -= bytes;
      if (this.#paused && this.work < this.#owner.limits.workBytes) this.#resume();
    }
  }

  /** This node stood still: nobody is to blame for that time. */
  pardon(milliseconds: Milliseconds): void {
    this.lastHeard += milliseconds;
    this.#partial.since += milliseconds;
    this.#progress.since += milliseconds;
  }

  /** Looks at the clock. */
  tick(now: Milliseconds): void {
    const { limits } = this.#owner;
    this.questions.tick(now);
    if (this.#paused) {
      // Silence is this node's own doing.
      this.lastHeard = now;
      this.#partial = { frames: this.#frames, since: now };
    }
    if (this.#isStalled(now)) this.disconnect('too_slow', 'does not read');
    else if (now - this.lastHeard > limits.silenceMilliseconds) {
      this.disconnect('timeout', 'silent');
    } else if (this.#isLate(now)) this.disconnect('timeout', 'a message did not end');
    else if (now - this.#ping.at >= limits.pingMilliseconds) {
      this.#ping = { nonce: BigInt(Math.trunc(now)), at: now };
      this.send(MessageCode.PING, encodePing(MessageCode.PING, this.#ping.nonce), Queue.CONTROL);
    }
  }

  /** What was sent does not leave. */
  #isStalled(now: Milliseconds): boolean {
    const { progress, waiting } = this.session;
    if (!waiting || progress !== this.#progress.value) {
      this.#progress = { value: progress, since: now };
    }
    return now - this.#progress.since > this.#owner.limits.stallMilliseconds;
  }

  /** One frame takes too long to arrive. */
  #isLate(now: Milliseconds): boolean {
    if (this.#reader.partial === 0 || this.#partial.frames !== this.#frames) {
      this.#partial = { frames: this.#frames, since: now };
    }
    return now - this.#partial.since > this.#owner.limits.frameMilliseconds;
  }

  #receive(chunk: Uint8Array): void {
    this.lastHeard = this.#owner.now();
    this.#owner.received(this, chunk.length);
    this.#reader.push(chunk);
    this.#pump();
  }

  #pump(): void {
    try {
      while (!this.#paused && !this.#ended) {
        const frame = this.#reader.next();
        if (!frame) return;
        this.#frames += 1;
        if (this.#afford(frame)) this.#owner.receive(this, frame);
        if (this.work >= this.#owner.limits.workBytes) this.#pause();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#owner.malformed(this, error);
    }
  }

  #afford({ kind, payload }: Frame): boolean {
    const budget = BUDGETS.get(kind);
    if (!budget) throw new ProtocolError('PROTOCOL_TYPE', `${kindName(kind)} is not expected here`);
    const now = this.#owner.now();
    let bucket = this.#budgets.get(kind);
    if (!bucket) {
      bucket = new TokenBucket(budget, now);
      this.#budgets.set(kind, bucket);
    }
    if (bucket.take(budget.unit === 'frames' ? 1 : payload.length, now)) return true;
    this.#owner.shed(this, kind, 'budget', budget.points);
    return false;
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
    this.#owner.paused(this);
  }

  #resume(): void {
    this.#paused = false;
    this.#pump();
    if (!this.#paused && !this.#ended) this.#socket.resume();
  }

  #finish(reason: 'closed' | 'overflow'): void {
    if (this.#ended) return;
    this.#stop();
    this.#owner.ended(this, reason === 'overflow' ? 'too_slow' : 'closed');
  }

  #stop(): void {
    this.#ended = true;
    this.#socket.off('data', this.#onData);
    this.questions.close();
  }
}
