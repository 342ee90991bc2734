// SPDX-License-Identifier: Apache-2.0

import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { requireArgument } from '../../errors.ts';
import type { SocketCounters, TcpCounters, TransportSocket } from '../contract.ts';
import { type SystemErrorCode, systemError } from '../system-error.ts';
import type { Session, SessionEnd, SessionOwner } from './session.ts';

/** What a socket needs of its transport. */
export interface SocketHome {
  /** The card's address, dotted. */
  readonly address: string;
  /** The socket is no more. */
  onSocketGone(socket: CardSocket): void;
  /** The socket keeps the process alive, or does not. */
  onRef(): void;
  /** What the card counted of a session; undefined where it is not the host's any more. */
  countersOf(session: Session): Promise<TcpCounters | undefined>;
}

/** How a socket behaves. */
export interface CardSocketOptions {
  /** Keep the other direction open when the peer has ended (default false). */
  readonly allowHalfOpen?: boolean;
  /** Send small segments at once (default false). */
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
}

interface PendingWrite {
  readonly chunks: Uint8Array[];
  /** Bytes of the first chunk that were taken. */
  offset: number;
  left: number;
  readonly bytes: number;
  readonly done: (error?: Error | null) => void;
}

const END_CODE: Readonly<Record<Exclude<SessionEnd, 'closed'>, SystemErrorCode>> = {
  reset: 'ECONNRESET',
  'timed out': 'ETIMEDOUT',
  unreachable: 'EHOSTUNREACH',
  failed: 'EIO',
};

/**
 * A TCP connection that the card carries, in the shape of node:net's Socket.
 *
 * What is not read stays on the card, and the window that the peer sees closes; what is written waits here
 * once the card holds as much as a session may. Errors are node:net's. A user's code never runs
 * while the card's rings are read: events of the stream come in a turn of their own.
 */
export class CardSocket extends Duplex implements TransportSocket, SessionOwner {
  connecting = true;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  remoteFamily: string | undefined;
  localAddress: string | undefined;
  localPort: number | undefined;
  localFamily: string | undefined;
  /** Milliseconds of silence until `timeout`, undefined without. */
  timeout: number | undefined;
  bytesRead = 0;
  readonly #home: SocketHome;
  #session: Session | undefined;
  #sent = 0;
  /** Bytes of the stream: on the card; urgent up to; as far as the card was told so. */
  #queued = 0;
  #urgentEnd = 0;
  #urgentTold = 0;
  #wants = false;
  /** Bytes read from the card, not yet handed to the stream. */
  #handing = 0;
  #ended = false;
  #pending: PendingWrite | undefined;
  #final: ((error?: Error | null) => void) | undefined;
  #noDelay: boolean;
  #keepAlive: boolean;
  #referenced = true;
  #timer: NodeJS.Timeout | undefined;
  #aborts = false;

  constructor(home: SocketHome, options: CardSocketOptions = {}) {
    const { allowHalfOpen = false, noDelay = false, keepAlive = false } = options;
    super({ allowHalfOpen, emitClose: false });
    this.#home = home;
    this.#noDelay = noDelay;
    this.#keepAlive = keepAlive;
  }

  // ---- What the transport tells ----

  /** The connection stands. */
  open(session: Session, remoteAddress: string): void {
    this.#session = session;
    session.owner = this;
    this.connecting = false;
    this.remoteAddress = remoteAddress;
    this.remotePort = session.remotePort;
    this.remoteFamily = 'IPv4';
    this.localAddress = this.#home.address;
    this.localPort = session.localPort;
    this.localFamily = 'IPv4';
    if (this.#noDelay || this.#keepAlive) session.setOptions(this.#noDelay, this.#keepAlive);
    this.#pumpWrite();
    if (this.#final) this.#close(this.#final);
    this.read(0);
    this.#pumpRead();
  }

  /** Tells whoever connects. */
  announce(): void {
    this.#later(() => {
      this.emit('connect');
      this.emit('ready');
    });
  }

  onReadable(): void {
    this.#active();
    this.#pumpRead();
  }

  onRoom(): void {
    this.#active();
    this.#pumpWrite();
  }

  onUrgent(position: number): void {
    this.#active();
    this.#later(() => this.emit('urgent', position));
  }

  onOver(end: SessionEnd): void {
    if (end === 'closed') return;
    const code = END_CODE[end];
    if (this.#pending) {
      const { done } = this.#pending;
      this.#pending = undefined;
      process.nextTick(done, systemError(code, 'write'));
    } else if (end === 'failed') {
      this.#later(() => this.destroy(systemError(code, 'read')));
    } else {
      this.#endWith(code);
    }
  }

  /** An error behind the last bytes that arrived; they are delivered first. */
  #endWith(code: SystemErrorCode): void {
    if (this.#session!.drained && this.#handing === 0) {
      this.#later(() => this.destroy(systemError(code, 'read')));
    }
  }

  /** In a turn of its own, and not once the stream is destroyed. */
  #later(run: () => void): void {
    process.nextTick(() => {
      if (!this.destroyed) run();
    });
  }

  // ---- Reading ----

  override _read(): void {
    this.#wants = true;
    this.#pumpRead();
  }

  #pumpRead(): void {
    const session = this.#session;
    if (!session || this.destroyed) return;
    const take = (bytes: Buffer) => this.#take(bytes);
    const fail = () => this.onOver('failed');
    while (this.#wants && session.read(take, fail)) {}
    this.#checkEnd();
  }

  #take(bytes: Buffer): void {
    this.#active();
    this.#handing++;
    this.#later(() => {
      this.#handing--;
      this.bytesRead += bytes.length;
      this.#wants = this.push(bytes);
      this.#pumpRead();
    });
  }

  /** Behind the last byte: the end of the stream, or the error that ended it. */
  #checkEnd(): void {
    const session = this.#session!;
    if (this.#handing > 0 || this.#ended || !session.drained) return;
    if (session.ended) {
      this.#ended = true;
      this.#later(() => {
        this.push(null);
        // Nobody may ever read: the end has to be noticed without.
        if (this.readableLength === 0) this.read(0);
      });
    } else if (session.end !== undefined && session.end !== 'closed') {
      this.#endWith(END_CODE[session.end]);
    }
  }

  // ---- Writing ----

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: PendingWrite['done']): void {
    this.#queue([chunk], chunk.length, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: PendingWrite['done']): void {
    const all = chunks.map(({ chunk }) => chunk);
    this.#queue(
      all,
      all.reduce((sum, { length }) => sum + length, 0),
      done,
    );
  }

  #queue(chunks: Uint8Array[], bytes: number, done: PendingWrite['done']): void {
    const session = this.#session;
    this.#active();
    if (bytes === 0) {
      done();
    } else if (session?.end !== undefined) {
      done(systemError(session.end === 'reset' ? 'ECONNRESET' : 'EPIPE', 'write'));
    } else {
      this.#pending = { chunks, offset: 0, left: bytes, bytes, done };
      this.#pumpWrite();
    }
  }

  #pumpWrite(): void {
    const session = this.#session;
    if (!session || !this.#pending || this.destroyed) return;
    this.#tellUrgent(session);
    if (session.writing || session.retrying || session.room <= 0) return;
    session.write(
      (into) => this.#fill(into),
      (taken) => this.#taken(taken),
      () => this.onOver('failed'),
    );
  }

  /** Copies what is next; nothing is taken off until the card has it. */
  #fill(into: Uint8Array): number {
    const { chunks, offset } = this.#pending!;
    let length = 0;
    for (const [i, chunk] of chunks.entries()) {
      const part = i === 0 ? chunk.subarray(offset) : chunk;
      const fits = part.subarray(0, into.length - length);
      into.set(fits, length);
      length += fits.length;
      if (length === into.length) break;
    }
    return length;
  }

  #taken(taken: number): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#queued += taken;
    pending.left -= taken;
    pending.offset += taken;
    while (pending.chunks.length > 0 && pending.offset >= pending.chunks[0]!.length) {
      pending.offset -= pending.chunks.shift()!.length;
    }
    if (pending.left > 0) {
      this.#pumpWrite();
      return;
    }
    this.#pending = undefined;
    process.nextTick(() => {
      this.#sent += pending.bytes;
      pending.done();
    });
  }

  writeUrgent(data: Uint8Array | string, callback?: (error?: Error | null) => void): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    requireArgument(bytes.length > 0, 'urgent data: expected a byte at least, got none');
    if (this.writable) {
      this.#urgentEnd = this.bytesWritten + bytes.length;
      if (this.#session) this.#tellUrgent(this.#session);
    }
    return this.write(bytes, callback);
  }

  /** Ahead of the bytes, which may wait for a window to open; not while the card may refuse some. */
  #tellUrgent(session: Session): void {
    const isTold = this.#urgentEnd <= Math.max(this.#urgentTold, this.#queued);
    if (isTold || session.writing) return;
    this.#urgentTold = this.#queued + session.announceUrgent(this.#urgentEnd - this.#queued);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.connecting) this.#final = done;
    else this.#close(done);
  }

  #close(done: (error?: Error | null) => void): void {
    this.#final = undefined;
    this.#session!.close(() => process.nextTick(done));
  }

  async counters(): Promise<SocketCounters> {
    const tcp = this.#session && (await this.#home.countersOf(this.#session));
    return { bytesRead: this.bytesRead, bytesWritten: this.bytesWritten, tcp };
  }

  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  // ---- The end ----

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.connecting = false;
    if (this.#pending) {
      process.nextTick(this.#pending.done, error ?? systemError('ECANCELED', 'write'));
    }
    this.#pending = undefined;
    this.#final = undefined;
    this.#session?.abandon(this.#aborts ? 'abort' : 'close');
    this.#session = undefined;
    this.#home.onSocketGone(this);
    done(error);
    process.nextTick(() => this.emit('close', error !== null));
  }

  /** Ends with what is already on its way, then destroys; as node:net has it for http. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    this.#aborts = true;
    if (this.connecting && !this.destroyed) this.once('connect', () => this.destroy());
    else this.destroy();
    return this;
  }

  // ---- Settings ----

  setNoDelay(noDelay = true): this {
    this.#noDelay = Boolean(noDelay);
    this.#session?.setOptions(this.#noDelay, this.#keepAlive);
    return this;
  }

  /** When probes begin and how often they come is the card's setting, the same for all sessions. */
  setKeepAlive(enable = false, _initialDelay = 0): this {
    this.#keepAlive = Boolean(enable);
    this.#session?.setOptions(this.#noDelay, this.#keepAlive);
    return this;
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.timeout = milliseconds > 0 ? milliseconds : undefined;
    if (milliseconds > 0) {
      this.#timer = setTimeout(() => this.emit('timeout'), milliseconds);
      this.#timer.unref();
      if (callback) this.once('timeout', callback);
    } else if (callback) {
      this.off('timeout', callback);
    }
    return this;
  }

  /** Something went over the connection: the time of silence begins anew. */
  #active(): void {
    this.#timer?.refresh();
  }

  get referenced(): boolean {
    return this.#referenced;
  }

  ref(): this {
    return this.#setReferenced(true);
  }

  unref(): this {
    return this.#setReferenced(false);
  }

  #setReferenced(referenced: boolean): this {
    this.#referenced = referenced;
    this.#home.onRef();
    return this;
  }

  address(): AddressInfo | Record<string, never> {
    if (this.localAddress === undefined) return {};
    return { address: this.localAddress, family: 'IPv4', port: this.localPort! };
  }

  get pending(): boolean {
    return this.#session === undefined;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }
}
