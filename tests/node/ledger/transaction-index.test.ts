// Transactions are found whether their block is in the store's index, in memory, or half and half.

import { afterAll, expect, test } from 'vitest';
import { heightKey, openStore, type Store } from '../../../src/node/ledger/store.ts';
import { TransactionIndex } from '../../../src/node/ledger/transaction-index.ts';
import { sha256Id } from '../../../src/node/protocol/index.ts';
import { testRandom } from '../../../src/testbench/random.ts';
import { Chain, newDirectory, removeDirectories, transfer } from './helpers/chain.ts';
import { testGenesis } from './helpers/genesis.ts';

afterAll(removeDirectories);

const GENESIS = testGenesis({ users: 4 });
/** More than are written at a time. */
const MANY = 2500;

function many(chain: Chain, count = MANY) {
  return Array.from({ length: count }, (_, i) =>
    chain.candidate(`user${i % 4}`, transfer(`user${i % 4}`, 'producer1', 1n)),
  );
}

test('of a ledger that is closed while they are written, and opened again', async () => {
  const chain = await Chain.open(GENESIS);
  const blocks = [];
  for (let height = 1; height <= 3; height++) {
    const candidates = many(chain);
    await chain.extend(candidates);
    blocks.push(candidates);
    const last = { block: { height, id: chain.ledger.head.id }, index: MANY - 1 };
    expect(chain.ledger.locate(candidates.at(-1)!.transaction.id)).toEqual(last);
    await chain.reopen();
    for (const [i, each] of blocks.entries()) {
      for (const index of [0, 1023, 1024, MANY - 1]) {
        const found = chain.ledger.locate(each[index]!.transaction.id);
        expect(found).toMatchObject({ block: { height: i + 1 }, index });
      }
    }
    const again = await chain.make([candidates[7]!, candidates[2048]!]);
    expect(again.proposal.rejected.map(({ code }) => code)).toEqual(
      Array(2).fill('LEDGER_DUPLICATE'),
    );
  }
  await chain.ledger.close();
});

test('of a block that is undone at once nothing is found, and it can come again', async () => {
  const random = testRandom('undone');
  const chain = await Chain.open(GENESIS);
  await chain.extend(many(chain, 10));
  for (let round = 0; round < 6; round++) {
    const candidates = many(chain, random.int(1, MANY));
    const { block, signers } = await chain.extend(candidates);
    if (random.chance(0.3)) await chain.reopen();
    await chain.ledger.revert();
    if (random.chance(0.3)) await chain.reopen();
    for (const { transaction } of candidates) {
      expect(chain.ledger.locate(transaction.id)).toBeUndefined();
    }
    if (random.chance(0.5)) continue;
    await chain.apply({ block, signers });
    expect(chain.ledger.locate(candidates[0]!.transaction.id)?.index).toBe(0);
  }
  await chain.ledger.close();
});

test('is written to the end by itself; a directory without a mark has everything already', async () => {
  const store = openStore(newDirectory());
  const head = { height: 1 };
  const parts = { began: [0], count: MANY };
  const ids = Array.from({ length: MANY }, (_, i) => sha256Id(Buffer.from(`${i}`)));
  const index = await TransactionIndex.open(store, { head: { height: 0 }, parts }, () => 0);
  index.push(parts, 1, ids);
  await index.written();
  await index.close();
  // From here on nothing is in memory: there is no block to read it from.
  const again = await TransactionIndex.open(store, { head, parts }, () => 0);
  expect(again.find(parts, ids[0]!)).toEqual({ height: 1, index: 0 });
  expect(again.find(parts, ids.at(-1)!)).toEqual({ height: 1, index: MANY - 1 });
  await store.commit(() => store.meta.remove(Buffer.from('indexed')));
  const old = await TransactionIndex.open(store, { head, parts }, () => 0);
  expect(old.find(parts, ids[1]!)).toEqual({ height: 1, index: 1 });
  await store.close();
});

/** A store that calls back so many turns of the queue of promises after its first commit of the index. */
function laterBy(turns: number, store: Store, call: () => void): Store {
  let called = false;
  return {
    ...store,
    commit: (write) => {
      const committed = store.commit(write);
      let turn: Promise<unknown> = committed;
      for (let i = 0; i < turns; i++) turn = turn.then(() => {});
      if (!called) void turn.then(call);
      called = true;
      return committed;
    },
  };
}

test.each([
  ['for whoever waits', true],
  ['by itself', false],
])('a block that comes just when the last one is written is written, too: %s', async (_, waits) => {
  const parts = { began: [0], count: 2 };
  const marked = Buffer.from('indexed');
  for (let turns = 0; turns < 12; turns++) {
    const store = openStore(newDirectory());
    await store.commit(() => store.meta.put(marked, heightKey(0)));
    let tell = (_done: Promise<void> | undefined) => {};
    const pushed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const late = laterBy(turns, store, () => {
      index.push(parts, 2, [sha256Id(Buffer.from('second'))]);
      tell(waits ? index.written() : undefined);
    });
    const index = await TransactionIndex.open(late, { head: { height: 0 }, parts }, () => 0);
    index.push(parts, 1, [sha256Id(Buffer.from('first'))]);
    await pushed;
    const last = () => store.meta.get(marked)?.readUInt32BE();
    if (waits) expect(last()).toBe(2);
    else await expect.poll(last).toBe(2);
    await index.close();
    await store.close();
  }
});
