// SPDX-License-Identifier: Apache-2.0

import type { BlockRef, Id } from '../protocol/types.ts';
import type { NodeEvent } from './node-events.ts';
import type { NodeView, TransactionStatus } from './node-view.ts';

/** Takes what changed at one event. */
export type StatusSink = (statuses: readonly TransactionStatus[]) => void;

interface Watched {
  readonly sinks: Set<StatusSink>;
  /** Where it was included, if it was. */
  block?: BlockRef;
  index?: number;
}

/**
 * Follows transactions through the events of a node: from seen to final or dropped, then no more.
 *
 * An event costs the transactions it names, and nothing while nobody watches.
 */
export class TransactionWatch {
  readonly #node: Pick<NodeView, 'status' | 'confirmations'>;
  readonly #watched = new Map<Id, Watched>();
  /** Watched transactions by the block they are in. */
  readonly #blocks = new Map<Id, { readonly block: BlockRef; readonly ids: Set<Id> }>();
  #changes = new Map<StatusSink, TransactionStatus[]>();

  constructor(node: Pick<NodeView, 'status' | 'confirmations'>) {
    this.#node = node;
  }

  get size(): number {
    return this.#watched.size;
  }

  /** @returns how far the transaction has come; undefined: not seen, and followed from when it is. */
  watch(id: Id, sink: StatusSink): TransactionStatus | undefined {
    const status = this.#node.status(id);
    if (status?.state === 'final') return status;
    const watched = this.#watched.get(id) ?? { sinks: new Set() };
    watched.sinks.add(sink);
    this.#watched.set(id, watched);
    if (status && 'block' in status) this.#enter(id, watched, status.block, status.index);
    return status;
  }

  unwatch(id: Id, sink: StatusSink): void {
    const watched = this.#watched.get(id);
    if (!watched?.sinks.delete(sink) || watched.sinks.size > 0) return;
    this.#forget(id, watched);
  }

  /** To be told of every event of the node, in order. */
  handle(event: NodeEvent): void {
    if (this.#watched.size === 0) return;
    this.#collect(event);
    const changes = this.#changes;
    this.#changes = new Map();
    for (const [sink, statuses] of changes) sink(statuses);
  }

  #collect(event: NodeEvent): void {
    switch (event.type) {
      case 'seen':
        for (const id of event.ids) this.#tell(id, { id, state: 'seen' });
        break;
      case 'dropped':
        for (const { id, reason } of event.transactions) {
          this.#tell(id, { id, state: 'dropped', reason });
          const watched = this.#watched.get(id);
          if (watched) this.#forget(id, watched);
        }
        break;
      case 'executed':
      case 'block':
        this.#include(event.block.signedHeader, event.block.transactions);
        break;
      case 'withdrawn':
      case 'reverted':
        this.#revert(event.block.signedHeader.id);
        break;
      case 'confirmed':
        this.#confirm(event.block, event.count, event.needed);
        break;
      case 'final':
        this.#finalize(event.block.height);
        break;
      case 'justified':
        break;
    }
  }

  #include(
    { id, header }: { readonly id: Id; readonly header: { readonly height: number } },
    transactions: readonly { readonly id: Id }[],
  ): void {
    const block = { height: header.height, id };
    transactions.forEach((transaction, index) => {
      const watched = this.#watched.get(transaction.id);
      if (!watched || watched.block?.id === id) return;
      this.#enter(transaction.id, watched, block, index);
      this.#tell(transaction.id, this.#inclusion(transaction.id, block, index));
    });
  }

  #inclusion(id: Id, block: BlockRef, index: number): TransactionStatus {
    const { count, needed } = this.#node.confirmations(block) ?? { count: 0, needed: 0 };
    const state = count > 0 ? 'confirmed' : 'included';
    return { id, state, block, index, confirmations: count, needed };
  }

  #confirm(block: BlockRef, count: number, needed: number): void {
    for (const id of this.#blocks.get(block.id)?.ids ?? []) {
      const { index = 0 } = this.#watched.get(id)!;
      this.#tell(id, { id, state: 'confirmed', block, index, confirmations: count, needed });
    }
  }

  #finalize(height: number): void {
    for (const { block, ids } of [...this.#blocks.values()]) {
      if (block.height > height) continue;
      const { count, needed } = this.#node.confirmations(block) ?? { count: 0, needed: 0 };
      for (const id of [...ids]) {
        const watched = this.#watched.get(id)!;
        const { index = 0 } = watched;
        this.#tell(id, { id, state: 'final', block, index, confirmations: count, needed });
        this.#forget(id, watched);
      }
    }
  }

  #revert(block: Id): void {
    const ids = this.#blocks.get(block)?.ids ?? [];
    for (const id of [...ids]) {
      this.#leave(id, this.#watched.get(id)!);
      this.#tell(id, this.#node.status(id) ?? { id, state: 'seen' });
    }
  }

  #tell(id: Id, status: TransactionStatus): void {
    for (const sink of this.#watched.get(id)?.sinks ?? []) {
      const list = this.#changes.get(sink);
      if (list) list.push(status);
      else this.#changes.set(sink, [status]);
    }
  }

  #enter(id: Id, watched: Watched, block: BlockRef, index: number): void {
    this.#leave(id, watched);
    watched.block = block;
    watched.index = index;
    const entry = this.#blocks.get(block.id) ?? { block, ids: new Set() };
    entry.ids.add(id);
    this.#blocks.set(block.id, entry);
  }

  #leave(id: Id, watched: Watched): void {
    if (!watched.block) return;
    const entry = this.#blocks.get(watched.block.id);
    entry?.ids.delete(id);
    if (entry?.ids.size === 0) this.#blocks.delete(watched.block.id);
    delete watched.block;
    delete watched.index;
  }

  #forget(id: Id, watched: Watched): void {
    this.#leave(id, watched);
    this.#watched.delete(id);
  }
}
