// SPDX-License-Identifier: Apache-2.0
// Contradictions: what nobody honest signs, whatever the network does.

import type { AccountName, SignedHeader, SignedVote, Vote } from '../protocol/types.ts';

/** Two things that one producer signed and must not have. */
export type Evidence =
  | {
      readonly type: 'doubleProduction';
      readonly producer: AccountName;
      readonly first: SignedHeader;
      readonly second: SignedHeader;
    }
  | {
      readonly type: 'doubleVote' | 'surround';
      readonly producer: AccountName;
      readonly first: SignedVote;
      readonly second: SignedVote;
    };

/** Two blocks of one producer for one slot of one chain? Signatures are the caller's to check. */
export function contradictsHeader(first: SignedHeader, second: SignedHeader): boolean {
  return (
    first.id !== second.id &&
    first.header.chainId === second.header.chainId &&
    first.header.producer === second.header.producer &&
    first.header.slot === second.header.slot
  );
}

/**
 * Do two votes of one producer break a rule of Casper FFG? Signatures are the caller's to check.
 *
 * @returns `doubleVote` (two different votes for one height), `surround` (one begins before and ends
 *   after the other), or undefined.
 */
export function contradictsVote(
  first: SignedVote,
  second: SignedVote,
): 'doubleVote' | 'surround' | undefined {
  const [a, b] = [first.vote, second.vote];
  if (first.id === second.id || a.chainId !== b.chainId || a.producer !== b.producer) {
    return undefined;
  }
  if (a.target.height === b.target.height) return 'doubleVote';
  return surrounds(a, b) || surrounds(b, a) ? 'surround' : undefined;
}

function surrounds(outer: Vote, inner: Vote): boolean {
  return outer.source.height < inner.source.height && inner.target.height < outer.target.height;
}

/** Remembered per producer: headers by slot, votes by target height. */
const REMEMBERED = 512;

/** Producers remembered at most: the sets in use are far smaller. */
const PRODUCERS = 1024;

/**
 * Looks for contradictions among what was signed lately. Bounded: `REMEMBERED` headers and votes of
 * each producer; give it only what a producer's key has signed.
 */
export class EvidenceLog {
  readonly #headers = new Map<AccountName, Map<number, SignedHeader>>();
  readonly #votes = new Map<AccountName, Map<number, SignedVote>>();

  /** @returns evidence, if this header contradicts an earlier one. */
  header(signed: SignedHeader): Evidence | undefined {
    const { producer, slot } = signed.header;
    const known = entriesOf(this.#headers, producer);
    const first = known.get(slot);
    if (first === undefined) {
      remember(known, slot, signed);
      return undefined;
    }
    if (!contradictsHeader(first, signed)) return undefined;
    return { type: 'doubleProduction', producer, first, second: signed };
  }

  /** @returns evidence, if this vote contradicts an earlier one. */
  vote(signed: SignedVote): Evidence | undefined {
    const { producer, target } = signed.vote;
    const known = entriesOf(this.#votes, producer);
    for (const first of known.values()) {
      const type = contradictsVote(first, signed);
      if (type) return { type, producer, first, second: signed };
    }
    if (!known.has(target.height)) remember(known, target.height, signed);
    return undefined;
  }
}

function entriesOf<T>(
  all: Map<AccountName, Map<number, T>>,
  producer: AccountName,
): Map<number, T> {
  let known = all.get(producer);
  if (known === undefined) {
    known = new Map();
    if (all.size >= PRODUCERS) all.delete(all.keys().next().value as AccountName);
    all.set(producer, known);
  }
  return known;
}

function remember<T>(known: Map<number, T>, key: number, value: T): void {
  if (known.size >= REMEMBERED) known.delete(known.keys().next().value as number);
  known.set(key, value);
}
