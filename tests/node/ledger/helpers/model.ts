// An independent ledger: plain maps, everything counted anew each time, copied to be undone.

import type { Genesis } from '../../../../src/node/genesis/index.ts';
import type { Operation, SignedTransaction } from '../../../../src/node/protocol/types.ts';

interface ModelAccount {
  balance: bigint;
  stake: bigint;
  returns: { amount: bigint; time: number }[];
  vesting: { amount: bigint; time: number }[];
  votes: { producer: string; term: number }[];
}

interface ModelState {
  accounts: Map<string, ModelAccount>;
  /** Terms of producers: how often each was voted out; and whether it stands. */
  producers: Map<string, { term: number; status: 'standing' | 'dropped' }>;
}

export class Model {
  readonly #genesis: Genesis;
  #state: ModelState = { accounts: new Map(), producers: new Map() };

  constructor(genesis: Genesis) {
    this.#genesis = genesis;
    for (const { name, balance, stake, vesting } of genesis.accounts) {
      this.#state.accounts.set(name, {
        balance,
        stake,
        returns: [],
        vesting: [...vesting],
        votes: [],
      });
    }
    for (const { account } of genesis.producers) {
      this.#state.producers.set(account, { term: 0, status: 'standing' });
      this.#account(account).votes = [{ producer: account, term: 0 }];
    }
  }

  snapshot(): ModelState {
    return structuredClone(this.#state);
  }

  restore(state: ModelState): void {
    this.#state = structuredClone(state);
  }

  /** Executes a transaction whole or not at all. */
  execute({ transaction }: SignedTransaction, time: number): boolean {
    const before = this.snapshot();
    try {
      this.#take(transaction.account, transaction.fee, time);
      for (const operation of transaction.operations) this.#operation(operation, time);
      return true;
    } catch {
      this.#state = before;
      return false;
    }
  }

  pay(name: string, amount: bigint): void {
    this.#account(name).balance += amount;
  }

  drop(name: string): void {
    this.#state.producers.get(name)!.status = 'dropped';
  }

  /** All accounts, with what is due at a time in the balance. */
  balances(time: number): Record<string, readonly [balance: bigint, stake: bigint]> {
    return Object.fromEntries(
      [...this.#state.accounts].map(([name, account]) => [
        name,
        [account.balance + due(account, time), account.stake],
      ]),
    );
  }

  weights(): Record<string, readonly [weight: bigint, status: string]> {
    return Object.fromEntries(
      [...this.#state.producers].map(([name, { term, status }]) => {
        let weight = 0n;
        for (const { stake, votes } of this.#state.accounts.values()) {
          if (votes.some((vote) => vote.producer === name && vote.term === term)) weight += stake;
        }
        return [name, [weight, status]];
      }),
    );
  }

  supply(): bigint {
    let sum = 0n;
    for (const { balance, stake, returns } of this.#state.accounts.values()) {
      sum += balance + stake + returns.reduce((total, { amount }) => total + amount, 0n);
    }
    return sum;
  }

  #account(name: string): ModelAccount {
    const account = this.#state.accounts.get(name);
    if (!account) throw new Error(`no account ${name}`);
    return account;
  }

  #take(name: string, amount: bigint, time: number): void {
    const account = this.#account(name);
    this.#settle(account, time);
    const owned =
      account.balance + account.stake + account.returns.reduce((sum, r) => sum + r.amount, 0n);
    const locked = account.vesting.reduce((sum, v) => sum + (v.time > time ? v.amount : 0n), 0n);
    if (account.balance < amount || owned - amount < locked) throw new Error('too little');
    account.balance -= amount;
  }

  #settle(account: ModelAccount, time: number): void {
    account.balance += due(account, time);
    account.returns = account.returns.filter((entry) => entry.time > time);
  }

  #operation(operation: Operation, time: number): void {
    const { producers, accounts } = this.#state;
    switch (operation.type) {
      case 'transfer': {
        if (operation.from === operation.to || operation.amount === 0n) throw new Error('no');
        this.#take(operation.from, operation.amount, time);
        this.#account(operation.to).balance += operation.amount;
        break;
      }
      case 'createAccount': {
        const { name, balance } = operation;
        if (accounts.has(name) || balance < this.#genesis.minimumBalance) throw new Error('no');
        this.#take(operation.creator, balance, time);
        accounts.set(name, { balance, stake: 0n, returns: [], vesting: [], votes: [] });
        break;
      }
      case 'stake': {
        const account = this.#account(operation.account);
        this.#settle(account, time);
        if (operation.amount === 0n || account.balance < operation.amount) throw new Error('no');
        account.balance -= operation.amount;
        account.stake += operation.amount;
        break;
      }
      case 'unstake': {
        const account = this.#account(operation.account);
        this.#settle(account, time);
        const { amount } = operation;
        if (amount === 0n || account.stake < amount || account.returns.length >= 16) {
          throw new Error('no');
        }
        account.stake -= amount;
        account.returns.push({ amount, time: time + this.#genesis.unstakeDelayMilliseconds });
        break;
      }
      case 'registerProducer': {
        const before = producers.get(operation.account);
        producers.set(operation.account, { term: before?.term ?? 0, status: 'standing' });
        break;
      }
      case 'voteProducers': {
        const votes = operation.producers.map((producer) => {
          const { term } = producers.get(producer)!;
          return { producer, term };
        });
        this.#account(operation.account).votes = votes;
        break;
      }
      default:
        throw new Error(`not modelled: ${operation.type}`);
    }
  }
}

function due(account: ModelAccount, time: number): bigint {
  return account.returns.reduce((sum, entry) => sum + (entry.time <= time ? entry.amount : 0n), 0n);
}
