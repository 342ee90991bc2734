// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AccelError, abortError } from '../errors.ts';
import { compiledUrl } from '../paths.ts';
import type { Operation } from '../signatures/records.ts';

/** Records for one worker to answer. */
export interface ChunkRequest {
  readonly operation: Operation;
  readonly records: Uint8Array;
  readonly checked: Uint8Array;
}

/** What the worker answers: reasons, and keys for recover. */
export interface ChunkAnswer {
  readonly reasons: Uint8Array;
  readonly keys: Uint8Array;
}

interface Task {
  /** Made when a worker is free: the records are copied then, not earlier. */
  readonly request: () => ChunkRequest;
  readonly resolve: (answer: ChunkAnswer) => void;
  readonly reject: (error: AccelError) => void;
  /** Fired: the task is dropped instead of started. */
  readonly signal: AbortSignal | undefined;
}

/** Worker threads that take chunks from one queue, one each at a time. */
export class WorkerPool {
  readonly size: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();
  readonly #queue: Task[] = [];
  #workers: Worker[] = [];
  #failure: AccelError | undefined;

  /** @throws {AccelError} `ACCEL_UNAVAILABLE` when the compiled worker is missing. */
  constructor(size: number) {
    this.size = size;
    const url = compiledUrl(new URL('./worker.ts', import.meta.url));
    if (!existsSync(url)) {
      throw new AccelError(
        'ACCEL_UNAVAILABLE',
        `${fileURLToPath(url)} is missing: run \`make build\``,
      );
    }
    for (let i = 0; i < size; i++) this.#start(url);
  }

  #start(url: URL): void {
    const worker = new Worker(url);
    worker.on('message', (answer: ChunkAnswer) => {
      const task = this.#busy.get(worker);
      this.#release(worker);
      task?.resolve(answer);
      this.#dispatch();
    });
    worker.on('error', (cause) => {
      this.#fail(new AccelError('ACCEL_DEVICE', `a worker thread failed: ${cause}`, { cause }));
    });
    worker.on('exit', (code) => {
      this.#fail(new AccelError('ACCEL_DEVICE', `a worker thread ended with code ${code}`));
    });
    // An idle pool must not keep the process alive; a chunk under way does.
    worker.unref();
    this.#workers.push(worker);
    this.#idle.push(worker);
  }

  #release(worker: Worker): void {
    this.#busy.delete(worker);
    worker.unref();
    this.#idle.push(worker);
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const task = this.#queue.shift()!;
      if (task.signal?.aborted) {
        task.reject(abortError(task.signal));
        continue;
      }
      const worker = this.#idle.pop()!;
      const request = task.request();
      this.#busy.set(worker, task);
      worker.ref();
      worker.postMessage(request, [
        request.records.buffer as ArrayBuffer,
        request.checked.buffer as ArrayBuffer,
      ]);
    }
  }

  /** One worker gone: nothing it was asked will be answered, and the pool is over. */
  #fail(error: AccelError): void {
    this.#failure ??= error;
    const tasks = [...this.#busy.values(), ...this.#queue];
    this.#busy.clear();
    this.#queue.length = 0;
    for (const task of tasks) task.reject(this.#failure);
  }

  /**
   * Queues a chunk.
   *
   * @param request - called when a worker takes the chunk; its buffers are transferred.
   * @param signal - drops the chunk when it fires before a worker took it.
   */
  run(request: () => ChunkRequest, signal?: AbortSignal): Promise<ChunkAnswer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject, signal });
      this.#dispatch();
    });
  }

  /** Ends the threads; everything under way rejects with `ACCEL_CLOSED`. Idempotent. */
  async close(): Promise<void> {
    this.#fail(new AccelError('ACCEL_CLOSED', 'the accelerator was closed'));
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
