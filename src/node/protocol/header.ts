// SPDX-License-Identifier: Apache-2.0
// Block headers as bytes.

import { HeaderLayout as H, Limit, SignatureLayout } from '../generated/protocol.ts';
import {
  checkInteger,
  checkMagic,
  checkZeros,
  expectEnd,
  need,
  readId,
  readName,
  readSafe,
  readSignature,
  writeId,
  writeName,
  writeSafe,
  writeSignature,
  writeU32,
} from './fields.ts';
import { asBuffer, sha256Id } from './hex.ts';
import type { BlockHeader, Id, SignedHeader } from './types.ts';

/** Bytes of a header, and of one with its signature. */
export const HEADER_BYTES = H.BYTES;
export const SIGNED_HEADER_BYTES = HEADER_BYTES + SignatureLayout.BYTES;

const HEIGHT = [1, 0xffff_ffff] as const;

function readHeader(buffer: Buffer, at: number): BlockHeader {
  checkMagic(buffer, at + H.MAGIC, Limit.MAGIC_HEADER, 'header');
  checkZeros(buffer, at + H.BODY_BYTES + 4, 4);
  return {
    chainId: readId(buffer, at + H.CHAIN_ID),
    height: checkInteger(buffer.readUInt32LE(at + H.HEIGHT), HEIGHT, 'height', at + H.HEIGHT),
    slot: readSafe(buffer, at + H.SLOT, 'slot'),
    parent: readId(buffer, at + H.PARENT),
    producer: readName(buffer, at + H.PRODUCER, 'producer'),
    transactionsRoot: readId(buffer, at + H.TRANSACTIONS_ROOT),
    votesRoot: readId(buffer, at + H.VOTES_ROOT),
    stateRoot: readId(buffer, at + H.STATE_ROOT),
    transactionCount: buffer.readUInt32LE(at + H.TRANSACTION_COUNT),
    voteCount: buffer.readUInt32LE(at + H.VOTE_COUNT),
    bodyBytes: buffer.readUInt32LE(at + H.BODY_BYTES),
  };
}

function writeHeader(buffer: Buffer, at: number, header: BlockHeader): void {
  checkInteger(header.height, HEIGHT, 'height', at);
  writeU32(buffer, at + H.MAGIC, Limit.MAGIC_HEADER, 'header');
  writeU32(buffer, at + H.HEIGHT, header.height, 'height');
  writeId(buffer, at + H.CHAIN_ID, header.chainId, 'chainId');
  writeId(buffer, at + H.PARENT, header.parent, 'parent');
  writeSafe(buffer, at + H.SLOT, header.slot, 'slot');
  writeName(buffer, at + H.PRODUCER, header.producer, 'producer');
  writeId(buffer, at + H.TRANSACTIONS_ROOT, header.transactionsRoot, 'transactionsRoot');
  writeId(buffer, at + H.VOTES_ROOT, header.votesRoot, 'votesRoot');
  writeId(buffer, at + H.STATE_ROOT, header.stateRoot, 'stateRoot');
  writeU32(buffer, at + H.TRANSACTION_COUNT, header.transactionCount, 'transactionCount');
  writeU32(buffer, at + H.VOTE_COUNT, header.voteCount, 'voteCount');
  writeU32(buffer, at + H.BODY_BYTES, header.bodyBytes, 'bodyBytes');
}

/**
 * A header as 224 bytes.
 *
 * @throws {ProtocolError} where a field is out of range.
 */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const buffer = Buffer.alloc(HEADER_BYTES);
  writeHeader(buffer, 0, header);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, HEADER_BYTES);
}

/**
 * Reads exactly 224 bytes.
 *
 * @throws {ProtocolError}
 */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  need(bytes, 0, HEADER_BYTES, 'header');
  expectEnd(bytes, HEADER_BYTES, 'header');
  return readHeader(asBuffer(bytes), 0);
}

/** The block's id: SHA-256 of the header. */
export function headerId(header: BlockHeader): Id {
  return sha256Id(encodeHeader(header));
}

/** Writes 296 bytes. */
export function writeSignedHeader(buffer: Buffer, at: number, signed: SignedHeader): void {
  writeHeader(buffer, at, signed.header);
  writeSignature(buffer, at + HEADER_BYTES, signed.signature);
}

/** Reads 296 bytes; the signature is a view. */
export function readSignedHeader(buffer: Buffer, at: number): SignedHeader {
  need(buffer, at, SIGNED_HEADER_BYTES, 'signed header');
  const header = readHeader(buffer, at);
  const id = sha256Id(buffer.subarray(at, at + HEADER_BYTES));
  return { header, id, signature: readSignature(buffer, at + HEADER_BYTES) };
}

/** A header and its signature as 296 bytes. */
export function encodeSignedHeader(signed: SignedHeader): Uint8Array {
  const buffer = Buffer.alloc(SIGNED_HEADER_BYTES);
  writeSignedHeader(buffer, 0, signed);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, SIGNED_HEADER_BYTES);
}

/**
 * Reads exactly 296 bytes. The signature's form is checked, not whose it is.
 *
 * @throws {ProtocolError}
 */
export function decodeSignedHeader(bytes: Uint8Array): SignedHeader {
  need(bytes, 0, SIGNED_HEADER_BYTES, 'signed header');
  expectEnd(bytes, SIGNED_HEADER_BYTES, 'signed header');
  return readSignedHeader(asBuffer(bytes), 0);
}
