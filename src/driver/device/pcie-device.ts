// SPDX-License-Identifier: Apache-2.0

import { AccelError, requireArgument } from '../errors.ts';
import { type Library, type Pointer, viewMemory } from '../ffi.ts';
import type { CardOptions } from './card-backend.ts';
import type { Capabilities, Device, DeviceCounters, DmaMemory, Wake } from './device.ts';
import { IrqWaiter } from './irq-waiter.ts';
import { requireOffset } from './offset.ts';
import {
  messageOf,
  openPcieLibrary,
  PCIE_OK,
  PCIE_UNAVAILABLE,
  type PcieFunctions,
} from './pcie-library.ts';
import { readCapabilities, readCounters } from './registers.ts';

/** Which card. */
export interface PcieOptions {
  /**
   * PCI address as `0000:01:00.0`: a function bound to vfio-pci. Or `vfio-user:PATH`: a process that
   * presents a card at a Unix socket, see `hpb card serve`.
   */
  readonly device: string;
  /** Longest wait for the other side of a socket, in ms (default 10,000). */
  readonly answerTimeout?: number;
  /** Folder in place of `/`, where `sys` and `dev` are looked for; for tests. */
  readonly root?: string;
}

/** Times that fit a card whose clock is not known, in ns; a simulated one is the slowest. */
export const PCIE_TIMES = {
  timeout: 20e9,
  recordTime: 20e6,
  pollInterval: 20e6,
} as const satisfies CardOptions;

/** Longest delay of a timer; a longer wait is several of them. */
const MAX_TIMER_MS = 2 ** 30;

/** A card behind PCI Express, through VFIO: the kernel's, or that of another process. */
export class PcieDevice implements Device {
  readonly kind = 'pcie';
  readonly timeUnit = 'nanoseconds';
  /** As it was given. */
  readonly address: string;
  readonly #library: Library<PcieFunctions>;
  readonly #handle: Pointer;
  readonly #mapped: boolean;
  readonly #waiter: IrqWaiter;
  readonly #calls = new Set<Promise<unknown>>();
  #capabilities: Capabilities | undefined;
  #interrupted = false;
  #timer: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  private constructor(library: Library<PcieFunctions>, handle: Pointer, address: string) {
    this.#library = library;
    this.#handle = handle;
    this.address = address;
    this.#mapped = library.sync.hpbpcie_is_mapped(handle) === 1;
    const descriptor = library.sync.hpbpcie_event_fd(handle);
    this.#waiter = new IrqWaiter(descriptor, () => this.#takeInterrupts());
  }

  /**
   * Opens a card and resets it.
   *
   * @throws {AccelError} rejects with `ACCEL_UNAVAILABLE` (not there, not to be used, no card of this
   *   project, another register map), `ACCEL_ARGUMENT`; the message says what to do.
   * @example
   * const device = await PcieDevice.open({ device: 'vfio-user:/run/card.sock' });
   */
  static async open(options: PcieOptions): Promise<PcieDevice> {
    const { device: address, answerTimeout = 10_000, root = '' } = options;
    requireArgument(
      typeof address === 'string' && address !== '',
      `device: expected a PCI address like 0000:01:00.0, or vfio-user:PATH, got ${address}`,
    );
    requireArgument(
      Number.isInteger(answerTimeout) && answerTimeout >= 1 && answerTimeout <= 600_000,
      `answerTimeout: expected an integer from 1 to 600000, got ${answerTimeout}`,
    );
    const library = openPcieLibrary();
    const out = new BigUint64Array(1);
    const message = new Uint8Array(1024);
    const status = await library.async.hpbpcie_open(
      address,
      root,
      answerTimeout,
      out,
      message,
      message.length,
    );
    if (status !== PCIE_OK) {
      const text = Buffer.from(message.subarray(0, message.indexOf(0))).toString();
      const code = status === PCIE_UNAVAILABLE ? 'ACCEL_UNAVAILABLE' : 'ACCEL_ARGUMENT';
      throw new AccelError(code, `${address}: ${text || `status ${status}`}`);
    }
    const device = new PcieDevice(library, out[0]!, address);
    try {
      device.#capabilities = await readCapabilities((offset) => device.read32(offset));
    } catch (cause) {
      await device.close();
      if (!(cause instanceof AccelError)) throw cause;
      throw new AccelError('ACCEL_UNAVAILABLE', `${address}: ${cause.message}`, { cause });
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
    if (this.#mapped) {
      status = this.#library.sync.hpbpcie_read32(this.#handle, offset, value);
    } else {
      const call = this.#library.async.hpbpcie_read32(this.#handle, offset, value);
      this.#calls.add(call);
      status = await call.finally(() => this.#calls.delete(call));
      this.#requireOpen();
    }
    if (status !== PCIE_OK) throw this.#failed(`reading register ${offset.toString(16)}`, status);
    return value[0]!;
  }

  write32(offset: number, value: number): void {
    this.#requireOpen();
    requireOffset(offset);
    // A card that has failed tells whoever reads next; a posted write has nobody to tell.
    this.#library.sync.hpbpcie_write32(this.#handle, offset, value >>> 0);
  }

  alloc(bytes: number): DmaMemory {
    this.#requireOpen();
    requireArgument(
      Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= 2 ** 40,
      `bytes: expected an integer from 1 to ${2 ** 40}, got ${bytes}`,
    );
    const pointer = new BigUint64Array(1);
    const bus = new BigUint64Array(1);
    const status = this.#library.sync.hpbpcie_alloc(this.#handle, bytes, pointer, bus);
    if (status !== PCIE_OK) throw this.#failed(`allocating ${bytes} bytes`, status);
    return { bytes: viewMemory(pointer[0]!, bytes), address: bus[0]! };
  }

  now(): number {
    return Math.round(performance.now() * 1e6);
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
    this.#waiter.keepAlive(keepAlive);
    clearTimeout(this.#timer);
    if (until !== undefined) this.#arm(until, keepAlive);
  }

  #arm(until: number, keepAlive: boolean): void {
    const delay = Math.min(Math.max(Math.ceil((until - this.now()) / 1e6), 0), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      if (this.now() >= until) this.#settle('timeout');
      else this.#arm(until, keepAlive);
    }, delay);
    if (!keepAlive) this.#timer.unref();
  }

  #takeInterrupts(): void {
    if (this.#closed) return;
    if (this.#library.sync.hpbpcie_take_interrupts(this.#handle) === 1) this.#interrupted = true;
    this.#wake();
  }

  #wake(): void {
    if (!this.#interrupted || !this.#waiter.waits) return;
    this.#interrupted = false;
    this.#settle('interrupt');
  }

  #settle(wake: Wake): void {
    clearTimeout(this.#timer);
    this.#waiter.wake(wake);
  }

  counters(): Promise<DeviceCounters> {
    return readCounters(this);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#settle('closed');
    await Promise.allSettled(this.#calls);
    this.#waiter.close();
    // The other side may take its time, or hang for as long as it is given.
    await this.#library.async.hpbpcie_close(this.#handle);
  }

  #failed(doing: string, status: number): AccelError {
    const why = messageOf((message, bytes) =>
      this.#library.sync.hpbpcie_failure(this.#handle, message, bytes),
    );
    return new AccelError('ACCEL_DEVICE', `${doing}: ${why || `status ${status}`}`);
  }

  #requireOpen(): void {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the device was closed');
  }
}
