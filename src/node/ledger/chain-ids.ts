// SPDX-License-Identifier: Apache-2.0
// Ids of the blocks on the chain.

import type { Id } from '../protocol/types.ts';
import { heightKey, type Store } from './store.ts';
import { REFERENCE_BLOCKS } from './transactions.ts';

/** First four bytes of an id, little-endian. */
export function idPrefix(id: Id): number {
  return Buffer.from(id.slice(0, 8), 'hex').readUInt32LE();
}

/** Prefixes of recent blocks in memory, the rest from the store. */
export class ChainIds {
  readonly #store: Store;
  readonly #prefixes = new Uint32Array(REFERENCE_BLOCKS);
  #head = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the last prefixes of a chain that ends at `head`. */
  load(head: number): void {
    const start = heightKey(Math.max(0, head - REFERENCE_BLOCKS + 1));
    const end = heightKey(head + 1);
    for (const { key, value } of this.#store.ids.range(start, end)) {
      const height = key.readUInt32BE();
      this.#prefixes[height % REFERENCE_BLOCKS] = value.readUInt32LE();
    }
    this.#head = head;
  }

  push(height: number, id: Id): void {
    this.#prefixes[height % REFERENCE_BLOCKS] = idPrefix(id);
    this.#head = height;
  }

  /** Forgets the head. */
  pop(): void {
    // Its place held a block that is now recent again.
    const returning = this.#head - REFERENCE_BLOCKS;
    this.#head--;
    if (returning >= 0) {
      this.#prefixes[returning % REFERENCE_BLOCKS] = idPrefix(this.get(returning)!);
    }
  }

  /** Of a block at most `REFERENCE_BLOCKS` - 1 below the head. */
  prefix(height: number): number | undefined {
    if (height > this.#head || height <= this.#head - REFERENCE_BLOCKS) return undefined;
    return this.#prefixes[height % REFERENCE_BLOCKS];
  }

  get(height: number): Id | undefined {
    if (!Number.isSafeInteger(height) || height < 0 || height > this.#head) return undefined;
    return this.#store.ids.get(heightKey(height))?.toString('hex');
  }

  heightOf(id: Id): number | undefined {
    return this.#store.heights.get(Buffer.from(id, 'hex'))?.readUInt32BE();
  }
}
