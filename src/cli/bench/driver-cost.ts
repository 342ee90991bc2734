// SPDX-License-Identifier: Apache-2.0

import { type Accelerator, SimDevice } from '../../driver/index.ts';
import { askPart, type Workload } from './workload.ts';

/** Batch sizes at which the driver's cost is measured. */
export const COST_BATCHES = [64, 256, 1024] as const;
/** One batch at a time hides nothing; with two, one waits on the card while the other is handled. */
export const COST_IN_FLIGHT = [1, 2] as const;

/** Before the first measure, for the compiler of this JavaScript; least time per batch size. */
const WARM_SECONDS = 1;
const MIN_SECONDS = 0.5;

/** What driver, FFI and waking up cost around the simulated signature engine. */
export interface DriverCost {
  readonly batch: number;
  /** Batches in flight at a time. */
  readonly inFlight: number;
  /**
   * Part of the wall-clock time, 0 to 1, in which no cycle with a job in the engine was simulated;
   * the card's own fetching and writing counts as cost, too.
   */
  readonly share: number;
  /** Wall-clock microseconds of that per batch. */
  readonly microsecondsPerBatch: number;
}

/**
 * Measures the cost of everything around the engine. A workload smaller than a batch is repeated.
 *
 * @returns nothing for a backend that is not simulated.
 */
export async function measureDriverCost(
  accelerator: Accelerator,
  workload: Workload,
  signal: AbortSignal,
): Promise<DriverCost[]> {
  const { device } = accelerator;
  if (!(device instanceof SimDevice)) return [];
  const costs: DriverCost[] = [];
  const warm = performance.now() + 1000 * WARM_SECONDS;
  while (performance.now() < warm) {
    signal.throwIfAborted();
    await askPart(accelerator, repeatTo(workload, COST_BATCHES[0]), 0, COST_BATCHES[0]);
  }
  for (const batch of COST_BATCHES) {
    const repeated = repeatTo(workload, batch);
    for (const inFlight of COST_IN_FLIGHT) {
      await askPart(accelerator, repeated, 0, batch);
      const busyBefore = (await device.counters()).busyCycles;
      const before = device.simCounters();
      const start = performance.now();
      let batches = 0;
      const lane = async () => {
        while (performance.now() - start < 1000 * MIN_SECONDS) {
          signal.throwIfAborted();
          await askPart(accelerator, repeated, 0, batch);
          batches++;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
      const wall = 1e6 * (performance.now() - start);
      const after = device.simCounters();
      const busy = Number((await device.counters()).busyCycles - busyBefore);
      const nsPerCycle = (after.awakeNs - before.awakeNs) / (after.cycles - before.cycles);
      const outside = Math.max(0, wall - busy * nsPerCycle);
      const microsecondsPerBatch = outside / batches / 1000;
      costs.push({ batch, inFlight, share: outside / wall, microsecondsPerBatch });
    }
  }
  return costs;
}

function repeatTo(workload: Workload, count: number): Workload {
  if (workload.count >= count) return workload;
  const times = Math.ceil(count / workload.count);
  const repeat = (bytes: Uint8Array) => Buffer.concat(Array<Uint8Array>(times).fill(bytes));
  return {
    ...workload,
    count: workload.count * times,
    corrupted: repeat(workload.corrupted),
    records: repeat(workload.records),
    reasons: repeat(workload.reasons),
    keys: repeat(workload.keys),
  };
}
