// SPDX-License-Identifier: Apache-2.0
// A node whose chain grows when the test says so; transactions are taken in without a look at signatures.

import { createHash } from 'node:crypto';
import { NodeEvents } from '../../../../src/node/api/node-events.ts';
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
} from '../../../../src/node/api/node-view.ts';
import { decodeTransaction, ProtocolError } from '../../../../src/node/protocol/index.ts';
import type {
  AccountName,
  Block,
  BlockRef,
  Id,
  SignedTransaction,
} from '../../../../src/node/protocol/types.ts';

/** An id of a text. */
export const idOf = (text: string): Id => createHash('sha256').update(text).digest('hex');

const NO_SIGNATURE = new Uint8Array(72);
const PRODUCERS = ['alpha', 'bravo', 'charlie', 'delta'] as const;
const GENESIS_TIME = 1_760_000_000_000;
const SLOT_MS = 3000;

interface Placed {
  readonly block: BlockRef;
  readonly index: number;
}

export class FakeNode implements NodeView {
  readonly events = new NodeEvents();
  readonly chain: Block[] = [];
  readonly pool = new Map<Id, SignedTransaction>();
  readonly #placed = new Map<Id, Placed>();
  readonly #dropped = new Map<Id, string>();
  readonly #confirmations = new Map<Id, number>();
  readonly #subscribe = this.events.subscribe.bind(this.events);
  final: BlockRef = { height: 0, id: idOf('genesis') };
  justified: BlockRef = this.final;
  time = GENESIS_TIME;
  healthy = true;
  seen = 0;
  included = 0;
  finalized = 0;
  subscribers = 0;
  accounts = new Map<AccountName, AccountView>([['alice', fakeAccount('alice')]]);
  peerViews: PeerView[] = [];
  acceleratorView: AcceleratorView = fakeAccelerator();
  readonly identity: NodeIdentity = {
    version: '0.1.0',
    name: 'fake',
    nodeKey: `02${idOf('node key')}`,
    chainId: idOf('chain'),
    chainName: 'devnet',
    genesisTime: GENESIS_TIME,
    consensus: 'dpos',
    slotMilliseconds: SLOT_MS,
    producers: 4,
    confirmations: 3,
    minimumBalance: 100_000n,
    fees: { perTransaction: 1000n, perByte: 1n, createAccount: 50_000n },
    maxTransactionLifeSeconds: 3600,
    producer: 'alpha',
  };

  get head(): BlockRef {
    const last = this.chain.at(-1)?.signedHeader;
    return last ? { height: last.header.height, id: last.id } : { height: 0, id: idOf('genesis') };
  }

  state(): NodeState {
    const last = this.chain.at(-1)?.signedHeader.header;
    return {
      time: this.time,
      slot: Math.max(0, Math.floor((this.time - GENESIS_TIME) / SLOT_MS)),
      head: { ...this.head, slot: last?.slot ?? 0, producer: last?.producer ?? 'alpha' },
      justified: this.justified,
      final: this.final,
      sync: { state: 'synced' },
      pool: {
        transactions: this.pool.size,
        bytes: 256 * this.pool.size,
        capacityBytes: 64 * 1024 * 1024,
      },
      totals: {
        transactionsSeen: this.seen,
        transactionsIncluded: this.included,
        transactionsFinal: this.finalized,
        transactionsRefused: 0,
        blocksProduced: this.chain.length,
        blocksReverted: 0,
      },
    };
  }

  health(): Health {
    const detail = this.healthy ? 'head is 1 slot old' : 'head is 40 slots old';
    return { ok: this.healthy, checks: [{ name: 'head', ok: this.healthy, detail }] };
  }

  async block(at: number | Id): Promise<Block | undefined> {
    if (typeof at === 'number') return this.chain[at - 1];
    return this.chain.find(({ signedHeader }) => signedHeader.id === at);
  }

  confirmations({ height, id }: BlockRef): Confirmations | undefined {
    if (this.chain[height - 1]?.signedHeader.id !== id) return undefined;
    const final = height <= this.final.height;
    return { count: this.#confirmations.get(id) ?? 0, needed: 3, final };
  }

  status(id: Id): TransactionStatus | undefined {
    const placed = this.#placed.get(id);
    if (placed) {
      const { count, needed, final } = this.confirmations(placed.block)!;
      const state = final ? 'final' : count > 0 ? 'confirmed' : 'included';
      return { id, state, ...placed, confirmations: count, needed };
    }
    if (this.pool.has(id)) return { id, state: 'seen' };
    const reason = this.#dropped.get(id);
    return reason === undefined ? undefined : { id, state: 'dropped', reason };
  }

  async transaction(id: Id): Promise<SignedTransaction | undefined> {
    const placed = this.#placed.get(id);
    return placed
      ? this.chain[placed.block.height - 1]?.transactions[placed.index]
      : this.pool.get(id);
  }

  account(name: AccountName): AccountView | undefined {
    return this.accounts.get(name);
  }

  async history(_name: AccountName, { limit, before }: HistoryPage): Promise<LocatedTransaction[]> {
    return this.chain
      .flatMap(({ signedHeader: { header, id }, transactions }) =>
        transactions.map((transaction, index) => ({
          block: { height: header.height, id },
          index,
          transaction,
        })),
      )
      .reverse()
      .filter(({ block, index }) => {
        if (!before || block.height < before.height) return true;
        return block.height === before.height && index < before.index;
      })
      .slice(0, limit);
  }

  producers(): ProducerView[] {
    return PRODUCERS.map((account, i) => ({
      account,
      signingKey: `03${idOf(account)}`,
      weight: BigInt(4 - i) * 10n ** 13n,
      rank: i + 1,
      state: 'active',
      produced: this.chain.filter(({ signedHeader }) => signedHeader.header.producer === account)
        .length,
      missed: i,
    }));
  }

  schedule(count: number): ScheduledSlot[] {
    const next = this.state().slot + 1;
    return Array.from({ length: count }, (_, i) => ({
      slot: next + i,
      time: GENESIS_TIME + (next + i) * SLOT_MS,
      producer: PRODUCERS[(next + i) % 4]!,
    }));
  }

  peers(): PeerView[] {
    return this.peerViews;
  }

  accelerator(): AcceleratorView {
    return this.acceleratorView;
  }

  async submit(transactions: readonly Uint8Array[]): Promise<Verdict[]> {
    const ids: Id[] = [];
    const verdicts = transactions.map((bytes): Verdict => {
      try {
        const transaction = decodeTransaction(Uint8Array.from(bytes));
        const { id } = transaction;
        if (this.status(id)) return { accepted: true, id, known: true };
        this.pool.set(id, transaction);
        ids.push(id);
        return { accepted: true, id, known: false };
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return { accepted: false, code: error.code, message: error.message };
      }
    });
    this.seen += ids.length;
    if (ids.length > 0) this.events.emit({ type: 'seen', ids });
    return verdicts;
  }

  subscribe(listener: Parameters<NodeView['subscribe']>[0]): () => void {
    this.subscribers++;
    const stop = this.#subscribe(listener);
    return () => {
      this.subscribers--;
      stop();
    };
  }

  /** A block of what is in the pool. */
  produce(most = Number.POSITIVE_INFINITY): Block {
    const block = this.#make(most);
    this.#append(block);
    return block;
  }

  /** The same, told while it is written; it is there only if the disk takes it. */
  write(taken: boolean): void {
    const block = this.#make();
    this.events.emit({ type: 'executed', block });
    if (taken) this.#append(block);
    else this.events.emit({ type: 'withdrawn', block });
  }

  #make(most = Number.POSITIVE_INFINITY): Block {
    const height = this.chain.length + 1;
    this.time += SLOT_MS;
    const slot = this.state().slot;
    const transactions = [...this.pool.values()].slice(0, most);
    const id = idOf(`block ${height} ${slot}`);
    return {
      signedHeader: {
        id,
        signature: NO_SIGNATURE,
        header: {
          chainId: this.identity.chainId,
          height,
          slot,
          parent: this.head.id,
          producer: PRODUCERS[slot % 4]!,
          transactionsRoot: idOf('transactions'),
          votesRoot: idOf('votes'),
          stateRoot: idOf(`state ${height}`),
          transactionCount: transactions.length,
          voteCount: 0,
          bodyBytes: 256 * transactions.length,
        },
      },
      votes: [],
      transactions,
      bytes: new Uint8Array(304 + 256 * transactions.length),
    };
  }

  #append(block: Block): void {
    const { transactions } = block;
    const { header, id } = block.signedHeader;
    this.chain.push(block);
    transactions.forEach((transaction, index) => {
      this.pool.delete(transaction.id);
      this.#placed.set(transaction.id, { block: { height: header.height, id }, index });
    });
    this.included += transactions.length;
    this.events.emit({ type: 'block', block, produced: false });
  }

  /** One more producer confirms the head, or the block of a height. */
  confirm(height = this.chain.length): void {
    const { id } = this.chain[height - 1]!.signedHeader;
    const count = (this.#confirmations.get(id) ?? 0) + 1;
    this.#confirmations.set(id, count);
    const block = { height, id };
    this.events.emit({ type: 'confirmed', block, count, needed: 3 });
    if (count === 3) {
      this.justified = block;
      this.events.emit({ type: 'justified', block });
    }
  }

  finalize(height = this.chain.length): void {
    const before = this.final.height;
    this.final = { height, id: this.chain[height - 1]!.signedHeader.id };
    for (const block of this.chain.slice(before, height)) {
      this.finalized += block.transactions.length;
    }
    this.events.emit({ type: 'final', block: this.final });
  }

  /** Undoes the head; its transactions go back to the pool. */
  revert(): void {
    const block = this.chain.pop()!;
    for (const transaction of block.transactions) {
      this.#placed.delete(transaction.id);
      this.pool.set(transaction.id, transaction);
    }
    this.events.emit({ type: 'reverted', block });
  }

  drop(id: Id, reason: string): void {
    this.pool.delete(id);
    this.#dropped.set(id, reason);
    this.events.emit({ type: 'dropped', transactions: [{ id, reason }] });
  }
}

function fakeAccount(name: AccountName): AccountView {
  const authority = {
    threshold: 1,
    keys: [{ key: `02${idOf(name)}`, weight: 1 }],
    accounts: [],
  };
  return {
    name,
    balance: 123_456_789_012_345_678n,
    stake: 500_000_000n,
    locked: 100n,
    spendable: 123_456_789_012_345_578n,
    unstaking: [{ amount: 7n, time: GENESIS_TIME }],
    vesting: [{ amount: 100n, time: GENESIS_TIME + 86_400_000 }],
    authorities: [
      { role: 'owner', authority, operations: [] },
      { role: 'active', authority, operations: [] },
    ],
    votes: ['alpha', 'bravo'],
  };
}

export function fakeAccelerator(): AcceleratorView {
  return {
    backend: 'verilator',
    services: { signatures: 'verilator', transport: 'verilator', broadcast: 'software' },
    signatures: { checked: 1000, refused: 2, batches: 10, queued: 5, busySeconds: 1.5 },
    spill: {
      enabled: true,
      to: 'native',
      active: false,
      signatures: 40,
      episodes: 1,
      confirmed: 2,
      contradicted: 0,
    },
    card: {
      title: 'emulated card, 1 engine',
      cycles: 2_500_000,
      signatures: 960,
      busyCycles: 1_900_000,
      engines: 1,
      timeouts: 0,
      resets: 0,
      lostInterrupts: 0,
      awakeSeconds: 4.5,
      transport: {
        address: '10.77.0.2',
        mac: '02:00:00:00:00:02',
        sessions: 3,
        framesIn: 1200,
        bytesIn: 345_678,
        framesOut: 1100,
        bytesOut: 234_567,
        framesDropped: 0,
        segmentsIn: 1150,
        segmentsOut: 1050,
        retransmitted: 2,
        lostInterrupts: 0,
      },
    },
  };
}
