// SPDX-License-Identifier: Apache-2.0
// Messages between peers as bytes.

import { expectEnd, need, view } from './fields.ts';
import { checkPayload, FRAME_BYTES, type FrameHead, type MessageKind, sealFrame } from './frame.ts';
import { asBuffer } from './hex.ts';
import { block, blocks, peers, transactions, votes } from './message-batches.ts';
import {
  announce,
  auth,
  getBlock,
  getBlocks,
  getPeers,
  goodbye,
  hello,
  pingCodec,
  status,
} from './message-fixed.ts';
import type { Message, MessageCodec, MessageOf, Ping, Pong } from './messages.ts';

const CODECS: { readonly [K in MessageKind]: MessageCodec<MessageOf<K>> } = {
  hello,
  auth,
  ping: pingCodec<Ping>('ping'),
  pong: pingCodec<Pong>('pong'),
  transactions,
  block,
  announce,
  votes,
  getBlocks,
  blocks,
  getBlock,
  getPeers,
  peers,
  status,
  goodbye,
};

/**
 * A message as a frame, ready to be sent.
 *
 * @throws {ProtocolError} where a field is out of range.
 */
export function encodeMessage(message: Message): Uint8Array {
  const codec = CODECS[message.kind] as unknown as MessageCodec<Message>;
  const frame = Buffer.alloc(FRAME_BYTES + codec.bytes(message));
  codec.write(frame, FRAME_BYTES, message);
  sealFrame(frame, message.kind);
  return view(frame, 0, frame.length);
}

/**
 * Reads a message; transactions, votes and blocks are told apart, but not read.
 *
 * The result shares memory with `payload`.
 *
 * @param head - what `decodeFrameHead` made of the 16 bytes before.
 * @param payload - exactly `head.payloadBytes` bytes.
 * @throws {ProtocolError}
 */
export function decodeMessage(head: FrameHead, payload: Uint8Array): Message {
  need(payload, 0, head.payloadBytes, head.kind);
  expectEnd(payload, head.payloadBytes, head.kind);
  checkPayload(head, payload);
  return (CODECS[head.kind] as unknown as MessageCodec<Message>).read(asBuffer(payload));
}
