// SPDX-License-Identifier: Apache-2.0

/** Memory that the host and the card both see, zeroed, until the device is closed. */
export interface DmaMemory {
  /** The host's side, without a copy. Not to be touched after the device was closed. */
  readonly bytes: Uint8Array;
  /** The card's side: bus address of the first byte, a multiple of 4096. */
  readonly address: bigint;
}

/** Why a wait ended. */
export type Wake = 'interrupt' | 'timeout' | 'closed';

/** What the card says about itself. */
export interface Capabilities {
  /** Version of the register map. */
  readonly version: { readonly major: number; readonly minor: number };
  /** Register-map hash, 16 hexadecimal digits; equal to the driver's, or the device does not open. */
  readonly mapHash: string;
  /** Engines that were built in. */
  readonly engines: {
    readonly sigverify: boolean;
    readonly toe: boolean;
    readonly broadcast: boolean;
  };
  /** How the signature engine was built. */
  readonly sigverify: {
    /** Cores, each with a multiplier of its own. */
    readonly engines: number;
    /** Signatures interleaved on one core. */
    readonly contexts: number;
    /** Cycles between two products of one multiplier. */
    readonly multiplierInterval: number;
    /** Window of the generator's table, in bits. */
    readonly generatorWindow: number;
    /** Batches worked on at the same time. */
    readonly batches: number;
    /** Largest ring, as a power of two. */
    readonly ringLog2Max: number;
  };
}

/** Counters of the card; the 32-bit ones wrap. */
export interface DeviceCounters {
  /** Clock cycles since power on. */
  readonly cycles: bigint;
  /** Multiplications started by all cores of the signature engine. */
  readonly multiplications: bigint;
  /** Cycles in which a job was inside the signature engine. */
  readonly busyCycles: bigint;
  readonly jobs: number;
  readonly results: number;
  readonly valid: number;
  readonly completions: number;
  readonly busErrors: number;
  readonly badDescriptors: number;
}

/**
 * A card, emulated or real: registers, shared memory, interrupts, time.
 *
 * Time is in the device's own unit: cycles on a simulation, nanoseconds on a board.
 */
export interface Device {
  readonly kind: 'verilator' | 'pcie';
  readonly timeUnit: 'cycles' | 'nanoseconds';
  readonly capabilities: Capabilities;

  /**
   * Reads a register, after all writes before it.
   *
   * @param offset - a multiple of 4 below 64 KiB.
   * @returns 32 bits; all ones when the card is gone.
   * @throws {AccelError} rejects with `ACCEL_DEVICE` (bus error, no answer), `ACCEL_CLOSED`.
   */
  read32(offset: number): Promise<number>;

  /** Writes a register: posted, in order, without waiting. @throws {AccelError} `ACCEL_CLOSED`. */
  write32(offset: number, value: number): void;

  /** Allocates memory for DMA. @throws {AccelError} `ACCEL_DEVICE`, `ACCEL_CLOSED`. */
  alloc(bytes: number): DmaMemory;

  /** Device time. */
  now(): number;

  /**
   * Waits for the interrupt line to rise, or until a device time. One waiter at a time; a rise
   * while nobody waits ends the next wait at once.
   *
   * @param until - device time; without it only an interrupt or `close` ends the wait.
   * @param keepAlive - whether the wait keeps the process alive (default).
   */
  waitIrq(until?: number, keepAlive?: boolean): Promise<Wake>;

  /** Changes until when the wait under way lasts; nothing without one. Parameters as of `waitIrq`. */
  rearm(until?: number, keepAlive?: boolean): void;

  /** Reads all counters of the card. @throws {AccelError} as `read32`. */
  counters(): Promise<DeviceCounters>;

  /** Powers down; a wait ends with `closed`. Idempotent. */
  close(): Promise<void>;
}
