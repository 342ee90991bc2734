// SPDX-License-Identifier: Apache-2.0
// Messages between peers as values. Transactions, votes and blocks in them are bytes: whoever passes
// them on need not read them.

import type { GoodbyeCode } from '../generated/protocol.ts';
import type { MessageKind } from './frame.ts';
import type { BlockRef, Id, PublicKey, Signature, SignedHeader } from './types.ts';

/** First message of both sides. */
export interface Hello {
  readonly kind: 'hello';
  /** Version of the protocol: 1. */
  readonly protocol: number;
  /** Where the sender takes connections; 0 nowhere. */
  readonly port: number;
  readonly chainId: Id;
  readonly nodeKey: PublicKey;
  /** 32 random bytes, fresh for each connection. */
  readonly nonce: Id;
  /** Software and version: at most 32 printable ASCII characters. */
  readonly agent: string;
}

/** Proof of the node key: signature of `authDigest`. */
export interface Auth {
  readonly kind: 'auth';
  readonly signature: Signature;
}

/** Asks for a pong. */
export interface Ping {
  readonly kind: 'ping';
  /** 64 bits. */
  readonly nonce: bigint;
}

/** Repeats the ping's nonce. */
export interface Pong extends Omit<Ping, 'kind'> {
  readonly kind: 'pong';
}

/** Signed transactions, at least one. */
export interface Transactions {
  readonly kind: 'transactions';
  readonly transactions: readonly Uint8Array[];
}

/** A new block. */
export interface BlockMessage {
  readonly kind: 'block';
  readonly block: Uint8Array;
}

/** A new block's header. */
export interface Announce {
  readonly kind: 'announce';
  readonly header: SignedHeader;
}

/** Signed votes of 216 bytes, at least one. */
export interface Votes {
  readonly kind: 'votes';
  readonly votes: readonly Uint8Array[];
}

/** Asks for blocks in order. */
export interface GetBlocks {
  readonly kind: 'getBlocks';
  /** Number of the question; the answer has it. */
  readonly request: number;
  readonly from: number;
  /** 1 to 1024. */
  readonly count: number;
  /** Bytes of the blocks; the first one comes whatever its size. */
  readonly maxBytes: number;
}

/** Asks for one block. */
export interface GetBlock {
  readonly kind: 'getBlock';
  readonly request: number;
  readonly id: Id;
}

/** Answers getBlocks and getBlock. */
export interface Blocks {
  readonly kind: 'blocks';
  readonly request: number;
  readonly blocks: readonly Uint8Array[];
}

/** Asks for addresses. */
export interface GetPeers {
  readonly kind: 'getPeers';
  readonly request: number;
  /** 1 to 256. */
  readonly count: number;
}

/** Where a node takes connections. */
export interface PeerAddress {
  /** IPv4 or IPv6; read ones are in the form of RFC 5952. */
  readonly address: string;
  readonly port: number;
  readonly nodeKey: PublicKey;
}

/** Answers getPeers. */
export interface Peers {
  readonly kind: 'peers';
  readonly request: number;
  readonly peers: readonly PeerAddress[];
}

/** Where the sender is. */
export interface Status {
  readonly kind: 'status';
  readonly head: BlockRef;
  readonly final: BlockRef;
}

/** Last message. */
export interface Goodbye {
  readonly kind: 'goodbye';
  readonly reason: GoodbyeCode;
  /** For people: at most 56 printable ASCII characters. */
  readonly detail: string;
}

export type Message =
  | Hello
  | Auth
  | Ping
  | Pong
  | Transactions
  | BlockMessage
  | Announce
  | Votes
  | GetBlocks
  | GetBlock
  | Blocks
  | GetPeers
  | Peers
  | Status
  | Goodbye;

/** The message of one kind. */
export type MessageOf<K extends MessageKind> = Extract<Message, { readonly kind: K }>;

/** How one kind is read and written. */
export interface MessageCodec<M extends Message> {
  /** Payload bytes of a value. */
  bytes(message: M): number;
  /** Reads a payload, whose length is within the bounds of its kind. */
  read(payload: Buffer): M;
  /** Writes a payload into zeros. */
  write(buffer: Buffer, at: number, message: M): void;
}
