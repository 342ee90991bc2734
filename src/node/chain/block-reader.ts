// SPDX-License-Identifier: Apache-2.0
// A block from its bytes, with what is known of its transactions from the pool.

import type { Candidate } from '../ledger/index.ts';
import { Pace } from '../ledger/pace.ts';
import type { KnownTransactions } from '../pool/index.ts';
import {
  bodyFields,
  decodeSignedHeader,
  decodeSignedVote,
  decodeTransaction,
  measureBlock,
  measureTransaction,
  ProtocolError,
  SIGNED_HEADER_BYTES,
  SIGNED_VOTE_BYTES,
} from '../protocol/index.ts';
import type {
  Block,
  PublicKey,
  SignedHeader,
  SignedTransaction,
  SignedVote,
} from '../protocol/types.ts';

/** What stands before a block's transactions. */
export interface BlockFront {
  readonly signedHeader: SignedHeader;
  readonly votes: readonly SignedVote[];
  /** Where its transactions begin. */
  readonly end: number;
}

/** A block, and who signed its transactions as far as known. */
export interface ReadBlock {
  readonly block: Block;
  readonly signers: (readonly PublicKey[] | undefined)[];
}

/** Transactions between looks at the clock. */
const STEP = 256;

/** The header at the front of a block. @throws {ProtocolError} */
export function readHeaderOf(bytes: Uint8Array): SignedHeader {
  return decodeSignedHeader(bytes.subarray(0, SIGNED_HEADER_BYTES));
}

/** The front of a block. Shares memory with `bytes`. @throws {ProtocolError} */
export function readFront(bytes: Uint8Array): BlockFront {
  if (measureBlock(bytes) !== bytes.length) {
    throw new ProtocolError('PROTOCOL_LENGTH', 'block: bytes follow its end');
  }
  const signedHeader = readHeaderOf(bytes);
  const { voteCount } = signedHeader.header;
  if (SIGNED_HEADER_BYTES + voteCount * SIGNED_VOTE_BYTES > bytes.length) {
    throw new ProtocolError('PROTOCOL_LENGTH', `block: ${voteCount} votes do not fit`);
  }
  let end = SIGNED_HEADER_BYTES;
  const votes: SignedVote[] = [];
  for (; votes.length < voteCount; end += SIGNED_VOTE_BYTES) {
    votes.push(decodeSignedVote(bytes.subarray(end, end + SIGNED_VOTE_BYTES)));
  }
  return { signedHeader, votes, end };
}

/**
 * Reads what follows the front, both as `decodeBlock` does, but transactions the pool has are taken from
 * there, and others get a turn in between. Shares memory with `bytes`.
 *
 * @throws {ProtocolError}
 */
export async function readBody(
  bytes: Uint8Array,
  { signedHeader, votes, end: start }: BlockFront,
  known: KnownTransactions,
): Promise<ReadBlock> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { transactionCount } = signedHeader.header;
  let at = start;
  const pace = new Pace();
  const transactions: SignedTransaction[] = [];
  const signers: (readonly PublicKey[] | undefined)[] = [];
  while (at < bytes.length && transactions.length < transactionCount) {
    if (transactions.length % STEP === 0 && pace.due) await pace.rest();
    const end = at + measureTransaction(buffer, at);
    const found: Candidate | undefined = known.find(buffer, at, end);
    transactions.push(found?.transaction ?? decodeTransaction(buffer, at));
    signers.push(found?.signers);
    at = end;
  }
  const block: Block = { signedHeader, votes, transactions, bytes };
  const expected = bodyFields(block);
  for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
    if (signedHeader.header[key] === expected[key]) continue;
    const message = `block: the body's ${key} is ${expected[key]}, its header says ${signedHeader.header[key]}`;
    throw new ProtocolError('PROTOCOL_ROOT', message);
  }
  return { block, signers };
}
