// SPDX-License-Identifier: Apache-2.0
// The subscriptions of one WebSocket, and the methods that make and end them.

import { z } from 'zod';
import { ApiError } from './errors.ts';
import { toJson } from './json.ts';
import type { ApiLimits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { id } from './parameters.ts';
import type { RpcMethod } from './rpc.ts';
import { TOPICS, type Topics } from './topics.ts';

export interface SessionOptions {
  readonly topics: Topics;
  readonly limits: ApiLimits;
  readonly outbox: Outbox;
}

interface Subscription {
  readonly stop: () => void;
  /** Transactions it follows. */
  readonly watched: number;
}

/** Parameters of `subscribe`: transactions by their ids, other topics in more or less detail. */
function subscribeParameters(limits: ApiLimits) {
  return z.strictObject({
    topic: z.enum([...TOPICS, 'transactions']),
    detail: z.enum(['none', 'ids']).default('none'),
    ids: z.array(id).min(1).max(limits.watched).optional(),
  });
}

export class Session {
  readonly #options: SessionOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #next = 1;
  readonly methods: ReadonlyMap<string, RpcMethod>;

  constructor(options: SessionOptions) {
    this.#options = options;
    const parameters = subscribeParameters(options.limits);
    this.methods = new Map<string, RpcMethod>([
      [
        'subscribe',
        { parameters, call: (values: z.output<typeof parameters>) => this.#subscribe(values) },
      ],
      [
        'unsubscribe',
        {
          parameters: z.strictObject({ subscription: z.string() }),
          call: ({ subscription }: { subscription: string }) => this.#unsubscribe(subscription),
        },
      ],
    ]);
  }

  close(): void {
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  #subscribe({ topic, detail, ids }: z.output<ReturnType<typeof subscribeParameters>>) {
    const { topics, limits, outbox } = this.#options;
    if (this.#subscriptions.size >= limits.subscriptions) {
      const most = limits.subscriptions;
      throw new ApiError(
        'too_many_requests',
        `expected at most ${most} subscriptions, got one more`,
      );
    }
    const subscription = String(this.#next++);
    const sink = (event: string) => outbox.event(subscription, event);
    if (topic !== 'transactions') {
      if (ids) throw new ApiError('invalid', `ids: expected none for ${topic}, got ${ids.length}`);
      this.#subscriptions.set(subscription, {
        stop: topics.subscribe(topic, detail, sink),
        watched: 0,
      });
      return { subscription };
    }
    if (!ids) throw new ApiError('invalid', 'ids: expected those of the transactions, got nothing');
    this.#requireRoom(ids.length);
    const { statuses, stop } = topics.follow(ids, sink);
    this.#subscriptions.set(subscription, { stop, watched: ids.length });
    return toJson({ subscription, statuses });
  }

  #requireRoom(more: number): void {
    const most = this.#options.limits.watched;
    let watched = more;
    for (const subscription of this.#subscriptions.values()) watched += subscription.watched;
    if (watched <= most) return;
    const message = `ids: expected at most ${most} transactions in all subscriptions, got ${watched}`;
    throw new ApiError('too_many_requests', message);
  }

  #unsubscribe(name: string) {
    const subscription = this.#subscriptions.get(name);
    if (!subscription) {
      throw new ApiError(
        'not_found',
        `subscription: expected one of this connection, got ${name.slice(0, 20)}`,
      );
    }
    subscription.stop();
    this.#subscriptions.delete(name);
    return true;
  }
}
