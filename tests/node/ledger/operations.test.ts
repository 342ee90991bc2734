import { describe, expect, test } from 'vitest';
import type { Authority, OperationType } from '../../../src/node/protocol/types.ts';
import { transfer } from './helpers/chain.ts';
import { BALANCE, keyOf, single } from './helpers/genesis.ts';
import { closeChains, newChain } from './helpers/open.ts';

closeChains();

describe('createAccount', () => {
  const create = (fields: object = {}) => ({
    type: 'createAccount' as const,
    creator: 'user1',
    name: 'shop.user1',
    balance: 100n,
    owner: single(keyOf('shop/owner')),
    active: single(keyOf('shop')),
    ...fields,
  });

  test('opens an account that can act from the next block on', async () => {
    const chain = await newChain();
    await chain.extend([
      chain.candidate('user1', [create(), transfer('user1', 'shop.user1', 900n)]),
    ]);
    expect(chain.ledger.account('shop.user1')).toMatchObject({ balance: 1000n, named: [] });
    expect(chain.ledger.account('user1')!.balance).toBe(BALANCE - 1000n - 60n);
    await chain.extend([
      chain.candidate('shop.user1', transfer('shop.user1', 'user2', 5n), [keyOf('shop')]),
    ]);
    expect(chain.ledger.history('shop.user1', { limit: 9 })).toHaveLength(2);
    await chain.ledger.revert();
    await chain.ledger.revert();
    expect(chain.ledger.account('shop.user1')).toBeUndefined();
  });

  test('refuses taken names, small balances, and authorities that stand for nobody', async () => {
    const chain = await newChain();
    const refusal = (fields: object) => chain.refusal(chain.candidate('user1', create(fields)));
    const of = (account: string, role: string): Authority => ({
      threshold: 1,
      keys: [],
      accounts: [{ account, role, weight: 1 }],
    });
    expect(await refusal({ name: 'user2' })).toBe('LEDGER_EXISTS');
    expect(await refusal({ balance: 99n })).toBe('LEDGER_AMOUNT');
    expect(await refusal({ balance: BALANCE })).toBe('LEDGER_BALANCE');
    expect(await refusal({ active: of('nobody', 'active') })).toBe('LEDGER_ACCOUNT');
    expect(await refusal({ active: of('user2', 'none') })).toBe('LEDGER_ROLE');
    expect(await refusal({ active: of('user2', 'owner') })).toBeUndefined();
    // Its own owner, though the account does not exist before.
    expect(await refusal({ active: of('shop.user1', 'owner') })).toBeUndefined();
  });
});

describe('updateAuthority', () => {
  const owner = [keyOf('user1/owner')];
  const update = (role: string, operations: OperationType[], authority?: Authority) => ({
    type: 'updateAuthority' as const,
    account: 'user1',
    role,
    operations,
    ...(authority && { authority }),
  });

  test('binds a role to operations, and removes it', async () => {
    const chain = await newChain();
    const role = update('bets', ['transfer'], single(keyOf('bets')));
    await chain.extend([chain.candidate('user1', role, owner)]);
    expect(chain.ledger.account('user1')!.named).toEqual([
      { role: 'bets', authority: single(keyOf('bets')), operations: ['transfer'] },
    ]);
    await chain.reopen();
    await chain.extend([chain.candidate('user1', transfer('user1', 'user2', 5n), [keyOf('bets')])]);
    const stake = { type: 'stake' as const, account: 'user1', amount: 1n };
    expect(await chain.refusal(chain.candidate('user1', stake, [keyOf('bets')]))).toBe(
      'LEDGER_AUTHORITY',
    );
    await chain.extend([chain.candidate('user1', update('bets', []), owner)]);
    expect(chain.ledger.account('user1')!.named).toEqual([]);
    await chain.ledger.revert();
    expect(chain.ledger.account('user1')!.named).toHaveLength(1);
  });

  test('refuses what would bind or free too much', async () => {
    const chain = await newChain();
    const refusal = (operation: ReturnType<typeof update>, signers = owner) =>
      chain.refusal(chain.candidate('user1', operation, signers));
    expect(await refusal(update('active', [], single(keyOf('k'))))).toBeUndefined();
    expect(await refusal(update('active', [], single(keyOf('k'))), [keyOf('user1')])).toBe(
      'LEDGER_AUTHORITY',
    );
    expect(await refusal(update('bets', []))).toBe('LEDGER_ROLE');
    for (let i = 0; i < 16; i++) {
      const role = update(`role${i}`, ['stake'], single(keyOf('k')));
      await chain.extend([chain.candidate('user1', role, owner)]);
    }
    expect(await refusal(update('role16', ['stake'], single(keyOf('k'))))).toBe('LEDGER_LIMIT');
    expect(await refusal(update('role3', ['stake'], single(keyOf('k2'))))).toBeUndefined();
  });
});

describe('stake', () => {
  const stake = (amount: bigint) => ({ type: 'stake' as const, account: 'user1', amount });
  const unstake = (amount: bigint) => ({ type: 'unstake' as const, account: 'user1', amount });

  test('comes back after the delay, and can then be spent', async () => {
    const chain = await newChain();
    await chain.extend([chain.candidate('user1', stake(BALANCE - 20n))]);
    await chain.extend([chain.candidate('user1', unstake(1000n))]);
    const view = () => chain.ledger.account('user1')!;
    const due = chain.genesis.time + 2 * 3000 + 30_000;
    expect(view()).toMatchObject({
      balance: 0n,
      stake: BALANCE - 1020n,
      unstaking: [{ amount: 1000n, time: due }],
    });
    await chain.extend([], { slot: 11 });
    const pay = chain.candidate('user1', transfer('user1', 'user2', 900n));
    expect(chain.ledger.check(pay.transaction, pay.signers, 11)).toMatchObject({
      code: 'LEDGER_BALANCE',
    });
    expect(chain.ledger.check(pay.transaction, pay.signers, 12)).toEqual({ ok: true });
    expect(view().balance).toBe(0n);
    await chain.extend([pay]);
    expect(view()).toMatchObject({ balance: 90n, unstaking: [] });
    await chain.ledger.revert();
    expect(view()).toMatchObject({ balance: 0n, unstaking: [{ amount: 1000n, time: due }] });
  });

  test('has limits', async () => {
    const chain = await newChain();
    const refusal = (operation: ReturnType<typeof stake> | ReturnType<typeof unstake>) =>
      chain.refusal(chain.candidate('user1', operation));
    expect(await refusal(stake(0n))).toBe('LEDGER_AMOUNT');
    expect(await refusal(stake(BALANCE))).toBe('LEDGER_BALANCE');
    expect(await refusal(unstake(1n))).toBe('LEDGER_BALANCE');
    await chain.extend([chain.candidate('user1', stake(1000n))]);
    await chain.extend([chain.candidate('user1', Array(16).fill(unstake(1n)))]);
    expect(await refusal(unstake(1n))).toBe('LEDGER_LIMIT');
  });
});

test('vesting: what is locked may be staked, but leaves only in its time', async () => {
  const time = 1_700_000_000_000;
  const chain = await newChain({
    time,
    extra: [
      {
        name: 'founder',
        balance: 1000n,
        stake: 0n,
        owner: single(keyOf('founder/owner')),
        active: single(keyOf('founder')),
        vesting: [
          { time: time + 30_000, amount: 500n },
          { time: time + 60_000, amount: 300n },
        ],
      },
    ],
  });
  const pay = (amount: bigint) => chain.candidate('founder', transfer('founder', 'user1', amount));
  expect(chain.ledger.account('founder')).toMatchObject({ locked: 800n, spendable: 200n });
  expect(await chain.refusal(pay(191n))).toBe('LEDGER_BALANCE');
  expect(await chain.refusal(pay(190n))).toBeUndefined();
  const stake = { type: 'stake' as const, account: 'founder', amount: 900n };
  await chain.extend([chain.candidate('founder', stake)]);
  expect(chain.ledger.account('founder')).toMatchObject({
    balance: 90n,
    locked: 800n,
    spendable: 90n,
  });
  await chain.extend([chain.candidate('founder', { ...stake, type: 'unstake' })]);
  await chain.extend([], { slot: 19 });
  expect(chain.ledger.account('founder')).toMatchObject({ balance: 980n, spendable: 680n });
  await chain.extend([], { slot: 20 });
  expect(chain.ledger.account('founder')).toMatchObject({ locked: 0n, spendable: 980n });
});
