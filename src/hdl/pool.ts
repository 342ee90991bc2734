// SPDX-License-Identifier: Apache-2.0

import { availableParallelism } from 'node:os';

export interface PoolOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many at once; as many as there are processors unless given. */
  readonly workers?: number;
}

/**
 * Runs a job for each item, as many at once as there are processors. An abort starts no further job.
 *
 * @returns results in the order of the items.
 * @throws what the first job that failed threw, or the signal's reason.
 */
export async function runPool<T, R>(
  items: readonly T[],
  job: (item: T) => Promise<R>,
  { signal, workers = availableParallelism() }: PoolOptions = {},
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) {
      signal?.throwIfAborted();
      results[index] = await job(item);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
}
