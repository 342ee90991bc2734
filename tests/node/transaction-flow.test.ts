// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import { NodeEvents } from '../../src/node/api/node-events.ts';
import type { NodeLedger } from '../../src/node/chain/index.ts';
import type { Candidate } from '../../src/node/ledger/index.ts';
import { KnownTransactions, Pool } from '../../src/node/pool/index.ts';
import type { Block } from '../../src/node/protocol/types.ts';
import { Totals } from '../../src/node/totals.ts';
import { TransactionFlow } from '../../src/node/transaction-flow.ts';

/** A block of so many transactions, as far as it is looked at. */
function block(height: number, count: number): Block {
  const transactions = Array.from({ length: count }, (_, i) => ({ id: `${height} ${i}` }));
  return { signedHeader: { header: { height } }, transactions } as unknown as Block;
}

/** A node that starts on a chain of such a height. */
function start(height: number) {
  const totals = new Totals();
  const pool = new Pool();
  const events = new NodeEvents();
  const flow = new TransactionFlow({
    ledger: { head: { height } } as NodeLedger,
    pool,
    known: new KnownTransactions(),
    events,
    totals,
    now: () => 0,
    publish: () => {},
    punish: () => {},
  });
  const add = (height: number, count: number) =>
    flow.handle({ type: 'block', block: block(height, count), produced: false, consensus: [] });
  const undo = (height: number, count: number) =>
    flow.handle({ type: 'reverted', block: block(height, count), candidates: [] });
  return { totals, pool, events, add, undo };
}

test('a block that is undone is no longer counted', () => {
  const { totals, add, undo } = start(0);
  add(1, 5);
  add(2, 7);
  undo(2, 7);
  add(2, 4);
  expect(totals).toMatchObject({ transactionsIncluded: 9, blocksReverted: 1 });
});

test('behavior: a block that a process before this one took in and this one undoes counts for neither', () => {
  const { totals, add, undo } = start(7);
  undo(7, 300);
  undo(6, 200);
  expect(totals.transactionsIncluded).toBe(0);
  add(6, 10);
  add(7, 20);
  undo(7, 20);
  expect(totals).toMatchObject({ transactionsIncluded: 10, blocksReverted: 3 });
});

test('behavior: what is in a block leaves the pool, also where a listener fails', () => {
  const { pool, events, add } = start(0);
  const transaction = {
    id: '1 0',
    bytes: new Uint8Array(200),
    transaction: { account: 'a', fee: 1n },
  };
  pool.add({ transaction, signers: [] } as unknown as Candidate);
  events.subscribe(() => {
    throw new Error('of the listener');
  });
  expect(() => add(1, 1)).toThrow('of the listener');
  expect(pool.size).toBe(0);
});
