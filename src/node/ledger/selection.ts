// SPDX-License-Identifier: Apache-2.0
// The transactions of a block that is being made: chosen and executed as they come, ahead of the slot.

import {
  Limit,
  MerkleTree,
  SIGNED_HEADER_BYTES,
  SIGNED_VOTE_BYTES,
  SignatureLayout,
  TransactionLayout,
} from '../protocol/index.ts';
import type { Id } from '../protocol/types.ts';
import type { Candidate, HeaderFields } from './contract.ts';
import { LedgerError } from './errors.ts';
import type { BlockContext } from './operations.ts';
import { Pace } from './pace.ts';
import { type Execution, executeOne, STEP } from './run.ts';
import { Tally } from './tally.ts';
import type { ChainView } from './transactions.ts';

/** No transaction is shorter. */
const SMALLEST = TransactionLayout.BYTES + SignatureLayout.BYTES;

/** How much goes into a block. */
export interface BlockRoom {
  readonly maxBytes: number;
  readonly maxTransactions: number;
  readonly votes: number;
  /** To execute it all: others have to do so, too. */
  readonly milliseconds: number;
}

/**
 * Candidates executed one after the other on a draft; what fails is left out. Good for one header on one
 * head.
 *
 * The order is that of execution: what comes while a block is made follows what was there, whatever it
 * pays. Who pays more has precedence where not all get in: `extend` says whether this is so.
 */
export class Selection implements Execution {
  readonly header: HeaderFields;
  readonly context: BlockContext;
  readonly included: Candidate[] = [];
  readonly tally = new Tally();
  readonly rejected: { readonly candidate: Candidate; readonly error: LedgerError }[] = [];
  readonly #chain: ChainView;
  readonly #ids = new Set<Id>();
  readonly #failed = new Set<Id>();
  readonly #tree = new MerkleTree();
  #bytes = 0;
  /** Milliseconds of execution so far. */
  #spent = 0;

  constructor(header: HeaderFields, context: BlockContext, chain: ChainView) {
    this.header = header;
    this.context = context;
    this.#chain = chain;
  }

  /** Whether it is for this very header. */
  isFor({ height, slot, parent, producer }: HeaderFields): boolean {
    const { header } = this;
    return (
      header.height === height &&
      header.slot === slot &&
      header.parent === parent &&
      header.producer === producer
    );
  }

  /** Milliseconds that executing it took. */
  get spent(): number {
    return this.#spent;
  }

  get transactionsRoot(): Id {
    return this.#tree.root();
  }

  /** Whether what is in it fits; there may be more votes than were expected. */
  fits(room: BlockRoom): boolean {
    return this.included.length <= room.maxTransactions && this.#left(room) >= 0;
  }

  /**
   * Executes those candidates that are new and fit.
   *
   * @param most - milliseconds after which it stops this time.
   * @returns whether nothing is outside that comes before something inside, and nothing inside that is no
   *   candidate any more. False says something only where it was not stopped, or `isFull`.
   */
  async extend(
    candidates: Iterable<Candidate>,
    room: BlockRoom,
    most = Number.POSITIVE_INFINITY,
  ): Promise<boolean> {
    const pace = new Pace();
    const end = Math.min(room.milliseconds, this.#spent + most);
    let began = performance.now();
    let step = 0;
    let inside = 0;
    let outside = false;
    let best = true;
    for (const candidate of candidates) {
      if (++step % STEP === 0 && pace.due) {
        await pace.rest();
        began = performance.now();
      }
      const { id, bytes } = candidate.transaction;
      if (!this.#ids.has(id)) {
        if (this.#failed.has(id)) continue;
        const full = this.isFull(room) || this.#spent > end;
        if (full && (!best || inside === this.included.length)) return best;
        if (full || bytes.length > this.#left(room)) {
          outside = true;
          continue;
        }
        const executed = this.#execute(candidate);
        const now = performance.now();
        this.#spent += now - began;
        began = now;
        if (!executed) continue;
      }
      inside++;
      if (outside) best = false;
    }
    return best && inside === this.included.length;
  }

  /** Whether nothing more can get in. */
  isFull(room: BlockRoom): boolean {
    return (
      this.included.length >= room.maxTransactions ||
      this.#spent > room.milliseconds ||
      this.#left(room) < SMALLEST
    );
  }

  #left({ maxBytes, votes }: BlockRoom): number {
    const most = Math.min(maxBytes, Limit.MAX_BLOCK_BYTES);
    return most - SIGNED_HEADER_BYTES - votes * SIGNED_VOTE_BYTES - this.#bytes;
  }

  #execute(candidate: Candidate): boolean {
    const { id, bytes } = candidate.transaction;
    try {
      const receipt = executeOne(this.context, this.#chain, candidate, this.#ids);
      this.tally.add(receipt, this.context.draft.base);
    } catch (error) {
      this.context.draft.rollback();
      if (!(error instanceof LedgerError)) throw error;
      this.rejected.push({ candidate, error });
      this.#failed.add(id);
      return false;
    }
    this.included.push(candidate);
    this.#bytes += bytes.length;
    this.#tree.add(id);
    return true;
  }
}
