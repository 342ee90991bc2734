// SPDX-License-Identifier: Apache-2.0

import type { AccountName, Id, SignedVote } from '../protocol/types.ts';

/** Votes of one producer that wait for their blocks; the oldest goes first. */
const PER_PRODUCER = 64;

/** Votes of one producer that wait usually, at most: an honest one votes once for each height. */
const USUAL = 8;

/** Producers whose votes may wait. */
const PRODUCERS = 1024;

/** Votes for blocks that are not known yet. Bounded. */
export class VoteShelf {
  readonly #waiting = new Map<AccountName, Map<Id, SignedVote>>();

  /** @returns `crowded` when more of its producer wait than is usual. */
  put(signed: SignedVote): 'held' | 'known' | 'crowded' {
    const { producer } = signed.vote;
    let own = this.#waiting.get(producer);
    if (own === undefined) {
      if (this.#waiting.size >= PRODUCERS) return 'crowded';
      own = new Map();
      this.#waiting.set(producer, own);
    }
    if (own.has(signed.id)) return 'known';
    if (own.size >= PER_PRODUCER) own.delete(own.keys().next().value as Id);
    own.set(signed.id, signed);
    return own.size > USUAL ? 'crowded' : 'held';
  }

  /** Takes out the votes for a block. */
  take(target: Id): SignedVote[] {
    return this.#extract((signed) => signed.vote.target.id === target);
  }

  /** Forgets votes for heights that are final. */
  dropUpTo(height: number): void {
    this.#extract((signed) => signed.vote.target.height <= height);
  }

  #extract(matches: (signed: SignedVote) => boolean): SignedVote[] {
    const taken: SignedVote[] = [];
    for (const [producer, own] of this.#waiting) {
      for (const [id, signed] of own) {
        if (!matches(signed)) continue;
        taken.push(signed);
        own.delete(id);
      }
      if (own.size === 0) this.#waiting.delete(producer);
    }
    return taken;
  }
}
