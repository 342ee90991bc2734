// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { devGenesis } from '../../../src/node/genesis/index.ts';
import type { Candidate, LedgerVerdict } from '../../../src/node/ledger/index.ts';
import { Intake, KnownTransactions, Pool, type PoolVerdict } from '../../../src/node/pool/index.ts';
import {
  publicKeyOf,
  type SignedTransaction,
  signTransaction,
  type Transaction,
} from '../../../src/node/protocol/index.ts';
import type { Id, PublicKey } from '../../../src/node/protocol/types.ts';
import { FakeSignatures } from '../chain/helpers/net.ts';

const DEV = devGenesis({ producers: 1, users: 2, time: 0 });
const { genesis } = DEV;
const NOW = 1_000_000;

let nonce = 0;

function transfer(fields: Partial<Transaction> = {}, signer = 'user1'): SignedTransaction {
  return signTransaction(
    {
      chainId: genesis.chainId,
      refHeight: 0,
      refPrefix: 0,
      expiry: NOW / 1000 + 60,
      nonce: nonce++,
      account: 'user1',
      fee: 10_000n,
      operations: [
        { type: 'transfer', from: 'user1', to: 'user2', amount: 1n, memo: new Uint8Array() },
      ],
      ...fields,
    },
    [DEV.secretOf(signer)],
  );
}

function setUp() {
  const signatures = new FakeSignatures();
  const pool = new Pool();
  const known = new KnownTransactions();
  const seen: Id[] = [];
  const checked: (readonly PublicKey[])[] = [];
  const onChain = new Set<Id>();
  const state: { spendable: bigint; verdict: LedgerVerdict; calm: Promise<void> } = {
    calm: Promise.resolve(),
    spendable: 1_000_000n,
    verdict: { ok: true },
  };
  const intake = new Intake({
    genesis,
    ledger: {
      head: { height: 0, id: genesis.chainId, slot: 0 },
      account: (name) =>
        name.startsWith('user') ? ({ spendable: state.spendable } as never) : undefined,
      check: (_transaction, signers) => {
        checked.push(signers);
        return state.verdict;
      },
      locate: (id) =>
        onChain.has(id) ? { block: { height: 1, id: genesis.chainId }, index: 0 } : undefined,
    },
    pool,
    known,
    signatures,
    now: () => NOW,
    nextSlot: () => 1,
    calm: () => state.calm,
    onSeen: (all) => seen.push(...all.map(({ id }) => id)),
    onEvicted: (_candidates: readonly Candidate[]) => {},
  });
  const take = async (...all: readonly SignedTransaction[]): Promise<PoolVerdict[]> =>
    intake.take(all.map(({ bytes }) => bytes));
  return { intake, take, signatures, pool, known, seen, checked, onChain, state };
}

test('default: what is valid comes in, with the key that signed it, and is told once', async () => {
  const { take, pool, seen, checked, known } = setUp();
  const [a, b] = [transfer(), transfer()];
  expect(await take(a, b)).toEqual([
    { accepted: true, id: a.id, known: false },
    { accepted: true, id: b.id, known: false },
  ]);
  expect(await take(a)).toEqual([{ accepted: true, id: a.id, known: true }]);
  expect(seen).toEqual([a.id, b.id]);
  expect(pool.size).toBe(2);
  expect(known.size).toBe(2);
  expect(checked[0]).toEqual([publicKeyOf(DEV.secretOf('user1'))]);
});

test('behavior: what it keeps is a copy', async () => {
  const { intake, pool } = setUp();
  const { id, bytes } = transfer();
  const own = Uint8Array.from(bytes);
  await intake.take([own]);
  own.fill(0);
  expect(pool.get(id)?.transaction.bytes).toEqual(Uint8Array.from(bytes));
});

test('behavior: nothing is looked at before there is time for transactions', async () => {
  const { take, state, pool, signatures } = setUp();
  let begin = () => {};
  state.calm = new Promise((resolve) => {
    begin = resolve;
  });
  const taking = take(transfer());
  await setImmediate();
  expect(signatures.counters.checked).toBe(0);
  begin();
  expect(await taking).toMatchObject([{ accepted: true }]);
  expect(pool.size).toBe(1);
});

test('behavior: what costs nothing to refuse is refused before a signature is looked at', async () => {
  const { intake, take, signatures } = setUp();
  const codes = async (transaction: SignedTransaction) => {
    const [verdict] = await take(transaction);
    return verdict && 'code' in verdict ? verdict.code : 'accepted';
  };
  expect(await codes(transfer({ chainId: 'ab'.repeat(32) }))).toBe('LEDGER_CHAIN');
  expect(await codes(transfer({ expiry: NOW / 1000 }))).toBe('LEDGER_EXPIRED');
  expect(await codes(transfer({ refHeight: 1 }))).toBe('LEDGER_REFERENCE');
  expect(await codes(transfer({ fee: 1n }))).toBe('LEDGER_FEE');
  expect(await codes(transfer({ account: 'nobody' }))).toBe('LEDGER_ACCOUNT');
  const other = setUp();
  other.state.spendable = 5000n;
  expect((await other.take(transfer()))[0]).toMatchObject({ code: 'POOL_ACCOUNT' });
  expect(await intake.take([new Uint8Array(7)])).toMatchObject([{ code: 'PROTOCOL_TRUNCATED' }]);
  expect(signatures.counters.checked + other.signatures.counters.checked).toBe(0);
});

test('behavior: an account pays for all that it has in the pool, not for each alone', async () => {
  const { take, state } = setUp();
  state.spendable = 25_000n;
  const verdicts = [];
  for (let i = 0; i < 3; i++) verdicts.push(...(await take(transfer())));
  expect(verdicts.map(({ accepted }) => accepted)).toEqual([true, true, false]);
  expect(verdicts[2]).toMatchObject({ code: 'POOL_ACCOUNT' });
});

test('error: a signature that nobody made, and what the ledger refuses', async () => {
  const { intake, take, state, pool } = setUp();
  const forged = Uint8Array.from(transfer().bytes);
  forged.fill(0xff, forged.length - 72, forged.length - 41); // r above the field
  const [verdict] = await intake.take([forged]);
  expect(verdict).toMatchObject({ accepted: false });
  state.verdict = { ok: false, code: 'LEDGER_BALANCE', message: 'poor' };
  expect(await take(transfer())).toMatchObject([{ code: 'LEDGER_BALANCE', message: 'poor' }]);
  state.verdict = { ok: false, code: 'LEDGER_DUPLICATE', message: 'there' };
  expect(await take(transfer())).toMatchObject([{ accepted: true, known: true }]);
  expect(pool.size).toBe(0);
});

test('behavior: a key that a card gave is confirmed before a transaction is refused for it', async () => {
  const { take, signatures, state } = setUp();
  signatures.doubtful = true;
  signatures.lie = () => `03${'1'.repeat(64)}`;
  let asked = 0;
  const refused: LedgerVerdict = { ok: false, code: 'LEDGER_AUTHORITY', message: 'not his' };
  Object.defineProperty(state, 'verdict', {
    get: () => (asked++ === 0 ? refused : { ok: true }),
  });
  expect(await take(transfer())).toMatchObject([{ accepted: true, known: false }]);
  expect(signatures.counters).toMatchObject({ confirmed: 1, contradicted: 1 });
});

test('behavior: what a block brought while it waited is known, checked or not', async () => {
  const { take, signatures, onChain, seen } = setUp();
  const transaction = transfer();
  signatures.lie = () => undefined;
  onChain.add(transaction.id);
  expect(await take(transaction)).toEqual([{ accepted: true, id: transaction.id, known: true }]);
  expect(seen).toEqual([]);
});
