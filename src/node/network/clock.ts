// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from '../protocol/types.ts';

/** Time for everything that waits; tests put one in its place that they step. */
export interface Clock {
  /** Milliseconds, never going back. */
  now(): Milliseconds;
  /** Calls `run` every so often; returns what stops it. */
  every(milliseconds: number, run: () => void): () => void;
}

/** The machine's monotonic clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  every(milliseconds, run) {
    const timer = setInterval(run, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
