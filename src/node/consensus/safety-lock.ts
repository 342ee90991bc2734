// SPDX-License-Identifier: Apache-2.0
// One process per safety record: a producer that runs twice contradicts itself.

import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { ConsensusError } from './errors.ts';

/** Lets go of a lock. */
export type ReleaseLock = () => Promise<void>;

/**
 * Makes sure that no other process of this machine uses a safety record.
 *
 * The lock is a socket in Linux's abstract namespace, named after the file: nothing lies on disk, and
 * it is gone with its process, however that ends. Containers with networks of their own do not see
 * each other's. Elsewhere than on Linux it locks nothing.
 *
 * @throws {ConsensusError} `CONSENSUS_SAFETY` while another holds it.
 */
export async function lockSafetyRecord(path: string): Promise<ReleaseLock> {
  if (process.platform !== 'linux') return async () => undefined;
  const file = join(await realpath(dirname(path)), basename(path));
  const name = createHash('sha256').update(file).digest('hex');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message =
        error.code === 'EADDRINUSE'
          ? 'another process signs with this record; stop it first'
          : `cannot be locked (${error.code})`;
      reject(new ConsensusError('CONSENSUS_SAFETY', `${path}: ${message}`, { cause: error }));
    });
    server.listen({ path: `\0hpb-safety-${name}` }, resolve);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
