// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from '../protocol/types.ts';

/** How much of something is allowed. */
export interface Rate {
  readonly perSecond: number;
  /** What may come at once after silence. */
  readonly burst: number;
}

/** Fills at a rate, up to its burst; full at first. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: Milliseconds;

  constructor(rate: Rate, now: Milliseconds) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes tokens, if there are so many; what costs more than the burst takes a full bucket. */
  take(cost: number, now: Milliseconds): boolean {
    this.#fill(now);
    const price = Math.min(cost, this.#rate.burst);
    if (this.#tokens < price) return false;
    this.#tokens -= price;
    return true;
  }

  /** As full as if it had never been used: it can be forgotten. */
  isFull(now: Milliseconds): boolean {
    this.#fill(now);
    return this.#tokens >= this.#rate.burst;
  }

  #fill(now: Milliseconds): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * perSecond) / 1000);
  }
}
