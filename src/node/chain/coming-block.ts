// SPDX-License-Identifier: Apache-2.0

import type { Block, BlockRef, Id } from '../protocol/types.ts';

/** A block that was executed on the head and is valid: the chain grows by it once it is written. */
export class ComingBlock {
  readonly block: Block;
  /** Made when somebody asks, which few do in the milliseconds that writing takes. */
  #places: Map<Id, number> | undefined;

  constructor(block: Block) {
    this.block = block;
  }

  get ref(): BlockRef {
    const { id, header } = this.block.signedHeader;
    return { height: header.height, id };
  }

  /** Where a transaction is in it. */
  locate(id: Id): { readonly block: BlockRef; readonly index: number } | undefined {
    this.#places ??= new Map(this.block.transactions.map((each, index) => [each.id, index]));
    const index = this.#places.get(id);
    return index === undefined ? undefined : { block: this.ref, index };
  }
}
