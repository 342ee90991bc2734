// SPDX-License-Identifier: Apache-2.0
// Votes as bytes.

import { Limit, SignatureLayout, VoteLayout as V } from '../generated/protocol.ts';
import {
  checkMagic,
  checkZeros,
  expectEnd,
  fail,
  need,
  readId,
  readName,
  readSignature,
  writeId,
  writeName,
  writeSignature,
  writeU32,
} from './fields.ts';
import { asBuffer, sha256Id } from './hex.ts';
import type { Id, SignedVote, Vote } from './types.ts';

/** Bytes of a vote, and of one with its signature. */
export const VOTE_BYTES = V.BYTES;
export const SIGNED_VOTE_BYTES = VOTE_BYTES + SignatureLayout.BYTES;

function checkHeights(source: number, target: number, at: number): void {
  if (target <= source) {
    fail(
      'PROTOCOL_RANGE',
      at,
      `target: expected a height above the source's ${source}, got ${target}`,
    );
  }
}

function readVote(buffer: Buffer, at: number): Vote {
  checkMagic(buffer, at + V.MAGIC, Limit.MAGIC_VOTE, 'vote');
  checkZeros(buffer, at + V.MAGIC + 4, 4);
  const sourceHeight = buffer.readUInt32LE(at + V.SOURCE_HEIGHT);
  const targetHeight = buffer.readUInt32LE(at + V.TARGET_HEIGHT);
  checkHeights(sourceHeight, targetHeight, at + V.TARGET_HEIGHT);
  return {
    chainId: readId(buffer, at + V.CHAIN_ID),
    source: { height: sourceHeight, id: readId(buffer, at + V.SOURCE_ID) },
    target: { height: targetHeight, id: readId(buffer, at + V.TARGET_ID) },
    producer: readName(buffer, at + V.PRODUCER, 'producer'),
  };
}

function writeVote(buffer: Buffer, at: number, vote: Vote): void {
  checkHeights(vote.source.height, vote.target.height, at + V.TARGET_HEIGHT);
  writeU32(buffer, at + V.MAGIC, Limit.MAGIC_VOTE, 'vote');
  writeId(buffer, at + V.CHAIN_ID, vote.chainId, 'chainId');
  writeU32(buffer, at + V.SOURCE_HEIGHT, vote.source.height, 'source height');
  writeU32(buffer, at + V.TARGET_HEIGHT, vote.target.height, 'target height');
  writeId(buffer, at + V.SOURCE_ID, vote.source.id, 'source id');
  writeId(buffer, at + V.TARGET_ID, vote.target.id, 'target id');
  writeName(buffer, at + V.PRODUCER, vote.producer, 'producer');
}

/**
 * A vote as 144 bytes.
 *
 * @throws {ProtocolError} where a field is out of range.
 */
export function encodeVote(vote: Vote): Uint8Array {
  const buffer = Buffer.alloc(VOTE_BYTES);
  writeVote(buffer, 0, vote);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, VOTE_BYTES);
}

/**
 * Reads exactly 144 bytes.
 *
 * @throws {ProtocolError}
 */
export function decodeVote(bytes: Uint8Array): Vote {
  need(bytes, 0, VOTE_BYTES, 'vote');
  expectEnd(bytes, VOTE_BYTES, 'vote');
  return readVote(asBuffer(bytes), 0);
}

/** The vote's id: SHA-256 of the vote. */
export function voteId(vote: Vote): Id {
  return sha256Id(encodeVote(vote));
}

/** Writes 216 bytes. */
export function writeSignedVote(buffer: Buffer, at: number, signed: SignedVote): void {
  writeVote(buffer, at, signed.vote);
  writeSignature(buffer, at + VOTE_BYTES, signed.signature);
}

/** Reads 216 bytes; the signature is a view. */
export function readSignedVote(buffer: Buffer, at: number): SignedVote {
  need(buffer, at, SIGNED_VOTE_BYTES, 'signed vote');
  const vote = readVote(buffer, at);
  const id = sha256Id(buffer.subarray(at, at + VOTE_BYTES));
  return { vote, id, signature: readSignature(buffer, at + VOTE_BYTES) };
}

/** A vote and its signature as 216 bytes. */
export function encodeSignedVote(signed: SignedVote): Uint8Array {
  const buffer = Buffer.alloc(SIGNED_VOTE_BYTES);
  writeSignedVote(buffer, 0, signed);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, SIGNED_VOTE_BYTES);
}

/**
 * Reads exactly 216 bytes. The signature's form is checked, not whose it is.
 *
 * @throws {ProtocolError}
 */
export function decodeSignedVote(bytes: Uint8Array): SignedVote {
  need(bytes, 0, SIGNED_VOTE_BYTES, 'signed vote');
  expectEnd(bytes, SIGNED_VOTE_BYTES, 'signed vote');
  return readSignedVote(asBuffer(bytes), 0);
}
