// SPDX-License-Identifier: Apache-2.0

import { AcceleratorFigures } from './accelerator-view.ts';
import { Activity } from './activity.ts';
import type { NodeEvents, NodeListener } from './api/node-events.ts';
import type {
  AcceleratorView,
  AccountView,
  Confirmations,
  Health,
  HistoryPage,
  LocatedTransaction,
  NodeIdentity,
  NodeState,
  NodeView,
  PeerView,
  ProducerView,
  ScheduledSlot,
  TransactionStatus,
  Verdict,
} from './api/node-view.ts';
import type { Chain, ChainEvent, NodeLedger } from './chain/index.ts';
import type { Consensus } from './consensus/index.ts';
import { judgeHealth } from './health.ts';
import type { Network } from './network/index.ts';
import type { NodeOptions } from './node.ts';
import type { Pool } from './pool/index.ts';
import type {
  AccountName,
  Block,
  BlockRef,
  Id,
  Milliseconds,
  SignedTransaction,
} from './protocol/types.ts';
import type { Signatures } from './signatures/index.ts';
import type { Totals } from './totals.ts';
import type { TransactionFlow } from './transaction-flow.ts';

/** What the node consists of, to be looked at. */
export interface FacadeParts {
  readonly options: NodeOptions;
  readonly now: () => Milliseconds;
  readonly consensus: Consensus;
  readonly ledger: NodeLedger;
  readonly chain: Chain;
  readonly pool: Pool;
  readonly network: Network;
  readonly signatures: Signatures;
  readonly events: NodeEvents;
  readonly totals: Totals;
  readonly flow: TransactionFlow;
}

/** Slots of the schedule told at most. */
const MAX_SLOTS = 1000;
/** Blocks that may be missing while a node counts as synced: the newest one is on its way. */
const SYNCED_WITHIN = 2;

/** The node as its API sees it. */
export class NodeFacade implements NodeView {
  readonly identity: NodeIdentity;
  readonly #parts: FacadeParts;
  readonly #figures: AcceleratorFigures;
  readonly #activity = new Activity();
  #headProducer: AccountName = '';

  constructor(parts: FacadeParts) {
    this.#parts = parts;
    const { options, network, signatures } = parts;
    const { genesis, name, version, producer } = options;
    const { slotMilliseconds, producers, confirmations, kind } = genesis.consensus;
    this.#figures = new AcceleratorFigures(options.accelerator, signatures);
    this.identity = {
      version,
      name,
      nodeKey: network.nodeKey,
      chainId: genesis.chainId,
      chainName: genesis.name,
      genesisTime: genesis.time,
      consensus: kind,
      slotMilliseconds,
      producers,
      confirmations,
      minimumBalance: genesis.minimumBalance,
      fees: genesis.fees,
      maxTransactionLifeSeconds: genesis.maxTransactionLifeSeconds,
      ...(producer && { producer: producer.account }),
    };
    this.#headProducer = this.#producerOfHead();
  }

  /** To be told of every event of the chain. */
  handle(event: ChainEvent): void {
    this.#activity.handle(event);
    if (event.type === 'block') this.#headProducer = event.block.signedHeader.header.producer;
    else if (event.type === 'reverted') this.#headProducer = this.#producerOfHead();
  }

  state(): NodeState {
    const { now, consensus, ledger, chain, pool, totals } = this.#parts;
    const time = now();
    const target = this.#syncTarget();
    return {
      time,
      slot: Math.max(0, consensus.slotAt(time)),
      head: { ...ledger.head, producer: this.#headProducer },
      justified: chain.core.parts.view.justified,
      final: chain.core.final,
      sync: target === undefined ? { state: 'synced' } : { state: 'syncing', target },
      pool: {
        transactions: pool.size,
        bytes: pool.bytes,
        capacityBytes: pool.limits.maxBytes,
      },
      totals: {
        transactionsSeen: totals.transactionsSeen,
        transactionsIncluded: totals.transactionsIncluded,
        transactionsFinal: totals.transactionsFinal,
        transactionsRefused: totals.transactionsRefused,
        blocksProduced: totals.blocksProduced,
        blocksReverted: totals.blocksReverted,
      },
    };
  }

  health(): Health {
    const { chain, signatures, ledger, consensus, now, options } = this.#parts;
    return judgeHealth({
      chain,
      signatures,
      slot: consensus.slotAt(now()),
      headSlot: ledger.head.slot,
      headHeight: ledger.head.height,
      finalHeight: chain.core.final.height,
      producers: options.genesis.consensus.producers,
      syncing: this.#syncTarget() !== undefined,
    });
  }

  async block(at: number | Id): Promise<Block | undefined> {
    const { ledger, chain } = this.#parts;
    const id = typeof at === 'number' ? ledger.blockId(at) : at;
    if (id === undefined) return undefined;
    const { coming } = chain.core;
    if (coming?.ref.id === id) return coming.block;
    if (ledger.heightOf(id) === undefined) return undefined;
    return chain.core.held(id) ?? ledger.block(id);
  }

  confirmations(block: BlockRef): Confirmations | undefined {
    return this.#parts.chain.confirmations(block);
  }

  status(id: Id): TransactionStatus | undefined {
    const { pool, ledger, flow, chain } = this.#parts;
    // The ledger first: who is told of a block asks before its transactions have left the pool.
    const found = ledger.locate(id) ?? chain.core.coming?.locate(id);
    if (found === undefined) {
      if (pool.has(id)) return { id, state: 'seen' };
      const reason = flow.dropReason(id);
      return reason === undefined ? undefined : { id, state: 'dropped', reason };
    }
    const { block, index } = found;
    const { count, needed, final } = this.confirmations(block)!;
    const state = final ? 'final' : count > 0 ? 'confirmed' : 'included';
    return { id, state, block, index, confirmations: count, needed };
  }

  async transaction(id: Id): Promise<SignedTransaction | undefined> {
    const { pool, ledger } = this.#parts;
    return pool.get(id)?.transaction ?? ledger.transaction(id)?.transaction;
  }

  account(name: AccountName): AccountView | undefined {
    const found = this.#parts.ledger.account(name);
    if (found === undefined) return undefined;
    const { owner, active, named, ...rest } = found;
    return {
      ...rest,
      authorities: [
        { role: 'owner', authority: owner, operations: [] },
        { role: 'active', authority: active, operations: [] },
        ...named,
      ],
    };
  }

  async history(name: AccountName, page: HistoryPage): Promise<readonly LocatedTransaction[]> {
    return this.#parts.ledger.history(name, page);
  }

  producers(): readonly ProducerView[] {
    const { ledger, consensus } = this.#parts;
    const active = new Set(
      consensus
        .votersOf(ledger.consensusState)
        .flatMap(({ members }) => members.map(({ account }) => account)),
    );
    return ledger.producers().map(({ account, signingKey, weight, status }, i) => ({
      account,
      signingKey,
      weight,
      rank: i + 1,
      state: status !== 'standing' ? status : active.has(account) ? 'active' : 'standby',
      ...this.#activity.of(account),
    }));
  }

  schedule(count: number): readonly ScheduledSlot[] {
    const { ledger, consensus, now } = this.#parts;
    const first = Math.max(ledger.head.slot + 1, consensus.slotAt(now()));
    const state = ledger.consensusState;
    return Array.from({ length: Math.min(count, MAX_SLOTS) }, (_, i) => ({
      slot: first + i,
      time: consensus.slotStart(first + i),
      producer: consensus.producerOf(first + i, state).account,
    }));
  }

  peers(): readonly PeerView[] {
    return this.#parts.network.peers();
  }

  accelerator(): AcceleratorView {
    return this.#figures.view();
  }

  submit(transactions: readonly Uint8Array[]): Promise<readonly Verdict[]> {
    return this.#parts.flow.submit(transactions);
  }

  subscribe(listener: NodeListener): () => void {
    return this.#parts.events.subscribe(listener);
  }

  /** Height that is being caught up to, if any. */
  #syncTarget(): number | undefined {
    const { network, ledger } = this.#parts;
    const { active, target } = network.syncProgress();
    return active && target > ledger.head.height + SYNCED_WITHIN ? target : undefined;
  }

  #producerOfHead(): AccountName {
    const { ledger } = this.#parts;
    const { height } = ledger.head;
    return height === 0 ? '' : (ledger.block(height)?.signedHeader.header.producer ?? '');
  }
}
