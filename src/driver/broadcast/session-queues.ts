// SPDX-License-Identifier: Apache-2.0

import type { TransportSocket } from '../transport/contract.ts';
import type { QueueOptions, Session, SessionEnd } from './contract.ts';

/** How long a connection that was ended may take to send its last bytes. */
const LINGER_MILLISECONDS = 2_000;

/** Frames in order, from an index instead of by shifting; emptied when all are gone. */
interface FrameQueue {
  frames: (Uint8Array | undefined)[];
  next: number;
  bytes: number;
}

/** What a session tells its group. */
export interface SessionOwner {
  readonly queues: readonly QueueOptions[];
  readonly windowBytes: number;
  left(session: Session): void;
}

/** A connection's queues in front of the transport's buffer, which stays small. */
export class QueuedSession implements Session {
  readonly #socket: TransportSocket;
  readonly #owner: SessionOwner;
  readonly #onEnd: ((reason: SessionEnd) => void) | undefined;
  readonly #queues: FrameQueue[];
  readonly #dropped: number[];
  readonly #onClose = () => this.#finish('closed');
  /** Handed to the transport, not yet taken by the system. */
  #inFlight = 0;
  #progress = 0;
  #queuedFrames = 0;
  #queuedBytes = 0;
  #scheduled = false;
  #ended = false;

  constructor(
    socket: TransportSocket,
    owner: SessionOwner,
    onEnd: ((reason: SessionEnd) => void) | undefined,
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#onEnd = onEnd;
    this.#queues = owner.queues.map(() => ({ frames: [], next: 0, bytes: 0 }));
    this.#dropped = owner.queues.map(() => 0);
    socket.once('close', this.#onClose);
    if (socket.destroyed) queueMicrotask(this.#onClose);
  }

  get queuedFrames(): number {
    return this.#queuedFrames;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get dropped(): readonly number[] {
    return this.#dropped;
  }

  get progress(): number {
    return this.#progress;
  }

  get waiting(): boolean {
    return this.#inFlight > 0 || this.#queuedFrames > 0;
  }

  send(frame: Uint8Array, index: number): boolean {
    const queue = this.#queues[index];
    const options = this.#owner.queues[index];
    if (!queue || !options) throw new RangeError(`queue: expected 0 to ${this.#queues.length - 1}`);
    if (this.#ended) return false;
    if (queue.bytes > 0 && queue.bytes + frame.length > options.maxBytes) {
      this.#dropped[index]! += 1;
      if (options.overflow === 'close') this.#finish('overflow');
      return false;
    }
    queue.frames.push(frame);
    queue.bytes += frame.length;
    this.#queuedFrames += 1;
    this.#queuedBytes += frame.length;
    this.#schedule();
    return true;
  }

  end(last?: Uint8Array): void {
    if (this.#ended) return;
    this.#leave();
    const impatience = setTimeout(() => this.#socket.destroy(), LINGER_MILLISECONDS);
    this.#socket.once('close', () => clearTimeout(impatience));
    if (last) this.#socket.end(last);
    else this.#socket.end();
    // What the other end still sends is of no interest, but its end must be seen.
    this.#socket.resume();
  }

  close(): void {
    if (!this.#ended) this.#leave();
    this.#socket.destroy();
  }

  /** Writes once per turn of the event loop: frames of one turn leave in one system call. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#owner.windowBytes) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#ended || this.#queuedFrames === 0) return;
    const { windowBytes } = this.#owner;
    if (this.#inFlight >= windowBytes) return;
    this.#socket.cork();
    for (const queue of this.#queues) {
      while (queue.next < queue.frames.length && this.#inFlight < windowBytes) {
        const frame = queue.frames[queue.next]!;
        queue.frames[queue.next++] = undefined;
        queue.bytes -= frame.length;
        this.#queuedFrames -= 1;
        this.#queuedBytes -= frame.length;
        this.#inFlight += frame.length;
        this.#socket.write(frame, () => this.#written(frame.length));
      }
      if (queue.next === queue.frames.length && queue.next > 0) {
        queue.frames = [];
        queue.next = 0;
      }
    }
    this.#socket.uncork();
  }

  #written(bytes: number): void {
    this.#inFlight -= bytes;
    this.#progress += 1;
    if (this.#queuedFrames > 0) this.#schedule();
  }

  #finish(reason: SessionEnd): void {
    if (this.#ended) return;
    this.#leave();
    if (reason !== 'closed') this.#socket.destroy();
    this.#onEnd?.(reason);
  }

  #leave(): void {
    this.#ended = true;
    this.#socket.off('close', this.#onClose);
    for (const queue of this.#queues) Object.assign(queue, { frames: [], next: 0, bytes: 0 });
    this.#queuedFrames = 0;
    this.#queuedBytes = 0;
    this.#owner.left(this);
  }
}
