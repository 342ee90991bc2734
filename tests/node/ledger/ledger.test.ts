import { expect, test } from 'vitest';
import { transfer } from './helpers/chain.ts';
import { BALANCE } from './helpers/genesis.ts';
import { closeChains, newChain } from './helpers/open.ts';

closeChains();

test('a new ledger holds the genesis', async () => {
  const { ledger, genesis } = await newChain();
  expect(ledger.head).toEqual({ height: 0, id: genesis.chainId, slot: 0 });
  expect(ledger.account('user3')).toMatchObject({ balance: BALANCE, stake: 0n, locked: 0n });
  expect(ledger.producers().map(({ account, weight }) => [account, weight])).toEqual([
    ['producer0', BALANCE],
    ['producer1', BALANCE],
    ['producer2', BALANCE],
  ]);
});

test('a block moves money, pays its producer, and is undone', async () => {
  const chain = await newChain();
  const before = chain.ledger.stateRoot;
  const { block, applied } = await chain.extend([
    chain.candidate('user1', transfer('user1', 'user2', 500n)),
    chain.candidate('user2', [transfer('user2', 'user1', 1n), transfer('user2', 'user3', 2n)]),
  ]);
  const { ledger } = chain;
  expect(ledger.head).toMatchObject({ height: 1, id: block.signedHeader.id, slot: 1 });
  expect(ledger.account('user1')!.balance).toBe(BALANCE - 500n - 10n + 1n);
  expect(ledger.account('user2')!.balance).toBe(BALANCE + 500n - 3n - 10n);
  expect(ledger.account('producer0')!.balance).toBe(BALANCE + 20n);
  expect(applied.receipts.map(({ fee, accounts }) => [fee, accounts])).toEqual([
    [10n, ['user1', 'user2']],
    [10n, ['user2', 'user1', 'user3']],
  ]);
  expect(applied.prepared).toBe(true);
  expect(ledger.block(1)).toEqual(block);
  expect(ledger.block(block.signedHeader.id)).toEqual(block);
  const [first, second] = block.transactions;
  expect(ledger.transaction(second!.id)).toMatchObject({ index: 1, block: { height: 1 } });
  expect(ledger.history('user2', { limit: 10 }).map((entry) => entry.transaction.id)).toEqual([
    second!.id,
    first!.id,
  ]);

  expect(await ledger.revert()).toEqual(block);
  expect(ledger.stateRoot).toBe(before);
  expect(ledger.head.height).toBe(0);
  expect(ledger.account('user1')!.balance).toBe(BALANCE);
  expect(ledger.transaction(first!.id)).toBeUndefined();
  expect(ledger.history('user2', { limit: 10 })).toEqual([]);
  expect((await chain.apply({ block, signers: [['02'], ['02']] }).catch((e) => e)).code).toBe(
    'LEDGER_AUTHORITY',
  );
});

test('everything is there again after closing', async () => {
  const chain = await newChain();
  for (let i = 0; i < 3; i++) {
    await chain.extend([chain.candidate('user1', transfer('user1', 'user2', 5n))]);
  }
  const { head, stateRoot, consensusState } = chain.ledger;
  await chain.reopen();
  expect(chain.ledger).toMatchObject({ head, stateRoot, consensusState });
  await chain.ledger.revert();
  await chain.extend([chain.candidate('user1', transfer('user1', 'user2', 5n))]);
  expect(chain.ledger.history('user1', { limit: 2 }).map(({ block }) => block.height)).toEqual([
    3, 2,
  ]);
});
