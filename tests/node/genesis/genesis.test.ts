// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest';
import {
  canonicalGenesis,
  devGenesis,
  GenesisError,
  type GenesisInput,
  GXN,
  genesisId,
  genesisToJson,
  lockedAt,
  parseGenesis,
  vestingOf,
  WHITE_PAPER_ALLOCATION,
} from '../../../src/node/genesis/index.ts';
import { isSecretKey, publicKeyOf, sha256Id } from '../../../src/node/protocol/index.ts';

const { genesis } = devGenesis({ producers: 4, users: 3 });
const DAY = 86_400_000;

/** A genesis with one thing changed, as JSON. */
function changed(change: (json: ReturnType<typeof mutable>) => void): unknown {
  const json = mutable();
  change(json);
  return json;
}

// biome-ignore lint/suspicious/noExplicitAny: tests put anything anywhere
const mutable = () => JSON.parse(JSON.stringify(genesisToJson(genesis))) as any;

function errorOf(json: unknown): GenesisError {
  try {
    parseGenesis(json);
  } catch (error) {
    expect(error).toBeInstanceOf(GenesisError);
    return error as GenesisError;
  }
  throw new Error('expected an error');
}

describe('a genesis', () => {
  test('is complete after parsing, and parsing its JSON form changes nothing', () => {
    expect(parseGenesis(genesisToJson(genesis))).toEqual(genesis);
    expect(parseGenesis(JSON.stringify(genesisToJson(genesis)))).toEqual(genesis);
  });

  test('has defaults: slots of 3 s, K = floor(2N / 3) + 1, a round of N slots', () => {
    expect(genesis.consensus).toMatchObject({
      slotMilliseconds: 3000,
      confirmations: 3,
      roundSlots: 4,
    });
  });

  test('the chain id is the hash of the canonical text, whatever the order of keys', () => {
    expect(genesis.chainId).toBe(sha256Id(Buffer.from(canonicalGenesis(genesis))));
    expect(genesisId(genesis)).toBe(genesis.chainId);
    const reversed = Object.fromEntries(Object.entries(genesisToJson(genesis)).reverse());
    expect(parseGenesis(reversed).chainId).toBe(genesis.chainId);
    const shuffled = changed((json) => json.accounts.reverse());
    expect(parseGenesis(shuffled).chainId).toBe(genesis.chainId);
  });

  test('every value counts in the chain id', () => {
    const ids = [
      changed((json) => {
        json.time = 1;
      }),
      changed((json) => {
        json.consensus.slotMilliseconds = 2999;
      }),
      changed((json) => {
        json.consensus.kind = 'poa';
      }),
      changed((json) => {
        json.fees.perByte = '11';
      }),
      changed((json) => {
        json.name = 'another';
      }),
      changed((json) => {
        json.producers[0].signingKey = publicKeyOf(new Uint8Array(32).fill(1));
      }),
    ].map((json) => parseGenesis(json).chainId);
    expect(new Set([...ids, genesis.chainId]).size).toBe(ids.length + 1);
  });

  test('the chain id of a fixed genesis stays what it was', () => {
    expect(devGenesis({ producers: 1 }).genesis.chainId).toMatchInlineSnapshot(
      `"a45d42b9de0852e231bbf11b9375dd77c3844dbd618edeb7a54a05a912aeac12"`,
    );
  });
});

describe('error:', () => {
  test('something else than an object', () => {
    for (const json of ['{', 'null', null, [], 5, undefined]) expect(errorOf(json).key).toBe('');
  });

  test.each<[path: string, value: unknown, message: RegExp, key?: string]>([
    ['consensus.confirmations', 2, /= 3, got 2$/],
    ['consensus.roundSlots', 6, /multiple of the 4 .* got 6$/],
    ['consensus.kind', 'pow', /dpos/],
    ['consensus.slotMilliseconds', 1, /50/],
    ['consensus.producers', 0, /1/],
    ['producers', [], /at least 4, got 0$/],
    ['producers.0.account', 'nobody', /no account nobody/],
    ['producers.1.account', 'producer1', /twice/],
    ['producers.0.signingKey', `02${'0'.repeat(64)}`, /key/],
    ['totalSupply', '101', /multiple of 100/],
    ['totalSupply', '18446744073709551616', /2\^64/],
    ['totalSupply', 5, /string/],
    ['totalSupply', '-5', /decimal/],
    ['totalSupply', '100', /expected 36 in accounts of crowdfunding/, 'allocation.0'],
    ['allocation.0.points', 35, /100 points in all, got 99/, 'allocation'],
    ['allocation.2.vesting.0.points', 6, /20 points, got 21/, 'allocation.2.vesting'],
    ['allocation.2.vesting.0.afterMilliseconds', 400 * 10 ** 9, /asc/, 'allocation.2.vesting'],
    ['allocation', [], /expected none, got/, 'accounts.0.allocation'],
    ['accounts.0.allocation', 'mine', /crowdfunding.*got mine/],
    ['accounts.2.stake', '1', /locked/],
    ['accounts.2.vesting', [], /follows from/],
    ['accounts.0.vesting', [{ time: 1, amount: '9999999999999999999' }], /at most the balance/],
    ['accounts.0.name', 'Bad', /name/],
    ['accounts.0.name', 'hpb.early', /twice/, 'accounts'],
    ['accounts.0.owner.threshold', 2, /threshold: expected at most 1/, 'accounts.0.owner'],
    ['minimumBalance', '99999999999999999', /expected at least 9+ for hpb/, 'accounts'],
    ['unknown', 1, /unknown/],
    ['block.unknown', 1, /unknown/],
  ])('%s = %j', (path, value, message, key = path) => {
    const error = errorOf(
      changed((json) => {
        const keys = path.split('.');
        const last = keys.pop()!;
        keys.reduce((each, name) => each[name], json)[last] = value;
      }),
    );
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`genesis.${key}: `)).toBe(true);
    expect(error.key).toBe(key);
  });

  test('a sum that is not the supply', () => {
    const json = changed((j) => {
      j.accounts.find((each: { name: string }) => each.name === 'user1').balance = '100000000001';
    });
    expect(errorOf(json)).toMatchObject({ key: 'allocation.0' });
  });

  test('an authority that names an account which does not exist', () => {
    const json = changed((j) => {
      j.accounts[0].owner.accounts = [{ account: 'nobody', role: 'active', weight: 1 }];
    });
    expect(errorOf(json).message).toMatch(/names nobody/);
  });

  test('proof of authority takes exactly N producers', () => {
    const more = (kind: string) =>
      changed((j) => {
        Object.assign(j.consensus, { kind, producers: 3, confirmations: 3, roundSlots: 3 });
      });
    expect(errorOf(more('poa')).message).toMatch(/exactly 3, got 4/);
    expect(parseGenesis(more('dpos')).producers).toHaveLength(4);
  });
});

describe('the allocation of the white paper', () => {
  const held = (name: string) =>
    genesis.accounts
      .filter(({ allocation }) => allocation === name)
      .reduce((sum, { balance, stake }) => sum + balance + stake, 0n);
  const points = genesis.totalSupply / 100n;

  test('is 36, 10, 20, 19 and 15 points of the supply', () => {
    const parts = WHITE_PAPER_ALLOCATION.map(({ name }) => held(name) / points);
    expect(parts).toEqual([36n, 10n, 20n, 19n, 15n]);
  });

  test('founders: nothing for a year, then 5 points of the supply each half year', () => {
    const { vesting } = genesis.accounts.find(({ name }) => name === 'hpb.founders')!;
    const lockedAfter = (days: number) => lockedAt(vesting, genesis.time + days * DAY) / points;
    expect([0, 365, 547, 548, 729, 730, 913, 1094, 1095].map(lockedAfter)).toEqual([
      20n,
      20n,
      20n,
      15n,
      15n,
      10n,
      5n,
      5n,
      0n,
    ]);
  });

  test('reserve: everything for two years', () => {
    const { vesting } = genesis.accounts.find(({ name }) => name === 'hpb.reserve')!;
    expect([0, 729, 730].map((days) => lockedAt(vesting, days * DAY) / points)).toEqual([
      19n,
      19n,
      0n,
    ]);
  });

  test('parts of a locked allocation are locked in proportion, never less than that', () => {
    const founders = WHITE_PAPER_ALLOCATION[2]!;
    for (const balance of [0n, 1n, 2n, 3n, 7n, 99n, 10n ** 9n + 7n]) {
      const steps = vestingOf(founders, balance, 0);
      expect(lockedAt(steps, 0)).toBe(balance);
      for (const [i, { time }] of steps.entries()) {
        expect(lockedAt(steps, time) * 4n).toBeGreaterThanOrEqual(balance * BigInt(3 - i));
      }
      expect(lockedAt(steps, steps.at(-1)!.time)).toBe(0n);
    }
  });
});

describe('devGenesis', () => {
  test('its keys open its accounts', () => {
    const { secretOf, signingSecretOf, genesis } = devGenesis({
      producers: 2,
      users: 1,
      seed: 'x',
    });
    const user = genesis.accounts.find(({ name }) => name === 'user1')!;
    expect(user.active.keys[0]!.key).toBe(publicKeyOf(secretOf('user1')));
    expect(user.balance).toBe(1000n * GXN);
    for (const { account, signingKey } of genesis.producers) {
      expect(isSecretKey(signingSecretOf(account))).toBe(true);
      expect(publicKeyOf(signingSecretOf(account))).toBe(signingKey);
    }
  });

  test('equal options give equal chains, other seeds others', () => {
    const id = (seed: string) => devGenesis({ producers: 2, seed }).genesis.chainId;
    expect(id('a')).toBe(id('a'));
    expect(id('a')).not.toBe(id('b'));
  });

  test('takes parameters', () => {
    const overrides: Partial<GenesisInput> = { minimumBalance: '0', maxTransactionLifeSeconds: 60 };
    const consensus = { slotMilliseconds: 500 };
    const { genesis } = devGenesis({ producers: 3, kind: 'poa', consensus, overrides });
    expect(genesis).toMatchObject({
      minimumBalance: 0n,
      maxTransactionLifeSeconds: 60,
      consensus: { kind: 'poa', slotMilliseconds: 500, confirmations: 3 },
    });
  });
});
