// SPDX-License-Identifier: Apache-2.0
// Transactions as bytes: taken apart by their heads, handed to the node, and its verdicts.

import { measureTransaction, ProtocolError } from '../protocol/index.ts';
import { ApiError } from './errors.ts';
import type { ApiLimits } from './limits.ts';
import type { NodeView, Verdict } from './node-view.ts';

/** Verdicts of one request. */
export interface SubmitAnswer {
  readonly accepted: number;
  /** In order; of a request that asks for refused ones only, those. */
  readonly verdicts: readonly (Verdict & { readonly index: number })[];
}

/**
 * Takes concatenated transactions apart, without a copy.
 *
 * @throws {ApiError} `invalid` when the last one ends early, `too_large`.
 */
export function splitTransactions(bytes: Uint8Array, limit: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (parts.length === limit) {
      throw new ApiError('too_large', `expected at most ${limit} transactions, got more`);
    }
    const length = measured(bytes, at);
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (parts.length === 0) throw new ApiError('invalid', 'expected a transaction, got 0 bytes');
  return parts;
}

/** Length of the transaction at `at`, by its head. */
function measured(bytes: Uint8Array, at: number): number {
  try {
    return measureTransaction(bytes, at);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ApiError('invalid', `offset ${at}: ${error.message}`);
  }
}

/** Hands transactions in. */
export async function submitTransactions(
  node: NodeView,
  transactions: readonly Uint8Array[],
  refusedOnly: boolean,
): Promise<SubmitAnswer> {
  const verdicts = await node.submit(transactions);
  const numbered = refusedOnly ? [] : verdicts.map((verdict, index) => ({ index, ...verdict }));
  let accepted = 0;
  verdicts.forEach((verdict, index) => {
    if (verdict.accepted) accepted++;
    else if (refusedOnly) numbered.push({ index, ...verdict });
  });
  return { accepted, verdicts: numbered };
}

/** Bytes of hexadecimal transactions, one each. */
export function bytesOfHex(transactions: readonly string[], limits: ApiLimits): Uint8Array[] {
  return transactions.map((text, index) => {
    const bytes = Uint8Array.from(Buffer.from(text, 'hex'));
    const [only, ...rest] = splitTransactions(bytes, limits.submitTransactions);
    if (only && rest.length === 0) return only;
    throw new ApiError('invalid', `transactions.${index}: expected 1, got ${rest.length + 1}`);
  });
}
