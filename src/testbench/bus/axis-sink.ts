// SPDX-License-Identifier: Apache-2.0
import { isPaused, type Pause } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Agent, Task } from '../tasks.ts';
import { type StreamRuleOptions, StreamRules } from './axis-rules.ts';
import {
  type Frame,
  findStream,
  readUser,
  type StreamModel,
  type StreamOptions,
  type StreamSignals,
} from './axis-signals.ts';
import { reporter } from './violation.ts';

/** A frame as it came out. */
export interface ReceivedFrame extends Frame {
  readonly data: Uint8Array;
  /** tuser of each beat; empty without the signal. */
  readonly user: readonly (number | bigint)[];
  /** tid and tdest of the first beat; 0 without the signal. */
  readonly id: number;
  readonly dest: number;
  readonly beats: number;
  /** Cycle in which the first and the last beat were taken. */
  readonly firstCycle: number;
  readonly lastCycle: number;
}

export interface SinkOptions extends StreamOptions, StreamRuleOptions {
  /** Whether the handshake is checked; true unless given. */
  readonly check?: boolean;
}

/**
 * Takes frames from an AXI4-Stream output, pausing at random, and checks the handshake: tvalid stays
 * until taken, the payload holds still meanwhile, tkeep has no gaps and is full but for the last beat.
 *
 * Without tlast every beat is a frame. While the reset is high nothing is taken, tvalid must be low, and a
 * frame half taken is forgotten.
 *
 * @throws {TestbenchError} `TESTBENCH_PROTOCOL` from the cycle that breaks a rule.
 */
export class AxiStreamSink implements Agent {
  readonly name: string;
  /** When it pauses; may be changed at any time. */
  pause: Pause;
  /** Frames taken so far and not yet fetched by {@link receive} or {@link take}, oldest first. */
  readonly frames: ReceivedFrame[] = [];
  readonly #signals: StreamSignals;
  readonly #random: Random;
  readonly #cycle: () => number;
  /** The rules it checks; none when told not to. */
  readonly #rules: StreamRules | undefined;
  readonly #beatBytes: number;
  #isReady = false;
  #beats = 0;
  /** The frame being taken. */
  #data = new Uint8Array(256);
  #length = 0;
  #user: (number | bigint)[] = [];
  #frameBeats = 0;
  #firstCycle = 0;
  #id = 0;
  #dest = 0;

  constructor(model: StreamModel, prefix: string, random: Random, options: SinkOptions) {
    this.#signals = findStream(model, prefix, options);
    this.name = this.#signals.name;
    this.#random = random;
    this.#cycle = model.cycle;
    const report = reporter(this.name, model.cycle);
    const isChecked = options.check ?? true;
    this.#rules = isChecked ? new StreamRules(this.#signals.channel, report, options) : undefined;
    this.#beatBytes = this.#signals.data?.byteLength ?? 0;
    this.pause = options.pause ?? 0;
    this.#signals.ready?.set(0);
  }

  /** Beats taken so far. */
  get beats(): number {
    return this.#beats;
  }

  /** Waits for the next frame. */
  *receive(): Task<ReceivedFrame> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame) return frame;
      yield;
    }
  }

  /** Waits for a number of frames. */
  *receiveMany(count: number): Task<ReceivedFrame[]> {
    while (this.frames.length < count) yield;
    return this.frames.splice(0, count);
  }

  /** The frames taken so far; they are forgotten here. */
  take(): ReceivedFrame[] {
    return this.frames.splice(0);
  }

  drive(): void {
    const isReady = !isPaused(this.pause, this.#random);
    if (isReady !== this.#isReady) {
      this.#isReady = isReady;
      this.#signals.ready?.set(isReady ? 1 : 0);
    }
  }

  sample(): void {
    if (this.#signals.reset?.get() === 1) {
      this.#rules?.sampleReset();
      this.#rest();
      return;
    }
    this.#rules?.sample();
    if (this.#isReady && this.#signals.valid.get() === 1) this.#takeBeat();
  }

  /** Forgets a frame half taken. */
  #rest(): void {
    this.#length = 0;
    this.#frameBeats = 0;
    this.#user = [];
  }

  #takeBeat(): void {
    const { data, last, user, id, dest } = this.#signals;
    const isLast = last === undefined || last.get() === 1;
    if (this.#frameBeats === 0) {
      this.#firstCycle = this.#cycle();
      this.#id = id?.get() ?? 0;
      this.#dest = dest?.get() ?? 0;
    }
    if (data !== undefined) {
      if (this.#length + this.#beatBytes > this.#data.length) this.#grow();
      data.read(this.#data, this.#length);
      this.#length += this.#keptBytes();
    }
    if (user !== undefined) this.#user.push(readUser(user));
    this.#beats++;
    this.#frameBeats++;
    if (isLast) this.#finishFrame();
  }

  #finishFrame(): void {
    this.frames.push({
      data: this.#data.slice(0, this.#length),
      user: this.#user,
      id: this.#id,
      dest: this.#dest,
      beats: this.#frameBeats,
      firstCycle: this.#firstCycle,
      lastCycle: this.#cycle(),
    });
    this.#rest();
  }

  #grow(): void {
    const data = new Uint8Array(this.#data.length * 2 + this.#beatBytes);
    data.set(this.#data);
    this.#data = data;
  }

  /** Bytes that tkeep says are there, up to the highest. */
  #keptBytes(): number {
    const { keep } = this.#signals;
    if (keep === undefined) return this.#beatBytes;
    const mask = keep.getBig();
    return mask === 0n ? 0 : mask.toString(2).length;
  }
}
