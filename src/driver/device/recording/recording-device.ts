// SPDX-License-Identifier: Apache-2.0

import { Block, MAP_HASH } from '../../generated/registers.ts';
import type { Capabilities, Device, DeviceCounters, DmaMemory, Wake } from '../device.ts';
import { readCapabilities, readCounters } from '../registers.ts';
import { BusMemory } from './bus-memory.ts';
import type { RecordedEvent } from './format.ts';
import { RingWatch } from './ring-watch.ts';
import { RecordingWriter } from './writer.ts';

/** Offset of a register's block, and of the register in it. */
const BLOCK_MASK = 0xf000;

/** Largest file unless told otherwise. */
const MAX_BYTES = 2 ** 30;

/** How a run is recorded. */
export interface RecordingOptions {
  /** Largest size of the file (default 1 GiB); the recording ends there, the run goes on. */
  readonly maxBytes?: number;
}

/**
 * A device whose every access is written to a file on the way: registers, interrupts, descriptors
 * with what they point to, completions with what the card wrote.
 *
 * Reads stand where their answer came. What the card does is seen when the driver acts next.
 */
export class RecordingDevice implements Device {
  readonly #device: Device;
  readonly #writer: RecordingWriter;
  readonly #memory = new BusMemory();
  readonly #rings = new Map<number, RingWatch>();
  #closed: Promise<void> | undefined;

  private constructor(device: Device, writer: RecordingWriter) {
    this.#device = device;
    this.#writer = writer;
    const { ringLog2Max } = device.capabilities.sigverify;
    for (const block of [Block.SIGVERIFY, Block.TOE, Block.BROADCAST]) {
      this.#rings.set(block, new RingWatch(block, ringLog2Max, this.#memory));
    }
  }

  /**
   * Begins a recording; the card's identity, read anew, comes first.
   *
   * @param device - open and not used so far; it is closed with this one.
   * @param path - of the file; what it holds is lost.
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT` when the file cannot be made, and as
   *   `Device.read32`; the device stays open then.
   */
  static async attach(
    device: Device,
    path: string,
    { maxBytes = MAX_BYTES }: RecordingOptions = {},
  ): Promise<RecordingDevice> {
    const header = {
      kind: device.kind,
      timeUnit: device.timeUnit,
      ringLog2Max: device.capabilities.sigverify.ringLog2Max,
      mapHash: MAP_HASH,
    };
    const writer = new RecordingWriter(path, header, maxBytes);
    const recording = new RecordingDevice(device, writer);
    try {
      await readCapabilities((offset) => recording.read32(offset));
    } catch (error) {
      writer.close(device.now());
      throw error;
    }
    return recording;
  }

  get kind(): Device['kind'] {
    return this.#device.kind;
  }

  get timeUnit(): Device['timeUnit'] {
    return this.#device.timeUnit;
  }

  get capabilities(): Capabilities {
    return this.#device.capabilities;
  }

  async read32(offset: number): Promise<number> {
    try {
      const value = await this.#device.read32(offset);
      this.#add({ type: 'read', offset, value });
      this.#look();
      return value;
    } catch (error) {
      this.#add({ type: 'failure', message: (error as Error).message });
      throw error;
    }
  }

  write32(offset: number, value: number): void {
    this.#look();
    const events = this.#rings.get(offset & BLOCK_MASK)?.write(offset & ~BLOCK_MASK, value >>> 0);
    for (const event of events ?? []) this.#add(event);
    this.#add({ type: 'write', offset, value: value >>> 0 });
    this.#device.write32(offset, value);
  }

  alloc(bytes: number): DmaMemory {
    const memory = this.#device.alloc(bytes);
    this.#memory.add(memory);
    this.#add({ type: 'alloc', address: memory.address, bytes });
    return memory;
  }

  now(): number {
    return this.#device.now();
  }

  async waitIrq(until?: number, keepAlive?: boolean): Promise<Wake> {
    this.#writer.flush();
    const wake = await this.#device.waitIrq(until, keepAlive);
    if (!this.#closed) {
      this.#add({ type: 'wake', wake });
      this.#look();
    }
    return wake;
  }

  rearm(until?: number, keepAlive?: boolean): void {
    this.#device.rearm(until, keepAlive);
  }

  counters(): Promise<DeviceCounters> {
    return readCounters(this);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Memory is gone afterwards.
    this.#look();
    this.#writer.close(this.#device.now());
    await this.#device.close();
  }

  /** Whatever the card has completed. */
  #look(): void {
    if (this.#closed) return;
    for (const ring of this.#rings.values()) {
      for (const completion of ring.look()) this.#add(completion);
    }
  }

  #add(event: RecordedEvent): void {
    if (!this.#closed) this.#writer.add(event, this.#device.now());
  }
}
