// SPDX-License-Identifier: Apache-2.0

import type { AccountName } from '../protocol/types.ts';
import type { Producer } from './contract.ts';
import { ConsensusError } from './errors.ts';
import type { ProducerSet } from './finality-types.ts';

const indexes = new WeakMap<ProducerSet, ReadonlyMap<AccountName, number>>();

/** Place of an account in a set, or undefined. */
export function memberIndex(set: ProducerSet, account: AccountName): number | undefined {
  let index = indexes.get(set);
  if (index === undefined) {
    index = new Map(set.map((member, at) => [member.account, at]));
    indexes.set(set, index);
  }
  return index.get(account);
}

/** The member of that name, or undefined. */
export function memberOf(set: ProducerSet, account: AccountName): Producer | undefined {
  const at = memberIndex(set, account);
  return at === undefined ? undefined : set[at];
}

/**
 * Producers as a set: ascending by account (code units).
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS` when empty or an account is there twice.
 */
export function producerSet(producers: Iterable<Producer>): ProducerSet {
  const set = [...producers]
    .map(({ account, signingKey }) => ({ account, signingKey }))
    .sort((a, b) => compareText(a.account, b.account));
  if (set.length === 0) {
    throw new ConsensusError('CONSENSUS_PARAMETERS', 'producers: expected at least one, got none');
  }
  for (const [at, member] of set.entries()) {
    if (member.account === set[at + 1]?.account) {
      throw new ConsensusError(
        'CONSENSUS_PARAMETERS',
        `producers: ${member.account} is there twice`,
      );
    }
  }
  return set;
}

/** The same members with the same keys? */
export function sameSet(a: ProducerSet, b: ProducerSet): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((member, at) => {
        const other = b[at]!;
        return member.account === other.account && member.signingKey === other.signingKey;
      }))
  );
}

/** -1, 0, 1 by code units: the order of ASCII names and hexadecimal ids. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
