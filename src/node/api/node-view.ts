// SPDX-License-Identifier: Apache-2.0
// What the API asks of a node. Values in, values out: nothing here knows of HTTP or JSON.

import type { BackendName } from '../../driver/index.ts';
import type {
  AccountName,
  Amount,
  Authority,
  Block,
  BlockRef,
  Id,
  Milliseconds,
  OperationType,
  PublicKey,
  Role,
  SignedTransaction,
} from '../protocol/types.ts';
import type { NodeListener } from './node-events.ts';

/** A running node, as its API sees it. Nothing here may block the event loop. */
export interface NodeView {
  /** What stays as it is while the node runs. */
  readonly identity: NodeIdentity;
  /** Where it is now; cheap, from memory. */
  state(): NodeState;
  /** Is it fit to serve? What /health answers. */
  health(): Health;
  /** A block of the chain that ends at the head, by height or by id. */
  block(at: number | Id): Promise<Block | undefined>;
  /** How far a block has come; of a block that is not on the chain: nothing. */
  confirmations(block: BlockRef): Confirmations | undefined;
  /** How far a transaction has come; nothing is known of one never seen or long dropped. */
  status(id: Id): TransactionStatus | undefined;
  /** A transaction of the pool or of the chain. */
  transaction(id: Id): Promise<SignedTransaction | undefined>;
  /** State after the head. */
  account(name: AccountName): AccountView | undefined;
  /** Transactions that touched an account, latest first. */
  history(name: AccountName, page: HistoryPage): Promise<readonly LocatedTransaction[]>;
  /** All who stand for election, by rank. */
  producers(): readonly ProducerView[];
  /** The next slots; at most `count`, fewer when the schedule ends before. */
  schedule(count: number): readonly ScheduledSlot[];
  peers(): readonly PeerView[];
  accelerator(): AcceleratorView;
  /**
   * Checks transactions, takes those that pass into the pool, and sends them on.
   *
   * @param transactions - one canonical encoding each; not to be written until settled.
   * @returns one verdict per transaction, in order. Never rejects because of a transaction.
   */
  submit(transactions: readonly Uint8Array[]): Promise<readonly Verdict[]>;
  /**
   * Calls `listener` at each event, in order, synchronously; it must be quick and not throw.
   *
   * @returns stops it.
   */
  subscribe(listener: NodeListener): () => void;
}

export interface NodeIdentity {
  /** Of the software. */
  readonly version: string;
  readonly name: string;
  /** Key of the node, not of a producer. */
  readonly nodeKey: PublicKey;
  readonly chainId: Id;
  /** Name in the genesis file. */
  readonly chainName: string;
  readonly genesisTime: Milliseconds;
  readonly consensus: 'dpos' | 'poa';
  readonly slotMilliseconds: number;
  /** N. */
  readonly producers: number;
  /** K. */
  readonly confirmations: number;
  readonly minimumBalance: Amount;
  readonly fees: {
    readonly perTransaction: Amount;
    readonly perByte: Amount;
    readonly createAccount: Amount;
  };
  readonly maxTransactionLifeSeconds: number;
  /** Whom the node produces blocks for, if for anybody. */
  readonly producer?: AccountName;
}

export interface HeadRef extends BlockRef {
  readonly slot: number;
  readonly producer: AccountName;
}

export interface NodeState {
  /** The node's clock. */
  readonly time: Milliseconds;
  /** The slot of that time. */
  readonly slot: number;
  readonly head: HeadRef;
  readonly justified: BlockRef;
  readonly final: BlockRef;
  /** `target` is the height that peers report, while the node is behind. */
  readonly sync: { readonly state: 'synced' | 'syncing'; readonly target?: number };
  readonly pool: {
    readonly transactions: number;
    readonly bytes: number;
    readonly capacityBytes: number;
  };
  /** Since the node started. */
  readonly totals: {
    readonly transactionsSeen: number;
    readonly transactionsIncluded: number;
    readonly transactionsFinal: number;
    readonly transactionsRefused: number;
    readonly blocksProduced: number;
    readonly blocksReverted: number;
  };
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
}

export interface Confirmations {
  /** Distinct active producers that voted for it. */
  readonly count: number;
  /** K. */
  readonly needed: number;
  readonly final: boolean;
}

/** Seen -> included -> confirmed k of K -> final; or dropped. Only `final` never changes. */
export type TransactionStatus =
  | { readonly id: Id; readonly state: 'seen' }
  | ({ readonly id: Id; readonly state: 'included' | 'confirmed' | 'final' } & Inclusion)
  | { readonly id: Id; readonly state: 'dropped'; readonly reason: string };

/** Where a transaction is; `confirmed` is `included` with one confirmation or more. */
export interface Inclusion {
  readonly block: BlockRef;
  /** Its place in the block. */
  readonly index: number;
  readonly confirmations: number;
  readonly needed: number;
}

export interface AccountView {
  readonly name: AccountName;
  readonly balance: Amount;
  readonly stake: Amount;
  /** Not to leave the account yet, staked or not. */
  readonly locked: Amount;
  /** What it could pay now. */
  readonly spendable: Amount;
  readonly unstaking: readonly { readonly amount: Amount; readonly time: Milliseconds }[];
  readonly vesting: readonly { readonly amount: Amount; readonly time: Milliseconds }[];
  readonly authorities: readonly {
    readonly role: Role;
    readonly authority: Authority;
    readonly operations: readonly OperationType[];
  }[];
  readonly votes: readonly AccountName[];
}

export interface HistoryPage {
  readonly limit: number;
  /** Where the last page ended. */
  readonly before?: { readonly height: number; readonly index: number };
}

export interface LocatedTransaction {
  readonly block: BlockRef;
  /** Its place in the block. */
  readonly index: number;
  readonly transaction: SignedTransaction;
}

export interface ProducerView {
  readonly account: AccountName;
  readonly signingKey: PublicKey;
  readonly weight: Amount;
  readonly rank: number;
  /**
   * `active` produces in this round, `standby` waits; `dropped` made no blocks, `convicted` contradicted
   * itself, and both must register again.
   */
  readonly state: 'active' | 'standby' | 'dropped' | 'convicted';
  readonly produced: number;
  readonly missed: number;
  readonly lastBlock?: BlockRef;
}

export interface ScheduledSlot {
  readonly slot: number;
  readonly time: Milliseconds;
  readonly producer: AccountName;
}

export interface PeerView {
  readonly nodeKey: PublicKey;
  readonly address: string;
  readonly direction: 'in' | 'out';
  readonly version: string;
  readonly height: number;
  readonly connectedSince: Milliseconds;
  readonly roundTripMilliseconds?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames waiting to be sent. */
  readonly queued: number;
  /** Points towards a ban. */
  readonly score: number;
}

/** Counters since the start of the node; rates are for whoever asks twice. */
export interface AcceleratorView {
  readonly backend: BackendName;
  /** Who does each service. */
  readonly services: {
    readonly signatures: BackendName;
    readonly transport: BackendName;
    readonly broadcast: BackendName;
  };
  readonly signatures: {
    readonly checked: number;
    readonly refused: number;
    readonly batches: number;
    /** Waiting for an answer now. */
    readonly queued: number;
    /** Spent with at least one batch under way. */
    readonly busySeconds: number;
  };
  readonly spill: {
    readonly enabled: boolean;
    /** Who takes over. */
    readonly to?: BackendName;
    /** Happening now. */
    readonly active: boolean;
    readonly signatures: number;
    readonly episodes: number;
    /** Negative answers that were asked again in software, and how many it contradicted. */
    readonly confirmed: number;
    readonly contradicted: number;
  };
  /** Where there is one. */
  readonly card?: {
    readonly title: string;
    readonly cycles: number;
    readonly signatures: number;
    readonly busyCycles: number;
    readonly engines: number;
    readonly timeouts: number;
    readonly resets: number;
    readonly lostInterrupts: number;
    /** Of an emulated card: seconds in which its model ran. */
    readonly awakeSeconds?: number;
    /** Where the card carries the connections to peers. */
    readonly transport?: CardTransportView;
  };
}

/** TCP of the card; bytes are of Ethernet frames without FCS. */
export interface CardTransportView {
  /** Its IPv4 and hardware addresses. */
  readonly address: string;
  readonly mac: string;
  /** In its table now, those that are ending included. */
  readonly sessions: number;
  readonly framesIn: number;
  readonly bytesIn: number;
  readonly framesOut: number;
  readonly bytesOut: number;
  /** For want of room on the way to the link or from it. */
  readonly framesDropped: number;
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  readonly retransmitted: number;
  readonly lostInterrupts: number;
}

/** What becomes of a transaction handed in. `known` is one that was there already. */
export type Verdict =
  | { readonly accepted: true; readonly id: Id; readonly known: boolean }
  | {
      readonly accepted: false;
      /** Where it could be decoded. */
      readonly id?: Id;
      /** Stable, for programs. */
      readonly code: string;
      /** Says expected and got. */
      readonly message: string;
    };
