// SPDX-License-Identifier: Apache-2.0
// libhpbnative as TypeScript sees it; native/include/hpbnative.h is the reference.

import { existsSync } from 'node:fs';
import { AccelError } from '../errors.ts';
import { type Library, openLibrary, type Pointer } from '../ffi.ts';
import { nativeLibrary } from '../paths.ts';

/** The ABI that this file is written for. */
const ABI_VERSION = 1;

/** The functions of libhpbnative. */
export interface NativeFunctions {
  hpbnative_abi_version(): number;
  hpbnative_open(threads: number, out: BigUint64Array): number;
  hpbnative_event_fd(engine: Pointer): number;
  hpbnative_submit(
    engine: Pointer,
    id: number,
    op: number,
    flags: number,
    records: Uint8Array,
    count: number,
  ): number;
  hpbnative_collect(engine: Pointer, ids: Uint32Array, capacity: number): number;
  hpbnative_take(engine: Pointer, id: number, reasons: Uint8Array, keys: Uint8Array | null): number;
  hpbnative_cancel(engine: Pointer, id: number): void;
  hpbnative_close(engine: Pointer): void;
}

const PROTOTYPES: Record<keyof NativeFunctions, string> = {
  hpbnative_abi_version: 'uint32_t hpbnative_abi_version(void)',
  hpbnative_open: 'int hpbnative_open(uint32_t threads, void *out)',
  hpbnative_event_fd: 'int32_t hpbnative_event_fd(void *engine)',
  hpbnative_submit:
    'int hpbnative_submit(void *engine, uint32_t id, uint32_t op, uint32_t flags, void *records, uint32_t count)',
  hpbnative_collect: 'uint32_t hpbnative_collect(void *engine, void *ids, uint32_t capacity)',
  hpbnative_take: 'int hpbnative_take(void *engine, uint32_t id, void *reasons, void *keys)',
  hpbnative_cancel: 'void hpbnative_cancel(void *engine, uint32_t id)',
  hpbnative_close: 'void hpbnative_close(void *engine)',
};

/** Status of a call that went well, and the operations and flags, as in the header. */
export const STATUS_OK = 0;
export const OPERATION = { verify: 1, recover: 2 } as const;
export const FLAG_ALLOW_HIGH_S = 1;

/**
 * Opens libhpbnative.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` when it is not built, does not load, or is another ABI.
 */
export function openNativeLibrary(): Library<NativeFunctions> {
  const path = nativeLibrary('libhpbnative.so');
  if (!existsSync(path)) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} is missing: run \`make build\``);
  }
  let library: Library<NativeFunctions>;
  try {
    library = openLibrary<NativeFunctions>(path, PROTOTYPES);
  } catch (cause) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} does not load: ${cause}`, { cause });
  }
  const version = library.sync.hpbnative_abi_version();
  if (version !== ABI_VERSION) {
    const message = `${path} has ABI ${version}, expected ${ABI_VERSION}: run \`make build\``;
    throw new AccelError('ACCEL_UNAVAILABLE', message);
  }
  return library;
}
