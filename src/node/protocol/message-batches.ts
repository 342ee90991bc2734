// SPDX-License-Identifier: Apache-2.0
// Messages that carry any number of things as bytes.

import { BatchLayout, Limit, PeerAddressLayout } from '../generated/protocol.ts';
import { formatAddress, parseAddress } from './address.ts';
import { measureBlock } from './block.ts';
import {
  checkInteger,
  checkZeros,
  expectEnd,
  KEY_BYTES,
  need,
  readKey,
  view,
  writeKey,
  writeU32,
} from './fields.ts';
import type { MessageCodec, MessageOf, PeerAddress } from './messages.ts';
import { measureTransaction } from './transaction.ts';
import { SIGNED_VOTE_BYTES } from './vote.ts';

/** Count and request of a batch; at least `least` entries, at most `most`. */
function readBatch(payload: Buffer, [least, most]: readonly [number, number], what: string) {
  const count = payload.readUInt32LE(BatchLayout.COUNT);
  checkInteger(count, [least, most], what, BatchLayout.COUNT, 'PROTOCOL_COUNT');
  return { count, request: payload.readUInt32LE(BatchLayout.REQUEST) };
}

function writeBatch(
  buffer: Buffer,
  at: number,
  count: number,
  [least, most]: readonly [number, number],
  what: string,
  request = 0,
): void {
  checkInteger(count, [least, most], what, at, 'PROTOCOL_COUNT');
  writeU32(buffer, at + BatchLayout.COUNT, count, what);
  writeU32(buffer, at + BatchLayout.REQUEST, request, 'request');
}

/** Entries that know their own length, as views; they must fill the payload. */
function readEntries(
  payload: Buffer,
  count: number,
  what: string,
  measure: (payload: Buffer, at: number) => number,
): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at: number = BatchLayout.BYTES;
  for (let i = 0; i < count; i++) {
    const bytes = measure(payload, at);
    need(payload, at, bytes, what);
    entries.push(view(payload, at, bytes));
    at += bytes;
  }
  expectEnd(payload, at, what);
  return entries;
}

function writeEntries(buffer: Buffer, at: number, entries: readonly Uint8Array[]): void {
  let next = at + BatchLayout.BYTES;
  for (const entry of entries) {
    buffer.set(entry, next);
    next += entry.length;
  }
}

const entriesBytes = (entries: readonly Uint8Array[]) =>
  entries.reduce<number>((sum, { length }) => sum + length, BatchLayout.BYTES);

const TRANSACTIONS = [1, Limit.MAX_BATCH_TRANSACTIONS] as const;

export const transactions: MessageCodec<MessageOf<'transactions'>> = {
  bytes: (message) => entriesBytes(message.transactions),
  read(payload) {
    const { count } = readBatch(payload, TRANSACTIONS, 'transactions');
    checkZeros(payload, BatchLayout.REQUEST, 4);
    const entries = readEntries(payload, count, 'transactions', measureTransaction);
    return { kind: 'transactions', transactions: entries };
  },
  write(buffer, at, message) {
    writeBatch(buffer, at, message.transactions.length, TRANSACTIONS, 'transactions');
    writeEntries(buffer, at, message.transactions);
  },
};

const VOTES = [1, Limit.MAX_BATCH_VOTES] as const;

export const votes: MessageCodec<MessageOf<'votes'>> = {
  bytes: (message) => entriesBytes(message.votes),
  read(payload) {
    const { count } = readBatch(payload, VOTES, 'votes');
    checkZeros(payload, BatchLayout.REQUEST, 4);
    return { kind: 'votes', votes: readEntries(payload, count, 'votes', () => SIGNED_VOTE_BYTES) };
  },
  write(buffer, at, message) {
    for (const { length } of message.votes) {
      checkInteger(length, [SIGNED_VOTE_BYTES, SIGNED_VOTE_BYTES], 'vote bytes', at);
    }
    writeBatch(buffer, at, message.votes.length, VOTES, 'votes');
    writeEntries(buffer, at, message.votes);
  },
};

export const block: MessageCodec<MessageOf<'block'>> = {
  bytes: (message) => message.block.length,
  read(payload) {
    expectEnd(payload, measureBlock(payload), 'block');
    return { kind: 'block', block: view(payload, 0, payload.length) };
  },
  write: (buffer, at, message) => {
    buffer.set(message.block, at);
  },
};

const BLOCKS = [0, Limit.MAX_BATCH_BLOCKS] as const;

export const blocks: MessageCodec<MessageOf<'blocks'>> = {
  bytes: (message) => entriesBytes(message.blocks),
  read(payload) {
    const { count, request } = readBatch(payload, BLOCKS, 'blocks');
    return { kind: 'blocks', request, blocks: readEntries(payload, count, 'blocks', measureBlock) };
  },
  write(buffer, at, message) {
    writeBatch(buffer, at, message.blocks.length, BLOCKS, 'blocks', message.request);
    writeEntries(buffer, at, message.blocks);
  },
};

const PEERS = [0, Limit.MAX_BATCH_PEERS] as const;

export const peers: MessageCodec<MessageOf<'peers'>> = {
  bytes: (message) => BatchLayout.BYTES + message.peers.length * PeerAddressLayout.BYTES,
  read(payload) {
    const { count, request } = readBatch(payload, PEERS, 'peers');
    expectEnd(payload, BatchLayout.BYTES + count * PeerAddressLayout.BYTES, 'peers');
    const list = Array.from({ length: count }, (_, i) =>
      readPeer(payload, BatchLayout.BYTES + i * PeerAddressLayout.BYTES),
    );
    return { kind: 'peers', request, peers: list };
  },
  write(buffer, at, message) {
    writeBatch(buffer, at, message.peers.length, PEERS, 'peers', message.request);
    for (const [i, peer] of message.peers.entries()) {
      writePeer(buffer, at + BatchLayout.BYTES + i * PeerAddressLayout.BYTES, peer);
    }
  },
};

const REAL_PORT = [1, 0xffff] as const;

function readPeer(payload: Buffer, at: number): PeerAddress {
  const portAt = at + PeerAddressLayout.PORT;
  checkZeros(payload, portAt + 2, 6);
  checkZeros(payload, at + PeerAddressLayout.NODE_KEY + KEY_BYTES, 7);
  return {
    address: formatAddress(view(payload, at + PeerAddressLayout.ADDRESS, 16)),
    port: checkInteger(payload.readUInt16LE(portAt), REAL_PORT, 'port', portAt),
    nodeKey: readKey(payload, at + PeerAddressLayout.NODE_KEY, 'nodeKey'),
  };
}

function writePeer(buffer: Buffer, at: number, { address, port, nodeKey }: PeerAddress): void {
  buffer.set(parseAddress(address), at + PeerAddressLayout.ADDRESS);
  const portAt = at + PeerAddressLayout.PORT;
  buffer.writeUInt16LE(checkInteger(port, REAL_PORT, 'port', portAt), portAt);
  writeKey(buffer, at + PeerAddressLayout.NODE_KEY, nodeKey, 'nodeKey');
}
