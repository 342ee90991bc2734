// SPDX-License-Identifier: Apache-2.0
import type { Random } from './random.ts';

/**
 * When a stream pauses: the probability of a pause in each cycle, or a function asked each cycle, true
 * for a pause.
 */
export type Pause = number | (() => boolean);

/** Decides about one cycle. */
export function isPaused(pause: Pause, random: Random): boolean {
  if (typeof pause === 'function') return pause();
  return pause > 0 && random.chance(pause);
}

/**
 * Pauses in bursts: runs of busy and of idle cycles of random length, which fill and drain what single
 * pauses never do.
 *
 * @param busy - longest run of cycles without a pause.
 * @param idle - longest pause in cycles.
 */
export function bursts(random: Random, { busy = 16, idle = 16 } = {}): () => boolean {
  let isIdle = false;
  let remaining = 0;
  return () => {
    while (remaining === 0) {
      isIdle = !isIdle;
      remaining = random.int(0, isIdle ? idle : busy);
      if (idle === 0 && busy === 0) return false;
    }
    remaining--;
    return isIdle;
  };
}
