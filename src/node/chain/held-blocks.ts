// SPDX-License-Identifier: Apache-2.0

import type { Id } from '../protocol/types.ts';
import type { PreparedBlock } from './prepared-block.ts';

/** Executed blocks kept with their signers: as many as are undone in a reorganisation, usually. */
const EXECUTED = 16;

/**
 * Blocks above the last final one. Of those that are executed the last ones are kept, of others as many
 * as fit; the ledger has the former, peers have the latter.
 */
export class HeldBlocks {
  readonly #maxBytes: number;
  readonly #blocks = new Map<Id, PreparedBlock>();
  readonly #waiting = new Set<Id>();
  readonly #executed = new Set<Id>();
  #waitingBytes = 0;

  /** @param maxBytes - of blocks that are not executed. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(id: Id): PreparedBlock | undefined {
    return this.#blocks.get(id);
  }

  /** Adds a block that is not executed. @returns whom it pushed out. */
  put(prepared: PreparedBlock): Id[] {
    const { id } = prepared.block.signedHeader;
    this.#blocks.set(id, prepared);
    this.#wait(id, prepared);
    const evicted: Id[] = [];
    for (const other of this.#waiting) {
      if (this.#waitingBytes <= this.#maxBytes) break;
      if (other === id) continue;
      this.delete(other);
      evicted.push(other);
    }
    return evicted;
  }

  executed(id: Id): void {
    this.#leave(id);
    this.#executed.add(id);
    for (const oldest of this.#executed) {
      if (this.#executed.size <= EXECUTED) break;
      this.delete(oldest);
    }
  }

  undone(id: Id): void {
    this.#executed.delete(id);
    const prepared = this.#blocks.get(id);
    if (prepared) this.#wait(id, prepared);
  }

  delete(id: Id): void {
    this.#leave(id);
    this.#executed.delete(id);
    this.#blocks.delete(id);
  }

  /** Forgets all up to a height. */
  final(height: number): void {
    for (const [id, { block }] of this.#blocks) {
      if (block.signedHeader.header.height <= height) this.delete(id);
    }
  }

  #wait(id: Id, { block }: PreparedBlock): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.add(id);
    this.#waitingBytes += block.bytes.length;
  }

  #leave(id: Id): void {
    if (!this.#waiting.delete(id)) return;
    this.#waitingBytes -= this.#blocks.get(id)?.block.bytes.length ?? 0;
  }
}
