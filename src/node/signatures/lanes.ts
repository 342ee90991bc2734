// SPDX-License-Identifier: Apache-2.0

import type { Id, PublicKey } from '../protocol/types.ts';
import type { Lane, Signed } from './contract.ts';

/** A question: some signatures, and the answers so far. */
export interface Job {
  readonly items: readonly Signed[];
  readonly keys: (PublicKey | undefined)[];
  /** Signatures without an answer. */
  open: number;
  /** Whether an answer is still of use to anybody; asked of those that waited. */
  readonly wanted: ((id: Id) => boolean) | undefined;
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

/** So many answers of a question are there. */
export function answered(job: Job, count: number): void {
  job.open -= count;
  if (count > 0 && job.open === 0) job.resolve(job.keys);
}

/** After so long it is worth asking whether an answer is still wanted. */
const STALE_MS = 500;

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

  /** Takes up to `count` signatures out, without those that nobody wants any more. */
  take(count: number, now: number): Part[] {
    const parts: Part[] = [];
    let room = count;
    for (const lane of [this.#lanes.urgent, this.#lanes.bulk]) {
      let done = 0;
      for (const waiting of lane) {
        if (room === 0) break;
        room -= this.#takeFrom(waiting, room, now, parts);
        if (waiting.from === waiting.job.items.length) done += 1;
      }
      lane.splice(0, done);
    }
    return parts;
  }

  #takeFrom(waiting: Waiting, room: number, now: number, parts: Part[]): number {
    const { job, since } = waiting;
    const { items } = job;
    const wanted = now - since > STALE_MS ? job.wanted : undefined;
    const before = waiting.from;
    if (wanted === undefined) {
      const count = Math.min(room, items.length - before);
      parts.push({ job, from: before, count });
      waiting.from += count;
      this.#size -= count;
      return count;
    }
    let taken = 0;
    let skipped = 0;
    for (; taken < room && waiting.from < items.length; waiting.from++) {
      if (wanted(items[waiting.from]!.id)) {
        parts.push({ job, from: waiting.from, count: 1 });
        taken += 1;
      } else skipped += 1;
    }
    this.#size -= waiting.from - before;
    answered(job, skipped);
    return taken;
  }
}
