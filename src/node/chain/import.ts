// SPDX-License-Identifier: Apache-2.0
// Blocks from peers: pushed, fetched, and in ranges.

import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId, SyncSource } from '../network/index.ts';
import { ProtocolError } from '../protocol/index.ts';
import type { Id, Milliseconds, SignedHeader } from '../protocol/types.ts';
import { readHeaderOf } from './block-reader.ts';
import type { ChainCore } from './core.ts';
import { ChainError, type ChainErrorCode } from './errors.ts';
import { type PreparedBlock, prepareBlock } from './prepared-block.ts';

/** How far ahead of this node's clock a slot may be. */
const EARLY: Milliseconds = 500;
/** Slots a block may be ahead and still be waited for. */
const WAIT_SLOTS = 2;
/** Blocks that wait for their time, or for their parents. */
const MAX_WAITING = 32;
/** Blocks of one slot on one parent that are taken as they come; others only in a range, with what follows. */
const MAX_TWINS = 4;
/** How long at most before the clock is asked again, which may have been set. */
const LOOK: Milliseconds = 100;
/** How often it is said that the clock may be wrong. */
const SAY_EVERY: Milliseconds = 60_000;
/** Blocks of a range that are prepared ahead of their turn. */
const AHEAD = 2;
/** A step back, looking for where a peer's chain leaves the own one. */
const STEP_BACK = 128;

/** What a fault costs; none: honest peers may be in the wrong here. */
const POINTS: Readonly<Record<ChainErrorCode, number>> = {
  CHAIN_PRODUCER: 50,
  CHAIN_SIGNATURE: 50,
  CHAIN_INVALID: 50,
  // Signed by whom its slot belongs to: their clock is wrong, or this one.
  CHAIN_FUTURE: 0,
  CHAIN_FINAL: 0,
  CHAIN_ORPHAN: 0,
};

interface Orphan {
  readonly peer: PeerId;
  readonly bytes: Uint8Array;
}

export class BlockImport implements SyncSource {
  readonly #core: ChainCore;
  readonly #orphans = new Map<Id, Orphan>();
  readonly #stop = new AbortController();
  #orphanBytes = 0;
  #early = 0;
  #saidAt: Milliseconds = 0;
  /** When a block of a range was last taken over. */
  importedAt: Milliseconds = 0;

  constructor(core: ChainCore) {
    this.#core = core;
  }

  close(): void {
    this.#stop.abort();
  }

  /** A block that a peer sent. */
  async onBlock(peer: PeerId, bytes: Uint8Array): Promise<void> {
    try {
      await this.#take(peer, bytes);
    } catch (error) {
      this.#blame(peer, error);
    }
  }

  /** Is an announced block wanted? */
  async onAnnounce(peer: PeerId, header: Uint8Array): Promise<boolean> {
    const { view, ledger, network } = this.#core.parts;
    const signedHeader = readHeaderOf(header);
    const { id, header: fields } = signedHeader;
    if (fields.height <= ledger.final.height || view.has(id) || this.#core.isBad(id)) return false;
    if (view.twins(fields.parent, fields.slot) >= MAX_TWINS) return false;
    if (!view.has(fields.parent)) {
      // Nobody can say yet whether it is one; whoever has it has those before it.
      network.catchUp();
      return false;
    }
    try {
      await this.#checkHeader(signedHeader);
      this.#expectNear(fields.slot);
      return true;
    } catch (error) {
      if (error instanceof ChainError && error.code === 'CHAIN_ORPHAN') return true;
      this.#blame(peer, error);
      return false;
    }
  }

  // SyncSource

  next(): number {
    return this.#core.parts.ledger.head.height + 1;
  }

  async import(peer: PeerId, from: number, blocks: readonly Uint8Array[]): Promise<number> {
    const { ledger, view, now } = this.#core.parts;
    const prepared: (Promise<PreparedBlock> | undefined)[] = [];
    try {
      for (const [i, bytes] of blocks.entries()) {
        const { id, header } = readHeaderOf(bytes);
        if (view.has(id) || ledger.blockId(header.height) === id) continue;
        if (header.height <= ledger.final.height) {
          throw new ChainError('CHAIN_FINAL', `block ${header.height} ${id} is not on this chain`);
        }
        if (!view.has(header.parent)) return this.#stepBack(from, i);
        for (let at = i; at <= i + AHEAD && at < blocks.length; at++) {
          prepared[at] ??= this.#prepare(peer, blocks[at]!);
        }
        await this.#take(peer, bytes, await prepared[i]);
        this.importedAt = now();
        // Final by now, and out of the view; or refused, which its sender has paid for.
        if (view.has(id) || ledger.blockId(header.height) === id) continue;
        throw new ChainError('CHAIN_ORPHAN', `block ${header.height} ${id} was not taken`);
      }
    } catch (error) {
      this.#blame(peer, error);
      throw error;
    }
    return from + blocks.length;
  }

  /** Where to look for the block at which a peer's chain leaves the own one. */
  #stepBack(from: number, taken: number): number {
    const { ledger } = this.#core.parts;
    const lowest = ledger.final.height + 1;
    if (taken > 0 || from <= lowest) {
      throw new ChainError('CHAIN_FINAL', `block ${from + taken} does not follow this chain`);
    }
    const depth = from - lowest;
    return Math.max(lowest, from - Math.max(STEP_BACK, Math.ceil(depth / 2)));
  }

  #prepare(peer: PeerId, bytes: Uint8Array): Promise<PreparedBlock> {
    const preparing = prepareBlock(bytes, peer, this.#core.parts);
    preparing.catch(() => {}); // told when its turn comes
    return preparing;
  }

  async #take(peer: PeerId, bytes: Uint8Array, ready?: PreparedBlock): Promise<void> {
    const core = this.#core;
    const { view, ledger } = core.parts;
    const signedHeader = readHeaderOf(bytes);
    const { id, header } = signedHeader;
    if (view.has(id) || header.height <= ledger.final.height) return;
    if (core.isBad(id)) throw new ChainError('CHAIN_INVALID', `block ${id} was refused before`);
    if (!ready && view.twins(header.parent, header.slot) >= MAX_TWINS) return;
    if (!ready && view.has(header.parent)) await this.#checkHeader(signedHeader);
    if (view.has(header.parent)) await this.#await(header.slot);
    if (!view.has(header.parent)) {
      this.#keepOrphan(id, { peer, bytes });
      return;
    }
    const through = ready ? () => {} : core.blocksFirst.begin();
    let added: boolean;
    try {
      added = await this.#add(ready ?? (await this.#prepare(peer, bytes)), ready !== undefined);
    } finally {
      through();
    }
    this.#dropOrphan(id);
    if (added) await this.#takeOrphansOf(id);
  }

  #add(prepared: PreparedBlock, inRange: boolean): Promise<boolean> {
    const core = this.#core;
    const { parent, slot } = prepared.block.signedHeader.header;
    return core.lock.run(async () => {
      // Again: twins may have come together.
      if (!inRange && core.parts.view.twins(parent, slot) >= MAX_TWINS) return false;
      const outcome = await core.add(prepared);
      await core.advance();
      return outcome === 'added';
    });
  }

  /** Milliseconds until a slot that may be waited for. @throws {ChainError} `CHAIN_FUTURE`. */
  #expectNear(slot: number): Milliseconds {
    const { consensus, now, log } = this.#core.parts;
    const early = consensus.slotStart(slot) - now();
    if (early <= WAIT_SLOTS * consensus.parameters.slotMilliseconds) return early;
    if (Math.abs(now() - this.#saidAt) >= SAY_EVERY) {
      this.#saidAt = now();
      log.warn({ slot, milliseconds: early }, 'a block came before its slot: is the clock right?');
    }
    throw new ChainError('CHAIN_FUTURE', `slot ${slot} begins in ${Math.round(early)} ms`);
  }

  /** Waits for a slot that is about to come. @throws {ChainError} `CHAIN_FUTURE`. */
  async #await(slot: number): Promise<void> {
    if (this.#expectNear(slot) <= EARLY) return;
    if (this.#early >= MAX_WAITING) {
      throw new ChainError('CHAIN_FUTURE', `${MAX_WAITING} blocks wait for their slots`);
    }
    const options = { signal: this.#stop.signal, ref: false };
    this.#early += 1;
    try {
      for (;;) {
        const early = this.#expectNear(slot) - EARLY;
        if (early <= 0) return;
        await delay(Math.min(early, LOOK), undefined, options);
      }
    } finally {
      this.#early -= 1;
    }
  }

  /** The cheapest check with a signature in it: before the body is looked at. */
  async #checkHeader(signedHeader: SignedHeader): Promise<void> {
    const { view, consensus, signatures, ledger } = this.#core.parts;
    const { header } = signedHeader;
    const state = view.state(header.parent)!;
    if (header.slot <= state.slot || header.height !== state.height + 1) {
      const expected = `expected height ${state.height + 1} and a slot after ${state.slot}`;
      const message = `block ${signedHeader.id}: ${expected}, got ${header.height}, ${header.slot}`;
      throw new ChainError('CHAIN_INVALID', message);
    }
    const producer = consensus.producerOf(header.slot, state);
    const keys = new Set([producer.signingKey]);
    if (state.provisional) {
      for (const { account, signingKey } of ledger.producers()) {
        if (account === header.producer) keys.add(signingKey);
      }
    } else if (producer.account !== header.producer) {
      const message = `slot ${header.slot}: expected ${producer.account}, got ${header.producer}`;
      throw new ChainError('CHAIN_PRODUCER', message);
    }
    let [key] = await signatures.recover([signedHeader], 'urgent');
    if (signatures.doubtful && (key === undefined || !keys.has(key))) {
      [key] = await signatures.confirm([signedHeader]);
      if (key !== undefined && keys.has(key)) signatures.contradicted(1);
    }
    if (key !== undefined && keys.has(key)) return;
    // Whose slot it is, and with which key, is certain only once the parent is executed.
    if (state.provisional) throw new ChainError('CHAIN_ORPHAN', `block ${signedHeader.id}`);
    const message = `header: expected a signature of ${header.producer}, got one of ${key ?? 'nobody'}`;
    throw new ChainError('CHAIN_SIGNATURE', message);
  }

  #keepOrphan(id: Id, orphan: Orphan): void {
    const { network, genesis } = this.#core.parts;
    network.catchUp();
    const most = 4 * genesis.block.maxBytes;
    if (orphan.bytes.length > most || this.#orphans.has(id)) return;
    this.#orphans.set(id, orphan);
    this.#orphanBytes += orphan.bytes.length;
    for (const oldest of this.#orphans.keys()) {
      if (this.#orphans.size <= MAX_WAITING && this.#orphanBytes <= most) break;
      this.#dropOrphan(oldest);
    }
  }

  #dropOrphan(id: Id): void {
    const orphan = this.#orphans.get(id);
    if (!orphan) return;
    this.#orphans.delete(id);
    this.#orphanBytes -= orphan.bytes.length;
  }

  async #takeOrphansOf(parent: Id): Promise<void> {
    for (const [id, { peer, bytes }] of [...this.#orphans]) {
      if (readHeaderOf(bytes).header.parent !== parent) continue;
      this.#dropOrphan(id);
      await this.onBlock(peer, bytes);
    }
  }

  #blame(peer: PeerId, error: unknown): void {
    const { network, log } = this.#core.parts;
    if (error instanceof ProtocolError) {
      network.punish(peer, 'malformed block', 50);
      return;
    }
    if (!(error instanceof ChainError)) {
      if (!this.#stop.signal.aborted) log.warn({ err: error }, 'a block could not be checked');
      return;
    }
    log.info({ peer, code: error.code, reason: error.message }, 'block not taken');
    if (POINTS[error.code] > 0) network.punish(peer, error.code, POINTS[error.code]);
  }
}
