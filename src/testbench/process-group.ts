// SPDX-License-Identifier: Apache-2.0
/** Processes that end with all that they have started. */

/**
 * Ends a process that leads a group (`detached`), and the group: Vitest's workers and compilers outlive the one that
 * has started them. None of them has anything to put in order.
 */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * Ends the group of a process when the signal fires, and when this process exits.
 *
 * @param pid - undefined where it could not be started.
 * @returns what is to be called when it has ended.
 */
export function endGroupWith(pid: number | undefined, signal: AbortSignal | undefined): () => void {
  const end = () => endGroup(pid);
  signal?.addEventListener('abort', end);
  process.once('exit', end);
  if (signal?.aborted) end();
  return () => {
    signal?.removeEventListener('abort', end);
    process.off('exit', end);
  };
}
