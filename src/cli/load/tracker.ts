// SPDX-License-Identifier: Apache-2.0

import { createHistogram } from 'node:perf_hooks';
import type { Id } from '../../node/protocol/index.ts';
import type { ApiEvent } from '../api-events.ts';

/** How many reached a stage, when, and how long after they were due. */
export interface Stage {
  readonly count: number;
  /** Milliseconds of the tracker's clock; of the first and the last. */
  readonly first: number;
  readonly last: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

class StageCounter {
  readonly #latency = createHistogram({ lowest: 1, highest: 86_400_000, figures: 3 });
  #first = 0;
  #last = 0;
  count = 0;

  add(due: number, now: number): void {
    if (this.count === 0) this.#first = now;
    this.#last = now;
    this.count++;
    this.#latency.record(Math.max(1, Math.round(now - due)));
  }

  result(): Stage {
    const percentile = (share: number) => (this.count === 0 ? 0 : this.#latency.percentile(share));
    const [first, last] = [this.#first, this.#last];
    return { count: this.count, first, last, p50: percentile(50), p99: percentile(99) };
  }
}

interface BlockEntry {
  readonly height: number;
  readonly ids: readonly Id[];
  /** When each was due. */
  readonly due: readonly number[];
  confirmed: boolean;
}

/**
 * Follows transactions from handed in to final, by the events of a node.
 *
 * What is final is forgotten: memory is that of what is under way. A block that is undone takes its
 * transactions back to where they were; their first inclusion counts.
 */
export class Tracker {
  readonly #pending = new Map<Id, number>();
  readonly #blocks = new Map<Id, BlockEntry>();
  readonly #undone = new Set<Id>();
  readonly #included = new StageCounter();
  readonly #confirmed = new StageCounter();
  readonly #final = new StageCounter();
  #underWay = 0;
  refused = 0;
  dropped = 0;
  reverted = 0;
  /** Events that the node could not deliver: figures are too low then. */
  lost = 0;

  /** A transaction is on its way; `due` is when it should have been sent, whatever delayed it. */
  sent(id: Id, due: number): void {
    this.#pending.set(id, due);
    this.#underWay++;
  }

  /** The node does not take it. */
  refuse(id: Id): void {
    if (this.#forget(id)) this.refused++;
  }

  /** Sent and neither final, refused nor dropped. */
  get underWay(): number {
    return this.#underWay;
  }

  get stages() {
    return {
      included: this.#included.result(),
      confirmed: this.#confirmed.result(),
      final: this.#final.result(),
    };
  }

  handle(event: ApiEvent, now: number): void {
    switch (event.type) {
      case 'block':
        this.#include(event.block, event.transactions ?? [], now);
        break;
      case 'reverted':
        this.#revert(event.block.id);
        break;
      case 'confirmed':
        if (event.count >= event.needed) this.#confirm(this.#blocks.get(event.block.id), now);
        break;
      case 'final':
        this.#finalize(event.block.height, now);
        break;
      case 'dropped':
        for (const { id } of event.transactions) if (this.#forget(id)) this.dropped++;
        break;
      case 'lost':
        this.lost += event.count;
        break;
      default:
        break;
    }
  }

  #forget(id: Id): boolean {
    if (!this.#pending.delete(id)) return false;
    this.#undone.delete(id);
    this.#underWay--;
    return true;
  }

  #include(
    { height, id }: { readonly height: number; readonly id: Id },
    transactions: readonly Id[],
    now: number,
  ): void {
    const ids: Id[] = [];
    const dues: number[] = [];
    for (const transaction of transactions) {
      const due = this.#pending.get(transaction);
      if (due === undefined) continue;
      this.#pending.delete(transaction);
      ids.push(transaction);
      dues.push(due);
      if (this.#undone.size === 0 || !this.#undone.delete(transaction))
        this.#included.add(due, now);
    }
    if (ids.length > 0) this.#blocks.set(id, { height, ids, due: dues, confirmed: false });
  }

  #revert(id: Id): void {
    const entry = this.#blocks.get(id);
    if (!entry) return;
    this.#blocks.delete(id);
    this.reverted += entry.ids.length;
    entry.ids.forEach((transaction, i) => {
      this.#pending.set(transaction, entry.due[i]!);
      this.#undone.add(transaction);
    });
  }

  #confirm(entry: BlockEntry | undefined, now: number): void {
    if (!entry || entry.confirmed) return;
    entry.confirmed = true;
    for (const due of entry.due) this.#confirmed.add(due, now);
  }

  #finalize(height: number, now: number): void {
    for (const [id, entry] of this.#blocks) {
      if (entry.height > height) continue;
      this.#confirm(entry, now);
      for (const due of entry.due) this.#final.add(due, now);
      this.#underWay -= entry.due.length;
      this.#blocks.delete(id);
    }
  }
}
