// SPDX-License-Identifier: Apache-2.0

import { AccelError, requireArgument } from '../errors.ts';
import { type Library, type Pointer, viewMemory, type Watch, watchDescriptor } from '../ffi.ts';
import { nativeLibrary } from '../paths.ts';
import type { Capabilities, Device, DeviceCounters, DmaMemory, Wake } from './device.ts';
import { FAULT, type FaultName, TARGET } from './faults.ts';
import {
  CARD_OK,
  CARD_UNSUPPORTED,
  type CardFunctions,
  COUNTERS,
  EVENT,
  MODE,
  openCardLibrary,
} from './library.ts';
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
  /** Path of another build of libhpbcard. */
  readonly library?: string;
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

/** The card under Verilator: a `Device`, and the powers that only a simulation has. */
export class SimDevice implements Device {
  readonly kind = 'verilator';
  readonly timeUnit = 'cycles';
  readonly mode: 'free' | 'stepped';
  readonly #library: Library<CardFunctions>;
  readonly #handle: Pointer;
  readonly #watch: Watch;
  readonly #calls = new Set<Promise<unknown>>();
  #capabilities: Capabilities | undefined;
  #events = 0;
  #waiter: ((wake: Wake) => void) | undefined;
  #closed: Promise<void> | undefined;

  private constructor(library: Library<CardFunctions>, handle: Pointer, mode: 'free' | 'stepped') {
    this.#library = library;
    this.#handle = handle;
    this.mode = mode;
    const descriptor = library.sync.hpbcard_event_fd(handle);
    this.#watch = watchDescriptor(descriptor, () => this.#takeEvents());
    this.#watch.unref();
  }

  /**
   * Powers an emulated card on.
   *
   * @throws {AccelError} rejects with `ACCEL_UNAVAILABLE` (not built, another register map),
   *   `ACCEL_ARGUMENT`.
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
    const build = waves === undefined ? 'libhpbcard.so' : 'libhpbcard-waves.so';
    const library = openCardLibrary(options.library ?? nativeLibrary(build));
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
      device.#capabilities = await readCapabilities((offset) => device.read32(offset));
    } catch (error) {
      await device.close();
      throw error;
    }
    return device;
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

  waitIrq(until?: number): Promise<Wake> {
    if (this.#closed) return Promise.resolve('closed');
    requireArgument(this.#waiter === undefined, 'waitIrq: somebody waits already');
    this.#library.sync.hpbcard_arm(this.#handle, until ?? 0);
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.#watch.ref();
      this.#wake();
    });
  }

  #takeEvents(): void {
    this.#events |= this.#library.sync.hpbcard_take_events(this.#handle);
    this.#wake();
  }

  #wake(): void {
    if (this.#events === 0 || !this.#waiter) return;
    const wake = this.#events & EVENT.irq ? 'interrupt' : 'timeout';
    this.#events = 0;
    this.#settle(wake);
  }

  #settle(wake: Wake): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#watch.unref();
    waiter?.(wake);
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
    ] = Array.from(values, Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
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

  async #close(): Promise<void> {
    this.#settle('closed');
    await Promise.allSettled(this.#calls);
    this.#watch.close();
    this.#library.sync.hpbcard_close(this.#handle);
  }

  #requireOpen(): void {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the device was closed');
  }
}

/** Cycles between two turns of the event loop in `stepUntil`. */
const STEP = 500;
const WINDOW_BYTES = 0x10000;

function requireInteger(name: string, value: number, low: number, high: number): void {
  requireArgument(
    Number.isSafeInteger(value) && value >= low && value <= high,
    `${name}: expected an integer from ${low} to ${high}, got ${value}`,
  );
}

function requireOffset(offset: number): void {
  requireArgument(
    Number.isInteger(offset) && offset >= 0 && offset < WINDOW_BYTES && offset % 4 === 0,
    `offset: expected a multiple of 4 below ${WINDOW_BYTES}, got ${offset}`,
  );
}

const STATUS_TEXT = ['ok', 'bad argument', 'no memory', 'system error', 'bus error', 'no answer'];

function deviceError(doing: string, status: number): AccelError {
  return new AccelError('ACCEL_DEVICE', `${doing}: ${STATUS_TEXT[status] ?? `status ${status}`}`);
}
