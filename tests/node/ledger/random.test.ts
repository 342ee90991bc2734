import { afterAll, expect, test } from 'vitest';
import type { Operation } from '../../../src/node/protocol/types.ts';
import { type Random, testRandom } from '../../../src/testbench/random.ts';
import { Chain, type Made, newDirectory, removeDirectories } from './helpers/chain.ts';
import { BALANCE, keyOf, single, testGenesis } from './helpers/genesis.ts';
import { Model } from './helpers/model.ts';

afterAll(removeDirectories);

const GENESIS = testGenesis({
  users: 12,
  extra: [
    {
      name: 'locked',
      balance: BALANCE,
      stake: 0n,
      owner: single(keyOf('locked/owner')),
      active: single(keyOf('locked')),
      vesting: [
        { time: 1_700_000_060_000, amount: BALANCE / 2n },
        { time: 1_700_000_120_000, amount: BALANCE / 4n },
      ],
    },
  ],
});

/** Amounts that mostly fit, sometimes exactly or not at all. */
function amount(random: Random): bigint {
  if (random.chance(0.05)) return 0n;
  return random.chance(0.1) ? BALANCE * 2n : BigInt(random.int(1, Number(BALANCE) / 3));
}

function operation(random: Random, names: readonly string[], account: string): Operation {
  switch (random.int(9)) {
    case 0: {
      const [owner, active] = [single(keyOf(`${account}/owner`)), single(keyOf(account))];
      const name = `new${random.int(40)}`;
      return {
        type: 'createAccount',
        creator: account,
        name,
        balance: BigInt(random.int(50, 5000)),
        owner,
        active,
      };
    }
    case 1:
    case 2:
      return { type: 'stake', account, amount: amount(random) };
    case 3:
      return { type: 'unstake', account, amount: amount(random) };
    case 4:
      return { type: 'registerProducer', account, signingKey: keyOf(`${account}/signing`) };
    case 5: {
      const producers = names.filter((name) => /^(producer|user[0-3]$)/.test(name));
      const chosen = producers.filter(() => random.chance(0.4)).sort();
      return { type: 'voteProducers', account, producers: chosen };
    }
    default: {
      const to = random.pick(names);
      return {
        type: 'transfer',
        from: account,
        to,
        amount: amount(random),
        memo: new Uint8Array(),
      };
    }
  }
}

/** What the ledger says, in the model's form. */
function seen(chain: Chain, names: Iterable<string>) {
  return {
    balances: Object.fromEntries(
      [...names].flatMap((name) => {
        const view = chain.ledger.account(name);
        return view ? [[name, [view.balance, view.stake]]] : [];
      }),
    ),
    weights: Object.fromEntries(
      chain.ledger.producers().map(({ account, weight, status }) => [account, [weight, status]]),
    ),
  };
}

test('random operations and reorganisations agree with a model of plain maps', async () => {
  const random = testRandom('ledger');
  const chain = await Chain.open(GENESIS, newDirectory(), 16);
  const model = new Model(GENESIS);
  const names = new Set(GENESIS.accounts.map(({ name }) => name));
  const undo: { readonly root: string; readonly model: ReturnType<Model['snapshot']> }[] = [];
  const blocks: Made[] = [];
  let drop: string | undefined;
  for (let round = 0; round < 150; round++) {
    const { ledger } = chain;
    const height = ledger.head.height + 1;
    if (undo.length > 0 && random.chance(0.3)) {
      // Undo some blocks; sometimes apply the very same again: the roots must be the same.
      const depth = random.int(1, undo.length);
      const again: Made[] = [];
      for (let i = 0; i < depth; i++) {
        const before = undo.pop()!;
        again.unshift(blocks.pop()!);
        await ledger.revert();
        expect(ledger.stateRoot).toBe(before.root);
        model.restore(before.model);
      }
      if (random.chance(0.5)) {
        const snapshot = model.snapshot();
        for (const made of again) await chain.apply(made);
        for (const _ of again) await ledger.revert();
        model.restore(snapshot);
      }
    } else {
      const slot = ledger.head.slot + random.int(1, 4);
      const time = GENESIS.time + slot * GENESIS.consensus.slotMilliseconds;
      const root = ledger.stateRoot;
      const before = model.snapshot();
      const candidates = Array.from({ length: random.int(0, 12) }, () => {
        // Authorities come from the parent, so accounts sign from the block after their creation.
        const known = [...names].filter((name) => ledger.account(name));
        const account = random.pick(known);
        const operations = Array.from({ length: random.int(1, 3) }, () =>
          operation(random, [...names], account),
        );
        for (const each of operations) if (each.type === 'createAccount') names.add(each.name);
        const opened = operations.filter(({ type }) => type === 'createAccount').length;
        const fee = 10n + 50n * BigInt(opened) + BigInt(random.int(3));
        const owner = account.startsWith('new') ? undefined : [keyOf(account)];
        return chain.candidate(account, operations, owner ?? keysOf(chain, account), { fee });
      });
      // Stays, in case the block is applied again.
      chain.consensus.drops.delete(height);
      if (random.chance(0.1)) {
        const standing = ledger.producers().filter(({ status }) => status === 'standing');
        drop = standing.length > 0 ? random.pick(standing).account : undefined;
        if (drop) chain.consensus.drops.set(height, drop);
      }
      if (random.chance(0.5)) {
        // Ahead, in one go or more, now and then for a block that is not made.
        const producer = 'producer0';
        for (let some = 0; some < candidates.length; some += random.int(1, 6)) {
          const where = { slot: random.chance(0.1) ? slot + 1 : slot, producer, votes: [] };
          await ledger.prepare(candidates.slice(0, some), where);
        }
      }
      const { made, proposal } = await chain.make(candidates, { slot });
      const expected = candidates.filter(({ transaction }) => model.execute(transaction, time));
      expect(proposal.included.map(({ id }) => id)).toEqual(
        expected.map(({ transaction }) => transaction.id),
      );
      model.pay(
        'producer0',
        expected.reduce((sum, { transaction }) => sum + transaction.transaction.fee, 0n),
      );
      if (drop) model.drop(drop);
      drop = undefined;
      // Without what was kept of the proposal it is executed from its transactions: to the same root.
      const again = made.block.transactions.length > 0 && random.chance(0.3);
      if (again) await ledger.propose([], { slot, producer: 'producer0', votes: [] });
      expect((await chain.apply(made)).prepared).toBe(!again);
      undo.push({ root, model: before });
      blocks.push(made);
      if (random.chance(0.05)) {
        await ledger.finalize(ledger.head);
        undo.length = 0;
      }
      const now = GENESIS.time + ledger.head.slot * GENESIS.consensus.slotMilliseconds;
      expect(seen(chain, names)).toEqual({
        balances: model.balances(now),
        weights: model.weights(),
      });
      expect(model.supply()).toBe(GENESIS.totalSupply);
    }
    if (random.chance(0.05)) await chain.reopen();
  }
  await chain.ledger.close();
});

function keysOf(chain: Chain, account: string): readonly string[] {
  return [chain.ledger.account(account)!.active.keys[0]!.key];
}

test('a node that executes the same blocks without the detours has the same roots', async () => {
  const random = testRandom('ledger again');
  const chain = await Chain.open(GENESIS);
  const blocks: Made[] = [];
  const roots: string[] = [];
  const names = GENESIS.accounts.map(({ name }) => name);
  for (let round = 0; round < 30; round++) {
    if (blocks.length > 0 && random.chance(0.3)) {
      await chain.ledger.revert();
      blocks.pop();
      roots.pop();
      continue;
    }
    const candidates = Array.from({ length: 10 }, () => {
      const account = random.pick(names);
      return chain.candidate(account, operation(random, names, account), undefined, { fee: 60n });
    });
    const { made } = await chain.make(candidates);
    await chain.apply(made);
    blocks.push(made);
    roots.push(chain.ledger.stateRoot);
  }
  const other = await Chain.open(GENESIS);
  for (const [i, made] of blocks.entries()) {
    expect((await other.apply(made)).prepared).toBe(false);
    expect(other.ledger.stateRoot).toBe(roots[i]);
  }
  expect(other.ledger.head).toEqual(chain.ledger.head);
  await chain.ledger.close();
  await other.ledger.close();
});
