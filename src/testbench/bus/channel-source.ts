// SPDX-License-Identifier: Apache-2.0
import type { Pause } from '../pauses.ts';
import { isPaused } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Channel, ChannelEnd } from './channel.ts';

/** What a source does with its items. */
export interface SourceHooks<T> {
  /** Writes the item's fields. */
  readonly present: (item: T) => void;
  /** The item was taken; called before the edge that takes it. */
  readonly accepted?: (item: T) => void;
  /** The next item, asked when the queue is empty and the channel does not pause. */
  readonly next?: () => T | undefined;
}

/**
 * Drives a channel's VALID and payload with items from a queue, pausing at random.
 *
 * An offer stands until it is taken. While VALID is low the payload is random: a module that looks at it
 * then is found out.
 */
export class ChannelSource<T> implements ChannelEnd {
  /** When it pauses; may be changed at any time. */
  pause: Pause;
  readonly channel: Channel;
  readonly #random: Random;
  readonly #hooks: SourceHooks<T>;
  readonly #queue: T[] = [];
  #head = 0;
  #offer: { readonly item: T } | undefined;
  #isTaken = false;

  constructor(channel: Channel, random: Random, pause: Pause, hooks: SourceHooks<T>) {
    this.channel = channel;
    this.#random = random;
    this.pause = pause;
    this.#hooks = hooks;
    channel.valid.bits.set(0);
  }

  /** Items not yet taken. */
  get pending(): number {
    const offered = this.#offer !== undefined && !this.#isTaken ? 1 : 0;
    return this.#queue.length - this.#head + offered;
  }

  push(item: T): void {
    this.#queue.push(item);
  }

  drive(): void {
    const wasOffered = this.#offer !== undefined;
    if (this.#isTaken) {
      this.#isTaken = false;
      this.#offer = undefined;
    }
    if (this.#offer !== undefined) return;
    const item = isPaused(this.pause, this.#random) ? undefined : this.#take();
    if (item !== undefined) {
      this.#hooks.present(item);
      this.#offer = { item };
      this.channel.valid.bits.set(1);
    } else if (wasOffered) {
      this.channel.valid.bits.set(0);
      this.#scramble();
    }
  }

  sample(): void {
    if (this.#offer === undefined || !this.channel.isReady) return;
    this.#isTaken = true;
    this.#hooks.accepted?.(this.#offer.item);
  }

  /** Reset: VALID falls, and what was queued is forgotten. */
  rest(): void {
    this.channel.valid.bits.set(0);
    this.#queue.length = 0;
    this.#head = 0;
    this.#offer = undefined;
    this.#isTaken = false;
  }

  #take(): T | undefined {
    if (this.#head === this.#queue.length) return this.#hooks.next?.();
    const item = this.#queue[this.#head++];
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    }
    return item;
  }

  #scramble(): void {
    for (const { bits } of this.channel.payload.values()) {
      bits.write(this.#random.bytes(bits.byteLength), 0);
    }
  }
}
