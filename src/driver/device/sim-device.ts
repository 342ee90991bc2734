// SPDX-License-Identifier: Apache-2.0

import { AccelError, requireArgument } from '../errors.ts';
import { type Library, type Pointer, viewMemory } from '../ffi.ts';
import { nativeLibrary } from '../paths.ts';
import type { Capabilities, Device, DeviceCounters, DmaMemory, Wake } from './device.ts';
import { FAULT, type FaultName, TARGET } from './faults.ts';
import { IrqWaiter } from './irq-waiter.ts';
import {
  CARD_OK,
  CARD_UNSUPPORTED,
  type CardFunctions,
  COUNTERS,
  ERROR_BYTES,
  EVENT,
  LINK_COUNTERS,
  MODE,
  openCardLibrary,
} from './library.ts';
import { requireOffset } from './offset.ts';
import { readCapabilities, readCounters } from './registers.ts';

/** How the emulated card runs. */
export interface SimOptions {
  /** `free` (default): on a thread of its own, asleep when idle. `stepped`: only in `step`. */
  readonly mode?: 'free' | 'stepped';
  /** Seed of the bus stalls, a 64-bit number; the same seed gives the same stepped run. */
  readonly seed?: bigint;
  /** Cycles from a memory request to its first answer (default 100: about PCIe at 250 MHz). */
  readonly latency?: number;
  /** Chance of each bus stall per cycle, 0 (default) to 90; above 0 answers change order too. */
  readonly stallPercent?: number;
  /** Cycles between two ticks of the card's millisecond input (default 250,000). */
  readonly cyclesPerMs?: number;
  /** FST file to record; uses the wave build of the card, which is ten times slower. */
  readonly waves?: string;
  /** With the TCP engine, its MAC and card memory (default false): another build of the card. */
  readonly toe?: boolean;
  /**
   * What the MAC is attached to: `tap:NAME`, `passt`, `passt:SOCKET`, `passt,forward=8080:80` or
   * `hub:DIRECTORY`; needs `toe`. A free card then goes by the clock on the wall. Without it the card
   * hears nothing.
   */
  readonly link?: string;
  /** File to record frames to, for Wireshark; needs `link`. */
  readonly pcap?: string;
  /** What goes wrong on the link, both ways: `loss=0.05,reorder=0.1,seed=1`; needs `link`. */
  readonly impair?: string;
  /** Path of another build of libhpbcard. */
  readonly library?: string;
}

/** What passed the card's MAC, and what did not. */
export interface LinkCounters {
  /** Frames and their bytes taken from the link for the card. */
  readonly framesIn: number;
  readonly bytesIn: number;
  /** Frames and their bytes that the card sent. */
  readonly framesOut: number;
  readonly bytesOut: number;
  /** Frames for which there was no room, or of a length that no frame has. */
  readonly dropped: number;
  /** Frames impaired on purpose, both ways. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly corrupted: number;
}

/** What the simulation counted. */
export interface SimCounters {
  /** Clock cycles that were simulated. */
  readonly cycles: number;
  /** Device time that passed without simulation, because the card was idle. */
  readonly skippedCycles: number;
  /** Wall-clock nanoseconds in which the model ran; 0 in stepped mode. */
  readonly awakeNs: number;
  /** Times the model's thread went to sleep. */
  readonly sleeps: number;
  readonly readBursts: number;
  readonly writeBursts: number;
  /** Bursts outside allocated memory. */
  readonly badAccesses: number;
  /** Rises of the interrupt line, lost ones included. */
  readonly interrupts: number;
}

/** Cards that run: a process that ends without closing them stops their threads first. */
const running = new Set<() => void>();
process.on('exit', () => {
  for (const stop of running) stop();
});

/** The card under Verilator: a `Device`, and the powers that only a simulation has. */
export class SimDevice implements Device {
  readonly kind = 'verilator';
  readonly timeUnit = 'cycles';
  readonly mode: 'free' | 'stepped';
  readonly #library: Library<CardFunctions>;
  readonly #handle: Pointer;
  readonly #waiter: IrqWaiter;
  readonly #calls = new Set<Promise<unknown>>();
  #capabilities: Capabilities | undefined;
  #events = 0;
  readonly #linkLost: Promise<AccelError>;
  #loseLink: (error: AccelError) => void = () => {};
  #closed: Promise<void> | undefined;

  private constructor(library: Library<CardFunctions>, handle: Pointer, mode: 'free' | 'stepped') {
    this.#library = library;
    this.#handle = handle;
    this.mode = mode;
    this.#linkLost = new Promise((resolve) => {
      this.#loseLink = resolve;
    });
    const descriptor = library.sync.hpbcard_event_fd(handle);
    this.#waiter = new IrqWaiter(descriptor, () => this.#takeEvents());
    running.add(this.#stop);
  }

  /**
   * Powers an emulated card on.
   *
   * @throws {AccelError} rejects with `ACCEL_UNAVAILABLE` (not built, another register map, a link that
   *   cannot be had: the message says what to install, permit or write), `ACCEL_ARGUMENT`.
   * @example
   * const device = await SimDevice.open({ mode: 'stepped', seed: 7n, stallPercent: 30 });
   */
  static async open(options: SimOptions = {}): Promise<SimDevice> {
    const { mode = 'free', seed = 1n, latency = 100, stallPercent = 0 } = options;
    const { cyclesPerMs = 250_000, waves } = options;
    requireArgument(Object.hasOwn(MODE, mode), `mode: expected free or stepped, got ${mode}`);
    requireArgument(typeof seed === 'bigint', `seed: expected a bigint, got ${seed}`);
    requireInteger('latency', latency, 0, 2 ** 31);
    requireInteger('stallPercent', stallPercent, 0, 90);
    requireInteger('cyclesPerMs', cyclesPerMs, 1, 2 ** 31);
    requireArgument(options.link === undefined || options.toe === true, 'link: expected toe, too');
    for (const name of ['link', 'pcap', 'impair'] as const) {
      const text = options[name];
      requireArgument(
        text === undefined || (typeof text === 'string' && !text.includes('\0')),
        `${name}: expected a text without NUL, got ${text}`,
      );
      const alone = options[name] !== undefined && options.link === undefined;
      requireArgument(!alone, `${name}: expected a link, too`);
    }
    const library = openCardLibrary(options.library ?? nativeLibrary(buildOf(options)));
    const out = new BigUint64Array(1);
    const status = library.sync.hpbcard_open(
      MODE[mode],
      BigInt.asUintN(64, seed),
      latency,
      stallPercent,
      cyclesPerMs,
      waves ?? null,
      out,
    );
    if (status === CARD_UNSUPPORTED) {
      throw new AccelError('ACCEL_UNAVAILABLE', `${library.path} cannot record waves`);
    }
    if (status !== CARD_OK) {
      throw new AccelError('ACCEL_UNAVAILABLE', `the card does not start: status ${status}`);
    }
    const device = new SimDevice(library, out[0]!, mode);
    try {
      if (options.link !== undefined) device.#attach(options.link, options);
      device.#capabilities = await readCapabilities((offset) => device.read32(offset));
    } catch (error) {
      await device.close();
      throw error;
    }
    return device;
  }

  #attach(link: string, { pcap, impair }: SimOptions): void {
    const text = new Uint8Array(ERROR_BYTES);
    const status = this.#library.sync.hpbcard_attach(
      this.#handle,
      link,
      pcap ?? null,
      impair ?? null,
      text,
      text.length,
    );
    if (status === CARD_OK) return;
    const reason = status === CARD_UNSUPPORTED ? `${this.#library.path} has no MAC` : textOf(text);
    throw new AccelError('ACCEL_UNAVAILABLE', reason || `no link: status ${status}`);
  }

  get capabilities(): Capabilities {
    return this.#capabilities!;
  }

  async read32(offset: number): Promise<number> {
    this.#requireOpen();
    requireOffset(offset);
    const value = new Uint32Array(1);
    let status: number;
    if (this.mode === 'stepped') {
      status = this.#library.sync.hpbcard_read32(this.#handle, offset, value);
      this.#takeEvents();
    } else {
      const call = this.#library.async.hpbcard_read32(this.#handle, offset, value);
      this.#calls.add(call);
      status = await call.finally(() => this.#calls.delete(call));
      // Closed meanwhile: its memory may be gone, so nobody may go on as if the card were there.
      this.#requireOpen();
    }
    if (status !== CARD_OK) throw deviceError(`reading register ${offset.toString(16)}`, status);
    return value[0]!;
  }

  write32(offset: number, value: number): void {
    this.#requireOpen();
    requireOffset(offset);
    const status = this.#library.sync.hpbcard_write32(this.#handle, offset, value >>> 0);
    if (this.mode === 'stepped') this.#takeEvents();
    if (status !== CARD_OK) throw deviceError(`writing register ${offset.toString(16)}`, status);
  }

  alloc(bytes: number): DmaMemory {
    this.#requireOpen();
    requireInteger('bytes', bytes, 1, 2 ** 40);
    const pointer = new BigUint64Array(1);
    const bus = new BigUint64Array(1);
    const status = this.#library.sync.hpbcard_alloc(this.#handle, bytes, pointer, bus);
    if (status !== CARD_OK) throw deviceError(`allocating ${bytes} bytes`, status);
    return { bytes: viewMemory(pointer[0]!, bytes), address: bus[0]! };
  }

  now(): number {
    this.#requireOpen();
    return Number(this.#library.sync.hpbcard_now(this.#handle));
  }

  waitIrq(until?: number, keepAlive = true): Promise<Wake> {
    if (this.#closed) return Promise.resolve('closed');
    const wake = this.#waiter.wait();
    this.rearm(until, keepAlive);
    this.#wake();
    return wake;
  }

  rearm(until?: number, keepAlive = true): void {
    if (this.#closed || !this.#waiter.waits) return;
    this.#library.sync.hpbcard_arm(this.#handle, until ?? 0);
    this.#waiter.keepAlive(keepAlive);
  }

  #takeEvents(): void {
    const events = this.#library.sync.hpbcard_take_events(this.#handle);
    if (events & EVENT.link) this.#takeLinkError();
    this.#events |= events & ~EVENT.link;
    this.#wake();
  }

  #takeLinkError(): void {
    const text = new Uint8Array(ERROR_BYTES);
    this.#library.sync.hpbcard_link_error(this.#handle, text, text.length);
    this.#loseLink(new AccelError('ACCEL_DEVICE', textOf(text)));
  }

  #wake(): void {
    if (this.#events === 0 || !this.#waiter.waits) return;
    const wake = this.#events & EVENT.irq ? 'interrupt' : 'timeout';
    this.#events = 0;
    this.#waiter.wake(wake);
  }

  counters(): Promise<DeviceCounters> {
    return readCounters(this);
  }

  /** Counters of the simulation itself; cheap, no register access. */
  simCounters(): SimCounters {
    this.#requireOpen();
    const values = new BigUint64Array(COUNTERS);
    this.#library.sync.hpbcard_read_counters(this.#handle, values);
    const [
      cycles,
      skippedCycles,
      awakeNs,
      sleeps,
      readBursts,
      writeBursts,
      badAccesses,
      interrupts,
    ] = Array.from(values, Number) as SimValues;
    return {
      cycles,
      skippedCycles,
      awakeNs,
      sleeps,
      readBursts,
      writeBursts,
      badAccesses,
      interrupts,
    };
  }

  /** Counters of the link; cheap, no register access. Zeros without one. */
  linkCounters(): LinkCounters {
    this.#requireOpen();
    const values = new BigUint64Array(LINK_COUNTERS);
    this.#library.sync.hpbcard_read_link_counters(this.#handle, values);
    const numbers = Array.from(values, Number) as LinkValues;
    const [framesIn, bytesIn, framesOut, bytesOut, dropped, ...impaired] = numbers;
    const [lost, duplicated, reordered, corrupted] = impaired;
    return {
      framesIn,
      bytesIn,
      framesOut,
      bytesOut,
      dropped,
      lost,
      duplicated,
      reordered,
      corrupted,
    };
  }

  /**
   * Resolves, if ever, when the link is gone: its other end closed, its interface was removed, the
   * recording's disk is full. The card goes on as with the cable pulled.
   */
  get linkLost(): Promise<AccelError> {
    return this.#linkLost;
  }

  /** Stepped mode: runs the clock. @throws {AccelError} `ACCEL_ARGUMENT` in free mode. */
  step(cycles: number): void {
    this.#requireOpen();
    requireArgument(this.mode === 'stepped', 'step: the card runs by itself in free mode');
    requireInteger('cycles', cycles, 0, Number.MAX_SAFE_INTEGER);
    this.#library.sync.hpbcard_step(this.#handle, cycles);
    this.#takeEvents();
  }

  /**
   * Stepped mode: runs the clock until a promise settles, letting the event loop turn between.
   *
   * @param limit - most cycles to run.
   * @throws {AccelError} rejects with `ACCEL_TIMEOUT` when the limit is reached first.
   */
  async stepUntil<T>(promise: Promise<T>, limit = 1_000_000): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    const end = this.now() + limit;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled || this.#closed) return promise;
      if (this.now() >= end) {
        throw new AccelError('ACCEL_TIMEOUT', `nothing settled within ${limit} cycles`);
      }
      this.step(STEP);
    }
  }

  /**
   * Makes the simulation misbehave.
   *
   * @param fault - see `FAULT`.
   * @param count - how often; replaces what was left of the same fault. 0 ends it.
   * @param value - what the fault needs: cycles of a delay, bits to flip, a `TARGET` of errors.
   */
  inject(fault: FaultName, count = 1, value: bigint | keyof typeof TARGET = 0n): void {
    this.#requireOpen();
    const bits = typeof value === 'bigint' ? value : BigInt(TARGET[value]);
    const status = this.#library.sync.hpbcard_inject(this.#handle, FAULT[fault], count, bits);
    if (status !== CARD_OK) throw deviceError(`injecting ${fault}`, status);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** At the end of the process. A call under way waits for the card on a thread of its own. */
  readonly #stop = (): void => {
    running.delete(this.#stop);
    if (this.#calls.size === 0) this.#library.sync.hpbcard_close(this.#handle);
  };

  async #close(): Promise<void> {
    running.delete(this.#stop);
    this.#waiter.wake('closed');
    await Promise.allSettled(this.#calls);
    this.#waiter.close();
    this.#library.sync.hpbcard_close(this.#handle);
  }

  #requireOpen(): void {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the device was closed');
  }
}

type SimValues = [number, number, number, number, number, number, number, number];
type LinkValues = [number, number, number, number, number, number, number, number, number];

function buildOf({ toe = false, waves }: SimOptions): string {
  return `libhpbcard${toe ? '-toe' : ''}${waves === undefined ? '' : '-waves'}.so`;
}

/** A NUL-terminated text. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

/** Cycles between two turns of the event loop in `stepUntil`. */
const STEP = 500;

function requireInteger(name: string, value: number, low: number, high: number): void {
  requireArgument(
    Number.isSafeInteger(value) && value >= low && value <= high,
    `${name}: expected an integer from ${low} to ${high}, got ${value}`,
  );
}

const STATUS_TEXT = ['ok', 'bad argument', 'no memory', 'system error', 'bus error', 'no answer'];

function deviceError(doing: string, status: number): AccelError {
  return new AccelError('ACCEL_DEVICE', `${doing}: ${STATUS_TEXT[status] ?? `status ${status}`}`);
}
