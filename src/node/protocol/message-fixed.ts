// SPDX-License-Identifier: Apache-2.0
// Messages of fixed length as bytes.

import {
  GetBlockLayout,
  GetBlocksLayout,
  GetPeersLayout,
  GoodbyeCode,
  GoodbyeLayout,
  HelloLayout,
  Limit,
  PingLayout,
  SignatureLayout,
  StatusLayout,
} from '../generated/protocol.ts';
import {
  checkInteger,
  checkZeros,
  fail,
  KEY_BYTES,
  readId,
  readKey,
  readSignature,
  readText,
  writeId,
  writeKey,
  writeSignature,
  writeText,
  writeU32,
  writeU64,
} from './fields.ts';
import { readSignedHeader, SIGNED_HEADER_BYTES, writeSignedHeader } from './header.ts';
import type { MessageCodec, MessageOf, Ping, Pong } from './messages.ts';

const PORT = [0, 0xffff] as const;

export const hello: MessageCodec<MessageOf<'hello'>> = {
  bytes: () => HelloLayout.BYTES,
  read(payload) {
    checkZeros(payload, HelloLayout.PORT + 2, 2);
    checkZeros(payload, HelloLayout.NODE_KEY + KEY_BYTES, 7);
    return {
      kind: 'hello',
      protocol: payload.readUInt32LE(HelloLayout.PROTOCOL),
      port: payload.readUInt16LE(HelloLayout.PORT),
      chainId: readId(payload, HelloLayout.CHAIN_ID),
      nodeKey: readKey(payload, HelloLayout.NODE_KEY, 'nodeKey'),
      nonce: readId(payload, HelloLayout.NONCE),
      agent: readText(payload, HelloLayout.AGENT, HelloLayout.BYTES - HelloLayout.AGENT, 'agent'),
    };
  },
  write(buffer, at, { protocol, port, chainId, nodeKey, nonce, agent }) {
    writeU32(buffer, at + HelloLayout.PROTOCOL, protocol, 'protocol');
    buffer.writeUInt16LE(checkInteger(port, PORT, 'port', at), at + HelloLayout.PORT);
    writeId(buffer, at + HelloLayout.CHAIN_ID, chainId, 'chainId');
    writeKey(buffer, at + HelloLayout.NODE_KEY, nodeKey, 'nodeKey');
    writeId(buffer, at + HelloLayout.NONCE, nonce, 'nonce');
    const length = HelloLayout.BYTES - HelloLayout.AGENT;
    writeText(buffer, at + HelloLayout.AGENT, length, agent, 'agent');
  },
};

export const auth: MessageCodec<MessageOf<'auth'>> = {
  bytes: () => SignatureLayout.BYTES,
  read: (payload) => ({ kind: 'auth', signature: readSignature(payload, 0) }),
  write: (buffer, at, { signature }) => writeSignature(buffer, at, signature),
};

export const pingCodec = <M extends Ping | Pong>(kind: M['kind']): MessageCodec<M> => ({
  bytes: () => PingLayout.BYTES,
  read: (payload) => ({ kind, nonce: payload.readBigUInt64LE(PingLayout.NONCE) }) as M,
  write: (buffer, at, { nonce }) => writeU64(buffer, at + PingLayout.NONCE, nonce, 'nonce'),
});

export const announce: MessageCodec<MessageOf<'announce'>> = {
  bytes: () => SIGNED_HEADER_BYTES,
  read: (payload) => ({ kind: 'announce', header: readSignedHeader(payload, 0) }),
  write: (buffer, at, { header }) => writeSignedHeader(buffer, at, header),
};

const HEIGHTS = [1, 0xffff_ffff] as const;
const BLOCK_COUNT = [1, Limit.MAX_BATCH_BLOCKS] as const;

export const getBlocks: MessageCodec<MessageOf<'getBlocks'>> = {
  bytes: () => GetBlocksLayout.BYTES,
  read(payload) {
    const { FROM, COUNT } = GetBlocksLayout;
    return {
      kind: 'getBlocks',
      request: payload.readUInt32LE(GetBlocksLayout.REQUEST),
      from: checkInteger(payload.readUInt32LE(FROM), HEIGHTS, 'from', FROM),
      count: checkInteger(payload.readUInt32LE(COUNT), BLOCK_COUNT, 'count', COUNT),
      maxBytes: payload.readUInt32LE(GetBlocksLayout.MAX_BYTES),
    };
  },
  write(buffer, at, { request, from, count, maxBytes }) {
    writeU32(buffer, at + GetBlocksLayout.REQUEST, request, 'request');
    writeU32(buffer, at + GetBlocksLayout.FROM, checkInteger(from, HEIGHTS, 'from', at), 'from');
    checkInteger(count, BLOCK_COUNT, 'count', at);
    writeU32(buffer, at + GetBlocksLayout.COUNT, count, 'count');
    writeU32(buffer, at + GetBlocksLayout.MAX_BYTES, maxBytes, 'maxBytes');
  },
};

export const getBlock: MessageCodec<MessageOf<'getBlock'>> = {
  bytes: () => GetBlockLayout.BYTES,
  read(payload) {
    checkZeros(payload, GetBlockLayout.REQUEST + 4, 4);
    const request = payload.readUInt32LE(GetBlockLayout.REQUEST);
    return { kind: 'getBlock', request, id: readId(payload, GetBlockLayout.ID) };
  },
  write(buffer, at, { request, id }) {
    writeU32(buffer, at + GetBlockLayout.REQUEST, request, 'request');
    writeId(buffer, at + GetBlockLayout.ID, id, 'id');
  },
};

const PEER_COUNT = [1, Limit.MAX_BATCH_PEERS] as const;
export const getPeers: MessageCodec<MessageOf<'getPeers'>> = {
  bytes: () => GetPeersLayout.BYTES,
  read(payload) {
    const { COUNT, REQUEST } = GetPeersLayout;
    const count = checkInteger(payload.readUInt32LE(COUNT), PEER_COUNT, 'count', COUNT);
    return { kind: 'getPeers', request: payload.readUInt32LE(REQUEST), count };
  },
  write(buffer, at, { request, count }) {
    writeU32(buffer, at + GetPeersLayout.REQUEST, request, 'request');
    checkInteger(count, PEER_COUNT, 'count', at);
    writeU32(buffer, at + GetPeersLayout.COUNT, count, 'count');
  },
};

export const status: MessageCodec<MessageOf<'status'>> = {
  bytes: () => StatusLayout.BYTES,
  read(payload) {
    const head = payload.readUInt32LE(StatusLayout.HEAD_HEIGHT);
    const final = payload.readUInt32LE(StatusLayout.FINAL_HEIGHT);
    checkFinal(head, final, StatusLayout.FINAL_HEIGHT);
    return {
      kind: 'status',
      head: { height: head, id: readId(payload, StatusLayout.HEAD_ID) },
      final: { height: final, id: readId(payload, StatusLayout.FINAL_ID) },
    };
  },
  write(buffer, at, { head, final }) {
    checkFinal(head.height, final.height, at);
    writeU32(buffer, at + StatusLayout.HEAD_HEIGHT, head.height, 'head');
    writeU32(buffer, at + StatusLayout.FINAL_HEIGHT, final.height, 'final');
    writeId(buffer, at + StatusLayout.HEAD_ID, head.id, 'head');
    writeId(buffer, at + StatusLayout.FINAL_ID, final.id, 'final');
  },
};

const checkFinal = (head: number, final: number, at: number) =>
  checkInteger(final, [0, head], 'final height', at);

const DETAIL_BYTES = GoodbyeLayout.BYTES - GoodbyeLayout.DETAIL;
const REASONS: ReadonlySet<number> = new Set(Object.values(GoodbyeCode));

function checkReason(reason: number, at: number): GoodbyeCode {
  if (!REASONS.has(reason)) {
    fail('PROTOCOL_TYPE', at, `reason: expected a known one, got ${reason}`);
  }
  return reason as GoodbyeCode;
}

export const goodbye: MessageCodec<MessageOf<'goodbye'>> = {
  bytes: () => GoodbyeLayout.BYTES,
  read(payload) {
    checkZeros(payload, GoodbyeLayout.REASON + 1, 7);
    return {
      kind: 'goodbye',
      reason: checkReason(payload[GoodbyeLayout.REASON]!, GoodbyeLayout.REASON),
      detail: readText(payload, GoodbyeLayout.DETAIL, DETAIL_BYTES, 'detail'),
    };
  },
  write(buffer, at, { reason, detail }) {
    buffer[at + GoodbyeLayout.REASON] = checkReason(reason, at);
    writeText(buffer, at + GoodbyeLayout.DETAIL, DETAIL_BYTES, detail, 'detail');
  },
};
