// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';
import type { NodeEvents } from './api/node-events.ts';
import type { Verdict } from './api/node-view.ts';
import type { ChainEvent, FinalBlock, NodeLedger } from './chain/index.ts';
import { readHeaderOf } from './chain/index.ts';
import type { Candidate, Proposal } from './ledger/index.ts';
import type { PeerId } from './network/index.ts';
import type { Intake, KnownTransactions, Pool } from './pool/index.ts';
import type { Block, Id, Milliseconds, SignedTransaction } from './protocol/types.ts';
import type { Totals } from './totals.ts';

/** What transactions flow through. */
export interface FlowParts {
  readonly ledger: NodeLedger;
  readonly pool: Pool;
  readonly known: KnownTransactions;
  readonly events: NodeEvents;
  readonly totals: Totals;
  readonly now: () => Milliseconds;
  readonly publish: (transactions: readonly Uint8Array[], except?: PeerId) => void;
  readonly punish: (peer: PeerId, reason: string, points: number) => void;
}

/** Slots between two looks for expired transactions. */
const EXPIRY_SLOTS = 4;
/** Transactions sent again in a slot, in bytes: peers came and went, messages were dropped. */
const REPEATED_BYTES = 256 * 1024;
/** Dropped transactions whose reason is remembered. */
const REMEMBERED = 16_384;

/** What refused transactions cost the peer that sent them; honest nodes do not send these on. */
const POINTS: Readonly<Record<string, number>> = {
  POOL_SIGNATURE: 10,
  LEDGER_AUTHORITY: 2,
  LEDGER_SIGNATURES: 2,
  LEDGER_CHAIN: 10,
  LEDGER_FEE: 2,
};
const MALFORMED_POINTS = 20;
/** Transactions forgotten before others get a turn. */
const SLICE = 2048;

/** Transactions on their way: into the pool, into a block, and out of memory. */
export class TransactionFlow {
  readonly #parts: FlowParts;
  readonly #dropped = new Map<Id, string>();
  /** Blocks up to here were on the chain before this process was: it has not counted them. */
  #uncounted: number;
  /** Whom the transactions come from that are being taken in. */
  intake: Intake | undefined;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#uncounted = parts.ledger.head.height;
  }

  /** Why a transaction was dropped, if it was of late. */
  dropReason(id: Id): string | undefined {
    return this.#dropped.get(id);
  }

  /** Transactions that somebody hands in here. */
  async submit(transactions: readonly Uint8Array[]): Promise<readonly Verdict[]> {
    const verdicts = await this.intake!.take(transactions);
    this.#spread(transactions, verdicts);
    for (const { accepted } of verdicts) {
      if (!accepted) this.#parts.totals.transactionsRefused += 1;
    }
    return verdicts;
  }

  /** Transactions that a peer sent. */
  async fromPeer(peer: PeerId, transactions: readonly Uint8Array[]): Promise<void> {
    const verdicts = await this.intake!.take(transactions);
    this.#spread(transactions, verdicts, peer);
    for (const verdict of verdicts) {
      if (verdict.accepted) continue;
      this.#parts.totals.transactionsRefused += 1;
      const { code } = verdict;
      const points = POINTS[code] ?? (code.startsWith('PROTOCOL_') ? MALFORMED_POINTS : 0);
      if (points > 0) this.#parts.punish(peer, code, points);
    }
  }

  /** The pool has taken these in. */
  seen(transactions: readonly SignedTransaction[]): void {
    const { events, totals } = this.#parts;
    totals.transactionsSeen += transactions.length;
    for (const { id } of transactions) this.#dropped.delete(id);
    events.emit({ type: 'seen', ids: transactions.map(({ id }) => id) });
  }

  /** These left the pool for good. */
  drop(candidates: readonly Candidate[], reason: string): void {
    if (candidates.length === 0) return;
    for (const { transaction } of candidates) {
      this.#parts.known.delete(transaction);
      this.#remember(transaction.id, reason);
    }
    const transactions = candidates.map(({ transaction: { id } }) => ({ id, reason }));
    this.#parts.events.emit({ type: 'dropped', transactions });
  }

  /** These failed on the head. */
  rejected(rejected: Proposal['rejected']): void {
    for (const { id, code } of rejected) {
      const candidate = this.#parts.pool.remove(id);
      if (candidate && code !== 'LEDGER_DUPLICATE') this.drop([candidate], code);
    }
  }

  slot(slot: number): void {
    this.#repeat(slot);
    if (slot % EXPIRY_SLOTS !== 0) return;
    const expired = this.#parts.pool.expire(Math.floor(this.#parts.now() / 1000));
    this.drop(expired, 'LEDGER_EXPIRED');
  }

  handle(event: ChainEvent): void {
    const { events, totals, pool } = this.#parts;
    switch (event.type) {
      case 'block': {
        const { block, produced } = event;
        totals.transactionsIncluded += block.transactions.length;
        if (produced) totals.blocksProduced += 1;
        // Subscribers wait for it, nobody for the pool.
        try {
          events.emit({ type: 'block', block, produced });
        } finally {
          for (const { id } of block.transactions) pool.remove(id);
        }
        break;
      }
      case 'reverted':
        this.#revert(event.block, event.candidates);
        break;
      case 'final':
        for (const each of event.blocks) this.#final(each);
        events.emit({ type: 'final', block: event.block });
        break;
      default:
        events.emit(event);
    }
  }

  /** Sends again what waits for long, as far as it is still valid: it must cost no peer anything. */
  #repeat(slot: number): void {
    const { ledger, pool, publish } = this.#parts;
    const valid: Uint8Array[] = [];
    for (const { transaction, signers } of pool.overdue(REPEATED_BYTES)) {
      const verdict = ledger.check(transaction, signers, Math.max(slot, ledger.head.slot + 1));
      if (verdict.ok) valid.push(transaction.bytes);
      else this.rejected([{ id: transaction.id, ...verdict }]);
    }
    if (valid.length > 0) publish(valid);
  }

  #revert(block: Block, candidates: readonly Candidate[]): void {
    const { events, totals, pool, known } = this.#parts;
    totals.blocksReverted += 1;
    const { height } = block.signedHeader.header;
    if (height > this.#uncounted) totals.transactionsIncluded -= block.transactions.length;
    else this.#uncounted = height - 1;
    const lost: Candidate[] = [];
    for (const candidate of candidates) {
      if (pool.has(candidate.transaction.id)) continue;
      if (pool.add(candidate).ok) known.add(candidate);
      else lost.push(candidate);
    }
    events.emit({ type: 'reverted', block });
    this.drop(lost, 'POOL_FULL');
  }

  #final({ ref, block }: FinalBlock): void {
    const { totals, known, ledger } = this.#parts;
    if (block) {
      totals.transactionsFinal += block.transactions.length;
      void forget(known, block.transactions);
      return;
    }
    const bytes = ledger.blockBytes(ref.height);
    if (bytes) totals.transactionsFinal += readHeaderOf(bytes).header.transactionCount;
  }

  /** Sends on what is new. */
  #spread(
    transactions: readonly Uint8Array[],
    verdicts: readonly Verdict[],
    except?: PeerId,
  ): void {
    const fresh: Uint8Array[] = [];
    for (const [i, verdict] of verdicts.entries()) {
      if (!verdict.accepted || verdict.known) continue;
      // The pool's copy: what was handed in belongs to somebody else.
      const kept = this.#parts.pool.get(verdict.id)?.transaction.bytes;
      fresh.push(kept ?? transactions[i]!);
    }
    if (fresh.length > 0) this.#parts.publish(fresh, except);
  }

  #remember(id: Id, reason: string): void {
    this.#dropped.set(id, reason);
    if (this.#dropped.size <= REMEMBERED) return;
    for (const oldest of this.#dropped.keys()) {
      this.#dropped.delete(oldest);
      break;
    }
  }
}

/** They are final: no block brings them again. */
async function forget(
  known: KnownTransactions,
  transactions: readonly SignedTransaction[],
): Promise<void> {
  for (const [i, transaction] of transactions.entries()) {
    if (i % SLICE === SLICE - 1) await setImmediate();
    known.delete(transaction);
  }
}
