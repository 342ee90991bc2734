// SPDX-License-Identifier: Apache-2.0
// Load that does not mind when nodes come and go: what one refuses is lost, the rest goes on.

import { prepareTransfers } from '../../../src/cli/load/command.ts';
import { generate, type Offered } from '../../../src/cli/load/generator.ts';
import { Tracker } from '../../../src/cli/load/tracker.ts';
import type { Claim } from './final-claims.ts';
import type { SoakNode } from './network.ts';
import { USERS } from './network.ts';

/** Of a chain that moves, a reference to a block this far down stays good for long. */
const LIFE_SECONDS = 600;

/** Sends to all nodes in turn until it is stopped. */
export class SteadyLoad {
  readonly #tracker = new Tracker();
  readonly #stop = new AbortController();
  #final: { readonly height: number; readonly id: string };
  #sent: Promise<Offered> | undefined;

  private constructor(final: { readonly height: number; readonly id: string }) {
    this.#final = final;
  }

  /** @param seconds - it ends then, if it is not stopped before. */
  static async start(
    nodes: readonly SoakNode[],
    { rate, seconds }: { readonly rate: number; readonly seconds: number },
    interrupt: AbortSignal,
  ): Promise<SteadyLoad> {
    const { status, transfers } = await prepareTransfers(nodes[0]!.client, USERS);
    const load = new SteadyLoad(status.final);
    const life = Math.min(LIFE_SECONDS, status.maxTransactionLifeSeconds);
    load.#sent = generate({
      clients: nodes.map(({ client }) => client),
      transfers,
      tracker: load.#tracker,
      rate,
      seconds,
      reference: () => ({ ...load.#final, expiry: Math.floor(Date.now() / 1000) + life - 1 }),
      now: () => performance.now(),
      signal: AbortSignal.any([interrupt, load.#stop.signal]),
    }).finally(() => transfers.close());
    load.#sent.catch(() => {});
    return load;
  }

  /** A block is final: so is what it holds. */
  onFinal({ height, id }: Claim, transactions: readonly string[]): void {
    if (height > this.#final.height) this.#final = { height, id };
    const now = performance.now();
    this.#tracker.handle({ type: 'block', block: { height, id }, transactions }, now);
    this.#tracker.handle({ type: 'final', block: { height, id } }, now);
  }

  get final(): number {
    return this.#tracker.stages.final.count;
  }

  /** Ends it, and waits for the last answers. */
  async stop(): Promise<Offered> {
    this.#stop.abort();
    return this.#sent!;
  }

  /** Once stopped: what became of it. */
  async figures() {
    const sent = await this.stop();
    const { count, p50, p99 } = this.#tracker.stages.final;
    return {
      ...sent,
      final: count,
      refused: this.#tracker.refused,
      unfinished: this.#tracker.underWay,
      finalP50Seconds: p50 / 1000,
      finalP99Seconds: p99 / 1000,
    };
  }
}
