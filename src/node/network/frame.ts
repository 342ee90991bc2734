// SPDX-License-Identifier: Apache-2.0
// Frames: a fixed header, then the payload. docs/protocol.md has the bytes.

import { crc32 } from 'node:zlib';
import { FrameLayout, Limit, MessageCode } from '../generated/protocol.ts';
import { fail } from '../protocol/fields.ts';
import { asBuffer } from '../protocol/hex.ts';

/** Payload of the longest batch of transactions: four of the longest, and the batch's head. */
export const MAX_TRANSACTIONS_PAYLOAD = 4 * Limit.MAX_TRANSACTION_BYTES + 8;

/** Payload of the longest answer to a request for blocks, unless its first block alone is longer. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const SIGNED_VOTE_BYTES = 216;

/** Shortest and longest payload of a kind. */
export type PayloadBounds = ReadonlyMap<number, readonly [low: number, high: number]>;

/** Before both sides have proven who they are. */
export const HANDSHAKE_BOUNDS: PayloadBounds = new Map([
  [MessageCode.HELLO, [144, 144]],
  [MessageCode.AUTH, [72, 72]],
  [MessageCode.GOODBYE, [64, 64]],
]);

/** Afterwards, on a chain with blocks of at most so many bytes. */
export function sessionBounds(maxBlockBytes: number): PayloadBounds {
  return new Map([
    [MessageCode.PING, [8, 8]],
    [MessageCode.PONG, [8, 8]],
    [MessageCode.TRANSACTIONS, [8, MAX_TRANSACTIONS_PAYLOAD]],
    [MessageCode.BLOCK, [296, maxBlockBytes]],
    [MessageCode.ANNOUNCE, [296, 296]],
    [MessageCode.VOTES, [8, 8 + SIGNED_VOTE_BYTES * Limit.MAX_BATCH_VOTES]],
    [MessageCode.GET_BLOCKS, [16, 16]],
    [MessageCode.BLOCKS, [8, 8 + Math.max(maxBlockBytes, MAX_ANSWER_BYTES)]],
    [MessageCode.GET_BLOCK, [40, 40]],
    [MessageCode.GET_PEERS, [8, 8]],
    [MessageCode.PEERS, [8, 8 + 64 * Limit.MAX_BATCH_PEERS]],
    [MessageCode.STATUS, [72, 72]],
    [MessageCode.GOODBYE, [64, 64]],
  ]);
}

const NAMES = new Map(Object.entries(MessageCode).map(([name, code]) => [code as number, name]));

/** Name of a kind, for logs and counters. */
export function kindName(kind: number): string {
  return NAMES.get(kind)?.toLowerCase() ?? `kind ${kind}`;
}

/** A frame whose payload is these parts one after another; stored once. */
export function encodeFrame(kind: MessageCode, ...parts: readonly Uint8Array[]): Uint8Array {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  const frame = Buffer.allocUnsafeSlow(FrameLayout.BYTES + bytes);
  let at: number = FrameLayout.BYTES;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  frame.writeUInt32LE(Limit.MAGIC_FRAME, FrameLayout.MAGIC);
  frame[FrameLayout.VERSION] = Limit.VERSION;
  frame[FrameLayout.KIND] = kind;
  frame.writeUInt16LE(0, FrameLayout.KIND + 1);
  frame.writeUInt32LE(bytes, FrameLayout.PAYLOAD_BYTES);
  frame.writeUInt32LE(crc32(frame.subarray(FrameLayout.BYTES)), FrameLayout.CHECKSUM);
  return frame;
}

/** What a frame's header says. */
export interface FrameHeader {
  readonly kind: MessageCode;
  readonly bytes: number;
  readonly checksum: number;
}

/**
 * Reads a header; nothing of the payload is awaited if it is not right.
 *
 * @throws {ProtocolError} `PROTOCOL_MAGIC`, `PROTOCOL_VERSION`, `PROTOCOL_TYPE`, `PROTOCOL_RESERVED`,
 *   `PROTOCOL_LENGTH`.
 */
export function decodeFrameHeader(header: Uint8Array, bounds: PayloadBounds): FrameHeader {
  const buffer = asBuffer(header);
  const magic = buffer.readUInt32LE(FrameLayout.MAGIC);
  if (magic !== Limit.MAGIC_FRAME) {
    const expected = Limit.MAGIC_FRAME.toString(16);
    fail('PROTOCOL_MAGIC', 0, `frame: expected 0x${expected}, got 0x${magic.toString(16)}`);
  }
  const version = buffer[FrameLayout.VERSION]!;
  if (version !== Limit.VERSION) {
    fail('PROTOCOL_VERSION', 4, `frame: expected version ${Limit.VERSION}, got ${version}`);
  }
  const kind = buffer[FrameLayout.KIND]!;
  const allowed = bounds.get(kind);
  if (!allowed) fail('PROTOCOL_TYPE', 5, `frame: ${kindName(kind)} is not expected here`);
  const reserved = buffer.readUInt16LE(FrameLayout.KIND + 1);
  if (reserved !== 0) fail('PROTOCOL_RESERVED', 6, `frame: expected 0, got ${reserved}`);
  const bytes = buffer.readUInt32LE(FrameLayout.PAYLOAD_BYTES);
  const [low, high] = allowed;
  if (bytes < low || bytes > high || bytes % 8 !== 0) {
    const expected = low === high ? `${low}` : `${low} to ${high}, a multiple of 8`;
    fail('PROTOCOL_LENGTH', 8, `${kindName(kind)}: expected ${expected} bytes, got ${bytes}`);
  }
  const checksum = buffer.readUInt32LE(FrameLayout.CHECKSUM);
  return { kind: kind as MessageCode, bytes, checksum };
}

/** @throws {ProtocolError} `PROTOCOL_CHECKSUM`. */
export function checkPayload({ kind, checksum }: FrameHeader, payload: Uint8Array): void {
  const got = crc32(payload);
  if (got !== checksum) {
    fail(
      'PROTOCOL_CHECKSUM',
      FrameLayout.CHECKSUM,
      `${kindName(kind)}: expected checksum ${checksum}, got ${got}`,
    );
  }
}
