// SPDX-License-Identifier: Apache-2.0
import { TestbenchError } from '../errors.ts';
import { isPaused, type Pause } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Agent, Task } from '../tasks.ts';
import {
  type Frame,
  findStream,
  type StreamModel,
  type StreamOptions,
  type StreamSignals,
} from './axis-signals.ts';

interface QueuedFrame {
  readonly frame: Frame;
  readonly beats: number;
  /** Beats accepted. */
  sent: number;
}

/** Sent frames kept before the queue is cut. */
const CUT = 1024;

/**
 * Drives an AXI4-Stream input with frames, pausing at random.
 *
 * While tvalid is low the data is random: a module that looks at it then is found out. While the reset is
 * high it rests; a frame half sent then starts again.
 */
export class AxiStreamSource implements Agent {
  readonly name: string;
  /** When it pauses; may be changed at any time. */
  pause: Pause;
  readonly #signals: StreamSignals;
  readonly #random: Random;
  readonly #beatBytes: number;
  readonly #garbage: Uint8Array;
  readonly #queue: QueuedFrame[] = [];
  #head = 0;
  #isValid = false;
  #isAccepted = false;
  #beats = 0;
  #frames = 0;

  constructor(model: StreamModel, prefix: string, random: Random, options: StreamOptions) {
    this.#signals = findStream(model, prefix, options);
    this.name = this.#signals.name;
    this.#random = random;
    this.#beatBytes = this.#signals.data?.byteLength ?? 1;
    this.#garbage = new Uint8Array(this.#beatBytes);
    this.pause = options.pause ?? 0;
    this.#signals.valid.set(0);
  }

  /** Beats accepted so far. */
  get beats(): number {
    return this.#beats;
  }

  /** Frames accepted completely so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether everything given to it has been accepted. */
  get isIdle(): boolean {
    return this.#head === this.#queue.length;
  }

  /**
   * Queues a frame and returns at once.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` for an empty frame, or a part of a beat without tkeep.
   */
  enqueue(frame: Frame | Uint8Array): void {
    this.#enqueue(frame);
  }

  /** Queues a frame and waits until its last beat is accepted. */
  *send(frame: Frame | Uint8Array): Task {
    const queued = this.#enqueue(frame);
    while (queued.sent < queued.beats) yield;
  }

  /** Waits until everything queued is accepted. */
  *drain(): Task {
    while (!this.isIdle) yield;
  }

  drive(): void {
    const { valid, data } = this.#signals;
    const wasValid = this.#isValid;
    if (this.#signals.reset?.get() === 1) {
      this.#rest();
      return;
    }
    if (this.#isAccepted) {
      this.#isAccepted = false;
      this.#isValid = false;
    }
    if (this.#isValid) return;
    const queued = this.#queue[this.#head];
    if (queued !== undefined && !isPaused(this.pause, this.#random)) {
      this.#present(queued);
      if (!wasValid) valid.set(1);
      this.#isValid = true;
    } else if (wasValid) {
      valid.set(0);
      for (let i = 0; i < this.#garbage.length; i++) this.#garbage[i] = this.#random.uint32();
      data?.write(this.#garbage, 0);
    }
  }

  sample(): void {
    const { ready } = this.#signals;
    if (!this.#isValid || (ready !== undefined && ready.get() === 0)) return;
    const queued = this.#queue[this.#head];
    if (queued === undefined) return;
    this.#isAccepted = true;
    this.#beats++;
    queued.sent++;
    if (queued.sent < queued.beats) return;
    this.#frames++;
    this.#head++;
    if (this.#head >= CUT) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Reset: tvalid low, and a frame half sent starts again. */
  #rest(): void {
    this.#signals.valid.set(0);
    this.#isValid = false;
    this.#isAccepted = false;
    const queued = this.#queue[this.#head];
    if (queued !== undefined) queued.sent = 0;
  }

  #enqueue(given: Frame | Uint8Array): QueuedFrame {
    const frame = given instanceof Uint8Array ? { data: given } : given;
    const beats = Math.ceil(frame.data.length / this.#beatBytes);
    const isWhole = frame.data.length % this.#beatBytes === 0;
    if (beats === 0 || (!isWhole && this.#signals.keep === undefined)) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `stream ${this.name}: expected one or more beats of ${this.#beatBytes} bytes, ` +
          `got ${frame.data.length} bytes`,
      );
    }
    const queued = { frame, beats, sent: 0 };
    this.#queue.push(queued);
    return queued;
  }

  /** Puts the frame's next beat on the signals. */
  #present({ frame, sent, beats }: QueuedFrame): void {
    const { data, keep, strb, last, user, id, dest } = this.#signals;
    const offset = sent * this.#beatBytes;
    data?.write(frame.data, offset);
    if (keep !== undefined) {
      const bytes = Math.min(this.#beatBytes, frame.data.length - offset);
      const mask = bytes < 32 ? 2 ** bytes - 1 : (1n << BigInt(bytes)) - 1n;
      keep.set(mask);
      strb?.set(mask);
    }
    last?.set(sent === beats - 1 ? 1 : 0);
    if (user !== undefined) {
      const value = typeof frame.user === 'object' ? frame.user[sent] : frame.user;
      user.set(value ?? 0);
    }
    id?.set(frame.id ?? 0);
    dest?.set(frame.dest ?? 0);
  }
}
