// SPDX-License-Identifier: Apache-2.0
// Time in steps, and a network that delays, loses, duplicates and splits.

import type { Random } from '../../../../src/testbench/random.ts';

interface Event {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

/** What the network does to messages just now. */
export interface Weather {
  /** Milliseconds, at least and at most. */
  readonly delay: readonly [number, number];
  readonly loss: number;
  /** Of messages with votes, besides. */
  readonly voteLoss: number;
  readonly duplicates: number;
  /** Side of each node; messages between different sides are lost. */
  readonly sides: readonly number[];
}

/** A queue of events, and messages between nodes. The same seed gives the same order. */
export class SimNetwork {
  readonly #random: Random;
  readonly #heap: Event[] = [];
  #order = 0;
  now = 0;
  weather: Weather = { delay: [10, 50], loss: 0, voteLoss: 0, duplicates: 0, sides: [] };

  constructor(random: Random) {
    this.#random = random;
  }

  at(time: number, run: () => void): void {
    const event = { time: Math.max(time, this.now), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(event, heap[up]!)) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = event;
  }

  send(from: number, to: number, what: 'votes' | 'blocks', deliver: () => void): void {
    const { delay, loss, voteLoss, duplicates, sides } = this.weather;
    if ((sides[from] ?? 0) !== (sides[to] ?? 0) || this.#random.chance(loss)) return;
    if (what === 'votes' && this.#random.chance(voteLoss)) return;
    const arrival = () => this.now + delay[0] + this.#random.float() * (delay[1] - delay[0]);
    this.at(arrival(), deliver);
    if (this.#random.chance(duplicates)) this.at(arrival(), deliver);
  }

  /** Runs everything up to a time. */
  runUntil(time: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.time <= time) {
      const event = this.#take();
      this.now = event.time;
      event.run();
    }
    this.now = time;
  }

  #take(): Event {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      if (!before(heap[down]!, last)) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
