// SPDX-License-Identifier: Apache-2.0
// The file of a recorded run, byte by byte; docs/recording.md is the reference. Little-endian.

import { crc32 } from 'node:zlib';
import { AccelError } from '../../errors.ts';
import { CompletionLayout, DescriptorLayout } from '../../generated/registers.ts';

/** First eight bytes of the file. */
export const FILE_MAGIC = 'HPBRECRD';
/** Version of the format. */
export const FILE_VERSION = 1;
export const HEADER_BYTES = 32;
/** Before and after the payload of a frame: type, length and time; checksum. */
export const FRAME_HEAD_BYTES = 16;
export const FRAME_TAIL_BYTES = 4;
/** Largest payload: 65,535 records of a descriptor fit. */
export const MAX_PAYLOAD_BYTES = 2 ** 24;
/** Registers lie below; a bus address and a length stay below 2^53 together. */
export const WINDOW_BYTES = 0x10000;

const KINDS = ['verilator', 'pcie'] as const;
const UNITS = ['cycles', 'nanoseconds'] as const;
/** How a wait ended. */
export const WAKES = ['interrupt', 'timeout', 'closed'] as const;
/** Why a recording ended: the device was closed, or the file had its largest size. */
export const ENDS = ['closed', 'limit'] as const;

/** What was recorded. */
export interface RecordingHeader {
  readonly kind: (typeof KINDS)[number];
  readonly timeUnit: (typeof UNITS)[number];
  /** Largest ring of the card, as a power of two. */
  readonly ringLog2Max: number;
  /** Register-map hash of the driver that recorded. */
  readonly mapHash: bigint;
}

/** One thing that happened, in the order in which the driver saw it. */
export type RecordedEvent =
  | { readonly type: 'alloc'; readonly address: bigint; readonly bytes: number }
  | { readonly type: 'write'; readonly offset: number; readonly value: number }
  | { readonly type: 'read'; readonly offset: number; readonly value: number }
  | { readonly type: 'wake'; readonly wake: (typeof WAKES)[number] }
  | {
      readonly type: 'descriptor';
      /** Offset of the engine's register block. */
      readonly block: number;
      /** Number since the ring was started, modulo 32768. */
      readonly number: number;
      /** As in the submission ring, 32 bytes. */
      readonly descriptor: Uint8Array;
      /** What the card is given to read; empty where the driver does not know what that is. */
      readonly input: Uint8Array;
    }
  | {
      readonly type: 'completion';
      readonly block: number;
      readonly number: number;
      /** As in the completion ring, 16 bytes. */
      readonly completion: Uint8Array;
      /** What the card wrote for the descriptor; empty where its status is not OK. */
      readonly result: Uint8Array;
    }
  | { readonly type: 'failure'; readonly message: string }
  | { readonly type: 'end'; readonly reason: (typeof ENDS)[number] };

/** An event, the time of the device, and its place in the file. */
export type Access = RecordedEvent & {
  /** From 1. */
  readonly access: number;
  /** Device time. */
  readonly time: number;
};

const TYPES = [
  'alloc',
  'write',
  'read',
  'wake',
  'descriptor',
  'completion',
  'failure',
  'end',
] as const satisfies readonly RecordedEvent['type'][];

const MESSAGE_BYTES = 1024;
const RING_HEAD_BYTES = 8;

export function encodeHeader(header: RecordingHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(FILE_MAGIC, 'latin1');
  bytes.writeUInt32LE(FILE_VERSION, 8);
  bytes.writeUInt8(KINDS.indexOf(header.kind), 12);
  bytes.writeUInt8(UNITS.indexOf(header.timeUnit), 13);
  bytes.writeUInt8(header.ringLog2Max, 14);
  bytes.writeBigUInt64LE(header.mapHash, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** @throws {AccelError} `ACCEL_ARGUMENT`: no recording, another version, damaged. */
export function decodeHeader(bytes: Buffer): RecordingHeader {
  const magic = bytes.toString('latin1', 0, 8);
  if (bytes.length < HEADER_BYTES || magic !== FILE_MAGIC) {
    throw damaged(0, `expected a recording, which begins with ${FILE_MAGIC}`);
  }
  const version = bytes.readUInt32LE(8);
  if (version !== FILE_VERSION) {
    throw damaged(8, `expected version ${FILE_VERSION} of the format, got ${version}`);
  }
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) throw damaged(28, 'wrong checksum');
  const kind = KINDS[bytes.readUInt8(12)];
  const timeUnit = UNITS[bytes.readUInt8(13)];
  const ringLog2Max = bytes.readUInt8(14);
  if (!kind || !timeUnit || ringLog2Max < 2 || ringLog2Max > 15 || bytes[15] !== 0) {
    throw damaged(12, 'unknown device');
  }
  if (bytes.readUInt32LE(24) !== 0) throw damaged(24, 'expected 0');
  return { kind, timeUnit, ringLog2Max, mapHash: bytes.readBigUInt64LE(16) };
}

/** A whole frame. @param time - device time, not negative. */
export function encodeFrame(event: RecordedEvent, time: number): Uint8Array {
  const payload = encodePayload(event);
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length + FRAME_TAIL_BYTES);
  bytes.writeUInt8(TYPES.indexOf(event.type) + 1, 0);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeBigUInt64LE(BigInt(Math.floor(time)), 8);
  bytes.writeUIntLE(headCheck(bytes), 1, 3);
  bytes.set(payload, FRAME_HEAD_BYTES);
  const end = FRAME_HEAD_BYTES + payload.length;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

function encodePayload(event: RecordedEvent): Uint8Array {
  switch (event.type) {
    case 'alloc':
      return words64(event.address, BigInt(event.bytes));
    case 'write':
    case 'read':
      return words32(event.offset, event.value);
    case 'wake':
      return words32(WAKES.indexOf(event.wake));
    case 'descriptor':
      return Buffer.concat([words32(event.block, event.number), event.descriptor, event.input]);
    case 'completion':
      return Buffer.concat([words32(event.block, event.number), event.completion, event.result]);
    case 'failure':
      return Buffer.from(event.message).subarray(0, MESSAGE_BYTES);
    case 'end':
      return words32(ENDS.indexOf(event.reason));
  }
}

function words32(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value, 4 * i);
  });
  return bytes;
}

function words64(...values: bigint[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => {
    bytes.writeBigUInt64LE(value, 8 * i);
  });
  return bytes;
}

/** Low three bytes of the checksum of a head, taken with zeros in their place. */
function headCheck(bytes: Buffer): number {
  const head = Buffer.from(bytes.subarray(0, FRAME_HEAD_BYTES)).fill(0, 1, 4);
  return crc32(head) & 0xff_ffff;
}

/**
 * Length of a frame's payload, from its head. The head has a checksum of its own, so that a damaged
 * length is no file that is cut short.
 *
 * @param at - offset of the frame in the file, for messages.
 * @throws {AccelError} `ACCEL_ARGUMENT`: checksum, longer than any frame.
 */
export function payloadLength(head: Buffer, at: number): number {
  if (head.readUIntLE(1, 3) !== headCheck(head)) throw damaged(at, 'wrong checksum of a head');
  const length = head.readUInt32LE(4);
  if (length > MAX_PAYLOAD_BYTES) {
    throw damaged(at + 4, `expected a length of at most ${MAX_PAYLOAD_BYTES}, got ${length}`);
  }
  return length;
}

/**
 * Reads a whole frame.
 *
 * @param at - offset of the frame in the file, for messages.
 * @throws {AccelError} `ACCEL_ARGUMENT`: checksum, unknown type, a value out of its range.
 */
export function decodeFrame(bytes: Buffer, at: number): RecordedEvent & { readonly time: number } {
  const end = bytes.length - FRAME_TAIL_BYTES;
  if (bytes.readUInt32LE(end) !== crc32(bytes.subarray(0, end))) {
    throw damaged(at, 'wrong checksum');
  }
  const type = TYPES[bytes.readUInt8(0) - 1];
  if (!type) throw damaged(at, `unknown type ${bytes.readUInt8(0)}`);
  const time = integer(bytes, 8, at);
  return { ...decodePayload(type, bytes.subarray(FRAME_HEAD_BYTES, end), at), time };
}

function decodePayload(
  type: (typeof TYPES)[number],
  payload: Buffer,
  frame: number,
): RecordedEvent {
  const at = frame + FRAME_HEAD_BYTES;
  switch (type) {
    case 'alloc': {
      requireLength(payload, 16, at);
      const address = BigInt(integer(payload, 0, at));
      const bytes = integer(payload, 8, at);
      if (bytes === 0 || address % 4096n !== 0n) throw damaged(at, 'no memory looks like this');
      return { type, address, bytes };
    }
    case 'write':
    case 'read': {
      requireLength(payload, 8, at);
      const offset = payload.readUInt32LE(0);
      if (offset >= WINDOW_BYTES || offset % 4 !== 0) {
        throw damaged(at, `expected a multiple of 4 below ${WINDOW_BYTES}, got ${offset}`);
      }
      return { type, offset, value: payload.readUInt32LE(4) };
    }
    case 'wake':
      return { type, wake: word(payload, WAKES, at) };
    case 'descriptor':
      return { type, ...decodeRing(payload, 'descriptor', 'input', DescriptorLayout.BYTES, at) };
    case 'completion':
      return { type, ...decodeRing(payload, 'completion', 'result', CompletionLayout.BYTES, at) };
    case 'failure':
      if (payload.length > MESSAGE_BYTES) throw damaged(at, 'message too long');
      return { type, message: payload.toString() };
    case 'end':
      return { type, reason: word(payload, ENDS, at) };
  }
}

function decodeRing<Entry extends string, Data extends string>(
  payload: Buffer,
  entry: Entry,
  data: Data,
  bytes: number,
  at: number,
) {
  const head = RING_HEAD_BYTES + bytes;
  if (payload.length < head) throw damaged(at, `expected ${head} bytes or more`);
  const block = payload.readUInt32LE(0);
  const number = payload.readUInt32LE(4);
  if (block >= WINDOW_BYTES || block % 0x1000 !== 0) throw damaged(at, `no block at ${block}`);
  if (number > 0x7fff) throw damaged(at + 4, `expected a number up to 32767, got ${number}`);
  return {
    block,
    number,
    [entry]: new Uint8Array(payload.subarray(RING_HEAD_BYTES, head)),
    [data]: new Uint8Array(payload.subarray(head)),
  } as { block: number; number: number } & Record<Entry | Data, Uint8Array>;
}

function word<Word extends string>(payload: Buffer, words: readonly Word[], at: number): Word {
  requireLength(payload, 4, at);
  const found = words[payload.readUInt32LE(0)];
  if (found === undefined) throw damaged(at, `expected a number below ${words.length}`);
  return found;
}

function requireLength(payload: Buffer, length: number, at: number): void {
  if (payload.length !== length) {
    throw damaged(at, `expected ${length} bytes, got ${payload.length}`);
  }
}

function integer(bytes: Buffer, offset: number, at: number): number {
  const value = bytes.readBigUInt64LE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(at + offset, `${value} is too large`);
  return Number(value);
}

/** The error for a file that is not what it should be. */
export function damaged(at: number, message: string): AccelError {
  return new AccelError('ACCEL_ARGUMENT', `the recording is damaged at byte ${at}: ${message}`);
}
