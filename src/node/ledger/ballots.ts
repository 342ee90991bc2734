// SPDX-License-Identifier: Apache-2.0
// Votes for producers, counted as they change: a producer's weight is the stake of its voters.

import type { AccountName, Amount } from '../protocol/types.ts';
import type { Account } from './account.ts';
import type { CandidateView } from './contract.ts';
import type { Draft, StateReader } from './draft.ts';
import { ensure } from './errors.ts';
import type { Producer } from './records.ts';

/** Adds to the weight of everyone the account votes for; votes for the voted out count nothing. */
export function shiftWeight(draft: Draft, account: Account, amount: Amount): void {
  if (amount === 0n) return;
  for (const { producer: name, since } of account.votes) {
    const producer = draft.producer(name);
    if (!producer || producer.since !== since || producer.status === 'convicted') continue;
    draft.setProducer(name, { ...producer, weight: producer.weight + amount });
  }
}

/** Replaces the votes of an account. @throws {LedgerError} `LEDGER_CANDIDATE`. */
export function castVotes(
  draft: Draft,
  name: AccountName,
  account: Account,
  names: readonly AccountName[],
): void {
  shiftWeight(draft, account, -account.stake);
  const votes = names.map((producer) => {
    const { since, status } = candidate(draft, producer);
    ensure(status !== 'convicted', 'LEDGER_CANDIDATE', () => `${producer} was voted out`);
    return { producer, since };
  });
  const voter = { ...account, votes };
  draft.setAccount(name, voter);
  shiftWeight(draft, voter, account.stake);
}

/** A producer. @throws {LedgerError} `LEDGER_CANDIDATE` where there is none of that name. */
export function candidate(state: StateReader, name: AccountName): Producer {
  const producer = state.producer(name);
  ensure(producer !== undefined, 'LEDGER_CANDIDATE', () => `${name} is not a producer`);
  return producer;
}

/** Votes a producer out: its weight is gone, and its voters must vote anew. */
export function convict(draft: Draft, name: AccountName): void {
  draft.setProducer(name, { ...candidate(draft, name), weight: 0n, status: 'convicted' });
}

/** Puts a producer behind all others until it registers again; its votes stay. */
export function drop(draft: Draft, name: AccountName): void {
  const producer = draft.producer(name);
  if (producer?.status === 'standing') draft.setProducer(name, { ...producer, status: 'dropped' });
}

/** Who may be elected, ascending by name. */
export function candidates(state: StateReader): CandidateView[] {
  const found: CandidateView[] = [];
  for (const account of state.producerNames()) {
    const { signingKey, weight, status } = candidate(state, account);
    if (status === 'convicted') continue;
    found.push({ account, signingKey, weight, dropped: status === 'dropped' });
  }
  return found.sort((a, b) => (a.account < b.account ? -1 : 1));
}
