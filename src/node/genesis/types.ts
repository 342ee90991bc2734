// SPDX-License-Identifier: Apache-2.0
// What a chain begins with, checked and complete.

import type {
  AccountName,
  Amount,
  Authority,
  Id,
  Milliseconds,
  PublicKey,
} from '../protocol/index.ts';

/** Who may produce, when, and how many confirmations make a block final. */
export interface ConsensusParameters {
  readonly kind: 'dpos' | 'poa';
  /** Length of a slot: 3000 by default. */
  readonly slotMilliseconds: number;
  /** N: producers that take turns. */
  readonly producers: number;
  /** K = floor(2N / 3) + 1: confirmations that justify. */
  readonly confirmations: number;
  /** Slots for which one schedule holds, a multiple of N. */
  readonly roundSlots: number;
  /** A producer without any block for so long is dropped until it registers again. */
  readonly dropAfterMilliseconds: number;
}

/** `amount` is locked until `time`. */
export interface VestingStep {
  readonly time: Milliseconds;
  readonly amount: Amount;
}

/** An account that exists from the start. */
export interface GenesisAccount {
  readonly name: AccountName;
  /** What it holds besides its stake; locked amounts are part of it. */
  readonly balance: Amount;
  readonly stake: Amount;
  readonly owner: Authority;
  readonly active: Authority;
  /** Ascending by time; empty where nothing is locked. */
  readonly vesting: readonly VestingStep[];
  /** The part of the supply it belongs to. */
  readonly allocation?: string;
}

/** A part of the supply, in points: hundredths of it. */
export interface Allocation {
  readonly name: string;
  readonly points: number;
  /** Points that are locked until so long after genesis, ascending. */
  readonly vesting: readonly { readonly afterMilliseconds: number; readonly points: number }[];
}

/** A producer from the start. */
export interface GenesisProducer {
  readonly account: AccountName;
  /** Signs its headers and votes. */
  readonly signingKey: PublicKey;
}

/** The genesis of a chain; made by `parseGenesis` alone. */
export interface Genesis {
  /** For people: 1 to 64 printable characters. */
  readonly name: string;
  /** Slot 0 begins here. */
  readonly time: Milliseconds;
  readonly consensus: ConsensusParameters;
  readonly block: {
    /** Bytes of a block, header included. */
    readonly maxBytes: number;
    readonly maxTransactions: number;
  };
  /** Least balance of a new account. */
  readonly minimumBalance: Amount;
  /** A transaction pays at least perTransaction + perByte x its bytes + createAccount x accounts opened. */
  readonly fees: {
    readonly perTransaction: Amount;
    readonly perByte: Amount;
    readonly createAccount: Amount;
  };
  /** From unstake until the balance has it. */
  readonly unstakeDelayMilliseconds: number;
  /** An expiry may lie at most so far after the block. */
  readonly maxTransactionLifeSeconds: number;
  /** Of all balances and stakes, for ever. */
  readonly totalSupply: Amount;
  /** Empty, or 100 points; then every account belongs to one. */
  readonly allocation: readonly Allocation[];
  /** Ascending by name. */
  readonly accounts: readonly GenesisAccount[];
  /** Ascending by account; N for proof of authority, at least N for DPOS. */
  readonly producers: readonly GenesisProducer[];
  /** SHA-256 of the canonical encoding; also the id of block 0. */
  readonly chainId: Id;
}
