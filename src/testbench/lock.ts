// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Age in ms after which a lock without an owner's mark is taken to be abandoned. */
const UNMARKED_STALE_MS = 5_000;
const POLL_MS = 40;

/**
 * Runs `body` while no other process holds the same lock: two test files never build one model twice.
 *
 * The lock is a folder with its owner's process id; one left by a killed process is removed.
 */
export async function withLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await acquire(path))) {
    if (await isAbandoned(path)) await rm(path, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await body();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(path, 'pid'), String(process.pid));
  return true;
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(join(path, 'pid'), 'utf8'));
    if (pid > 0) return !isRunning(pid);
    return Date.now() - (await stat(path)).mtimeMs > UNMARKED_STALE_MS;
  } catch {
    // The mark is written just after the folder: without one, only age tells.
    const created = await stat(path).catch(() => undefined);
    return created !== undefined && Date.now() - created.mtimeMs > UNMARKED_STALE_MS;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
