import { describe, expect, test } from 'vitest';
import { idPrefix } from '../../../src/node/ledger/index.ts';
import { Chain, transfer } from './helpers/chain.ts';
import { BALANCE, keyOf, testGenesis } from './helpers/genesis.ts';
import { closeChains, newChain } from './helpers/open.ts';

closeChains();

const pay = (amount = 1n) => transfer('user1', 'user2', amount);

test('chain, expiry, reference, fee and signers are checked, by check() and in blocks alike', async () => {
  const chain = await newChain();
  await chain.extend([]);
  const { id, slot } = chain.ledger.head;
  const now = chain.seconds(slot + 1);
  const refusal = (fields: object, signers?: readonly string[]) =>
    chain.refusal(chain.candidate('user1', pay(), signers, fields));
  expect(await refusal({})).toBeUndefined();
  expect(await refusal({ chainId: '11'.repeat(32) })).toBe('LEDGER_CHAIN');
  expect(await refusal({ expiry: now })).toBe('LEDGER_EXPIRED');
  expect(await refusal({ expiry: 0 })).toBe('LEDGER_EXPIRED');
  expect(await refusal({ expiry: now + 1 })).toBeUndefined();
  expect(await refusal({ expiry: now + 3600 })).toBeUndefined();
  expect(await refusal({ expiry: now + 3601 })).toBe('LEDGER_EXPIRY');
  expect(await refusal({ expiry: 0xffff_ffff })).toBe('LEDGER_EXPIRY');
  expect(await refusal({ refHeight: 2, refPrefix: idPrefix(id) })).toBe('LEDGER_REFERENCE');
  expect(await refusal({ refHeight: 0xffff_ffff })).toBe('LEDGER_REFERENCE');
  expect(await refusal({ refHeight: 1, refPrefix: (idPrefix(id) ^ 1) >>> 0 })).toBe(
    'LEDGER_REFERENCE',
  );
  const genesis = { refHeight: 0, refPrefix: idPrefix(chain.genesis.chainId) };
  expect(await refusal(genesis)).toBeUndefined();
  expect(await refusal({ fee: 9n })).toBe('LEDGER_FEE');
  expect(await refusal({ fee: 2n ** 64n - 1n })).toBe('LEDGER_BALANCE');
  expect(await refusal({}, [keyOf('user2')])).toBe('LEDGER_AUTHORITY');
  expect(await refusal({}, [keyOf('user1'), keyOf('user2')])).toBe('LEDGER_SIGNATURES');
  expect(await refusal({ account: 'nobody' })).toBe('LEDGER_ACCOUNT');
});

test('a fee counts bytes and accounts', async () => {
  const fees = { perTransaction: 10n, perByte: 2n, createAccount: 50n };
  const chain = await newChain({ fees });
  const candidate = chain.candidate('user1', pay(), undefined, { fee: 0n });
  const least = 10n + 2n * BigInt(candidate.transaction.bytes.length);
  const offer = (fee: bigint) => chain.refusal(chain.candidate('user1', pay(), undefined, { fee }));
  expect(await offer(least - 1n)).toBe('LEDGER_FEE');
  expect(await offer(least)).toBeUndefined();
});

describe('duplicates', () => {
  test('in one block, in the next one, and after closing', async () => {
    const chain = await newChain();
    const once = chain.candidate('user1', pay());
    const { proposal } = await chain.make([once, once]);
    expect(proposal.included).toHaveLength(1);
    expect(proposal.rejected).toEqual([]);
    const twice = chain.seal([once.transaction, once.transaction]);
    await expect(chain.apply(twice)).rejects.toMatchObject({
      code: 'LEDGER_DUPLICATE',
      transaction: 1,
    });
    await chain.extend([once]);
    expect(await chain.refusal(once)).toBe('LEDGER_DUPLICATE');
    await chain.extend([]);
    await chain.reopen();
    expect(await chain.refusal(once)).toBe('LEDGER_DUPLICATE');
  });

  test('a transaction can come again after its block was undone', async () => {
    const chain = await newChain();
    const once = chain.candidate('user1', pay());
    await chain.extend([once]);
    await chain.ledger.revert();
    await chain.extend([]);
    await chain.extend([once]);
    expect(await chain.refusal(once)).toBe('LEDGER_DUPLICATE');
  });
});

test('a transaction that fails leaves no trace of its first operations', async () => {
  const chain = await newChain();
  const bad = chain.candidate('user1', [pay(100n), pay(BALANCE)]);
  const { proposal } = await chain.make([bad, chain.candidate('user1', pay(1n))]);
  expect(proposal.rejected).toMatchObject([{ code: 'LEDGER_BALANCE' }]);
  await chain.extend([chain.candidate('user1', pay(1n))]);
  expect(chain.ledger.account('user2')!.balance).toBe(BALANCE + 1n);
});

test('amounts at their limits', async () => {
  const chain = await newChain();
  const refusal = (amount: bigint) => chain.refusal(chain.candidate('user1', pay(amount)));
  expect(await refusal(0n)).toBe('LEDGER_AMOUNT');
  expect(await refusal(BALANCE - 10n)).toBeUndefined();
  expect(await refusal(BALANCE - 9n)).toBe('LEDGER_BALANCE');
  expect(await refusal(2n ** 64n - 1n)).toBe('LEDGER_BALANCE');
  expect(await chain.refusal(chain.candidate('user1', transfer('user1', 'user1', 1n)))).toBe(
    'LEDGER_ACCOUNT',
  );
  expect(await chain.refusal(chain.candidate('user1', transfer('user1', 'nobody', 1n)))).toBe(
    'LEDGER_ACCOUNT',
  );
});

test('money that arrives in a block can be spent in it; keys count from the next block on', async () => {
  const chain = await newChain();
  const first = chain.candidate('user1', pay(BALANCE / 2n));
  const second = chain.candidate('user2', transfer('user2', 'user3', BALANCE + BALANCE / 4n));
  await chain.extend([first, second]);
  const update = chain.candidate(
    'user1',
    {
      type: 'updateAuthority',
      account: 'user1',
      role: 'active',
      authority: { threshold: 1, keys: [{ key: keyOf('other'), weight: 1 }], accounts: [] },
      operations: [],
    },
    [keyOf('user1/owner')],
  );
  await chain.extend([update, chain.candidate('user1', pay())]);
  expect(await chain.refusal(chain.candidate('user1', pay()))).toBe('LEDGER_AUTHORITY');
  expect(await chain.refusal(chain.candidate('user1', pay(), [keyOf('other')]))).toBeUndefined();
});

describe('blocks', () => {
  test('that do not follow the head are refused', async () => {
    const chain = await newChain();
    await chain.extend([], { slot: 5 });
    const refused = async (fields: object, code: string) =>
      expect(chain.apply(chain.seal([], fields))).rejects.toMatchObject({ code });
    await refused({ height: 3 }, 'LEDGER_HEIGHT');
    await refused({ height: 1 }, 'LEDGER_HEIGHT');
    await refused({ parent: chain.genesis.chainId }, 'LEDGER_PARENT');
    await refused({ slot: 5 }, 'LEDGER_SLOT');
    await refused({ slot: 0 }, 'LEDGER_SLOT');
    await refused({ producer: 'nobody' }, 'LEDGER_PRODUCER');
    await refused({ chainId: '22'.repeat(32) }, 'LEDGER_CHAIN');
    await refused({}, 'LEDGER_STATE_ROOT');
    chain.consensus.refused.add(2);
    await refused({}, 'LEDGER_CONSENSUS');
    const signers = [[keyOf('user1')]];
    await expect(chain.apply({ ...chain.seal([]), signers })).rejects.toMatchObject({
      code: 'LEDGER_CONTENT',
    });
  });

  test('that are too large are refused, and not proposed', async () => {
    const chain = await newChain({ block: { maxBytes: 1000, maxTransactions: 3 } });
    const candidates = Array.from({ length: 5 }, () => chain.candidate('user1', pay()));
    const size = candidates[0]!.transaction.bytes.length;
    const fits = Math.floor((1000 - 296) / size);
    const { proposal } = await chain.make(candidates);
    expect(proposal.included).toHaveLength(Math.min(3, fits));
    expect(proposal.rejected).toEqual([]);
    const all = chain.seal(candidates.map(({ transaction }) => transaction));
    await expect(chain.apply(all)).rejects.toMatchObject({ code: 'LEDGER_SIZE' });
  });

  test('a refused block changes nothing, on disk neither', async () => {
    const chain = await newChain();
    const { head, stateRoot } = chain.ledger;
    const wrong = chain.seal([chain.candidate('user1', pay()).transaction]);
    await expect(chain.apply(wrong)).rejects.toMatchObject({ code: 'LEDGER_STATE_ROOT' });
    expect(chain.ledger).toMatchObject({ head, stateRoot });
    await chain.extend([chain.candidate('user1', pay())]);
    await chain.reopen();
    expect(chain.ledger.head.height).toBe(1);
  });

  test('an executed block is told before it is there, a refused one never', async () => {
    const chain = await newChain();
    const { ledger } = chain;
    const { made } = await chain.make([chain.candidate('user1', pay())]);
    const wrong = chain.seal([chain.candidate('user1', pay()).transaction]);
    const told: number[] = [];
    const tell = () => told.push(ledger.head.height);
    await expect(ledger.apply(wrong.block, wrong.signers, tell)).rejects.toMatchObject({
      code: 'LEDGER_STATE_ROOT',
    });
    expect(told).toEqual([]);
    await ledger.apply(made.block, made.signers, tell);
    expect(told).toEqual([0]);
    expect(ledger.head.height).toBe(1);
  });

  test('a proposal serves its own block only', async () => {
    const chain = await newChain();
    const candidate = chain.candidate('user1', pay());
    const { made } = await chain.make([candidate]);
    const other = chain.seal([], {});
    await expect(chain.apply(other)).rejects.toMatchObject({ code: 'LEDGER_STATE_ROOT' });
    expect((await chain.apply(made)).prepared).toBe(false);
    const next = await chain.make([chain.candidate('user2', transfer('user2', 'user1', 1n))]);
    const forged = { ...next.made, signers: [[keyOf('user3')]] };
    await expect(chain.apply(forged)).rejects.toMatchObject({ code: 'LEDGER_AUTHORITY' });
  });

  test('calls wait for one another', async () => {
    const chain = await newChain();
    const { made } = await chain.make([chain.candidate('user1', pay())]);
    const [first, second] = await Promise.allSettled([chain.apply(made), chain.apply(made)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'LEDGER_HEIGHT' } });
  });
});

describe('finality', () => {
  test('ends undoing, and survives closing', async () => {
    const chain = await newChain();
    for (let i = 0; i < 3; i++) await chain.extend([chain.candidate('user1', pay())]);
    const { ledger } = chain;
    const id = ledger.blockId(2)!;
    await expect(ledger.finalize({ height: 2, id: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'LEDGER_UNKNOWN',
    });
    await ledger.finalize({ height: 2, id });
    await ledger.finalize({ height: 1, id: ledger.blockId(1)! });
    expect(ledger.final).toEqual({ height: 2, id });
    await chain.reopen();
    await chain.ledger.revert();
    await expect(chain.ledger.revert()).rejects.toMatchObject({ code: 'LEDGER_FINAL' });
    expect(chain.ledger.final).toEqual({ height: 2, id });
  });

  test('genesis cannot be undone, and a directory belongs to one chain', async () => {
    const chain = await newChain();
    await expect(chain.ledger.revert()).rejects.toMatchObject({ code: 'LEDGER_FINAL' });
    await chain.ledger.close();
    await expect(Chain.open(testGenesis({ users: 11 }), chain.path)).rejects.toMatchObject({
      code: 'LEDGER_GENESIS',
    });
    await expect(chain.ledger.revert()).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
  });
});

test('history pages lead back to the first transaction', async () => {
  const chain = await newChain();
  const ids: string[] = [];
  for (let block = 0; block < 5; block++) {
    const candidates = Array.from({ length: 3 }, () => chain.candidate('user1', pay()));
    if (block !== 2) {
      await chain.extend(candidates);
      ids.push(...candidates.map(({ transaction }) => transaction.id));
    } else {
      await chain.extend([chain.candidate('user3', transfer('user3', 'user4', 1n))]);
    }
  }
  const pages: string[] = [];
  let before: { height: number; index: number } | undefined;
  for (;;) {
    const page = chain.ledger.history('user2', before ? { limit: 5, before } : { limit: 5 });
    if (page.length === 0) break;
    pages.push(...page.map(({ transaction }) => transaction.id));
    const { block, index } = page.at(-1)!;
    before = { height: block.height, index };
  }
  expect(pages).toEqual(ids.toReversed());
  expect(chain.ledger.history('nobody', { limit: 5 })).toEqual([]);
  expect(() => chain.ledger.history('user1', { limit: 0 })).toThrow(RangeError);
});
