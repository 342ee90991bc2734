// SPDX-License-Identifier: Apache-2.0
// What was checked on a head is not checked again in a block on it; nothing else may change.

import { expect, test } from 'vitest';
import { PassedTransactions } from '../../../src/node/ledger/passed.ts';
import { type ChainView, checkTransaction } from '../../../src/node/ledger/transactions.ts';
import type { Chain } from './helpers/chain.ts';
import { transfer } from './helpers/chain.ts';
import { keyOf, single } from './helpers/genesis.ts';
import { closeChains, newChain } from './helpers/open.ts';

closeChains();

const pay = (chain: Chain, expiry = chain.seconds(1000)) =>
  chain.candidate('user1', transfer('user1', 'user2', 5n), undefined, { expiry });

/** Why a block of these alone is refused; it is sealed without a state root. */
async function refusalOf(chain: Chain, made: Parameters<Chain['apply']>[0]) {
  return chain.apply(made).then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
}

test('the chain is asked once for a transaction on one head', async () => {
  const chain = await newChain();
  const { transaction, signers } = pay(chain);
  const passed = new PassedTransactions();
  let asked = 0;
  const view: ChainView = {
    passed,
    idPrefix: () => transaction.transaction.refPrefix,
    included: () => {
      asked += 1;
      return false;
    },
  };
  const base = { authorities: () => ({ active: single(signers[0]!), owner: single('') }) };
  const context = { genesis: chain.genesis, draft: { base }, time: chain.genesis.time } as never;
  for (let i = 0; i < 3; i++) checkTransaction(context, view, transaction, signers);
  expect(asked).toBe(1);
  checkTransaction(context, view, transaction, [...signers]);
  expect(asked).toBe(2);
  passed.clear();
  checkTransaction(context, view, transaction, signers);
  expect(asked).toBe(3);
});

test('what has passed can expire', async () => {
  const chain = await newChain();
  const { transaction, signers } = pay(chain, chain.seconds(3));
  expect(chain.ledger.check(transaction, signers, 2)).toEqual({ ok: true });
  const code = 'LEDGER_EXPIRED';
  expect(chain.ledger.check(transaction, signers, 3)).toMatchObject({ code });
  expect(await refusalOf(chain, chain.seal([transaction], { slot: 3 }, [signers]))).toBe(code);
});

test('it has passed with the keys it was checked with, no others', async () => {
  const chain = await newChain();
  const { transaction, signers } = pay(chain);
  expect(chain.ledger.check(transaction, signers)).toEqual({ ok: true });
  const others = [keyOf('user2')];
  expect(await refusalOf(chain, chain.seal([transaction], {}, [others]))).toBe('LEDGER_AUTHORITY');
});

test('another head: it is checked again', async () => {
  const chain = await newChain();
  const first = pay(chain);
  const second = pay(chain);
  const { transaction, signers } = second;
  expect(chain.ledger.check(transaction, signers)).toEqual({ ok: true });
  const authority = single(keyOf('another'));
  const update = {
    type: 'updateAuthority' as const,
    account: 'user1',
    role: 'active',
    authority,
    operations: [],
  };
  await chain.extend([first, chain.candidate('user1', update, [keyOf('user1/owner')])]);
  expect(await refusalOf(chain, chain.seal([transaction], {}, [signers]))).toBe('LEDGER_AUTHORITY');
  await chain.ledger.revert();
  expect(chain.ledger.check(transaction, signers)).toEqual({ ok: true });
  await chain.extend([second]);
  expect(await refusalOf(chain, chain.seal([transaction], {}, [signers]))).toBe('LEDGER_DUPLICATE');
});

test('beyond its bound nothing is remembered', async () => {
  const chain = await newChain();
  const [a, b] = [pay(chain), pay(chain)];
  const passed = new PassedTransactions(1);
  passed.add(a.transaction, a.signers);
  passed.add(b.transaction, b.signers);
  expect(passed.has(a.transaction, a.signers)).toBe(true);
  expect(passed.has(b.transaction, b.signers)).toBe(false);
});
