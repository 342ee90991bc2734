// SPDX-License-Identifier: Apache-2.0

import type { Candidate } from '../ledger/index.ts';
import type { AccountName, Amount, Id } from '../protocol/types.ts';
import type { PoolErrorCode } from './errors.ts';

/** How much the pool holds. */
export interface PoolLimits {
  readonly maxBytes: number;
  readonly maxTransactions: number;
  /** Of one account. */
  readonly accountBytes: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxTransactions: 262_144,
  accountBytes: 16 * 1024 * 1024,
};

interface Entry {
  readonly candidate: Candidate;
  readonly level: number;
  /** The round in which it came, or was last given out by `overdue`. */
  readonly round: number;
}

interface Account {
  count: number;
  bytes: number;
  fees: Amount;
}

/** Memory of an entry besides its bytes, about. */
const OVERHEAD_BYTES = 512;

/** Whether a candidate came in, and whom it pushed out. */
export type Admission =
  | { readonly ok: true; readonly evicted: readonly Candidate[] }
  | { readonly ok: false; readonly code: PoolErrorCode; readonly message: string };

/**
 * Checked transactions that wait for a block: by fee per byte, then by arrival. Bounded in number and
 * bytes, in all and per account; when full, the one that pays least and came last makes room.
 */
export class Pool {
  readonly limits: PoolLimits;
  /** Ascending by round. */
  readonly #entries = new Map<Id, Entry>();
  /** Transactions by what they pay, each list by arrival. */
  readonly #levels = new Map<number, Map<Id, Candidate>>();
  /** What is paid, descending. */
  readonly #order: number[] = [];
  readonly #accounts = new Map<AccountName, Account>();
  #bytes = 0;
  #round = 0;

  constructor(limits: Partial<PoolLimits> = {}) {
    this.limits = { ...DEFAULT_POOL_LIMITS, ...limits };
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(id: Id): boolean {
    return this.#entries.has(id);
  }

  get(id: Id): Candidate | undefined {
    return this.#entries.get(id)?.candidate;
  }

  /** Fees of what an account has here. */
  feesOf(account: AccountName): Amount {
    return this.#accounts.get(account)?.fees ?? 0n;
  }

  /** Takes a candidate in that is not there yet. */
  add(candidate: Candidate): Admission {
    const { transaction, id, bytes } = candidate.transaction;
    const { account, fee } = transaction;
    const own = this.#accounts.get(account);
    const size = sizeOf(candidate);
    const most = this.limits.accountBytes;
    if (own && own.bytes + size > most) {
      const message = `${account}: expected at most ${most} bytes, got ${own.bytes + size}`;
      return { ok: false, code: 'POOL_ACCOUNT', message };
    }
    const level = levelOf(fee, bytes.length);
    const evicted = this.#makeRoom(size, level);
    if (evicted === undefined) {
      const message = `expected to pay more than the least of ${this.size} that wait`;
      return { ok: false, code: 'POOL_FULL', message };
    }
    this.#entries.set(id, { candidate, level, round: this.#round });
    this.#levelFor(level).set(id, candidate);
    this.#bytes += size;
    if (own) {
      own.count += 1;
      own.bytes += size;
      own.fees += fee;
    } else this.#accounts.set(account, { count: 1, bytes: size, fees: fee });
    return { ok: true, evicted };
  }

  remove(id: Id): Candidate | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const { candidate, level } = entry;
    const { account, fee } = candidate.transaction.transaction;
    const size = sizeOf(candidate);
    this.#entries.delete(id);
    const list = this.#levels.get(level)!;
    list.delete(id);
    if (list.size === 0) {
      this.#levels.delete(level);
      this.#order.splice(placeOf(this.#order, level), 1);
    }
    this.#bytes -= size;
    const own = this.#accounts.get(account)!;
    own.count -= 1;
    own.bytes -= size;
    own.fees -= fee;
    if (own.count === 0) this.#accounts.delete(account);
    return candidate;
  }

  /** Those that pay most first, each time anew. What comes while it is read may be among them. */
  candidates(): Iterable<Candidate> {
    return { [Symbol.iterator]: () => this.#bestFirst() };
  }

  *#bestFirst(): Iterator<Candidate> {
    for (const level of [...this.#order]) {
      const list = this.#levels.get(level);
      if (list) yield* list.values();
    }
  }

  /**
   * Begins a round, and gives those that have waited for two since they came or were given here, the
   * longest first; at most so many bytes of them, or one.
   */
  overdue(maxBytes: number): Candidate[] {
    this.#round += 1;
    const overdue: Candidate[] = [];
    let bytes = 0;
    for (const [id, { candidate, level, round }] of this.#entries) {
      bytes += candidate.transaction.bytes.length;
      if (this.#round - round < 2 || (overdue.length > 0 && bytes > maxBytes)) break;
      overdue.push(candidate);
      this.#entries.delete(id);
      this.#entries.set(id, { candidate, level, round: this.#round });
    }
    return overdue;
  }

  /** Takes out what is not valid any more at a time. */
  expire(seconds: number): Candidate[] {
    const expired: Candidate[] = [];
    for (const { candidate } of this.#entries.values()) {
      if (candidate.transaction.transaction.expiry <= seconds) expired.push(candidate);
    }
    for (const { transaction } of expired) this.remove(transaction.id);
    return expired;
  }

  /** Undefined when only those would have to go that pay as much. */
  #makeRoom(size: number, level: number): Candidate[] | undefined {
    const { maxBytes, maxTransactions } = this.limits;
    const full = (bytes: number, count: number) =>
      this.#bytes - bytes + size > maxBytes || this.size - count + 1 > maxTransactions;
    const evicted: Candidate[] = [];
    let bytes = 0;
    for (let at = this.#order.length - 1; full(bytes, evicted.length); at--) {
      const lowest = this.#order[at];
      if (lowest === undefined || lowest >= level) return undefined;
      const latest = [...this.#levels.get(lowest)!.values()].reverse();
      for (const candidate of latest) {
        if (!full(bytes, evicted.length)) break;
        evicted.push(candidate);
        bytes += sizeOf(candidate);
      }
    }
    for (const { transaction } of evicted) this.remove(transaction.id);
    return evicted;
  }

  #levelFor(level: number): Map<Id, Candidate> {
    let list = this.#levels.get(level);
    if (list === undefined) {
      list = new Map();
      this.#levels.set(level, list);
      this.#order.splice(placeOf(this.#order, level), 0, level);
    }
    return list;
  }
}

function sizeOf({ transaction }: Candidate): number {
  return transaction.bytes.length + OVERHEAD_BYTES;
}

/** Base units per KiB, to two digits or so: few different ones, so that arrival decides among equals. */
function levelOf(fee: Amount, bytes: number): number {
  const perKilobyte = (Number(fee) * 1024) / bytes;
  if (perKilobyte < 1) return 0;
  const scale = 2 ** Math.max(0, Math.floor(Math.log2(perKilobyte)) - 6);
  return Math.floor(perKilobyte / scale) * scale;
}

/** Where a level is, or belongs, in a descending list. */
function placeOf(order: readonly number[], level: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle]! > level) low = middle + 1;
    else high = middle;
  }
  return low;
}
