// SPDX-License-Identifier: Apache-2.0

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Candidate } from '../../../src/node/ledger/index.ts';
import { KnownTransactions, Pool } from '../../../src/node/pool/index.ts';
import { assembleTransaction } from '../../../src/node/protocol/index.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const SIGNATURE = Uint8Array.from({ length: 72 }, (_, i) => (i === 31 || i === 63 ? 1 : 0));
const random = testRandom('pool');
let nonce = 0;

function candidate(account: string, fee: bigint, expiry = 1000, memo = 0): Candidate {
  const signature = Uint8Array.from(SIGNATURE);
  signature.set(random.bytes(16), 40);
  const transaction = assembleTransaction(
    {
      chainId: 'ab'.repeat(32),
      refHeight: 0,
      refPrefix: 0,
      expiry,
      nonce: nonce++,
      account,
      fee,
      operations: [
        { type: 'transfer', from: account, to: 'bob', amount: 1n, memo: new Uint8Array(memo) },
      ],
    },
    [signature],
  );
  return { transaction, signers: ['02'.padEnd(66, '0')] };
}

const idsOf = (candidates: Iterable<Candidate>) =>
  [...candidates].map(({ transaction }) => transaction.id);

test('default: what pays more comes first, equals by arrival', () => {
  const pool = new Pool();
  const low = [candidate('alice', 1000n), candidate('bob', 1000n), candidate('alice', 1000n)];
  const high = [candidate('bob', 50_000n), candidate('bob', 50_000n)];
  for (const each of [low[0]!, high[0]!, low[1]!, high[1]!, low[2]!]) pool.add(each);
  expect(idsOf(pool.candidates())).toEqual(idsOf([...high, ...low]));
  expect(pool.size).toBe(5);
  pool.remove(high[0]!.transaction.id);
  expect(idsOf(pool.candidates())).toEqual(idsOf([high[1]!, ...low]));
});

test('behavior: a full pool lets the latest of those that pay least go', () => {
  const pool = new Pool({ maxTransactions: 3 });
  const [a, b, c] = [candidate('alice', 1000n), candidate('bob', 1000n), candidate('bob', 9000n)];
  for (const each of [a!, b!, c!]) expect(pool.add(each)).toMatchObject({ ok: true });
  expect(pool.add(candidate('dave', 1000n))).toMatchObject({ ok: false, code: 'POOL_FULL' });
  const better = candidate('dave', 30_000n);
  expect(pool.add(better)).toEqual({ ok: true, evicted: [b] });
  expect(idsOf(pool.candidates())).toEqual(idsOf([better, c!, a!]));
});

test('behavior: one account gets its share of bytes and no more', () => {
  const size = candidate('alice', 1000n).transaction.bytes.length + 512;
  const pool = new Pool({ accountBytes: 2 * size });
  expect(pool.add(candidate('alice', 1000n)).ok).toBe(true);
  expect(pool.add(candidate('alice', 1000n)).ok).toBe(true);
  expect(pool.add(candidate('alice', 99_000n))).toMatchObject({ ok: false, code: 'POOL_ACCOUNT' });
  expect(pool.add(candidate('bob', 1000n)).ok).toBe(true);
  expect(pool.feesOf('alice')).toBe(2000n);
});

test('behavior: what has expired leaves', () => {
  const pool = new Pool();
  const [old, young] = [candidate('alice', 1000n, 10), candidate('alice', 1000n, 20)];
  pool.add(old!);
  pool.add(young!);
  expect(pool.expire(9)).toEqual([]);
  expect(pool.expire(10)).toEqual([old]);
  expect(idsOf(pool.candidates())).toEqual(idsOf([young!]));
});

test('behavior: nothing is left behind, whatever order things come and go in', () => {
  const step = fc.record({
    account: fc.constantFrom('alice', 'bob', 'carol'),
    fee: fc.bigInt({ min: 0n, max: 100_000n }),
    memo: fc.integer({ min: 0, max: 64 }),
    leave: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new Pool({ maxBytes: 16_000, maxTransactions: 16, accountBytes: 9_000 });
      const inside = new Map<string, Candidate>();
      for (const { account, fee, memo, leave } of steps) {
        const each = candidate(account, fee, 1000, memo);
        const admission = pool.add(each);
        if (admission.ok) {
          for (const { transaction } of admission.evicted) inside.delete(transaction.id);
          inside.set(each.transaction.id, each);
        }
        const ids = [...inside.keys()];
        if (leave % 3 === 0 && ids.length > 0) {
          const gone = ids[leave % ids.length]!;
          expect(pool.remove(gone)?.transaction.id).toBe(gone);
          inside.delete(gone);
        }
        expect(pool.size).toBe(inside.size);
        expect(pool.size).toBeLessThanOrEqual(16);
        expect(pool.bytes).toBeLessThanOrEqual(16_000);
        expect(new Set(idsOf(pool.candidates()))).toEqual(new Set(inside.keys()));
      }
      for (const id of inside.keys()) pool.remove(id);
      expect([pool.size, pool.bytes, pool.feesOf('alice')]).toEqual([0, 0, 0n]);
    }),
    { seed: random.seed, numRuns: 60 },
  );
});

test('KnownTransactions: found by exactly its bytes, wherever they lie', () => {
  const known = new KnownTransactions();
  const each = candidate('alice', 1000n);
  known.add(each);
  const { bytes } = each.transaction;
  const buffer = Buffer.concat([Buffer.alloc(24), bytes, Buffer.alloc(8)]);
  expect(known.find(buffer, 24, 24 + bytes.length)).toBe(each);
  buffer[24 + 50]! ^= 1;
  expect(known.find(buffer, 24, 24 + bytes.length)).toBeUndefined();
  known.delete(each.transaction);
  buffer[24 + 50]! ^= 1;
  expect(known.find(buffer, 24, 24 + bytes.length)).toBeUndefined();
});

test('KnownTransactions: the oldest goes when there are too many', () => {
  const known = new KnownTransactions(2);
  const all = [1, 2, 3].map(() => candidate('alice', 1000n));
  for (const each of all) known.add(each);
  const found = all.map(({ transaction: { bytes } }) => {
    return known.find(Buffer.from(bytes), 0, bytes.length);
  });
  expect(found).toEqual([undefined, all[1], all[2]]);
});

test('behavior: what has waited for two rounds is overdue, the longest first, and then not for two more', () => {
  const pool = new Pool();
  const [a, b, c] = [candidate('alice', 1000n), candidate('bob', 1000n), candidate('bob', 9000n)];
  const size = a!.transaction.bytes.length;
  pool.add(a!);
  pool.add(b!);
  expect(pool.overdue(10 * size)).toEqual([]);
  pool.add(c!);
  expect(pool.overdue(size)).toEqual([a]);
  expect(pool.overdue(2 * size)).toEqual([b, c]);
  pool.remove(c!.transaction.id);
  expect(pool.overdue(0)).toEqual([a]);
  expect(pool.overdue(10 * size)).toEqual([b]);
});
