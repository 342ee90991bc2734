// SPDX-License-Identifier: Apache-2.0
// The outcome of a proposal, kept for the block that comes of it.

import type { Block, PublicKey } from '../protocol/types.ts';
import type { HeaderFields } from './contract.ts';
import type { Execution, Outcome } from './run.ts';
import type { TreeUndo } from './state-tree.ts';

export interface Prepared<State, Event> {
  readonly header: HeaderFields;
  /** Ids of its votes, in order. */
  readonly votes: readonly string[];
  readonly execution: Execution;
  readonly outcome: Outcome<State, Event>;
  /** Brings the tree to the outcome again. */
  readonly redo: TreeUndo;
}

/** Is this block, signed by these, what was executed? */
export function isPrepared(
  prepared: Prepared<unknown, unknown>,
  { signedHeader: { header }, votes, transactions }: Block,
  signers: readonly (readonly PublicKey[])[],
): boolean {
  const { included } = prepared.execution;
  const expected = prepared.header;
  return (
    header.parent === expected.parent &&
    header.slot === expected.slot &&
    header.producer === expected.producer &&
    header.stateRoot === prepared.outcome.stateRoot &&
    transactions.length === included.length &&
    votes.length === prepared.votes.length &&
    votes.every(({ id }, i) => id === prepared.votes[i]) &&
    transactions.every(({ id, bytes }, i) => {
      const candidate = included[i]!;
      return (
        id === candidate.transaction.id &&
        bytes.length === candidate.transaction.bytes.length &&
        sameKeys(signers[i]!, candidate.signers)
      );
    })
  );
}

function sameKeys(a: readonly PublicKey[], b: readonly PublicKey[]): boolean {
  return a === b || (a.length === b.length && a.every((key, i) => key === b[i]));
}
