// SPDX-License-Identifier: Apache-2.0
// Who wants to hear of what. An event is written as JSON once, however many listen.

import type { Block, BlockRef, Id } from '../protocol/types.ts';
import { blockJson, type Json, toJson } from './json.ts';
import type { NodeEvent } from './node-events.ts';
import type { NodeView, TransactionStatus } from './node-view.ts';
import { type StatusSink, TransactionWatch } from './transaction-watch.ts';

/** What can be subscribed to besides transactions. */
export const TOPICS = ['blocks', 'finality', 'pool'] as const;

export type Topic = (typeof TOPICS)[number];

/** How much of it: of blocks, whether the ids of their transactions come along. */
export type Detail = 'none' | 'ids';

/** Takes one event, as JSON. */
export type EventSink = (event: string) => void;

/** Hands the events of a node to its subscribers. */
export class Topics {
  readonly #node: NodeView;
  readonly #watch: TransactionWatch;
  readonly #sinks = new Map<string, Set<EventSink>>();
  readonly #stop: () => void;

  constructor(node: NodeView) {
    this.#node = node;
    this.#watch = new TransactionWatch(node);
    this.#stop = node.subscribe((event) => this.#handle(event));
  }

  close(): void {
    this.#stop();
    this.#sinks.clear();
  }

  /** Transactions somebody follows. */
  get watched(): number {
    return this.#watch.size;
  }

  /** @returns stops it. */
  subscribe(topic: Topic, detail: Detail, sink: EventSink): () => void {
    const key = `${topic} ${detail}`;
    const sinks = this.#sinks.get(key) ?? new Set();
    this.#sinks.set(key, sinks.add(sink));
    return () => {
      sinks.delete(sink);
    };
  }

  /**
   * Follows transactions.
   *
   * @returns where they are now, and what stops it.
   */
  follow(ids: readonly Id[], sink: EventSink) {
    const onStatuses: StatusSink = (statuses) =>
      sink(JSON.stringify(toJson({ type: 'statuses', statuses })));
    const statuses = ids.map(
      (id): TransactionStatus | { readonly id: Id; readonly state: 'unknown' } =>
        this.#watch.watch(id, onStatuses) ?? { id, state: 'unknown' },
    );
    const stop = () => {
      for (const id of ids) this.#watch.unwatch(id, onStatuses);
    };
    return { statuses, stop };
  }

  #handle(event: NodeEvent): void {
    switch (event.type) {
      case 'block':
        this.#blockEvent(event.block, { type: 'block', produced: event.produced });
        break;
      case 'reverted':
        this.#blockEvent(event.block, { type: 'reverted' });
        break;
      case 'confirmed':
      case 'justified':
      case 'final':
        this.#publish('finality', () => toJson(event));
        break;
      case 'seen':
        this.#publish('pool', (detail) =>
          toJson({
            type: 'seen',
            count: event.ids.length,
            ...(detail === 'ids' && { ids: event.ids }),
          }),
        );
        break;
      case 'dropped':
        this.#publish('pool', () => toJson(event));
        break;
    }
    this.#watch.handle(event);
  }

  #blockEvent(block: Block, about: { readonly type: string; readonly produced?: boolean }): void {
    const { header, id } = block.signedHeader;
    const ref: BlockRef = { height: header.height, id };
    this.#publish('blocks', (detail) => {
      const summary = blockJson(block, this.#node.identity, this.#node.confirmations(ref), 'none');
      return {
        ...about,
        block: summary,
        ...(detail === 'ids' && { transactions: block.transactions.map((t) => t.id) }),
      };
    });
  }

  #publish(topic: Topic, makeEvent: (detail: Detail) => Json): void {
    for (const detail of ['none', 'ids'] as const) {
      const sinks = this.#sinks.get(`${topic} ${detail}`);
      if (!sinks || sinks.size === 0) continue;
      const text = JSON.stringify(makeEvent(detail));
      for (const sink of sinks) sink(text);
    }
  }
}
