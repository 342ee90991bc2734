// SPDX-License-Identifier: Apache-2.0
// Evidence that a producer contradicted itself.

import { recoverPublicKey } from '@noble/secp256k1';
import type {
  Id,
  PublicKey,
  ReportDoubleProduction,
  ReportDoubleVote,
  Signature,
} from '../protocol/types.ts';
import { candidate, convict } from './ballots.ts';
import { ensure, LedgerError } from './errors.ts';
import type { BlockContext } from './operations.ts';

interface Statement {
  readonly chainId: Id;
  readonly producer: string;
  readonly height: number;
  readonly id: Id;
  readonly signature: Signature;
}

/** Recovers a key in software; evidence is rare, and each costs two at most. */
export function recoverInSoftware(digest: Id, signature: Signature): PublicKey | undefined {
  const recovered = new Uint8Array(65);
  recovered[0] = signature[64]!;
  recovered.set(signature.subarray(0, 64), 1);
  try {
    const key = recoverPublicKey(recovered, Buffer.from(digest, 'hex'), { prehash: false });
    return Buffer.from(key).toString('hex');
  } catch {
    return undefined;
  }
}

/** Votes out whoever signed two headers for one slot. @throws {LedgerError} `LEDGER_EVIDENCE`. */
export function reportDoubleProduction(
  context: BlockContext,
  { first, second }: ReportDoubleProduction,
): void {
  const slots = [first.header.slot, second.header.slot];
  expectEvidence(slots[0] === slots[1], 'headers of one slot', `slots ${slots.join(' and ')}`);
  judge(context, [
    { ...first.header, id: first.id, signature: first.signature },
    { ...second.header, id: second.id, signature: second.signature },
  ]);
}

/** Votes out whoever cast two votes that contradict each other. @throws {LedgerError} `LEDGER_EVIDENCE`. */
export function reportDoubleVote(context: BlockContext, { first, second }: ReportDoubleVote): void {
  const [a, b] = [first.vote, second.vote];
  const surrounds = (outer: typeof a, inner: typeof a) =>
    outer.source.height < inner.source.height && inner.target.height < outer.target.height;
  expectEvidence(
    a.target.height === b.target.height || surrounds(a, b) || surrounds(b, a),
    'votes for one height, or one around the other',
    `${a.source.height} -> ${a.target.height} and ${b.source.height} -> ${b.target.height}`,
  );
  judge(
    context,
    [first, second].map(({ vote, id, signature }) => ({
      chainId: vote.chainId,
      producer: vote.producer,
      height: vote.target.height,
      id,
      signature,
    })),
  );
}

/**
 * What holds for both kinds; the cheap part first. Evidence is spent once its producer stands for election
 * again: so nothing counts that is about a height the chain has yet to reach.
 */
function judge(context: BlockContext, statements: readonly Statement[]): void {
  const { draft, recoverKey } = context;
  const { chainId } = context.genesis;
  const [first, second] = [statements[0]!, statements[1]!];
  const name = first.producer;
  expectEvidence(second.producer === name, `one producer ${name}`, second.producer);
  expectEvidence(first.id !== second.id, 'two different statements', 'the same twice');
  const producer = candidate(draft, name);
  ensure(
    producer.status !== 'convicted',
    'LEDGER_CANDIDATE',
    () => `${name} has been voted out already`,
  );
  for (const statement of statements) {
    const { height, id, signature } = statement;
    expectEvidence(statement.chainId === chainId, `chain ${chainId}`, statement.chainId);
    expectEvidence(
      height > producer.since,
      `a height after ${producer.since}, when ${name} stood for election`,
      height,
    );
    expectEvidence(height <= context.height, `a height up to ${context.height}`, height);
    const key = recoverKey(id, signature);
    expectEvidence(
      key !== undefined && (key === producer.signingKey || key === producer.formerKey),
      `a signature of ${name}`,
      `one of ${key ?? 'nobody'}`,
    );
  }
  convict(draft, name);
}

function expectEvidence(holds: boolean, expected: string, got: string | number): void {
  if (!holds) throw new LedgerError('LEDGER_EVIDENCE', `expected ${expected}, got ${got}`);
}
