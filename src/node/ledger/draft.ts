// SPDX-License-Identifier: Apache-2.0
// State with changes that are not (yet) part of it: a block's, while it is executed.

import type { AccountName } from '../protocol/types.ts';
import type { Account } from './account.ts';
import type { Authorities } from './authority.ts';
import type { Producer } from './records.ts';

/** What can be read of state. */
export interface StateReader {
  account(name: AccountName): Account | undefined;
  authorities(name: AccountName): Authorities | undefined;
  producer(name: AccountName): Producer | undefined;
  /** Names of all who ever stood for election. */
  producerNames(): Iterable<AccountName>;
}

/** Values are never written, only replaced. */
export class Draft implements StateReader {
  readonly base: StateReader;
  readonly accounts = new Map<AccountName, Account>();
  readonly authoritySets = new Map<AccountName, Authorities>();
  readonly producers = new Map<AccountName, Producer>();
  /** What to put back, latest last: a table, a name, what was there. */
  #journal: [Map<AccountName, unknown>, AccountName, unknown][] = [];

  constructor(base: StateReader) {
    this.base = base;
  }

  account(name: AccountName): Account | undefined {
    return this.accounts.get(name) ?? this.base.account(name);
  }

  authorities(name: AccountName): Authorities | undefined {
    return this.authoritySets.get(name) ?? this.base.authorities(name);
  }

  producer(name: AccountName): Producer | undefined {
    return this.producers.get(name) ?? this.base.producer(name);
  }

  *producerNames(): Iterable<AccountName> {
    yield* this.base.producerNames();
    for (const name of this.producers.keys()) if (!this.base.producer(name)) yield name;
  }

  setAccount(name: AccountName, account: Account): void {
    this.#set(this.accounts, name, account);
  }

  setAuthorities(name: AccountName, authorities: Authorities): void {
    this.#set(this.authoritySets, name, authorities);
  }

  setProducer(name: AccountName, producer: Producer): void {
    this.#set(this.producers, name, producer);
  }

  /** Keeps all changes so far: `rollback` takes back only later ones. */
  mark(): void {
    this.#journal = [];
  }

  /** Takes back every change since `mark`. */
  rollback(): void {
    for (const [table, name, before] of this.#journal.reverse()) {
      if (before === undefined) table.delete(name);
      else table.set(name, before);
    }
    this.#journal = [];
  }

  #set<V>(table: Map<AccountName, V>, name: AccountName, value: V): void {
    this.#journal.push([table as Map<AccountName, unknown>, name, table.get(name)]);
    table.set(name, value);
  }
}
