// SPDX-License-Identifier: Apache-2.0
// libhpbpcie as TypeScript sees it; native/include/hpbpcie.h is the reference.

import { existsSync } from 'node:fs';
import { AccelError } from '../errors.ts';
import { type Library, openLibrary, type Pointer } from '../ffi.ts';
import { nativeLibrary } from '../paths.ts';

/** The ABI that this file is written for. */
const ABI_VERSION = 1;

/** The functions of libhpbpcie. */
export interface PcieFunctions {
  hpbpcie_abi_version(): number;
  hpbpcie_open(
    address: string,
    root: string,
    timeoutMs: number,
    out: BigUint64Array,
    message: Uint8Array,
    messageBytes: number,
  ): number;
  hpbpcie_event_fd(device: Pointer): number;
  hpbpcie_take_interrupts(device: Pointer): number;
  hpbpcie_is_mapped(device: Pointer): number;
  hpbpcie_read32(device: Pointer, offset: number, value: Uint32Array): number;
  hpbpcie_write32(device: Pointer, offset: number, value: number): number;
  hpbpcie_alloc(
    device: Pointer,
    bytes: number,
    pointer: BigUint64Array,
    bus: BigUint64Array,
  ): number;
  hpbpcie_failure(device: Pointer, message: Uint8Array, messageBytes: number): void;
  hpbpcie_close(device: Pointer): void;
}

const PROTOTYPES: Record<keyof PcieFunctions, string> = {
  hpbpcie_abi_version: 'uint32_t hpbpcie_abi_version(void)',
  hpbpcie_open:
    'int hpbpcie_open(const char *address, const char *root, uint32_t timeout_ms, void *out, void *message, uint32_t message_bytes)',
  hpbpcie_event_fd: 'int32_t hpbpcie_event_fd(void *device)',
  hpbpcie_take_interrupts: 'uint32_t hpbpcie_take_interrupts(void *device)',
  hpbpcie_is_mapped: 'uint32_t hpbpcie_is_mapped(void *device)',
  hpbpcie_read32: 'int hpbpcie_read32(void *device, uint32_t offset, void *value)',
  hpbpcie_write32: 'int hpbpcie_write32(void *device, uint32_t offset, uint32_t value)',
  hpbpcie_alloc: 'int hpbpcie_alloc(void *device, uint64_t bytes, void *pointer, void *bus)',
  hpbpcie_failure: 'void hpbpcie_failure(void *device, void *message, uint32_t message_bytes)',
  hpbpcie_close: 'void hpbpcie_close(void *device)',
};

/** hpbpcie_status. */
export const PCIE_OK = 0;
/** hpbpcie_status of a card that is not there or may not be used. */
export const PCIE_UNAVAILABLE = 3;

/** Longest message. */
const MESSAGE_BYTES = 1024;

/** What a call says in words, NUL-terminated. */
export function messageOf(call: (message: Uint8Array, bytes: number) => void): string {
  const message = new Uint8Array(MESSAGE_BYTES);
  call(message, MESSAGE_BYTES);
  return Buffer.from(message.subarray(0, message.indexOf(0))).toString();
}

/**
 * Opens libhpbpcie.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` when it is not built, does not load, or is another ABI.
 */
export function openPcieLibrary(): Library<PcieFunctions> {
  const path = nativeLibrary('libhpbpcie.so');
  if (!existsSync(path)) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} is missing: run \`make build\``);
  }
  let library: Library<PcieFunctions>;
  try {
    library = openLibrary<PcieFunctions>(path, PROTOTYPES);
  } catch (cause) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} does not load: ${cause}`, { cause });
  }
  const version = library.sync.hpbpcie_abi_version();
  if (version !== ABI_VERSION) {
    const message = `${path} has ABI ${version}, expected ${ABI_VERSION}: run \`make build\``;
    throw new AccelError('ACCEL_UNAVAILABLE', message);
  }
  return library;
}
