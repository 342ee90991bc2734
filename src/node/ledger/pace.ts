// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work before others get a turn. */
const STRETCH = 25;

/** Lets the event loop turn between pieces of long work. */
export class Pace {
  #began = performance.now();

  /** Whether it is time. */
  get due(): boolean {
    return performance.now() - this.#began > STRETCH;
  }

  /** Lets others run. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#began = performance.now();
  }

  /** Slices of a list, with a rest between them where one is due. */
  async *slices<T>(items: readonly T[], size: number): AsyncIterable<readonly T[]> {
    for (let at = 0; at < items.length; at += size) {
      if (this.due) await this.rest();
      yield items.slice(at, at + size);
    }
  }
}
