// SPDX-License-Identifier: Apache-2.0

import type { Accelerator } from '../../driver/index.ts';
import type { SecretKey } from '../protocol/signing.ts';
import type { Id, Milliseconds, PublicKey } from '../protocol/types.ts';
import type { AdmissionLimits } from './admission.ts';
import type { BanOptions } from './bans.ts';
import type { Clock } from './clock.ts';
import type { NetworkCounters } from './counters.ts';
import type { Status } from './messages.ts';
import type { PeerLimits } from './peer-limits.ts';

/** A node, by its key. */
export type PeerId = PublicKey;

type Answer<T> = T | undefined | Promise<T | undefined>;

/**
 * What a node does with what its peers send.
 *
 * The bytes are views of a message: copy what is kept for long. Lengths are right, nothing else has
 * been checked; signatures least of all. Nothing comes twice (the same bytes, from whomever) while the
 * seen-filter remembers it. Work is under way until the promise settles; while a peer has more of it
 * than its quota, no more is read from it (transactions beyond theirs are shed instead, so that votes and
 * blocks do not wait behind them). A handler that rejects is a fault of this node and costs the peer
 * nothing: `punish` does that.
 */
export interface NetworkHandlers {
  onTransactions(peer: PeerId, transactions: readonly Uint8Array[]): void | Promise<void>;
  onBlock(peer: PeerId, block: Uint8Array): void | Promise<void>;
  onVotes(peer: PeerId, votes: readonly Uint8Array[]): void | Promise<void>;
  /** The block at a height of this node's chain, to serve it. */
  blockAt(height: number): Answer<Uint8Array>;
  /** A block by its id, to serve it. */
  blockById(id: Id): Answer<Uint8Array>;
  /**
   * A peer announces this signed header (296 bytes): is its block wanted? Check the signature here.
   * Without this, every block that is not known is.
   */
  onAnnounce?(peer: PeerId, signedHeader: Uint8Array): boolean | Promise<boolean>;
  /** A peer came or went. */
  onPeer?(peer: PeerId, event: 'connected' | 'gone'): void;
}

/** How a node catches up. */
export interface SyncSource {
  /** First height that is missing: the head's plus 1. */
  next(): number;
  /**
   * Takes blocks of ascending heights from `from` over, as far as they are valid.
   *
   * @returns the height wanted next from this peer: `from` plus their number; or a lower one, where its
   *   chain leaves the own one.
   * @throws when nothing more is wanted from this peer for now.
   */
  import(peer: PeerId, from: number, blocks: readonly Uint8Array[]): Promise<number>;
}

/** Where catching up stands. */
export interface SyncProgress {
  readonly active: boolean;
  readonly peer?: PeerId;
  /** Height at which this round began, is, and will end as far as known. */
  readonly from: number;
  readonly height: number;
  readonly target: number;
}

/** A peer, as shown to operators. */
export interface NetworkPeer {
  readonly nodeKey: PeerId;
  /** The other end of the connection, `host:port`. */
  readonly address: string;
  readonly direction: 'in' | 'out';
  /** What it calls itself. */
  readonly version: string;
  readonly height: number;
  readonly finalHeight: number;
  readonly connectedSince: Milliseconds;
  readonly roundTripMilliseconds?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames and bytes waiting to be sent. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Bytes received whose work is not done. */
  readonly workBytes: number;
  /** Points towards a ban. */
  readonly score: number;
}

/** pino's methods, as far as used. */
export interface NetworkLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Options of a network. */
export interface NetworkOptions {
  readonly accelerator: Pick<Accelerator, 'transport' | 'broadcast'>;
  /** Of the node key; not of a producer. */
  readonly secretKey: SecretKey;
  readonly chainId: Id;
  /** Software and version, at most 32 characters. */
  readonly agent: string;
  readonly handlers: NetworkHandlers;
  readonly sync?: SyncSource;
  /** Longest block of the chain. */
  readonly maxBlockBytes: number;
  /** Where to take connections; nowhere if not given. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Nodes to stay connected to: `host:port` or `nodeKey@host:port`. */
  readonly peers?: readonly string[];
  /** Connections this node opens by itself, those above not counted (default 8). */
  readonly outbound?: number;
  /** File of the peer book; in memory only if not given. */
  readonly bookPath?: string;
  /** Learn and tell loopback and private addresses (default false). */
  readonly allowPrivate?: boolean;
  /** Networks that, like loopback, know no limit per subnet and whose addresses are not banned. */
  readonly exempt?: readonly string[];
  readonly admission?: Partial<AdmissionLimits>;
  readonly limits?: Partial<PeerLimits>;
  readonly bans?: Partial<BanOptions>;
  /** Transactions remembered as seen, times two (default 2^17). */
  readonly seenTransactions?: number;
  readonly clock?: Clock;
  readonly log?: NetworkLog;
}

/** Whom not to send to: where it came from. */
export interface PublishOptions {
  readonly except?: PeerId | undefined;
}

/** The node's connections to other nodes. */
export interface Network {
  readonly nodeKey: PeerId;
  /** Numbers since the start; kept up to date. */
  readonly counters: NetworkCounters;
  /** Where connections are taken, once started. */
  readonly port: number | undefined;
  /** @throws the system's error when the port cannot be had. */
  start(): Promise<void>;
  /** Says goodbye to all, saves the peer book. Idempotent. */
  close(): Promise<void>;
  peers(): NetworkPeer[];
  syncProgress(): SyncProgress;
  /** Sends canonical encodings on; those of a moment share a message. */
  publishTransactions(transactions: readonly Uint8Array[], options?: PublishOptions): void;
  /** Sends signed votes of 216 bytes on. */
  publishVotes(votes: readonly Uint8Array[], options?: PublishOptions): void;
  /** Sends a new block to everybody who is not known to have it: what its producer does. */
  publishBlock(block: Uint8Array, options?: PublishOptions): void;
  /** Tells everybody who is not known to have it of a block, which they may then ask for: what others do. */
  announceBlock(block: Uint8Array, options?: PublishOptions): void;
  /** Tells peers where this node stands, now and when they connect. */
  setStatus(status: Status): void;
  /** Adds points against a node and its address; 100 are a ban. */
  punish(peer: PeerId, reason: string, points: number): void;
  /** Looks for a peer to catch up from now, rather than at the next occasion. */
  catchUp(): void;
}
