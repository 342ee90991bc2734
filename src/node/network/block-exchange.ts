// SPDX-License-Identifier: Apache-2.0

import type { Broadcast, PeerGroup, SeenFilter, Session } from '../../driver/index.ts';
import { Limit, MessageCode } from '../generated/protocol.ts';
import { measureBlock } from '../protocol/block.ts';
import { checkMagic, expectEnd, fail } from '../protocol/fields.ts';
import { HEADER_BYTES, SIGNED_HEADER_BYTES } from '../protocol/header.ts';
import { asBuffer, sha256, sha256Id } from '../protocol/hex.ts';
import type { Id, Milliseconds } from '../protocol/types.ts';
import type { NetworkHandlers, PeerId } from './contract.ts';
import { count, type NetworkCounters } from './counters.ts';
import { encodeFrame, kindName } from './frame.ts';
import { chainOf, decodeBlocks, encodeGetBlock } from './messages.ts';
import type { Peer } from './peer.ts';
import { Queue } from './peer-limits.ts';

/** Blocks kept to be served while the chain still works on them. */
const RECENT_BLOCKS = 4;
/** Ids remembered of blocks this node has. */
const KNOWN_BLOCKS = 1024;
/** Announced blocks that are wanted, at a time, and those one peer was the first to announce. */
const MAX_WANTED = 64;
const MAX_WANTED_FROM = 8;
/** An announced block is asked for only after this: it may be on its way already. */
const ASK_AFTER: Milliseconds = 200;

/** What the exchange needs of the network around it. */
export interface ExchangeParts {
  readonly broadcast: Broadcast;
  readonly group: PeerGroup;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly handlers: NetworkHandlers;
  readonly counters: NetworkCounters;
  readonly chainId: Id;
  now(): Milliseconds;
  work(peer: Peer, kind: 'work' | 'transactionWork', bytes: number, run: () => unknown): void;
  /** Runs what a peer caused; a malformed answer is held against it. */
  attempt(peer: Peer, run: () => Promise<void>): void;
}

interface Wanted {
  readonly since: Milliseconds;
  readonly header: Uint8Array;
  readonly from: Peer[];
  asked: boolean;
}

/** New blocks: pushed by their producer, announced by everybody else, fetched by who lacks them. */
export class BlockExchange {
  readonly #parts: ExchangeParts;
  readonly #seen: SeenFilter;
  readonly #known: SeenFilter;
  readonly #recent = new Map<Id, Uint8Array>();
  readonly #wanted = new Map<Id, Wanted>();
  /** Blocks that the chain looks at now. */
  readonly #underWay = new Set<Id>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#seen = parts.broadcast.seenFilter(KNOWN_BLOCKS);
    this.#known = parts.broadcast.seenFilter(KNOWN_BLOCKS);
  }

  /** Sends a block to all who are not known to have it. */
  publish(block: Uint8Array, except?: PeerId): void {
    this.#seen.seen(sha256(block));
    this.#spread(block, except, MessageCode.BLOCK, encodeFrame(MessageCode.BLOCK, block));
  }

  /** Announces a block to all who are not known to have it. */
  announce(block: Uint8Array, except?: PeerId): void {
    const header = block.subarray(0, SIGNED_HEADER_BYTES);
    this.#spread(block, except, MessageCode.ANNOUNCE, encodeFrame(MessageCode.ANNOUNCE, header));
  }

  /** A block for whoever asks for it by id, kept or not. */
  async find(id: Id): Promise<Uint8Array | undefined> {
    return this.#recent.get(id) ?? (await this.#parts.handlers.blockById(id));
  }

  /** @throws {ProtocolError} */
  receiveBlock(peer: Peer, block: Uint8Array): void {
    const { handlers, counters } = this.#parts;
    expectEnd(block, measureBlock(block), 'block');
    this.#checkChain(block);
    const id = idOf(block);
    peer.noteBlock(id);
    if (this.#seen.seen(sha256(block))) {
      counters.duplicates += 1;
      return;
    }
    this.#wanted.delete(id);
    this.#underWay.add(id);
    this.#parts.work(peer, 'work', block.length, async () => {
      try {
        await handlers.onBlock(peer.id, block);
      } finally {
        this.#underWay.delete(id);
      }
    });
  }

  /** @throws {ProtocolError} */
  receiveAnnounce(peer: Peer, header: Uint8Array): void {
    checkMagic(asBuffer(header), 0, Limit.MAGIC_HEADER, 'announce');
    this.#checkChain(header);
    const id = idOf(header);
    peer.noteBlock(id);
    if (this.#underWay.has(id) || this.#known.has(Buffer.from(id, 'hex'))) return;
    const wanted = this.#wanted.get(id);
    if (wanted) {
      if (wanted.from.length < 4 && !wanted.from.includes(peer)) wanted.from.push(peer);
    } else if (this.#wanted.size < MAX_WANTED && this.#wantedFrom(peer) < MAX_WANTED_FROM) {
      this.#wanted.set(id, { since: this.#parts.now(), header, from: [peer], asked: false });
    }
  }

  /** Asks for what was announced and did not come. */
  tick(now: Milliseconds): void {
    for (const [id, wanted] of this.#wanted) {
      if (wanted.asked || now - wanted.since < ASK_AFTER) continue;
      wanted.asked = true;
      const peer = wanted.from[0]!;
      this.#parts.attempt(peer, () => this.#fetch(id, wanted));
    }
  }

  async #fetch(id: Id, { header, from }: Wanted): Promise<void> {
    const { handlers } = this.#parts;
    try {
      for (const peer of from) {
        if (peer.ended || !this.#wanted.has(id)) continue;
        if (handlers.onAnnounce && !(await handlers.onAnnounce(peer.id, header))) return;
        const answer = await peer.questions.ask(MessageCode.BLOCKS, (request) =>
          peer.send(MessageCode.GET_BLOCK, encodeGetBlock(request, id), Queue.CONTROL),
        );
        if (!answer) continue;
        const [block, ...others] = decodeBlocks(answer);
        if (others.length > 0 || (block && idOf(block) !== id)) {
          fail('PROTOCOL_LENGTH', 0, `blocks: expected block ${id} alone`);
        }
        if (block) {
          this.receiveBlock(peer, block);
          return;
        }
      }
    } finally {
      this.#wanted.delete(id);
    }
  }

  #wantedFrom(peer: Peer): number {
    let wanted = 0;
    for (const { from } of this.#wanted.values()) if (from[0] === peer) wanted += 1;
    return wanted;
  }

  #spread(
    block: Uint8Array,
    except: PeerId | undefined,
    kind: MessageCode,
    frame: Uint8Array,
  ): void {
    const { group, peers, counters } = this.#parts;
    const id = idOf(block);
    this.#known.seen(Buffer.from(id, 'hex'));
    this.#wanted.delete(id);
    this.#recent.set(id, block);
    if (this.#recent.size > RECENT_BLOCKS) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
    const without = new Set<Session>();
    for (const peer of peers.values()) {
      if (peer.id === except || peer.hasBlock(id)) without.add(peer.session);
      else if (kind === MessageCode.BLOCK) peer.noteBlock(id);
    }
    count(counters.sent, kindName(kind), group.publish(frame, Queue.BLOCKS, without));
  }

  #checkChain(bytes: Uint8Array): void {
    const chain = chainOf(bytes);
    if (chain !== this.#parts.chainId) {
      fail('PROTOCOL_RANGE', 8, `block: expected chain ${this.#parts.chainId}, got ${chain}`);
    }
  }
}

/** The id that the block's header gives it. */
function idOf(block: Uint8Array): Id {
  return sha256Id(block.subarray(0, HEADER_BYTES));
}
