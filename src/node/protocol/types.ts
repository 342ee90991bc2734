// SPDX-License-Identifier: Apache-2.0
// What travels between nodes and lies in the chain, as values. The bytes are in docs/protocol.md.

/** 32 bytes as 64 lower-case hexadecimal digits: SHA-256 of a canonical encoding. */
export type Id = string;

/** 3 to 32 characters: labels of letters, digits and hyphens, joined by dots; each begins with a letter. */
export type AccountName = string;

/** A compressed secp256k1 key (SEC 1), 33 bytes as 66 lower-case hexadecimal digits. */
export type PublicKey = string;

/** Base units, 0 to 2^64 - 1; one GXN is 10^8 of them. */
export type Amount = bigint;

/** Milliseconds since 1970, UTC. */
export type Milliseconds = number;

/** r 32, s 32 (big-endian, low s), recovery id 1, zeros 7: 72 bytes, the tail of a recover record. */
export type Signature = Uint8Array;

/** A block, named. Height 0 is genesis. */
export interface BlockRef {
  readonly height: number;
  readonly id: Id;
}

/** `owner` may change everything, `active` everything but authorities; other roles are bound to operations. */
export type Role = string;

/** Keys and accounts whose weights must reach the threshold. */
export interface Authority {
  /** 1 to 2^32 - 1, and reachable. */
  readonly threshold: number;
  /** Ascending by key, no key twice, weight 1 to 65535. */
  readonly keys: readonly { readonly key: PublicKey; readonly weight: number }[];
  /** Ascending by name then role, no pair twice; satisfied by that role of that account. */
  readonly accounts: readonly {
    readonly account: AccountName;
    readonly role: Role;
    readonly weight: number;
  }[];
}

/** Sends `amount`; memo is at most 64 bytes. */
export interface Transfer {
  readonly type: 'transfer';
  readonly from: AccountName;
  readonly to: AccountName;
  readonly amount: Amount;
  readonly memo: Uint8Array;
}

/** Opens an account with a first balance of at least the genesis minimum. */
export interface CreateAccount {
  readonly type: 'createAccount';
  readonly creator: AccountName;
  readonly name: AccountName;
  readonly balance: Amount;
  readonly owner: Authority;
  readonly active: Authority;
}

/** Sets an authority, or removes a named one (`authority` absent). */
export interface UpdateAuthority {
  readonly type: 'updateAuthority';
  readonly account: AccountName;
  readonly role: Role;
  readonly authority?: Authority;
  /** What a named role may do; empty for `owner` and `active`. */
  readonly operations: readonly OperationType[];
}

/** Moves balance to stake: weight for votes. */
export interface Stake {
  readonly type: 'stake';
  readonly account: AccountName;
  readonly amount: Amount;
}

/** Takes stake back; it returns to the balance after the genesis delay. */
export interface Unstake {
  readonly type: 'unstake';
  readonly account: AccountName;
  readonly amount: Amount;
}

/** Stands for election, anew after having been dropped. */
export interface RegisterProducer {
  readonly type: 'registerProducer';
  readonly account: AccountName;
  readonly signingKey: PublicKey;
}

/** Replaces the account's votes by these, ascending, at most 30, none twice; none withdraws. */
export interface VoteProducers {
  readonly type: 'voteProducers';
  readonly account: AccountName;
  readonly producers: readonly AccountName[];
}

/** Evidence: two headers of one producer for one slot. */
export interface ReportDoubleProduction {
  readonly type: 'reportDoubleProduction';
  readonly reporter: AccountName;
  readonly first: SignedHeader;
  readonly second: SignedHeader;
}

/** Evidence: two votes of one producer, for one height or one surrounding the other. */
export interface ReportDoubleVote {
  readonly type: 'reportDoubleVote';
  readonly reporter: AccountName;
  readonly first: SignedVote;
  readonly second: SignedVote;
}

export type Operation =
  | Transfer
  | CreateAccount
  | UpdateAuthority
  | Stake
  | Unstake
  | RegisterProducer
  | VoteProducers
  | ReportDoubleProduction
  | ReportDoubleVote;

export type OperationType = Operation['type'];

/** What its signers sign. */
export interface Transaction {
  readonly chainId: Id;
  /** A recent block of the same chain: height, and the first four bytes of its id, little-endian. */
  readonly refHeight: number;
  readonly refPrefix: number;
  /** Not valid in a block of this second (since 1970) or later. */
  readonly expiry: number;
  /** Makes equal transactions different. 32 bits. */
  readonly nonce: number;
  /** Pays the fee. */
  readonly account: AccountName;
  readonly fee: Amount;
  /** 1 to 16. */
  readonly operations: readonly Operation[];
}

export interface SignedTransaction {
  readonly transaction: Transaction;
  /** 1 to 16 */
  readonly signatures: readonly Signature[];
  /** SHA-256 of the transaction without its signatures: what is signed. */
  readonly id: Id;
  /** The canonical encoding with signatures; not to be written. */
  readonly bytes: Uint8Array;
}

export interface BlockHeader {
  readonly chainId: Id;
  readonly height: number;
  /** Slots since genesis; its time is genesis time + slot x slot time. */
  readonly slot: number;
  readonly parent: Id;
  readonly producer: AccountName;
  /** Merkle root of the ids of the transactions (RFC 6962, 2.1). */
  readonly transactionsRoot: Id;
  /** Merkle root of the ids of the signed votes. */
  readonly votesRoot: Id;
  /** Of the state after this block. */
  readonly stateRoot: Id;
  readonly transactionCount: number;
  readonly voteCount: number;
  readonly bodyBytes: number;
}

export interface SignedHeader {
  readonly header: BlockHeader;
  /** SHA-256 of the encoded header: the block's id, and what its producer signs. */
  readonly id: Id;
  readonly signature: Signature;
}

/** A confirmation: a Casper FFG vote for the link from a justified block to a descendant. */
export interface Vote {
  readonly chainId: Id;
  readonly source: BlockRef;
  readonly target: BlockRef;
  readonly producer: AccountName;
}

export interface SignedVote {
  readonly vote: Vote;
  /** SHA-256 of the encoded vote: what the producer signs. */
  readonly id: Id;
  readonly signature: Signature;
}

export interface Block {
  readonly signedHeader: SignedHeader;
  /** Votes that no ancestor carries yet: finality can be derived from the chain alone. */
  readonly votes: readonly SignedVote[];
  readonly transactions: readonly SignedTransaction[];
  /** The canonical encoding; not to be written. */
  readonly bytes: Uint8Array;
}
