// SPDX-License-Identifier: Apache-2.0
// Blocks as bytes: header, signature, votes, transactions.

import { HeaderLayout as H, Limit } from '../generated/protocol.ts';
import { checkMagic, expectEnd, fail, need, view } from './fields.ts';
import { readSignedHeader, SIGNED_HEADER_BYTES, writeSignedHeader } from './header.ts';
import { asBuffer } from './hex.ts';
import { merkleRoot } from './merkle.ts';
import { decodeTransaction } from './transaction.ts';
import type {
  Block,
  BlockHeader,
  Id,
  SignedHeader,
  SignedTransaction,
  SignedVote,
} from './types.ts';
import { readSignedVote, SIGNED_VOTE_BYTES, writeSignedVote } from './vote.ts';

/** What a block carries besides its header. */
export interface BlockBody {
  readonly votes: readonly SignedVote[];
  readonly transactions: readonly SignedTransaction[];
}

/** The fields of a header that follow from the body. */
export type BodyFields = Pick<
  BlockHeader,
  'transactionsRoot' | 'votesRoot' | 'transactionCount' | 'voteCount' | 'bodyBytes'
>;

/** Of bodies computed last: whoever makes a block needs its fields twice. */
const computed = new WeakMap<
  BlockBody['transactions'],
  { readonly votes: BlockBody['votes']; readonly fields: BodyFields }
>();

/**
 * What a header must say about a body. Its lists are not to be written afterwards.
 *
 * @param transactionsRoot - where it has been computed already.
 */
export function bodyFields({ votes, transactions }: BlockBody, transactionsRoot?: Id): BodyFields {
  const known = computed.get(transactions);
  if (known?.votes === votes) return known.fields;
  const root = transactionsRoot ?? merkleRoot(transactions.map(({ id }) => id));
  const fields = computeFields({ votes, transactions }, root);
  computed.set(transactions, { votes, fields });
  return fields;
}

function computeFields({ votes, transactions }: BlockBody, transactionsRoot: Id): BodyFields {
  return {
    transactionsRoot,
    votesRoot: merkleRoot(votes.map(({ id }) => id)),
    transactionCount: transactions.length,
    voteCount: votes.length,
    bodyBytes: transactions.reduce(
      (sum, { bytes }) => sum + bytes.length,
      votes.length * SIGNED_VOTE_BYTES,
    ),
  };
}

function checkBody(header: BlockHeader, body: BlockBody): void {
  const expected = bodyFields(body);
  for (const key of Object.keys(expected) as (keyof BodyFields)[]) {
    if (header[key] !== expected[key]) {
      const code = key.endsWith('Root') ? 'PROTOCOL_ROOT' : 'PROTOCOL_LENGTH';
      fail(code, 0, `block: the body's ${key} is ${expected[key]}, its header says ${header[key]}`);
    }
  }
}

/**
 * A block as bytes; see also `assembleBlock`.
 *
 * @throws {ProtocolError} where the header does not describe the body.
 */
export function encodeBlock(block: Omit<Block, 'bytes'>): Uint8Array {
  const { signedHeader, votes, transactions } = block;
  checkBody(signedHeader.header, block);
  const total = SIGNED_HEADER_BYTES + signedHeader.header.bodyBytes;
  checkTotal(total, 0);
  const buffer = Buffer.alloc(total);
  writeSignedHeader(buffer, 0, signedHeader);
  let at = SIGNED_HEADER_BYTES;
  for (const vote of votes) {
    writeSignedVote(buffer, at, vote);
    at += SIGNED_VOTE_BYTES;
  }
  for (const { bytes } of transactions) {
    buffer.set(bytes, at);
    at += bytes.length;
  }
  return view(buffer, 0, total);
}

/** A block with its bytes. @throws {ProtocolError} as `encodeBlock`. */
export function assembleBlock(signedHeader: SignedHeader, body: BlockBody): Block {
  const { votes, transactions } = body;
  const parts = { signedHeader, votes, transactions };
  return { ...parts, bytes: encodeBlock(parts) };
}

function checkTotal(bytes: number, at: number): void {
  if (bytes > Limit.MAX_BLOCK_BYTES) {
    fail(
      'PROTOCOL_LENGTH',
      at,
      `block: expected at most ${Limit.MAX_BLOCK_BYTES} bytes, got ${bytes}`,
    );
  }
}

/**
 * Bytes of the block at `at`, from its header alone.
 *
 * @throws {ProtocolError} where the header is malformed or the bytes end before the block.
 */
export function measureBlock(bytes: Uint8Array, at = 0): number {
  need(bytes, at, SIGNED_HEADER_BYTES, 'block');
  const buffer = asBuffer(bytes);
  checkMagic(buffer, at + H.MAGIC, Limit.MAGIC_HEADER, 'header');
  const total = SIGNED_HEADER_BYTES + buffer.readUInt32LE(at + H.BODY_BYTES);
  checkTotal(total, at);
  need(bytes, at, total, 'block');
  return total;
}

/**
 * Reads a block and checks that it is the one its header describes: counts, lengths, Merkle roots.
 *
 * Not checked: whose the signatures are. The roots cover no signatures, so a block with a wrong one says
 * nothing against its header. The result shares memory with `bytes`.
 *
 * @param offset - where it begins, when more may follow; without it the bytes must end with it.
 * @throws {ProtocolError}
 */
export function decodeBlock(bytes: Uint8Array, offset?: number): Block {
  const start = offset ?? 0;
  const total = measureBlock(bytes, start);
  if (offset === undefined) expectEnd(bytes, total, 'block');
  const end = start + total;
  // Nothing of this block may come from what follows it.
  const buffer = asBuffer(bytes).subarray(0, end);
  const signedHeader = readSignedHeader(buffer, start);
  const { voteCount, transactionCount } = signedHeader.header;
  let at = start + SIGNED_HEADER_BYTES;
  need(buffer, at, voteCount * SIGNED_VOTE_BYTES, 'votes');
  const votes: SignedVote[] = [];
  for (let i = 0; i < voteCount; i++) {
    votes.push(readSignedVote(buffer, at));
    at += SIGNED_VOTE_BYTES;
  }
  const transactions: SignedTransaction[] = [];
  while (at < end && transactions.length < transactionCount) {
    const transaction = decodeTransaction(buffer, at);
    transactions.push(transaction);
    at += transaction.bytes.length;
  }
  if (at !== end) fail('PROTOCOL_LENGTH', at, `block: ${end - at} bytes follow its transactions`);
  const block = { signedHeader, votes, transactions, bytes: view(buffer, start, total) };
  checkBody(signedHeader.header, block);
  return block;
}
