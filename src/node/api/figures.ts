// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from '../protocol/types.ts';
import type { NodeView } from './node-view.ts';

/** Samples kept: ten minutes of one a second. */
const KEPT = 600;
const INTERVAL_MS = 1000;

/** The node at one moment; counters, so that any two samples give a rate. */
export interface Sample {
  readonly time: Milliseconds;
  readonly height: number;
  readonly finalHeight: number;
  readonly included: number;
  readonly final: number;
  readonly pool: number;
  readonly peers: number;
  readonly signatures: number;
  readonly queued: number;
  readonly spilled: number;
  /** Of the card; 0 without one. */
  readonly cycles: number;
}

/** The node's last minutes. */
export class FigureHistory {
  readonly #node: NodeView;
  readonly #samples: Sample[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(node: NodeView) {
    this.#node = node;
  }

  /** Takes a sample every second from now on; keeps no process alive. */
  start(): void {
    this.sample();
    this.#timer ??= setInterval(() => this.sample(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  sample(): void {
    const { time, head, final, pool, totals } = this.#node.state();
    const { signatures, spill, card } = this.#node.accelerator();
    this.#samples.push({
      time: Math.floor(time),
      height: head.height,
      finalHeight: final.height,
      included: totals.transactionsIncluded,
      final: totals.transactionsFinal,
      pool: pool.transactions,
      peers: this.#node.peers().length,
      signatures: signatures.checked,
      queued: signatures.queued,
      spilled: spill.signatures,
      cycles: card?.cycles ?? 0,
    });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Samples later than a moment, oldest first. */
  since(time: Milliseconds): readonly Sample[] {
    return this.#samples.filter((sample) => sample.time > time);
  }
}
