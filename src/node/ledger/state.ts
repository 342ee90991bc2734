// SPDX-License-Identifier: Apache-2.0
// State after the head: what lies in the store, with the accounts in use in memory.

import type { AccountName } from '../protocol/types.ts';
import type { Account } from './account.ts';
import type { Authorities } from './authority.ts';
import type { Change } from './changes.ts';
import type { StateReader } from './draft.ts';
import {
  decodeAuthorities,
  keyBytes,
  type Producer,
  readAccount,
  readProducer,
  stateKey,
  Table,
  type TableName,
} from './records.ts';
import type { Store } from './store.ts';
import { TwoGenerations } from './two-generations.ts';

export class State implements StateReader {
  readonly #store: Store;
  readonly #accounts: TwoGenerations<Account>;
  readonly #authorities: TwoGenerations<Authorities>;
  /** All of them. */
  readonly #producers = new Map<AccountName, Producer>();

  constructor(store: Store, cachedAccounts: number) {
    this.#store = store;
    this.#accounts = new TwoGenerations(cachedAccounts);
    this.#authorities = new TwoGenerations(cachedAccounts);
  }

  account(name: AccountName): Account | undefined {
    return this.#accounts.get(name) ?? this.#load(Table.account, name, readAccount, this.#accounts);
  }

  authorities(name: AccountName): Authorities | undefined {
    const cache = this.#authorities;
    return cache.get(name) ?? this.#load(Table.authorities, name, decodeAuthorities, cache);
  }

  producer(name: AccountName): Producer | undefined {
    return this.#producers.get(name);
  }

  producerNames(): Iterable<AccountName> {
    return this.#producers.keys();
  }

  /** Reads a producer's record into memory. */
  loadProducer(name: AccountName, bytes: Uint8Array): void {
    this.#producers.set(name, readProducer(bytes));
  }

  /** Takes changes that the store has. `value` saves reading what was just written. */
  adopt(changes: Iterable<Change>): void {
    for (const { key, after, value } of changes) {
      const name = key.slice(1);
      switch (key[0]) {
        case Table.account:
          if (value) this.#accounts.set(name, value as Account);
          else this.#accounts.delete(name);
          break;
        case Table.authorities:
          if (value) this.#authorities.set(name, value as Authorities);
          else this.#authorities.delete(name);
          break;
        case Table.producer:
          if (after) this.loadProducer(name, after);
          else this.#producers.delete(name);
          break;
      }
    }
  }

  #load<V>(
    table: TableName,
    name: AccountName,
    read: (bytes: Uint8Array) => V,
    cache: TwoGenerations<V>,
  ): V | undefined {
    const bytes = this.#store.state.peek(keyBytes(stateKey(table, name)));
    if (!bytes) return undefined;
    const value = read(bytes);
    cache.set(name, value);
    return value;
  }
}
