// SPDX-License-Identifier: Apache-2.0

/** Runs one piece of work at a time, in order. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Settles when all that was asked for so far is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
