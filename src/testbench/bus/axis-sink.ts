import { TestbenchError } from '../errors.ts';
import { isPaused, type Pause } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Agent, Task } from '../tasks.ts';
import {
  type Frame,
  findStream,
  PAYLOAD,
  readUser,
  type StreamModel,
  type StreamOptions,
  type StreamSignals,
} from './axis-signals.ts';

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

export interface SinkOptions extends StreamOptions {
  /** Whether the handshake is checked; true unless given. */
  readonly check?: boolean;
}

/**
 * Takes frames from an AXI4-Stream output, pausing at random, and checks the handshake: tvalid stays
 * until taken, the payload holds still meanwhile, tkeep has no gaps and is full but for the last beat.
 *
 * Without tlast every beat is a frame. While the reset is high nothing is taken or checked, and a frame half
 * taken is forgotten.
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
  readonly #check: boolean;
  readonly #beatBytes: number;
  readonly #stalled: ReadonlyArray<{ signal: string; bytes: Uint8Array }>;
  #isStalled = false;
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
    this.#check = options.check ?? true;
    this.#beatBytes = this.#signals.data?.byteLength ?? 0;
    this.pause = options.pause ?? 0;
    this.#stalled = PAYLOAD.map((signal) => ({
      signal,
      bytes: new Uint8Array(this.#signals[signal]?.byteLength ?? 0),
    }));
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
      this.#rest();
      return;
    }
    const isValid = this.#signals.valid.get() === 1;
    if (this.#check) this.#checkHold(isValid);
    if (!isValid) return;
    if (this.#isReady) this.#takeBeat();
    else if (this.#check) this.#remember();
  }

  /** Forgets a frame half taken, and a stall. */
  #rest(): void {
    this.#isStalled = false;
    this.#length = 0;
    this.#frameBeats = 0;
    this.#user = [];
  }

  #takeBeat(): void {
    const { data, keep, last, user, id, dest } = this.#signals;
    const isLast = last === undefined || last.get() === 1;
    if (this.#frameBeats === 0) {
      this.#firstCycle = this.#cycle();
      this.#id = id?.get() ?? 0;
      this.#dest = dest?.get() ?? 0;
    }
    if (data !== undefined) {
      if (this.#length + this.#beatBytes > this.#data.length) this.#grow();
      data.read(this.#data, this.#length);
      this.#length += keep === undefined ? this.#beatBytes : this.#keptBytes(isLast);
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

  /** Bytes that tkeep says are there. */
  #keptBytes(isLast: boolean): number {
    const { keep } = this.#signals;
    const mask = keep === undefined ? 0n : keep.getBig();
    const bytes = mask.toString(2).length;
    if (mask === 0n && isLast && !this.#check) return 0;
    if (this.#check && (mask === 0n || mask !== (1n << BigInt(bytes)) - 1n)) {
      this.#fail(`tkeep ${mask.toString(2)} is not a run of ones from byte 0`);
    }
    if (this.#check && !isLast && bytes !== this.#beatBytes) {
      this.#fail(`tkeep has ${bytes} of ${this.#beatBytes} bytes before the last beat`);
    }
    return mask === 0n ? 0 : bytes;
  }

  /** Was the stream stalled before this cycle, then it is still there, and unchanged. */
  #checkHold(isValid: boolean): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    if (!isValid) this.#fail('tvalid fell before the beat was taken');
    for (const { signal, bytes } of this.#stalled) {
      const field = this.#signals[signal as (typeof PAYLOAD)[number]];
      if (field && !field.equals(bytes)) this.#fail(`t${signal} changed while stalled`);
    }
  }

  #remember(): void {
    this.#isStalled = true;
    for (const { signal, bytes } of this.#stalled) {
      this.#signals[signal as (typeof PAYLOAD)[number]]?.read(bytes, 0);
    }
  }

  #fail(message: string): never {
    throw new TestbenchError(
      'TESTBENCH_PROTOCOL',
      `stream ${this.name}, cycle ${this.#cycle()}: ${message}`,
    );
  }
}
