// SPDX-License-Identifier: Apache-2.0
// libhpbcard as TypeScript sees it; native/include/hpbcard.h is the reference.

import { existsSync } from 'node:fs';
import { AccelError } from '../errors.ts';
import { type Library, openLibrary, type Pointer } from '../ffi.ts';

/** The ABI that this file is written for. */
const ABI_VERSION = 2;

/** The functions of libhpbcard. */
export interface CardFunctions {
  hpbcard_abi_version(): number;
  hpbcard_has_waves(): number;
  hpbcard_has_toe(): number;
  hpbcard_open(
    mode: number,
    seed: bigint,
    latency: number,
    stallPercent: number,
    cyclesPerMs: number,
    waves: string | null,
    out: BigUint64Array,
  ): number;
  hpbcard_event_fd(device: Pointer): number;
  hpbcard_take_events(device: Pointer): number;
  hpbcard_read32(device: Pointer, offset: number, value: Uint32Array): number;
  hpbcard_write32(device: Pointer, offset: number, value: number): number;
  hpbcard_alloc(
    device: Pointer,
    bytes: number,
    pointer: BigUint64Array,
    bus: BigUint64Array,
  ): number;
  hpbcard_now(device: Pointer): number | bigint;
  hpbcard_arm(device: Pointer, cycle: number): number;
  hpbcard_step(device: Pointer, cycles: number): number;
  hpbcard_inject(device: Pointer, fault: number, count: number, value: bigint): number;
  hpbcard_read_counters(device: Pointer, counters: BigUint64Array): void;
  hpbcard_attach(
    device: Pointer,
    link: string,
    pcap: string | null,
    impairment: string | null,
    error: Uint8Array,
    errorBytes: number,
  ): number;
  hpbcard_read_link_counters(device: Pointer, counters: BigUint64Array): void;
  hpbcard_link_error(device: Pointer, error: Uint8Array, errorBytes: number): number;
  hpbcard_close(device: Pointer): void;
}

const PROTOTYPES: Record<keyof CardFunctions, string> = {
  hpbcard_abi_version: 'uint32_t hpbcard_abi_version(void)',
  hpbcard_has_waves: 'uint32_t hpbcard_has_waves(void)',
  hpbcard_has_toe: 'uint32_t hpbcard_has_toe(void)',
  hpbcard_open:
    'int hpbcard_open(uint32_t mode, uint64_t seed, uint32_t latency, uint32_t stall_percent, uint32_t cycles_per_ms, const char *waves, void *out)',
  hpbcard_event_fd: 'int32_t hpbcard_event_fd(void *device)',
  hpbcard_take_events: 'uint32_t hpbcard_take_events(void *device)',
  hpbcard_read32: 'int hpbcard_read32(void *device, uint32_t offset, void *value)',
  hpbcard_write32: 'int hpbcard_write32(void *device, uint32_t offset, uint32_t value)',
  hpbcard_alloc: 'int hpbcard_alloc(void *device, uint64_t bytes, void *pointer, void *bus)',
  hpbcard_now: 'uint64_t hpbcard_now(void *device)',
  hpbcard_arm: 'int hpbcard_arm(void *device, uint64_t cycle)',
  hpbcard_step: 'int hpbcard_step(void *device, uint64_t cycles)',
  hpbcard_inject:
    'int hpbcard_inject(void *device, uint32_t fault, uint32_t count, uint64_t value)',
  hpbcard_read_counters: 'void hpbcard_read_counters(void *device, void *counters)',
  hpbcard_attach:
    'int hpbcard_attach(void *device, const char *link, const char *pcap, const char *impairment, void *error, uint32_t error_bytes)',
  hpbcard_read_link_counters: 'void hpbcard_read_link_counters(void *device, void *counters)',
  hpbcard_link_error:
    'uint32_t hpbcard_link_error(void *device, void *error, uint32_t error_bytes)',
  hpbcard_close: 'void hpbcard_close(void *device)',
};

/** hpbcard_status. */
export const CARD_OK = 0;
/** hpbcard_status of a build without waves, or without a MAC. */
export const CARD_UNSUPPORTED = 6;
/** hpbcard_mode. */
export const MODE = { free: 0, stepped: 1 } as const;
/** HPBCARD_EVENT_*. */
export const EVENT = { irq: 1, alarm: 2, link: 4 } as const;
/** Values of hpbcard_counters. */
export const COUNTERS = 8;
/** Values of hpbcard_link_counters. */
export const LINK_COUNTERS = 9;
/** Room for what a link has to say, in bytes. */
export const ERROR_BYTES = 1024;

/**
 * Opens a build of libhpbcard.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` when it is not built, does not load, or is another ABI.
 */
export function openCardLibrary(path: string): Library<CardFunctions> {
  if (!existsSync(path)) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} is missing: run \`make build\``);
  }
  let library: Library<CardFunctions>;
  try {
    library = openLibrary<CardFunctions>(path, PROTOTYPES);
  } catch (cause) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} does not load: ${cause}`, { cause });
  }
  const version = library.sync.hpbcard_abi_version();
  if (version !== ABI_VERSION) {
    const message = `${path} has ABI ${version}, expected ${ABI_VERSION}: run \`make build\``;
    throw new AccelError('ACCEL_UNAVAILABLE', message);
  }
  return library;
}
