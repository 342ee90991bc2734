// SPDX-License-Identifier: Apache-2.0

import { openBackend } from '../src/cli/backends.ts';
import { askPart, makeWorkload } from '../src/cli/bench/workload.ts';
import { type Accelerator, SimDevice } from '../src/driver/index.ts';

/** Signatures of one call, one call at a time. */
export const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

/** Least time and least calls per point. */
const MIN_SECONDS = 0.15;

/** A backend's throughput at each of `BATCH_SIZES`. */
export interface BatchCurve {
  readonly backend: string;
  /** Wall clock: signatures a second, one thread, one batch at a time. */
  readonly wallPerSecond: readonly number[];
  /** Design: cycles from submission to completion of a batch, per signature; null without a card. */
  readonly cyclesPerSignature: readonly number[] | null;
}

async function measurePoint(accelerator: Accelerator, size: number, signal: AbortSignal) {
  const workload = await makeWorkload('verify', size);
  const { device } = accelerator;
  const busy = async () => Number((await device?.counters())?.busyCycles ?? 0);
  await askPart(accelerator, workload, 0, Math.min(size, 16));
  const busyBefore = await busy();
  const start = performance.now();
  let signatures = 0;
  do {
    signal.throwIfAborted();
    await askPart(accelerator, workload, 0, size);
    signatures += size;
  } while (performance.now() - start < 1000 * MIN_SECONDS);
  const seconds = (performance.now() - start) / 1000;
  return {
    wallPerSecond: signatures / seconds,
    cyclesPerSignature: ((await busy()) - busyBefore) / signatures,
  };
}

/** Measures throughput against the size of a batch, each backend with one thread. */
export async function measureBatchSizes(
  backends: readonly ('software' | 'native' | 'verilator')[],
  signal: AbortSignal,
  onStep: (text: string, fraction: number) => void,
): Promise<BatchCurve[]> {
  const curves: BatchCurve[] = [];
  for (const backend of backends) {
    const accelerator = await openBackend(backend, { threads: 1 });
    try {
      const points = [];
      for (const size of BATCH_SIZES) {
        onStep(`batches of ${size}: ${backend}`, curves.length / backends.length);
        points.push(await measurePoint(accelerator, size, signal));
      }
      curves.push({
        backend,
        wallPerSecond: points.map((point) => point.wallPerSecond),
        cyclesPerSignature:
          accelerator.device instanceof SimDevice
            ? points.map((point) => point.cyclesPerSignature)
            : null,
      });
    } finally {
      await accelerator.close();
    }
  }
  return curves;
}
