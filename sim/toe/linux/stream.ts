// SPDX-License-Identifier: Apache-2.0
// Bytes that both ends can tell apart from any others: a keystream, and its digest.

import { type Cipher, createCipheriv, createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';

/** Bytes of a piece handed to a socket. */
const PIECE = 64 * 1024;
const ZEROS = Buffer.alloc(PIECE);

/** What went through one direction of a connection. */
export interface Passed {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** The keystream of AES-128-CTR under a key made of the seed. */
function keystream(seed: number): Cipher {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed >>> 0);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
}

/** The first of some events; the others are not waited for any more. */
export async function firstOf(emitter: Duplex, ...events: readonly string[]): Promise<void> {
  const ended = new AbortController();
  try {
    const { signal } = ended;
    await Promise.race(events.map((event) => once(emitter, event, { signal })));
  } finally {
    ended.abort();
  }
}

/** Writes so many bytes of the seed's stream, no faster than they are taken. */
export async function send(socket: Duplex, bytes: number, seed: number): Promise<Passed> {
  const cipher = keystream(seed);
  const hash = createHash('sha256');
  for (let left = bytes; left > 0; left -= PIECE) {
    const piece = cipher.update(ZEROS.subarray(0, Math.min(PIECE, left)));
    hash.update(piece);
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Reads to the end. */
export async function receive(socket: Readable): Promise<Passed> {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
