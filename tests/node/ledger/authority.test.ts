import { describe, expect, test } from 'vitest';
import {
  type Authorities,
  type AuthorityLookup,
  type AuthorityVerdict,
  checkAuthority,
} from '../../../src/node/ledger/index.ts';
import type {
  Authority,
  Operation,
  OperationType,
  Transaction,
} from '../../../src/node/protocol/types.ts';
import { type Random, testRandom } from '../../../src/testbench/random.ts';
import { transfer } from './helpers/chain.ts';
import { single } from './helpers/genesis.ts';

function authority(
  threshold: number,
  keys: Record<string, number>,
  accounts: Record<string, number> = {},
): Authority {
  return {
    threshold,
    keys: Object.entries(keys).map(([key, weight]) => ({ key, weight })),
    accounts: Object.entries(accounts).map(([at, weight]) => {
      const [account, role = 'active'] = at.split('/');
      return { account: account!, role, weight };
    }),
  };
}

function authorities(active: Authority, fields: Partial<Authorities> = {}): Authorities {
  return { owner: single('owner'), active, named: [], ...fields };
}

function named(role: string, key: string, ...operations: OperationType[]) {
  return { role, authority: single(key), operations };
}

function ask(
  accounts: Record<string, Authorities>,
  signers: readonly string[],
  operations?: readonly Operation[],
  payer?: string,
): string {
  const verdict = verdictOf(accounts, signers, operations, payer);
  return verdict.ok ? 'ok' : verdict.code;
}

function verdictOf(
  accounts: Record<string, Authorities>,
  signers: readonly string[],
  operations: readonly Operation[] = [transfer('alice', 'bob', 1n)],
  payer = 'alice',
): AuthorityVerdict {
  const transaction = { account: payer, operations } as unknown as Transaction;
  return checkAuthority(transaction, signers, (name) => accounts[name]);
}

const INSUFFICIENT = 'LEDGER_AUTHORITY';
const SIGNATURES = 'LEDGER_SIGNATURES';
const update: Operation = {
  type: 'updateAuthority',
  account: 'alice',
  role: 'active',
  authority: single('k'),
  operations: [],
};

describe('weights', () => {
  const alice = authorities(authority(3, { a: 1, b: 1, c: 2 }));
  const rows: [signers: string, answer: string][] = [
    ['a', INSUFFICIENT],
    ['a b', INSUFFICIENT],
    ['a c', 'ok'],
    ['b c', 'ok'],
    ['c b', 'ok'],
    ['a b c', 'ok'],
    ['c', INSUFFICIENT],
    ['a c x', SIGNATURES],
    ['a a c', SIGNATURES],
    ['owner', 'ok'],
    ['owner a c', SIGNATURES],
  ];
  test.each(rows)('%s: %s', (signers, answer) => {
    expect(ask({ alice }, signers.split(' '))).toBe(answer);
  });
});

test('a signature that comes after the threshold was reached is refused', () => {
  const alice = authorities(authority(2, { a: 1, b: 1, c: 1 }));
  expect(ask({ alice }, ['a', 'b'])).toBe('ok');
  expect(ask({ alice }, ['a', 'b', 'c'])).toBe(SIGNATURES);
});

test('an account without consent, and one that does not exist', () => {
  const alice = authorities(single('a'));
  expect(ask({ alice }, ['a'], [transfer('carol', 'bob', 1n)])).toBe('LEDGER_ACCOUNT');
  expect(ask({ alice, carol: alice }, ['x'])).toBe(INSUFFICIENT);
  expect(ask({ alice }, [])).toBe(INSUFFICIENT);
});

describe('roles', () => {
  const alice = authorities(single('a'), {
    named: [named('bet', 't', 'transfer'), named('vote', 'v', 'voteProducers', 'stake')],
  });
  const stake: Operation = { type: 'stake', account: 'alice', amount: 1n };
  test('a named role does what it lists', () => {
    expect(ask({ alice }, ['t'])).toBe('ok');
    expect(ask({ alice }, ['v'])).toBe(INSUFFICIENT);
    expect(ask({ alice }, ['v'], [stake])).toBe('ok');
    expect(ask({ alice }, ['t', 'v'], [transfer('alice', 'bob', 1n), stake])).toBe('ok');
    expect(ask({ alice }, ['a', 'v'], [transfer('alice', 'bob', 1n), stake])).toBe(SIGNATURES);
  });
  test('only owner changes authorities', () => {
    expect(ask({ alice }, ['a'], [update])).toBe(INSUFFICIENT);
    expect(ask({ alice }, ['t'], [update])).toBe(INSUFFICIENT);
    expect(ask({ alice }, ['owner'], [update])).toBe('ok');
    expect(ask({ alice }, ['owner', 'a'], [update, stake])).toBe('ok');
  });
  test('who pays for others consents too', () => {
    const carol = authorities(single('c'), { named: [named('pay', 'p', 'transfer')] });
    const accounts = { alice, carol };
    const operations = [transfer('alice', 'bob', 1n)];
    expect(ask(accounts, ['a'], operations, 'carol')).toBe(INSUFFICIENT);
    expect(ask(accounts, ['a', 'c'], operations, 'carol')).toBe('ok');
    expect(ask(accounts, ['a', 'p'], operations, 'carol')).toBe('ok');
    expect(ask(accounts, ['v', 'p'], [stake], 'carol')).toBe(INSUFFICIENT);
    expect(ask(accounts, ['owner', 'c'], [update], 'carol')).toBe('ok');
  });
});

describe('accounts that stand for accounts', () => {
  /** alice -> n1 -> n2 ... -> n(depth), whose key is k. */
  const chain = (depth: number) => {
    const accounts: Record<string, Authorities> = {};
    for (let i = 0; i < depth; i++) {
      accounts[i === 0 ? 'alice' : `n${i}`] = authorities(authority(1, {}, { [`n${i + 1}`]: 1 }), {
        owner: single(`owner${i}`),
      });
    }
    accounts[`n${depth}`] = authorities(single('k'));
    return accounts;
  };
  test.each([1, 2, 5, 6])('%i deep', (depth) => {
    expect(ask(chain(depth), ['k'])).toBe('ok');
  });
  test('7 deep is too deep', () => {
    expect(ask(chain(7), ['k'])).toBe(INSUFFICIENT);
  });
  test('weights of keys and accounts add up, and each account counts by the role that is named', () => {
    const alice = authorities(authority(3, { a: 1 }, { bob: 1, 'carol/owner': 1 }));
    const bob = authorities(authority(2, { b: 1, d: 1 }));
    const carol = authorities(single('c'), { owner: single('co') });
    const accounts = { alice, bob, carol };
    expect(ask(accounts, ['a', 'b', 'd', 'co'])).toBe('ok');
    expect(ask(accounts, ['a', 'b', 'd', 'c'])).toBe(INSUFFICIENT);
    expect(ask(accounts, ['a', 'b', 'co'])).toBe(INSUFFICIENT);
  });
  test('signatures of an inner account that came to nothing are refused', () => {
    const alice = authorities(authority(1, { a: 1 }, { bob: 1 }));
    const bob = authorities(authority(2, { b: 1, d: 1 }));
    expect(ask({ alice, bob }, ['a', 'b'])).toBe(SIGNATURES);
  });
  test('circles end', () => {
    const alice = authorities(authority(1, {}, { bob: 1 }));
    const bob = authorities(authority(1, { b: 1 }, { alice: 1 }));
    expect(ask({ alice, bob }, ['b'])).toBe('ok');
    expect(ask({ alice, bob }, ['x'])).toBe(INSUFFICIENT);
  });
  test('a thicket costs a bounded number of looks', () => {
    let looks = 0;
    const everybody = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`n${i}`, 1]));
    const lookup: AuthorityLookup = () => {
      looks++;
      return authorities(authority(32, {}, everybody));
    };
    const transaction = {
      account: 'n1',
      operations: Array.from({ length: 16 }, (_, i) => transfer(`n${i}`, 'bob', 1n)),
    } as unknown as Transaction;
    expect(checkAuthority(transaction, ['k'], lookup).ok).toBe(false);
    expect(looks).toBeLessThan(10_000);
  });
});

/** Whether keys suffice, said without order, marks or budgets. */
function suffices(
  accounts: Record<string, Authorities>,
  { threshold, keys, accounts: inner }: Authority,
  signers: ReadonlySet<string>,
  depth = 0,
): boolean {
  let weight = 0;
  for (const entry of keys) if (signers.has(entry.key)) weight += entry.weight;
  for (const entry of depth < 6 ? inner : []) {
    const next = accounts[entry.account]!.active;
    if (suffices(accounts, next, signers, depth + 1)) weight += entry.weight;
  }
  return weight >= threshold;
}

function randomAuthority(random: Random, names: readonly string[]): Authority {
  const some = (from: readonly string[], chance: number) =>
    Object.fromEntries(from.filter(() => random.chance(chance)).map((x) => [x, random.int(1, 3)]));
  return authority(random.int(1, 5), some(['a', 'b', 'c', 'd'], 0.4), some(names, 0.25));
}

test('random authorities: keys suffice exactly where they should, and never a needless one', () => {
  const random = testRandom('authority');
  const names = ['alice', 'n1', 'n2', 'n3', 'n4'];
  let passed = 0;
  let exhausted = 0;
  for (let round = 0; round < 3000; round++) {
    const accounts = Object.fromEntries(
      names.map((name) => [name, authorities(randomAuthority(random, names))]),
    );
    const signers = ['a', 'b', 'c', 'd'].filter(() => random.chance(0.5));
    const verdict = verdictOf(accounts, signers);
    const enough = (keys: readonly string[]) =>
      suffices(accounts, accounts.alice!.active, new Set(keys));
    if (verdict.ok) {
      passed++;
      expect(enough(signers)).toBe(true);
    } else if (/more than \d+ authorities asked/.test(verdict.message)) {
      exhausted++; // a thicket: refused, whatever the keys
      expect(verdict.code).toBe(INSUFFICIENT);
    } else {
      expect(verdict.code).toBe(enough(signers) ? SIGNATURES : INSUFFICIENT);
    }
  }
  expect(exhausted).toBeLessThan(100);
  expect(passed).toBeGreaterThan(100);
});
