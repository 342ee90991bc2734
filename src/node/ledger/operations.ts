// SPDX-License-Identifier: Apache-2.0
// What operations do to state. Consent has been checked; see authority.ts.

import type { Genesis } from '../genesis/index.ts';
import { checkAuthority as checkForm, isName } from '../protocol/index.ts';
import type {
  AccountName,
  Amount,
  Authority,
  CreateAccount,
  Milliseconds,
  Operation,
  RegisterProducer,
  Stake,
  Transfer,
  Unstake,
  UpdateAuthority,
  VoteProducers,
} from '../protocol/types.ts';
import { type Account, newAccount, pay, settle, stakeLess, stakeMore } from './account.ts';
import { type Authorities, actorOf, authorityOf, type NamedAuthority } from './authority.ts';
import { castVotes, shiftWeight } from './ballots.ts';
import type { RecoverKey } from './contract.ts';
import type { Draft } from './draft.ts';
import { ensure, LedgerError } from './errors.ts';
import { reportDoubleProduction, reportDoubleVote } from './evidence.ts';
import { encodeAuthorities, sha256Latin1 } from './records.ts';

/** Where and when operations are executed. */
export interface BlockContext {
  readonly genesis: Genesis;
  readonly draft: Draft;
  readonly height: number;
  /** Of the block's slot. */
  readonly time: Milliseconds;
  readonly recoverKey: RecoverKey;
}

/** Most named roles of an account. */
export const MAX_NAMED_ROLES = 16;

/** An account with what is due to it. @throws {LedgerError} `LEDGER_ACCOUNT`. */
export function accountOf({ draft, time }: BlockContext, name: AccountName): Account {
  const account = draft.account(name);
  ensure(account !== undefined, 'LEDGER_ACCOUNT', () => `no account ${name}`);
  return settle(account, time);
}

/** Executes an operation; may leave changes behind when it throws. @throws {LedgerError} */
export function execute(context: BlockContext, operation: Operation): void {
  switch (operation.type) {
    case 'transfer':
      transfer(context, operation);
      break;
    case 'createAccount':
      createAccount(context, operation);
      break;
    case 'updateAuthority':
      updateAuthority(context, operation);
      break;
    case 'stake':
      stake(context, operation);
      break;
    case 'unstake':
      unstake(context, operation);
      break;
    case 'registerProducer':
      registerProducer(context, operation);
      break;
    case 'voteProducers':
      voteProducers(context, operation);
      break;
    case 'reportDoubleProduction':
      reportDoubleProduction(context, operation);
      break;
    case 'reportDoubleVote':
      reportDoubleVote(context, operation);
      break;
  }
}

/** Whom an operation touches: in whose history it belongs. */
export function touchedBy(operation: Operation): readonly AccountName[] {
  switch (operation.type) {
    case 'transfer':
      return [operation.from, operation.to];
    case 'createAccount':
      return [operation.creator, operation.name];
    case 'reportDoubleProduction':
      return [operation.reporter, operation.first.header.producer];
    case 'reportDoubleVote':
      return [operation.reporter, operation.first.vote.producer];
    default:
      return [actorOf(operation)];
  }
}

function positive(amount: Amount): void {
  ensure(amount > 0n, 'LEDGER_AMOUNT', () => 'expected an amount above 0, got 0');
}

function transfer(context: BlockContext, { from, to, amount }: Transfer): void {
  positive(amount);
  ensure(from !== to, 'LEDGER_ACCOUNT', () => `expected two accounts, got ${from} twice`);
  const sender = accountOf(context, from);
  const receiver = accountOf(context, to);
  context.draft.setAccount(from, pay(sender, from, amount, context.time));
  context.draft.setAccount(to, { ...receiver, balance: receiver.balance + amount });
}

function createAccount(context: BlockContext, operation: CreateAccount): void {
  const { creator, name, balance, owner, active } = operation;
  const { draft, genesis, time } = context;
  ensure(isName(name), 'LEDGER_NAME', () => `expected a name, got ${JSON.stringify(name)}`);
  ensure(draft.account(name) === undefined, 'LEDGER_EXISTS', () => `${name} exists already`);
  ensure(
    balance >= genesis.minimumBalance,
    'LEDGER_AMOUNT',
    () => `${name}: expected at least ${genesis.minimumBalance} to begin with, got ${balance}`,
  );
  draft.setAccount(creator, pay(accountOf(context, creator), creator, balance, time));
  const authorities: Authorities = { owner, active, named: [] };
  draft.setAccount(
    name,
    newAccount({ balance, authorities: putAuthorities(draft, name, authorities) }),
  );
  checkAuthorities(draft, [owner, active]);
}

/** Stores authorities; returns their hash for the account. */
export function putAuthorities(draft: Draft, name: AccountName, authorities: Authorities): string {
  draft.setAuthorities(name, authorities);
  return sha256Latin1(encodeAuthorities(authorities));
}

/** @throws {LedgerError} `LEDGER_ROLE` where one cannot be satisfied; `LEDGER_ACCOUNT`. */
function checkAuthorities(draft: Draft, authorities: readonly Authority[]): void {
  for (const authority of authorities) {
    try {
      checkForm(authority);
    } catch (error) {
      throw new LedgerError('LEDGER_ROLE', (error as Error).message, { cause: error });
    }
    for (const { account, role } of authority.accounts) {
      const inner = draft.authorities(account);
      ensure(inner !== undefined, 'LEDGER_ACCOUNT', () => `no account ${account}`);
      ensure(
        authorityOf(inner, role) !== undefined,
        'LEDGER_ROLE',
        () => `${account} has no role ${role}`,
      );
    }
  }
}

function updateAuthority(context: BlockContext, operation: UpdateAuthority): void {
  const { account: name, role, authority, operations } = operation;
  const { draft } = context;
  const account = accountOf(context, name);
  const before = draft.authorities(name)!;
  let after: Authorities;
  if (role === 'owner' || role === 'active') {
    ensure(authority !== undefined, 'LEDGER_ROLE', () => `${role} cannot be removed`);
    ensure(operations.length === 0, 'LEDGER_ROLE', () => `${role} is not bound to operations`);
    after = { ...before, [role]: authority };
  } else {
    after = { ...before, named: changeRole(name, before.named, operation) };
  }
  draft.setAccount(name, { ...account, authorities: putAuthorities(draft, name, after) });
  if (authority) checkAuthorities(draft, [authority]);
}

function changeRole(
  name: AccountName,
  named: readonly NamedAuthority[],
  { role, authority, operations }: UpdateAuthority,
): NamedAuthority[] {
  const others = named.filter((entry) => entry.role !== role);
  if (!authority) {
    ensure(others.length < named.length, 'LEDGER_ROLE', () => `${name} has no role ${role}`);
    return others;
  }
  ensure(isName(role), 'LEDGER_ROLE', () => `expected a name, got ${JSON.stringify(role)}`);
  ensure(operations.length > 0, 'LEDGER_ROLE', () => `role ${role}: expected operations, got none`);
  ensure(
    !operations.includes('updateAuthority'),
    'LEDGER_ROLE',
    () => `role ${role}: updateAuthority is for the owner`,
  );
  ensure(
    others.length < MAX_NAMED_ROLES,
    'LEDGER_LIMIT',
    () => `${name}: expected at most ${MAX_NAMED_ROLES} named roles`,
  );
  const all = [...others, { role, authority, operations }];
  return all.sort((a, b) => (a.role < b.role ? -1 : 1));
}

function stake(context: BlockContext, { account: name, amount }: Stake): void {
  positive(amount);
  const account = stakeMore(accountOf(context, name), name, amount);
  context.draft.setAccount(name, account);
  shiftWeight(context.draft, account, amount);
}

function unstake(context: BlockContext, { account: name, amount }: Unstake): void {
  positive(amount);
  const due = context.time + context.genesis.unstakeDelayMilliseconds;
  const account = stakeLess(accountOf(context, name), name, amount, due);
  context.draft.setAccount(name, account);
  shiftWeight(context.draft, account, -amount);
}

/**
 * A new key takes the place of the former one, whose signatures remain evidence; so the key changes
 * once in an unstaking delay at most. After a conviction the producer begins without votes.
 */
function registerProducer(context: BlockContext, operation: RegisterProducer): void {
  const { account: name, signingKey } = operation;
  const { draft, height, time } = context;
  accountOf(context, name);
  const before = draft.producer(name);
  if (!before) {
    draft.setProducer(name, {
      signingKey,
      formerKey: undefined,
      keyTime: time,
      weight: 0n,
      since: height,
      registered: height,
      status: 'standing',
    });
    return;
  }
  const changed = signingKey !== before.signingKey;
  if (changed && before.formerKey !== undefined) {
    const next = before.keyTime + context.genesis.unstakeDelayMilliseconds;
    ensure(time >= next, 'LEDGER_LIMIT', () => `${name}: the key may change again at ${next} ms`);
  }
  draft.setProducer(name, {
    ...before,
    ...(changed && { signingKey, formerKey: before.signingKey, keyTime: time }),
    since: before.status === 'convicted' ? height : before.since,
    registered: height,
    status: 'standing',
  });
}

function voteProducers(context: BlockContext, { account: name, producers }: VoteProducers): void {
  castVotes(context.draft, name, accountOf(context, name), producers);
}
