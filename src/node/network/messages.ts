// SPDX-License-Identifier: Apache-2.0
// Payloads of the messages between peers, checked field by field. docs/protocol.md has the bytes.

import {
  BatchLayout,
  GetBlockLayout,
  GetBlocksLayout,
  GetPeersLayout,
  GoodbyeCode,
  GoodbyeLayout,
  HeaderLayout,
  HelloLayout,
  Limit,
  MessageCode,
  PeerAddressLayout,
  PingLayout,
  StatusLayout,
} from '../generated/protocol.ts';
import { measureBlock } from '../protocol/block.ts';
import {
  checkInteger,
  checkZeros,
  expectEnd,
  fail,
  readId,
  readKey,
  writeId,
  writeKey,
} from '../protocol/fields.ts';
import { asBuffer } from '../protocol/hex.ts';
import { measureTransaction } from '../protocol/transaction.ts';
import type { BlockRef, Id, PublicKey } from '../protocol/types.ts';
import { SIGNED_VOTE_BYTES } from '../protocol/vote.ts';
import { decodeAddress, encodeAddress } from './addresses.ts';
import { encodeFrame } from './frame.ts';

export interface Hello {
  readonly protocol: number;
  /** Where the sender takes connections; 0 nowhere. */
  readonly port: number;
  readonly chainId: Id;
  readonly nodeKey: PublicKey;
  /** 32 bytes as digits. */
  readonly nonce: Id;
  readonly agent: string;
}

/** Where a node stands. */
export interface Status {
  readonly head: BlockRef;
  readonly final: BlockRef;
}

/** An address of a node, with the key it is said to have. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  readonly nodeKey: PublicKey;
}

/** Why the other side closes; the names of its codes in lower case. */
export type GoodbyeReason = Lowercase<keyof typeof GoodbyeCode>;

const U32 = [0, 0xffff_ffff] as const;

export function encodeHello(hello: Hello): Uint8Array {
  const payload = Buffer.alloc(HelloLayout.BYTES);
  payload.writeUInt32LE(hello.protocol, HelloLayout.PROTOCOL);
  payload.writeUInt16LE(hello.port, HelloLayout.PORT);
  writeId(payload, HelloLayout.CHAIN_ID, hello.chainId, 'chain id');
  writeKey(payload, HelloLayout.NODE_KEY, hello.nodeKey, 'node key');
  writeId(payload, HelloLayout.NONCE, hello.nonce, 'nonce');
  writeText(payload, HelloLayout.AGENT, 32, hello.agent);
  return encodeFrame(MessageCode.HELLO, payload);
}

/** @throws {ProtocolError} */
export function decodeHello(payload: Uint8Array): Hello {
  const buffer = asBuffer(payload);
  checkZeros(buffer, HelloLayout.PORT + 2, 2);
  checkZeros(buffer, HelloLayout.NODE_KEY + 33, 7);
  return {
    protocol: buffer.readUInt32LE(HelloLayout.PROTOCOL),
    port: buffer.readUInt16LE(HelloLayout.PORT),
    chainId: readId(buffer, HelloLayout.CHAIN_ID),
    nodeKey: readKey(buffer, HelloLayout.NODE_KEY, 'node key'),
    nonce: readId(buffer, HelloLayout.NONCE),
    agent: readText(buffer, HelloLayout.AGENT, 32, 'agent'),
  };
}

export function encodePing(kind: 3 | 4, nonce: bigint): Uint8Array {
  const payload = Buffer.alloc(PingLayout.BYTES);
  payload.writeBigUInt64LE(nonce, PingLayout.NONCE);
  return encodeFrame(kind, payload);
}

export function decodePing(payload: Uint8Array): bigint {
  return asBuffer(payload).readBigUInt64LE(PingLayout.NONCE);
}

export function encodeStatus({ head, final }: Status): Uint8Array {
  const payload = Buffer.alloc(StatusLayout.BYTES);
  payload.writeUInt32LE(head.height, StatusLayout.HEAD_HEIGHT);
  payload.writeUInt32LE(final.height, StatusLayout.FINAL_HEIGHT);
  writeId(payload, StatusLayout.HEAD_ID, head.id, 'head');
  writeId(payload, StatusLayout.FINAL_ID, final.id, 'final');
  return encodeFrame(MessageCode.STATUS, payload);
}

/** @throws {ProtocolError} */
export function decodeStatus(payload: Uint8Array): Status {
  const buffer = asBuffer(payload);
  const head = buffer.readUInt32LE(StatusLayout.HEAD_HEIGHT);
  const final = buffer.readUInt32LE(StatusLayout.FINAL_HEIGHT);
  checkInteger(final, [0, head], 'final height', StatusLayout.FINAL_HEIGHT);
  return {
    head: { height: head, id: readId(buffer, StatusLayout.HEAD_ID) },
    final: { height: final, id: readId(buffer, StatusLayout.FINAL_ID) },
  };
}

const GOODBYE_NAMES = new Map(
  Object.entries(GoodbyeCode).map(([name, code]) => [
    code as number,
    name.toLowerCase() as GoodbyeReason,
  ]),
);

export function encodeGoodbye(reason: GoodbyeReason, detail = ''): Uint8Array {
  const payload = Buffer.alloc(GoodbyeLayout.BYTES);
  const name = reason.toUpperCase() as Uppercase<GoodbyeReason>;
  payload.writeUInt32LE(GoodbyeCode[name], GoodbyeLayout.REASON);
  writeText(payload, GoodbyeLayout.DETAIL, GoodbyeLayout.BYTES - GoodbyeLayout.DETAIL, detail);
  return encodeFrame(MessageCode.GOODBYE, payload);
}

/** @throws {ProtocolError} */
export function decodeGoodbye(payload: Uint8Array): { reason: GoodbyeReason; detail: string } {
  const buffer = asBuffer(payload);
  const code = buffer.readUInt32LE(GoodbyeLayout.REASON);
  const reason = GOODBYE_NAMES.get(code);
  if (!reason) fail('PROTOCOL_TYPE', 0, `goodbye: unknown reason ${code}`);
  const bytes = GoodbyeLayout.BYTES - GoodbyeLayout.DETAIL;
  return { reason, detail: readText(buffer, GoodbyeLayout.DETAIL, bytes, 'detail') };
}

function batch(count: number, request: number): Uint8Array {
  const head = Buffer.alloc(BatchLayout.BYTES);
  head.writeUInt32LE(count, BatchLayout.COUNT);
  head.writeUInt32LE(request, BatchLayout.REQUEST);
  return head;
}

/** Transactions, votes: a batch that answers nothing. */
export function encodeBatch(kind: MessageCode, entries: readonly Uint8Array[]): Uint8Array {
  return encodeFrame(kind, batch(entries.length, 0), ...entries);
}

/** Blocks: an answer. */
export function encodeBlocks(request: number, blocks: readonly Uint8Array[]): Uint8Array {
  return encodeFrame(MessageCode.BLOCKS, batch(blocks.length, request), ...blocks);
}

function readCount(
  payload: Uint8Array,
  bounds: readonly [number, number],
  request: boolean,
): number {
  const buffer = asBuffer(payload);
  if (!request) checkZeros(buffer, BatchLayout.REQUEST, 4);
  const count = buffer.readUInt32LE(BatchLayout.COUNT);
  return checkInteger(count, bounds, 'count', BatchLayout.COUNT, 'PROTOCOL_COUNT');
}

/** The number of the question that a batch answers. */
export function requestOf(payload: Uint8Array): number {
  return asBuffer(payload).readUInt32LE(BatchLayout.REQUEST);
}

/** Cuts a batch; the entries are views. */
function cut(
  payload: Uint8Array,
  count: number,
  measure: (payload: Uint8Array, at: number) => number,
): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at: number = BatchLayout.BYTES;
  for (let i = 0; i < count; i++) {
    const end = at + measure(payload, at);
    entries.push(new Uint8Array(payload.buffer, payload.byteOffset + at, end - at));
    at = end;
  }
  expectEnd(payload, at, 'batch');
  return entries;
}

function fixed(bytes: number, what: string) {
  return (payload: Uint8Array, at: number) => {
    if (payload.length - at < bytes)
      fail('PROTOCOL_TRUNCATED', at, `${what}: the batch ends early`);
    return bytes;
  };
}

/** Signed transactions; only their lengths are checked. @throws {ProtocolError} */
export function decodeTransactions(payload: Uint8Array): Uint8Array[] {
  const count = readCount(payload, [1, Limit.MAX_BATCH_TRANSACTIONS], false);
  return cut(payload, count, measureTransaction);
}

/** Signed votes; not looked into. @throws {ProtocolError} */
export function decodeVotes(payload: Uint8Array): Uint8Array[] {
  const count = readCount(payload, [1, Limit.MAX_BATCH_VOTES], false);
  return cut(payload, count, fixed(SIGNED_VOTE_BYTES, 'vote'));
}

/** Blocks; only their lengths are checked. @throws {ProtocolError} */
export function decodeBlocks(payload: Uint8Array): Uint8Array[] {
  const count = readCount(payload, [0, Limit.MAX_BATCH_BLOCKS], true);
  return cut(payload, count, measureBlock);
}

/** The height that a block says it has. */
export function heightOf(block: Uint8Array): number {
  return asBuffer(block).readUInt32LE(HeaderLayout.HEIGHT);
}

/** The chain that a block or header says it is of. */
export function chainOf(block: Uint8Array): Id {
  return readId(asBuffer(block), HeaderLayout.CHAIN_ID);
}

/** A range of blocks. */
export interface BlockRange {
  readonly from: number;
  readonly count: number;
  readonly maxBytes: number;
}

export function encodeGetBlocks(request: number, range: BlockRange): Uint8Array {
  const payload = Buffer.alloc(GetBlocksLayout.BYTES);
  payload.writeUInt32LE(request, GetBlocksLayout.REQUEST);
  payload.writeUInt32LE(range.from, GetBlocksLayout.FROM);
  payload.writeUInt32LE(range.count, GetBlocksLayout.COUNT);
  payload.writeUInt32LE(range.maxBytes, GetBlocksLayout.MAX_BYTES);
  return encodeFrame(MessageCode.GET_BLOCKS, payload);
}

/** @throws {ProtocolError} */
export function decodeGetBlocks(payload: Uint8Array): BlockRange & { readonly request: number } {
  const buffer = asBuffer(payload);
  const field = (at: number) => buffer.readUInt32LE(at);
  return {
    request: field(GetBlocksLayout.REQUEST),
    from: checkInteger(field(GetBlocksLayout.FROM), [1, U32[1]], 'from', GetBlocksLayout.FROM),
    count: checkInteger(
      field(GetBlocksLayout.COUNT),
      [1, Limit.MAX_BATCH_BLOCKS],
      'count',
      GetBlocksLayout.COUNT,
    ),
    maxBytes: field(GetBlocksLayout.MAX_BYTES),
  };
}

export function encodeGetBlock(request: number, id: Id): Uint8Array {
  const payload = Buffer.alloc(GetBlockLayout.BYTES);
  payload.writeUInt32LE(request, GetBlockLayout.REQUEST);
  writeId(payload, GetBlockLayout.ID, id, 'block');
  return encodeFrame(MessageCode.GET_BLOCK, payload);
}

/** @throws {ProtocolError} */
export function decodeGetBlock(payload: Uint8Array): { request: number; id: Id } {
  const buffer = asBuffer(payload);
  checkZeros(buffer, GetBlockLayout.REQUEST + 4, 4);
  return {
    request: buffer.readUInt32LE(GetBlockLayout.REQUEST),
    id: readId(buffer, GetBlockLayout.ID),
  };
}

export function encodeGetPeers(request: number, count: number): Uint8Array {
  const payload = Buffer.alloc(GetPeersLayout.BYTES);
  payload.writeUInt32LE(request, GetPeersLayout.REQUEST);
  payload.writeUInt32LE(count, GetPeersLayout.COUNT);
  return encodeFrame(MessageCode.GET_PEERS, payload);
}

/** @throws {ProtocolError} */
export function decodeGetPeers(payload: Uint8Array): { request: number; count: number } {
  const buffer = asBuffer(payload);
  const count = buffer.readUInt32LE(GetPeersLayout.COUNT);
  checkInteger(count, [1, Limit.MAX_BATCH_PEERS], 'count', GetPeersLayout.COUNT);
  return { request: buffer.readUInt32LE(GetPeersLayout.REQUEST), count };
}

export function encodePeers(request: number, peers: readonly PeerAddress[]): Uint8Array {
  const entries = peers.map(({ host, port, nodeKey }) => {
    const entry = Buffer.alloc(PeerAddressLayout.BYTES);
    entry.set(encodeAddress(host), PeerAddressLayout.ADDRESS);
    entry.writeUInt16LE(port, PeerAddressLayout.PORT);
    writeKey(entry, PeerAddressLayout.NODE_KEY, nodeKey, 'node key');
    return entry;
  });
  return encodeFrame(MessageCode.PEERS, batch(entries.length, request), ...entries);
}

/** @throws {ProtocolError} */
export function decodePeers(payload: Uint8Array): PeerAddress[] {
  const count = readCount(payload, [0, Limit.MAX_BATCH_PEERS], true);
  return cut(payload, count, fixed(PeerAddressLayout.BYTES, 'address')).map((entry) => {
    const buffer = asBuffer(entry);
    checkZeros(buffer, PeerAddressLayout.PORT + 2, 6);
    checkZeros(buffer, PeerAddressLayout.NODE_KEY + 33, 7);
    const port = buffer.readUInt16LE(PeerAddressLayout.PORT);
    return {
      host: decodeAddress(buffer, PeerAddressLayout.ADDRESS),
      port: checkInteger(port, [1, 65535], 'port', PeerAddressLayout.PORT),
      nodeKey: readKey(buffer, PeerAddressLayout.NODE_KEY, 'node key'),
    };
  });
}

function writeText(buffer: Buffer, at: number, bytes: number, text: string): void {
  buffer.write(text.replace(/[^\x20-\x7e]/g, '?'), at, bytes, 'latin1');
}

/** Printable ASCII, padded with zeros. */
function readText(buffer: Buffer, at: number, bytes: number, what: string): string {
  let end = at + bytes;
  while (end > at && buffer[end - 1] === 0) end--;
  const text = buffer.toString('latin1', at, end);
  if (!/^[\x20-\x7e]*$/.test(text)) fail('PROTOCOL_TEXT', at, `${what}: expected printable ASCII`);
  return text;
}
