// SPDX-License-Identifier: Apache-2.0

import type { Block, BlockRef, Id } from '../protocol/types.ts';

/** What a node tells as it happens. */
export type NodeEvent =
  /** Taken into the pool. */
  | { readonly type: 'seen'; readonly ids: readonly Id[] }
  /** Left the pool without having been included: expired, contradicted, pushed out. */
  | {
      readonly type: 'dropped';
      readonly transactions: readonly { readonly id: Id; readonly reason: string }[];
    }
  /** This block was executed on the head and is valid; the chain grows by it once it is written. */
  | { readonly type: 'executed'; readonly block: Block }
  /** That block could not be written. */
  | { readonly type: 'withdrawn'; readonly block: Block }
  /** The chain grew by this block; `produced` here. */
  | { readonly type: 'block'; readonly block: Block; readonly produced: boolean }
  /** The head was undone; its transactions are back in the pool or dropped. */
  | { readonly type: 'reverted'; readonly block: Block }
  /** One more producer confirmed a block that is not final yet. */
  | {
      readonly type: 'confirmed';
      readonly block: BlockRef;
      readonly count: number;
      readonly needed: number;
    }
  | { readonly type: 'justified'; readonly block: BlockRef }
  /** This block, and all before it, can never change. */
  | { readonly type: 'final'; readonly block: BlockRef };

export type NodeListener = (event: NodeEvent) => void;

/** A list of listeners, for whoever is a `NodeView`. */
export class NodeEvents {
  readonly #listeners = new Set<NodeListener>();

  /** As `NodeView.subscribe`. */
  subscribe(listener: NodeListener): () => void {
    const own: NodeListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: NodeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
