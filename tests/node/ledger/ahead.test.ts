// Blocks that are made ahead of their slot.

import { afterAll, expect, test } from 'vitest';
import type { Candidate } from '../../../src/node/ledger/index.ts';
import { Chain, newDirectory, removeDirectories, transfer } from './helpers/chain.ts';
import { BALANCE, type GenesisChoice, keyOf, testGenesis } from './helpers/genesis.ts';

afterAll(removeDirectories);

const newChain = (choice: GenesisChoice = {}) => Chain.open(testGenesis(choice), newDirectory());

const WHERE = { slot: 1, producer: 'producer0', votes: [] };

const ids = (candidates: readonly Candidate[]) => candidates.map((each) => each.transaction.id);

/** Ids of the block that comes of these candidates, which both this and another ledger accept. */
async function blockOf(chain: Chain, candidates: readonly Candidate[], where = {}) {
  const { made, proposal } = await chain.make(candidates, where);
  expect(proposal.transactionsRoot).toBe(made.block.signedHeader.header.transactionsRoot);
  expect(proposal.signers).toEqual(made.signers);
  const other = await Chain.open(chain.genesis);
  for (let height = 1; height <= chain.ledger.head.height; height++) {
    const block = chain.ledger.block(height)!;
    const signers = block.transactions.map(({ transaction }) => [keyOf(transaction.account)]);
    await other.apply({ block, signers });
  }
  expect((await other.apply(made)).prepared).toBe(false);
  expect((await chain.apply(made)).prepared).toBe(true);
  expect(other.ledger.stateRoot).toBe(chain.ledger.stateRoot);
  return made.block.transactions.map(({ id }) => id);
}

test('what was executed ahead comes first, what came since follows', async () => {
  const chain = await newChain();
  const [a, b, c, d] = [1, 2, 3, 4].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate, Candidate, Candidate];
  await chain.ledger.prepare([a, b], WHERE);
  await chain.ledger.prepare([c, a, b], WHERE);
  expect(await blockOf(chain, [d, c, a, b])).toEqual(ids([a, b, c, d]));
});

test('one that pays more gets into a full block, however late it comes', async () => {
  const chain = await newChain({ block: { maxBytes: 100_000, maxTransactions: 2 } });
  const [a, b, late] = [1, 2, 3].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate, Candidate];
  await chain.ledger.prepare([a, b], WHERE);
  expect(await blockOf(chain, [late, a, b])).toEqual(ids([late, a]));
});

test('the last place goes to the one that pays more of two that come late', async () => {
  const chain = await newChain({ block: { maxBytes: 100_000, maxTransactions: 2 } });
  const [a, b, c] = [1, 2, 3].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate, Candidate];
  await chain.ledger.prepare([c], WHERE);
  expect(await blockOf(chain, [a, b, c])).toEqual(ids([a, b]));
});

test('a full block stays as it is where nothing that waits pays more', async () => {
  const chain = await newChain({ block: { maxBytes: 100_000, maxTransactions: 2 } });
  const [a, b, c] = [1, 2, 3].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate, Candidate];
  await chain.ledger.prepare([b], WHERE);
  await chain.ledger.prepare([a, b], WHERE);
  expect(await blockOf(chain, [a, b, c])).toEqual(ids([b, a]));
});

test('what is no candidate any more is not in the block', async () => {
  const chain = await newChain();
  const [a, b] = [1, 2].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate];
  await chain.ledger.prepare([a, b], WHERE);
  expect(await blockOf(chain, [b])).toEqual(ids([b]));
});

test('another head or another slot makes it nothing', async () => {
  const chain = await newChain();
  const short = (i: number, slot: number) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n), undefined, {
      expiry: chain.seconds(slot),
    });
  const expiring = short(1, 3);
  await chain.ledger.prepare([expiring], WHERE);
  const { proposal } = await chain.make([expiring], { slot: 3 });
  expect(proposal.included).toEqual([]);
  expect(proposal.rejected).toMatchObject([{ code: 'LEDGER_EXPIRED' }]);

  const [a, b] = [short(1, 9), short(2, 9)];
  await chain.ledger.prepare([a, b], WHERE);
  await chain.extend([b]);
  const next = await chain.make([a, b], { slot: 2 });
  expect(next.proposal.included.map(({ id }) => id)).toEqual(ids([a]));
  expect(next.proposal.rejected).toMatchObject([{ code: 'LEDGER_DUPLICATE' }]);
  await chain.ledger.revert();
  expect(await blockOf(chain, [a, b])).toEqual(ids([a, b]));
  await expect(chain.ledger.prepare([], WHERE)).rejects.toMatchObject({ code: 'LEDGER_SLOT' });
});

test('what failed ahead is told with the block, and leaves nothing behind', async () => {
  const chain = await newChain();
  const first = chain.candidate('user1', transfer('user1', 'user2', BALANCE - 100n));
  const failing = chain.candidate('user1', transfer('user1', 'user2', BALANCE - 100n));
  const last = chain.candidate('user2', transfer('user2', 'user1', BALANCE + 100n));
  await chain.ledger.prepare([first, failing], WHERE);
  const { proposal } = await chain.make([first, failing, last]);
  expect(proposal.included.map(({ id }) => id)).toEqual(ids([first, last]));
  expect(proposal.rejected).toMatchObject([{ id: failing.transaction.id, code: 'LEDGER_BALANCE' }]);
  expect(await blockOf(chain, [first, last])).toEqual(ids([first, last]));
});

test('votes that were not expected need room: a transaction has to stay outside', async () => {
  const chain = await newChain({ block: { maxBytes: 1000, maxTransactions: 9 } });
  const some = Array.from({ length: 9 }, () =>
    chain.candidate('user1', transfer('user1', 'user0', 5n)),
  );
  await chain.ledger.prepare(some, WHERE);
  const without = await chain.ledger.propose(some, WHERE);
  await chain.ledger.prepare(some, WHERE);
  const vote = { id: 'ab'.repeat(32) } as never;
  const proposal = await chain.ledger.propose(some, { ...WHERE, votes: [vote, vote] });
  expect(proposal.included.length).toBeLessThan(without.included.length);
  expect(without.included.slice(0, proposal.included.length)).toEqual(proposal.included);
});

/** The same candidate, and how often it was executed. */
function counted({ transaction, signers }: Candidate) {
  let executed = 0;
  const candidate: Candidate = {
    transaction,
    get signers() {
      executed += 1;
      return signers;
    },
  };
  return { candidate, executed: () => executed };
}

test('one that pays more and comes ahead of the slot displaces another then, not in the slot', async () => {
  const chain = await newChain({ block: { maxBytes: 100_000, maxTransactions: 2 } });
  const [a, b, late] = [1, 2, 3].map((i) =>
    counted(chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n))),
  ) as [ReturnType<typeof counted>, ReturnType<typeof counted>, ReturnType<typeof counted>];
  await chain.ledger.prepare([a.candidate, b.candidate], WHERE);
  const all = [late.candidate, a.candidate, b.candidate];
  await chain.ledger.prepare(all, WHERE);
  await chain.ledger.prepare(all, WHERE);
  expect([late, a, b].map(({ executed }) => executed())).toEqual([1, 2, 1]);
  const proposal = await chain.ledger.propose(all, WHERE);
  expect(proposal.included).toEqual([late.candidate.transaction, a.candidate.transaction]);
  // Once more for the signers that the proposal names, not for execution.
  expect([late, a, b].map(({ executed }) => executed())).toEqual([2, 3, 1]);
});

test('a step that ends does not begin anew what it has, though others would come first', async () => {
  const chain = await newChain();
  const some = Array.from({ length: 4 }, () =>
    counted(chain.candidate('user1', transfer('user1', 'user0', 5n))),
  );
  const candidates = some.map(({ candidate }) => candidate);
  await chain.ledger.prepare(candidates.slice(3), WHERE);
  for (let i = 0; i < 8; i++) await chain.ledger.prepare(candidates, WHERE, 0);
  expect(some.map(({ executed }) => executed())).toEqual([1, 1, 1, 1]);
});

test('what took long to execute stays, and one that pays more waits for the next block', async () => {
  const chain = await newChain();
  const [a, b, late] = [1, 2, 3].map((i) =>
    chain.candidate(`user${i}`, transfer(`user${i}`, 'user0', 5n)),
  ) as [Candidate, Candidate, Candidate];
  // No time at all: full after the first.
  const where = { ...WHERE, milliseconds: 0 };
  await chain.ledger.prepare([a, b], where);
  await chain.ledger.prepare([late, a, b], where);
  const { included } = await chain.ledger.propose([late, a, b], where);
  expect(included).toEqual([a.transaction]);
});
