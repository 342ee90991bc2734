// SPDX-License-Identifier: Apache-2.0
// Frames: what surrounds a message between peers.

import { crc32 } from 'node:zlib';
import { FrameLayout as F, Limit, MessageBytes, MessageCode } from '../generated/protocol.ts';
import { checkMagic, checkZeros, fail, need } from './fields.ts';
import { asBuffer } from './hex.ts';

/** Bytes before each payload. */
export const FRAME_BYTES = F.BYTES;

/** Code of each kind on the wire. */
export const MESSAGE_CODES = {
  hello: MessageCode.HELLO,
  auth: MessageCode.AUTH,
  ping: MessageCode.PING,
  pong: MessageCode.PONG,
  transactions: MessageCode.TRANSACTIONS,
  block: MessageCode.BLOCK,
  announce: MessageCode.ANNOUNCE,
  votes: MessageCode.VOTES,
  getBlocks: MessageCode.GET_BLOCKS,
  blocks: MessageCode.BLOCKS,
  getBlock: MessageCode.GET_BLOCK,
  getPeers: MessageCode.GET_PEERS,
  peers: MessageCode.PEERS,
  status: MessageCode.STATUS,
  goodbye: MessageCode.GOODBYE,
} as const;

/** What a message is. */
export type MessageKind = keyof typeof MESSAGE_CODES;

/** All kinds, ascending by code. */
export const MESSAGE_KINDS = Object.freeze(Object.keys(MESSAGE_CODES) as MessageKind[]);

const BY_CODE: (MessageKind | undefined)[] = [];
for (const kind of MESSAGE_KINDS) BY_CODE[MESSAGE_CODES[kind]] = kind;

const NAME_OF_CODE = new Map<number, keyof typeof MessageCode>();
for (const [name, code] of Object.entries(MessageCode)) {
  NAME_OF_CODE.set(code, name as keyof typeof MessageCode);
}

/** Fewest and most payload bytes of a kind. */
export function payloadBounds(kind: MessageKind): readonly [number, number] {
  return MessageBytes[NAME_OF_CODE.get(MESSAGE_CODES[kind])!];
}

/** The head of a frame. */
export interface FrameHead {
  readonly kind: MessageKind;
  readonly payloadBytes: number;
  /** CRC-32 of the payload. */
  readonly checksum: number;
}

/**
 * Reads the 16 bytes before a payload; after an error nothing of the stream can be trusted.
 *
 * @throws {ProtocolError} also where the kind's payload cannot be so long.
 */
export function decodeFrameHead(bytes: Uint8Array, at = 0): FrameHead {
  need(bytes, at, F.BYTES, 'frame');
  const buffer = asBuffer(bytes);
  checkMagic(buffer, at + F.MAGIC, Limit.MAGIC_FRAME, 'frame');
  const version = buffer[at + F.VERSION]!;
  if (version !== Limit.VERSION) {
    fail('PROTOCOL_VERSION', at + F.VERSION, `frame: expected version 1, got ${version}`);
  }
  const code = buffer[at + F.KIND]!;
  const kind = BY_CODE[code];
  if (!kind) fail('PROTOCOL_TYPE', at + F.KIND, `frame: expected a known kind, got ${code}`);
  checkZeros(buffer, at + F.KIND + 1, 2);
  const payloadBytes = buffer.readUInt32LE(at + F.PAYLOAD_BYTES);
  checkPayloadBytes(kind, payloadBytes, at + F.PAYLOAD_BYTES);
  return { kind, payloadBytes, checksum: buffer.readUInt32LE(at + F.CHECKSUM) };
}

function checkPayloadBytes(kind: MessageKind, bytes: number, at: number): void {
  const [low, high] = payloadBounds(kind);
  if (bytes < low || bytes > high || bytes % 8 !== 0) {
    const expected = `a multiple of 8 from ${low} to ${high}`;
    fail('PROTOCOL_LENGTH', at, `payload of ${kind}: expected ${expected} bytes, got ${bytes}`);
  }
}

/** @throws {ProtocolError} `PROTOCOL_CHECKSUM` when the payload is not the one its head announced. */
export function checkPayload({ kind, checksum }: FrameHead, payload: Uint8Array): void {
  const got = crc32(payload);
  if (got !== checksum) {
    const hex = (value: number) => `0x${value.toString(16)}`;
    fail('PROTOCOL_CHECKSUM', 0, `payload of ${kind}: expected ${hex(checksum)}, got ${hex(got)}`);
  }
}

/** Writes the head before a payload that stands in `frame` from byte 16 on. @throws {ProtocolError} */
export function sealFrame(frame: Buffer, kind: MessageKind): void {
  const payload = frame.subarray(F.BYTES);
  checkPayloadBytes(kind, payload.length, F.PAYLOAD_BYTES);
  frame.writeUInt32LE(Limit.MAGIC_FRAME, F.MAGIC);
  frame[F.VERSION] = Limit.VERSION;
  frame[F.KIND] = MESSAGE_CODES[kind];
  frame.writeUInt32LE(payload.length, F.PAYLOAD_BYTES);
  frame.writeUInt32LE(crc32(payload), F.CHECKSUM);
}
