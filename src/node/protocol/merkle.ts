// SPDX-License-Identifier: Apache-2.0

import { hash } from 'node:crypto';
import { asBuffer } from './hex.ts';
import type { Id } from './types.ts';

/** Root of no leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Id = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const HASH = 32;
/** Levels of the largest tree: more leaves than a block can have. */
const LEVELS = 32;

/** Writes SHA-256 as 32 bytes; hexadecimal on the way is the fastest Node has. */
function hashInto(target: Buffer, at: number, input: Buffer): void {
  target.write(hash('sha256', input, 'hex'), at, HASH, 'hex');
}

const leaf = asBuffer(new Uint8Array(1 + HASH));
const node = asBuffer(new Uint8Array(1 + 2 * HASH)).fill(1, 0, 1);

/**
 * Merkle tree hash of RFC 6962, 2.1, of leaves that come one by one: leaves SHA-256(0x00, id), nodes
 * SHA-256(0x01, left, right); the left subtree is the largest full one.
 */
export class MerkleTree {
  /** Of each level the full subtree that waits for its right neighbour, where the count's bit is set. */
  readonly #waiting = asBuffer(new Uint8Array(LEVELS * HASH));
  #count = 0;

  /** @param id - 32 bytes as lower-case hexadecimal. */
  add(id: Id): void {
    leaf.write(id, 1, HASH, 'hex');
    let level = 0;
    hashInto(node, 1 + HASH, leaf);
    for (let count = this.#count++; count % 2 === 1; count >>>= 1) this.#join(level++);
    node.copy(this.#waiting, level * HASH, 1 + HASH);
  }

  /** Of all leaves so far. */
  root(): Id {
    if (this.#count === 0) return EMPTY_ROOT;
    let level = 31 - Math.clz32(this.#count & -this.#count);
    this.#waiting.copy(node, 1 + HASH, level * HASH, (level + 1) * HASH);
    for (level++; this.#count >>> level > 0; level++) {
      if ((this.#count >>> level) % 2 === 1) this.#join(level);
    }
    return node.toString('hex', 1 + HASH);
  }

  /** Puts the subtree that waits at a level to the left of the one in `node`. */
  #join(level: number): void {
    this.#waiting.copy(node, 1, level * HASH, (level + 1) * HASH);
    hashInto(node, 1 + HASH, node);
  }
}

/** The same of leaves that are all there. */
export function merkleRoot(ids: readonly Id[]): Id {
  const tree = new MerkleTree();
  for (const id of ids) tree.add(id);
  return tree.root();
}
