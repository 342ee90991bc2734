// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '../../../../src/node/network/index.ts';

/** Time that stands still until it is stepped. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<{ readonly every: number; due: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, run: () => void): () => void {
    const timer = { every: milliseconds, due: this.#now + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs everything that is due, in order of time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].sort((a, b) => a.due - b.due)[0];
      if (!due || due.due > end) break;
      this.#now = Math.max(this.#now, due.due);
      due.due += due.every;
      due.run();
    }
    this.#now = end;
  }
}

/** Lets the machine's connections do what they have to, until something holds. */
export async function until(holds: () => boolean, step?: () => void): Promise<void> {
  while (!holds()) {
    step?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
