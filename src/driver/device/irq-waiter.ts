// SPDX-License-Identifier: Apache-2.0

import { requireArgument } from '../errors.ts';
import { type Watch, watchDescriptor } from '../ffi.ts';
import type { Wake } from './device.ts';

/**
 * Who waits for a device's interrupt, one at a time, and the descriptor that tells of it.
 *
 * The process stays alive for it only while somebody waits who wants that.
 */
export class IrqWaiter {
  readonly #watch: Watch;
  #resolve: ((wake: Wake) => void) | undefined;

  /** @param onReadable - the descriptor has something to tell. */
  constructor(descriptor: number, onReadable: () => void) {
    this.#watch = watchDescriptor(descriptor, onReadable);
    this.#watch.unref();
  }

  get waits(): boolean {
    return this.#resolve !== undefined;
  }

  /** Settles with what `wake` is told. @throws {AccelError} `ACCEL_ARGUMENT` when somebody waits. */
  wait(): Promise<Wake> {
    requireArgument(!this.waits, 'waitIrq: somebody waits already');
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  keepAlive(yes: boolean): void {
    if (yes) this.#watch.ref();
    else this.#watch.unref();
  }

  wake(wake: Wake): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#watch.unref();
    resolve?.(wake);
  }

  close(): void {
    this.#watch.close();
  }
}
