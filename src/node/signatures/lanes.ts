// SPDX-License-Identifier: Apache-2.0

import type { PublicKey } from '../protocol/types.ts';
import type { Lane, Signed } from './contract.ts';

/** A question: some signatures, and the answers so far. */
export interface Job {
  readonly items: readonly Signed[];
  readonly keys: (PublicKey | undefined)[];
  /** Signatures without an answer. */
  open: number;
  readonly resolve: (keys: (PublicKey | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A part of a question: `count` signatures from `from` on. */
export interface Part {
  readonly job: Job;
  readonly from: number;
  readonly count: number;
}

interface Waiting {
  readonly job: Job;
  from: number;
  readonly since: number;
}

/** Questions that wait: urgent ones first, each in order. */
export class Lanes {
  readonly #lanes: Readonly<Record<Lane, Waiting[]>> = { urgent: [], bulk: [] };
  #size = 0;

  /** Signatures. */
  get size(): number {
    return this.#size;
  }

  /** When the one that waits longest came; undefined when nothing waits. */
  get oldest(): number | undefined {
    const { urgent, bulk } = this.#lanes;
    const since = Math.min(urgent[0]?.since ?? Infinity, bulk[0]?.since ?? Infinity);
    return since === Infinity ? undefined : since;
  }

  push(job: Job, lane: Lane, now: number): void {
    this.#lanes[lane].push({ job, from: 0, since: now });
    this.#size += job.items.length;
  }

  /** Takes up to `count` signatures out. */
  take(count: number): Part[] {
    const parts: Part[] = [];
    let room = count;
    for (const lane of [this.#lanes.urgent, this.#lanes.bulk]) {
      let done = 0;
      for (const waiting of lane) {
        if (room === 0) break;
        const { job, from } = waiting;
        const taken = Math.min(room, job.items.length - from);
        parts.push({ job, from, count: taken });
        waiting.from += taken;
        room -= taken;
        if (waiting.from === job.items.length) done += 1;
      }
      lane.splice(0, done);
    }
    this.#size -= count - room;
    return parts;
  }
}
