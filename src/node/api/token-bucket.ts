// SPDX-License-Identifier: Apache-2.0

/** So many a second on average, twice as many at once. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #last: number;

  /** @param now - milliseconds that only grow. */
  constructor(perSecond: number, now = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = 2 * perSecond;
    this.#last = now();
  }

  /** @returns whether there was one left. */
  take(): boolean {
    const now = this.#now();
    const grown = this.#tokens + ((now - this.#last) / 1000) * this.#perSecond;
    this.#tokens = Math.min(2 * this.#perSecond, grown);
    this.#last = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
