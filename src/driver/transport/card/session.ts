// SPDX-License-Identifier: Apache-2.0

import {
  ToeEventCode as Event,
  ToeOpCode as Op,
  ToeOptionCode as Option,
  StatusCode,
} from '../../generated/registers.ts';
import type { ToeEngine } from './engine.ts';
import type { ToeCompletion, Tuple } from './rings.ts';
import type { SlotPool } from './slots.ts';

/** Why a session is over. */
export type SessionEnd = 'closed' | 'reset' | 'timed out' | 'unreachable' | 'failed';

/** Whom a session tells; called while the ring is read, so nothing here may run a user's code. */
export interface SessionOwner {
  /** More bytes can be read, or the peer has sent its last. */
  onReadable(): void;
  /** There may be room for a write that found none. */
  onRoom(): void;
  /** So many bytes of what is received, from its beginning on, are urgent; more than was told before. */
  onUrgent(position: number): void;
  /** Nothing more is sent; what was received can still be read. */
  onOver(end: SessionEnd): void;
}

/** What all sessions of a card share. */
export interface SessionParts {
  readonly engine: ToeEngine;
  readonly readSlots: SlotPool;
  readonly writeSlots: SlotPool;
  /** Bytes of a slot. */
  readonly slotBytes: number;
  /** Bytes that a session may have written and not acknowledged. */
  readonly sendLimit: number;
  /** The number belongs to the card again. */
  readonly onFreed: (session: Session) => void;
}

const BEGINS = Event.ACCEPTED | Event.OPENED;
/** Reads of one session under way: while one is on the bus, the next is on its way to the card. */
const READS = 2;
/** How long a card may take to send the rest and hear the peer's end once nobody holds the socket. */
const LINGER_MS = 60_000;
/** First and longest wait after a refused write, if no acknowledgement comes before. */
const RETRY_MS = [1, 50] as const;

/** Difference of two positions that wrap. */
const distance = (from: number, to: number) => (to - from) >>> 0;

/**
 * One TCP session of the card, from ACCEPTED or OPENED until its number is given back.
 *
 * Counts both directions, keeps reads and writes within what the card told, and never names the session
 * again after FREE or ABORT.
 */
export class Session implements Tuple {
  readonly number: number;
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  owner: SessionOwner | undefined;
  readonly #parts: SessionParts;

  // Bytes since the session began. Received: told by the card, asked for, delivered.
  #told = 0;
  #asked = 0;
  #delivered = 0;
  #peerClosed = false;
  /** End of the urgent bytes; 0 without. */
  #urgentEnd = 0;
  // Sent: queued on the card, acknowledged by the peer.
  #written = 0;
  #acknowledged = 0;
  /** Positions as of the last event. */
  #receivedAt: number;
  #acknowledgedAt: number;

  #reads = 0;
  #writing = false;
  /** Of a write without an answer: its bytes may be acknowledged before. */
  #underWay = 0;
  /** Longest write that is tried; shorter after a refusal. */
  #pieces: number;
  #retryMs: number = RETRY_MS[0];
  #retry: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #closeAsked = false;
  #end: SessionEnd | undefined;
  /** Nobody holds the socket: what arrives is not read. */
  #abandoned: 'close' | 'abort' | undefined;
  /** ABORT or FREE is on its way: the number is not ours any more. */
  #givenBack = false;

  /** @param event - ACCEPTED or OPENED; its positions are the beginnings of both streams. */
  constructor(parts: SessionParts, event: ToeCompletion) {
    this.#parts = parts;
    this.number = event.session;
    this.remoteIp = event.remoteIp;
    this.remotePort = event.remotePort;
    this.localPort = event.localPort;
    this.#receivedAt = event.received;
    this.#acknowledgedAt = event.acknowledged;
    this.#pieces = parts.slotBytes;
  }

  /** Bytes that can be asked for now. */
  get readable(): number {
    return this.#told - this.#asked;
  }

  /** The peer has sent its last byte, and all were delivered. */
  get ended(): boolean {
    return this.#peerClosed && this.#delivered === this.#told;
  }

  /** Everything received was delivered. */
  get drained(): boolean {
    return this.#delivered === this.#told;
  }

  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Room for a write, bytes. */
  get room(): number {
    return this.#parts.sendLimit - (this.#written - this.#acknowledged);
  }

  /**
   * Takes an event of this session.
   *
   * @returns what cannot be true about it; `undefined` where all can.
   */
  onEvent(event: ToeCompletion): string | undefined {
    if (this.#end !== undefined && this.#end !== 'failed') return undefined;
    if (event.events & BEGINS) return 'a session that begins twice';
    const urgentEnd = this.#told + distance(this.#receivedAt, event.urgent);
    if (event.events & Event.URGENT && urgentEnd > this.#told + MOST_URGENT) {
      return `urgent bytes up to ${urgentEnd}, ${this.#told} received`;
    }
    if (event.events & (Event.RECEIVED | Event.PEER_CLOSED)) {
      if (this.#peerClosed) return 'bytes after the end of the stream';
      const fin = event.events & Event.PEER_CLOSED ? 1 : 0;
      const more = distance(this.#receivedAt, event.received) - fin;
      if (more < 0 || more > MOST_RECEIVED) return `${more} bytes received at once`;
      this.#receivedAt = event.received;
      this.#told += more;
      this.#peerClosed = fin === 1;
    }
    const acknowledged = distance(this.#acknowledgedAt, event.acknowledged);
    if (event.events & Event.SENT) {
      // A FIN counts as one.
      const fin = this.#closeAsked ? 1 : 0;
      const most = this.#written + this.#underWay - this.#acknowledged + fin;
      if (acknowledged > most) return `${acknowledged} bytes acknowledged`;
      this.#acknowledgedAt = event.acknowledged;
      const queued = this.#written + this.#underWay;
      this.#acknowledged = Math.min(this.#acknowledged + acknowledged, queued);
      this.#endRetry();
    }
    if (event.events & Event.RESET) this.#end = 'reset';
    else if (event.events & Event.TIMED_OUT) this.#end = timedOut(event.events);
    else if (event.events & Event.CLOSED) this.#end = 'closed';
    const moreUrgent = (event.events & Event.URGENT) !== 0 && urgentEnd > this.#urgentEnd;
    if (moreUrgent) this.#urgentEnd = urgentEnd;
    if (moreUrgent && !this.#abandoned) this.owner?.onUrgent(urgentEnd);
    this.#tell(event.events);
    return undefined;
  }

  #tell(events: number): void {
    if (this.#abandoned) {
      // Nobody will read it: the peer has to hear that (RFC 9293 3.6.1).
      if (events & Event.RECEIVED) this.#abandoned = 'abort';
      this.#settle();
      return;
    }
    if (events & (Event.RECEIVED | Event.PEER_CLOSED)) this.owner?.onReadable();
    if (events & Event.SENT) this.owner?.onRoom();
    if (this.#end !== undefined) this.#over(this.#end);
  }

  #over(end: SessionEnd): void {
    this.#endRetry();
    this.owner?.onOver(end);
  }

  /** Asks for the next bytes, as many as there are and a slot holds; `take` gets a copy. */
  read(take: (bytes: Buffer) => void, fail: () => void): boolean {
    if (this.readable === 0 || this.#reads === READS || this.#givenBack) return false;
    const { engine, readSlots, slotBytes } = this.#parts;
    const length = Math.min(this.readable, slotBytes);
    this.#asked += length;
    this.#reads++;
    readSlots.take((slot) => {
      if (this.#abandoned) {
        // What was not asked of the card needs no answer.
        readSlots.give(slot);
        this.#reads--;
        this.#settle();
        return;
      }
      const { address } = slot;
      engine.submit({ op: Op.READ, session: this.number, address, length }, (status) => {
        const bytes = Buffer.from(slot.bytes.subarray(0, length)); // a copy
        readSlots.give(slot);
        this.#reads--;
        this.#delivered += length;
        if (this.#abandoned) this.#settle();
        else if (status === StatusCode.OK) take(bytes);
        else this.#fail(fail);
      });
    });
    return true;
  }

  /**
   * Queues bytes on the card, as many as it takes now.
   *
   * @param fill - copies the next bytes into a slot and says how many.
   * @param done - how many the card took; 0 where it had no room: `onRoom` tells when to try again.
   */
  write(fill: (into: Uint8Array) => number, done: (taken: number) => void, fail: () => void): void {
    const { engine, writeSlots } = this.#parts;
    this.#writing = true;
    writeSlots.take((slot) => {
      const most = Math.min(this.room, this.#pieces);
      if (this.#abandoned || this.#end !== undefined || most <= 0) {
        writeSlots.give(slot);
        this.#writing = false;
        if (this.#abandoned) this.#settle();
        else if (this.#end === undefined) done(0);
        return;
      }
      const length = fill(slot.bytes.subarray(0, most));
      this.#underWay = length;
      const { address } = slot;
      engine.submit({ op: Op.WRITE, session: this.number, address, length }, (status) => {
        writeSlots.give(slot);
        this.#writing = false;
        this.#underWay = 0;
        if (status === StatusCode.OK) {
          this.#written += length;
          this.#pieces = this.#parts.slotBytes;
          this.#retryMs = RETRY_MS[0];
        }
        if (this.#abandoned) return this.#settle();
        if (status === StatusCode.OK) done(length);
        else if (status === StatusCode.REFUSED) this.#refused(length, done);
        else this.#fail(fail);
      });
    });
  }

  get writing(): boolean {
    return this.#writing;
  }

  /**
   * All bytes written and the next ones to be written are urgent: the peer is told at once.
   *
   * @returns how many of the next ones; as many as the card can tell.
   */
  announceUrgent(next: number): number {
    if (this.#end !== undefined || this.#givenBack || this.#abandoned) return next;
    const length = Math.min(next, 0xffff, MOST_AHEAD - (this.#written - this.#acknowledged));
    this.#parts.engine.submit({ op: Op.URGENT, session: this.number, length }, () => {});
    return length;
  }

  /** The number is still ours. */
  get held(): boolean {
    return !this.#givenBack;
  }

  /** All buffers of the card are taken: less next time, when something may have become free. */
  #refused(length: number, done: (taken: number) => void): void {
    this.#pieces = Math.max(LEAST_PIECE, length >> 1);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.owner?.onRoom();
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS[1]);
    done(0);
  }

  #endRetry(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  /** A refused write is waiting for its time. */
  get retrying(): boolean {
    return this.#retry !== undefined;
  }

  /** Bytes were lost between host and card: the streams are torn. */
  #fail(fail: () => void): void {
    this.#end ??= 'failed';
    fail();
  }

  /** Sends a FIN behind what was written; `done` when the card has it. */
  close(done: () => void): void {
    this.#closeAsked = true;
    if (this.#end !== undefined || this.#givenBack) done();
    else this.#parts.engine.submit({ op: Op.CLOSE, session: this.number }, () => done());
  }

  setOptions(noDelay: boolean, keepAlive: boolean): void {
    if (this.#end !== undefined || this.#givenBack || this.#abandoned) return;
    const value = (noDelay ? Option.NODELAY : 0) | (keepAlive ? Option.KEEPALIVE : 0);
    this.#parts.engine.submit({ op: Op.OPTIONS, session: this.number, value }, () => {});
  }

  /**
   * Nobody holds the session any more.
   *
   * `close`: what was written is still sent, then a FIN, as the close of a socket does; a peer that has
   * bytes unread here, or sends more, gets a reset. `abort`: a reset at once.
   */
  abandon(how: 'close' | 'abort'): void {
    if (this.#abandoned) {
      if (how === 'abort') this.#abandoned = how;
    } else {
      this.owner = undefined;
      this.#endRetry();
      const torn = this.#told > this.#delivered || this.#end === 'failed';
      this.#abandoned = torn ? 'abort' : how;
      if (this.#abandoned === 'close' && this.#end === undefined) this.#lingerOn();
    }
    this.#settle();
  }

  #lingerOn(): void {
    if (!this.#closeAsked) this.close(() => {});
    this.#linger = setTimeout(() => this.abandon('abort'), LINGER_MS);
    this.#linger.unref();
  }

  /** Gives the number back when nothing of it is under way. */
  #settle(): void {
    if (!this.#abandoned || this.#givenBack || this.#reads > 0 || this.#writing) return;
    const isOver = this.#end !== undefined && this.#end !== 'failed';
    if (!isOver && this.#abandoned !== 'abort') return;
    this.#givenBack = true;
    clearTimeout(this.#linger);
    this.#parts.engine.submit({ op: isOver ? Op.FREE : Op.ABORT, session: this.number }, () =>
      this.#parts.onFreed(this),
    );
  }

  /** The card is gone: nothing is asked of it any more. */
  drop(): void {
    this.#givenBack = true;
    this.#end ??= 'failed';
    this.#endRetry();
    clearTimeout(this.#linger);
  }
}

/** Silence has a reason where an ICMP error told one. */
function timedOut(events: number): SessionEnd {
  return events & Event.UNREACHABLE ? 'unreachable' : 'timed out';
}

/** No window is larger: what a session may have received and not read (RX_LIMIT has 20 bits). */
const MOST_RECEIVED = 2 ** 20;
/** Positions of one direction are less than 2^20 apart on the card. */
const MOST_AHEAD = 2 ** 20 - 1;
/** How far ahead of what was received urgent bytes may end: a window, and what the pointer reaches. */
const MOST_URGENT = MOST_RECEIVED + 0xffff;
/** Shortest piece that a refused write is cut to. */
const LEAST_PIECE = 512;
