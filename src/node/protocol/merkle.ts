// SPDX-License-Identifier: Apache-2.0

import { hash } from 'node:crypto';
import { asBuffer } from './hex.ts';
import type { Id } from './types.ts';

/** Root of no leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Id = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Writes SHA-256 as 32 bytes; hexadecimal on the way is the fastest Node has. */
function hashInto(target: Buffer, at: number, input: Buffer): void {
  target.write(hash('sha256', input, 'hex'), at, 32, 'hex');
}

/**
 * Merkle tree hash of RFC 6962, 2.1: leaves SHA-256(0x00, id), nodes SHA-256(0x01, left, right);
 * the left subtree is the largest full one.
 *
 * @param ids - 32 bytes each, in order; lower-case hexadecimal.
 */
export function merkleRoot(ids: readonly Id[]): Id {
  if (ids.length === 0) return EMPTY_ROOT;
  const level = asBuffer(new Uint8Array(32 * ids.length));
  const leaf = Buffer.alloc(33);
  for (const [i, id] of ids.entries()) {
    leaf.write(id, 1, 32, 'hex');
    hashInto(level, 32 * i, leaf);
  }
  const node = Buffer.alloc(65, 1);
  // Pairs from the left; an odd one rises. That is the RFC's split at the largest power of two.
  for (let count = ids.length; count > 1; count = (count + 1) >> 1) {
    for (let i = 0; i + 1 < count; i += 2) {
      level.copy(node, 1, 32 * i, 32 * i + 64);
      hashInto(level, 16 * i, node);
    }
    if (count % 2 === 1) level.copy(level, 16 * (count - 1), 32 * (count - 1), 32 * count);
  }
  return level.toString('hex', 0, 32);
}
