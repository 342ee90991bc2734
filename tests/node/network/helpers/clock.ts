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

  /** As when the machine slept: what was due meanwhile runs once, late. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of this.#timers) timer.due = this.#now;
    this.advance(0);
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

/** Only a test that fails waits so long. */
const PATIENCE = 20_000;

/** Lets the machine's connections do what they have to, until something holds. */
export async function until(holds: () => boolean, step?: () => void): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${holds}`);
    step?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Steps the clock a second at a time, and lets the machine's connections follow. */
export async function pass(clock: ManualClock, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    clock.advance(Math.min(1_000, milliseconds - passed));
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}
