// SPDX-License-Identifier: Apache-2.0
// Values as JSON: amounts are decimal strings, bytes hexadecimal.

import type { Block, SignedTransaction } from '../protocol/types.ts';
import type { Confirmations, NodeIdentity, TransactionStatus } from './node-view.ts';

/** Anything JSON can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Any value of this API as JSON; what is undefined is left out. */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'object':
      break;
    case 'boolean':
    case 'number':
    case 'string':
      return value;
    default:
      return null;
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) return hexOf(value);
  if (Array.isArray(value)) return value.map(toJson);
  const out: Record<string, Json> = {};
  for (const [key, entry] of Object.entries(value as object)) {
    if (entry !== undefined) out[key] = toJson(entry);
  }
  return out;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** A transaction with its signatures and, where known, how far it has come. */
export function transactionJson(
  { id, transaction, signatures, bytes }: SignedTransaction,
  status?: TransactionStatus,
): Json {
  return toJson({ id, bytes: bytes.length, status, transaction, signatures });
}

/** How much of a block's transactions an answer holds. */
export type TransactionDetail = 'none' | 'ids' | 'full';

/** A block's header and what became of it; votes by who cast them. */
export function blockJson(
  block: Block,
  identity: NodeIdentity,
  confirmations: Confirmations | undefined,
  detail: TransactionDetail,
): Json {
  const { header, id, signature } = block.signedHeader;
  const summary = {
    ...header,
    id,
    time: identity.genesisTime + header.slot * identity.slotMilliseconds,
    bytes: block.bytes.length,
    confirmations,
  };
  if (detail === 'none') return toJson(summary);
  return toJson({
    ...summary,
    signature,
    votes: block.votes.map(({ vote: { producer, source, target } }) => ({
      producer,
      source,
      target,
    })),
    transactions:
      detail === 'ids'
        ? block.transactions.map((transaction) => transaction.id)
        : block.transactions.map((transaction) => transactionJson(transaction)),
  });
}
