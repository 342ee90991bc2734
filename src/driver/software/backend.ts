// SPDX-License-Identifier: Apache-2.0

import { availableParallelism } from 'node:os';
import { abortError, requireArgument } from '../errors.ts';
import type { BackendAnswer, BackendJob, SignatureBackend } from '../signatures/contract.ts';
import { KEY_BYTES, recordBytes } from '../signatures/records.ts';
import { WorkerPool } from './pool.ts';

/** Records a worker gets at a time: some 40 ms of work, so that threads end together. */
const CHUNK_RECORDS = 16;

/** Options of the software backend. */
export interface SoftwareOptions {
  /** Worker threads (default: one per processor). One thread makes fair comparisons. */
  readonly threads?: number;
}

/** ECDSA in JavaScript (@noble/secp256k1), off the event loop, spread over worker threads. */
export class SoftwareBackend implements SignatureBackend {
  readonly name = 'software';
  readonly #pool: WorkerPool;

  constructor({ threads = availableParallelism() }: SoftwareOptions = {}) {
    requireArgument(
      Number.isInteger(threads) && threads >= 1 && threads <= 1024,
      `threads: expected an integer from 1 to 1024, got ${threads}`,
    );
    this.#pool = new WorkerPool(threads);
  }

  async run(job: BackendJob): Promise<BackendAnswer> {
    const { operation, records, checked, signal } = job;
    const size = recordBytes(operation);
    const count = checked.length;
    const chunk = Math.min(CHUNK_RECORDS, Math.ceil(count / this.#pool.size));
    const reasons = new Uint8Array(count);
    const keys = new Uint8Array(operation === 'recover' ? count * KEY_BYTES : 0);
    const parts: Promise<void>[] = [];
    for (let from = 0; from < count; from += chunk) {
      const to = Math.min(from + chunk, count);
      const request = () => ({
        operation,
        // A copy, which the pool gives away; a Buffer's own slice() would be none.
        records: new Uint8Array(records.subarray(from * size, to * size)),
        checked: checked.slice(from, to),
      });
      parts.push(
        this.#pool.run(request, signal).then((answer) => {
          reasons.set(answer.reasons, from);
          if (operation === 'recover') keys.set(answer.keys, from * KEY_BYTES);
        }),
      );
    }
    const settled = await Promise.allSettled(parts);
    if (signal?.aborted) throw abortError(signal);
    for (const part of settled) if (part.status === 'rejected') throw part.reason;
    return { reasons, keys };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
