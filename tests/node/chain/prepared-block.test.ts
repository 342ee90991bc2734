// SPDX-License-Identifier: Apache-2.0
// What a block costs before it is executed: which signatures are asked for, and when.

import { expect, test } from 'vitest';
import { prepareBlock } from '../../../src/node/chain/prepared-block.ts';
import { KnownTransactions } from '../../../src/node/pool/index.ts';
import { FakeSignatures, TestNet } from './helpers/net.ts';

/** A block with votes and two transactions, of which one is known. */
async function setUp() {
  const net = await TestNet.open(4);
  await net.run(2);
  const [known, unknown] = [net.candidate(), net.candidate()];
  for (const each of net.chains) for (const one of [known, unknown]) each!.pool.add(one);
  await net.run(1);
  const bytes = net.get(0).chain.blockAt(3)!;
  const pool = new KnownTransactions();
  pool.add(known);
  return { bytes, pool, signers: [known.signers, unknown.signers] };
}

test('signatures of the front are checked while the body is read; of the body, those not known', async () => {
  const { bytes, pool, signers } = await setUp();
  const steps: string[] = [];
  const signatures = new FakeSignatures();
  const recover = signatures.recover.bind(signatures);
  signatures.recover = async (items) => {
    steps.push(`recover ${items.length}`);
    return recover(items);
  };
  const find = pool.find.bind(pool);
  pool.find = (...where) => {
    steps.push('read');
    return find(...where);
  };
  const { block, keys } = await prepareBlock(bytes, undefined, { known: pool, signatures });
  const { votes } = block;
  expect(votes.length).toBeGreaterThan(0);
  expect(steps).toEqual([`recover ${1 + votes.length}`, 'read', 'read', 'recover 1']);
  expect(keys.signers).toEqual(signers);
  expect([keys.header, ...keys.votes]).not.toContain(undefined);
  expect(keys.votes).toHaveLength(votes.length);
});

test('a body that is malformed is told, whatever becomes of the signatures', async () => {
  const { bytes, pool } = await setUp();
  const signatures = new FakeSignatures();
  signatures.recover = () => Promise.reject(new Error('nobody can check them'));
  const short = Uint8Array.from(bytes);
  short[296 + 100] = (short[296 + 100] ?? 0) ^ 1; // a vote: the root of the votes is another
  await expect(prepareBlock(short, undefined, { known: pool, signatures })).rejects.toMatchObject({
    code: 'PROTOCOL_ROOT',
  });
  await expect(prepareBlock(bytes, undefined, { known: pool, signatures })).rejects.toThrow(
    'nobody can check them',
  );
});
