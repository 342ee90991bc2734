// SPDX-License-Identifier: Apache-2.0

import { availableParallelism } from 'node:os';

/**
 * Runs a job for each item, as many at once as there are processors. An abort starts no further job.
 *
 * @returns results in the order of the items.
 * @throws what the first job that failed threw, or the signal's reason.
 */
export async function runPool<T, R>(
  items: readonly T[],
  job: (item: T) => Promise<R>,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) {
      signal?.throwIfAborted();
      results[index] = await job(item);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
