// SPDX-License-Identifier: Apache-2.0

import { availableParallelism } from 'node:os';
import { AccelError, abortError, requireArgument } from '../errors.ts';
import { type Pointer, type Watch, watchDescriptor } from '../ffi.ts';
import type { BackendAnswer, BackendJob, SignatureBackend } from '../signatures/contract.ts';
import { KEY_BYTES } from '../signatures/records.ts';
import {
  FLAG_ALLOW_HIGH_S,
  type NativeFunctions,
  OPERATION,
  openNativeLibrary,
  STATUS_OK,
} from './library.ts';

/** Finished batches fetched in one call. */
const COLLECT = 64;

/** Options of the native backend. */
export interface NativeOptions {
  /** Threads of the pool (default: one per processor). */
  readonly threads?: number;
}

interface Pending {
  readonly resolve: (answer: BackendAnswer) => void;
  readonly reject: (error: AccelError) => void;
  readonly job: BackendJob;
  readonly onAbort: () => void;
}

/** ECDSA by libsecp256k1 in a native thread pool; one call per batch, completion as an event. */
export class NativeBackend implements SignatureBackend {
  readonly name = 'native';
  readonly #call: Readonly<NativeFunctions>;
  readonly #engine: Pointer;
  readonly #watch: Watch;
  readonly #pending = new Map<number, Pending>();
  readonly #ids = new Uint32Array(COLLECT);
  #nextId = 0;
  #closed = false;

  /** @throws {AccelError} `ACCEL_UNAVAILABLE`, `ACCEL_ARGUMENT`. */
  constructor({ threads = availableParallelism() }: NativeOptions = {}) {
    requireArgument(
      Number.isInteger(threads) && threads >= 1 && threads <= 1024,
      `threads: expected an integer from 1 to 1024, got ${threads}`,
    );
    this.#call = openNativeLibrary().sync;
    const out = new BigUint64Array(1);
    const status = this.#call.hpbnative_open(threads, out);
    if (status !== STATUS_OK) {
      throw new AccelError(
        'ACCEL_UNAVAILABLE',
        `cannot start ${threads} threads: status ${status}`,
      );
    }
    this.#engine = out[0]!;
    const descriptor = this.#call.hpbnative_event_fd(this.#engine);
    this.#watch = watchDescriptor(descriptor, () => this.#collect());
    this.#watch.unref();
  }

  run(job: BackendJob): Promise<BackendAnswer> {
    if (this.#closed) return Promise.reject(closedError());
    const { operation, records, checked, allowHighS, signal } = job;
    return new Promise((resolve, reject) => {
      const id = this.#freeId();
      const status = this.#call.hpbnative_submit(
        this.#engine,
        id,
        OPERATION[operation],
        allowHighS ? FLAG_ALLOW_HIGH_S : 0,
        records,
        checked.length,
      );
      if (status !== STATUS_OK) {
        reject(new AccelError('ACCEL_DEVICE', `native backend refused a batch: status ${status}`));
        return;
      }
      const onAbort = () => this.#abort(id);
      this.#pending.set(id, { resolve, reject, job, onAbort });
      signal?.addEventListener('abort', onAbort, { once: true });
      if (this.#pending.size === 1) this.#watch.ref();
    });
  }

  #freeId(): number {
    while (this.#pending.has(this.#nextId)) this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    return id;
  }

  #collect(): void {
    let count: number;
    do {
      count = this.#call.hpbnative_collect(this.#engine, this.#ids, COLLECT);
      for (const id of this.#ids.subarray(0, count)) this.#finish(id);
    } while (count === COLLECT);
  }

  #finish(id: number): void {
    const pending = this.#settle(id);
    if (!pending) return;
    const { operation, checked } = pending.job;
    const reasons = new Uint8Array(checked.length);
    const keys = operation === 'recover' ? new Uint8Array(checked.length * KEY_BYTES) : null;
    const status = this.#call.hpbnative_take(this.#engine, id, reasons, keys);
    if (status === STATUS_OK) pending.resolve(keys ? { reasons, keys } : { reasons });
    else pending.reject(new AccelError('ACCEL_DEVICE', `native backend lost a batch: ${status}`));
  }

  #abort(id: number): void {
    const pending = this.#settle(id);
    if (!pending) return;
    this.#call.hpbnative_cancel(this.#engine, id);
    pending.reject(abortError(pending.job.signal!));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    pending.job.signal?.removeEventListener('abort', pending.onAbort);
    if (this.#pending.size === 0) this.#watch.unref();
    return pending;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(closedError());
    this.#watch.close();
    this.#call.hpbnative_close(this.#engine);
  }
}

function closedError(): AccelError {
  return new AccelError('ACCEL_CLOSED', 'the accelerator was closed');
}
