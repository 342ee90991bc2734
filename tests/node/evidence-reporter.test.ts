// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import { EvidenceReporter } from '../../src/node/evidence-reporter.ts';
import { devGenesis } from '../../src/node/genesis/index.ts';
import { requiredFee } from '../../src/node/ledger/index.ts';
import type { PoolVerdict } from '../../src/node/pool/index.ts';
import { decodeTransaction, signVote } from '../../src/node/protocol/index.ts';

const dev = devGenesis({ producers: 2, time: 0 });
const { genesis } = dev;

function evidence(height = 5) {
  const [first, second] = ['aa', 'bb'].map((mark) =>
    signVote(
      {
        chainId: genesis.chainId,
        source: { height: 0, id: genesis.chainId },
        target: { height, id: mark.repeat(32) },
        producer: 'producer2',
      },
      dev.signingSecretOf('producer2'),
    ),
  );
  return { type: 'doubleVote', producer: 'producer2', first: first!, second: second! } as const;
}

/** A reporter, and the chain as it sees it. */
function reporting() {
  const chain = {
    head: 10,
    final: 8,
    convicted: false,
    waiting: new Set<string>(),
    answer: undefined as PoolVerdict | undefined,
    submitted: [] as ReturnType<typeof decodeTransaction>[],
    warnings: [] as string[],
  };
  const ref = (height: number) => ({ height, id: genesis.chainId });
  const reporter = new EvidenceReporter({
    genesis,
    reporter: { account: 'producer1', secret: dev.secretOf('producer1') },
    now: () => 1_000_000,
    head: () => ref(chain.head),
    final: () => ref(chain.final),
    isConvicted: () => chain.convicted,
    isWaiting: (id) => chain.waiting.has(id),
    async submit(bytes) {
      const signed = decodeTransaction(Buffer.from(bytes));
      chain.submitted.push(signed);
      if (!chain.answer) chain.waiting.add(signed.id);
      return chain.answer;
    },
    log: { info() {}, warn: (_, message) => chain.warnings.push(message) },
  });
  return { chain, reporter };
}

test('a contradiction becomes one signed transaction, with ten times the fee', async () => {
  const { chain, reporter } = reporting();
  await reporter.report(evidence());
  await reporter.report(evidence());
  await reporter.slot();
  expect(chain.submitted).toHaveLength(1);
  const [signed] = chain.submitted;
  expect(signed!.transaction.operations).toMatchObject([
    { type: 'reportDoubleVote', reporter: 'producer1', first: { id: evidence().first.id } },
  ]);
  expect(signed!.transaction.fee).toBe(10n * requiredFee(genesis, signed!));
});

test('what the pool loses or refuses is reported again, until the conviction is final', async () => {
  const { chain, reporter } = reporting();
  chain.answer = { accepted: false, code: 'POOL_BUSY', message: '' };
  await reporter.report(evidence());
  await reporter.slot();
  expect([chain.submitted.length, chain.warnings.length]).toEqual([2, 1]);
  chain.answer = undefined;
  await reporter.slot();
  await reporter.slot();
  expect(chain.submitted).toHaveLength(3);
  chain.waiting.clear();
  chain.convicted = true;
  await reporter.slot();
  // Its block is undone, and with it the conviction.
  chain.convicted = false;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(4);
  chain.convicted = true;
  chain.head = 12;
  await reporter.slot();
  chain.final = 11;
  await reporter.slot();
  expect(reporter.open).toEqual(['producer2']);
  chain.final = 12;
  await reporter.slot();
  expect(reporter.open).toEqual([]);
  await reporter.report(evidence());
  expect(chain.submitted).toHaveLength(4);
  // It stood for election again, and did it again.
  await reporter.slot();
  chain.convicted = false;
  await reporter.report(evidence());
  expect(chain.submitted).toHaveLength(5);
});

test('evidence that the ledger does not accept is not tried for ever', async () => {
  const { chain, reporter } = reporting();
  chain.answer = { accepted: false, code: 'LEDGER_EVIDENCE', message: 'a height too low' };
  await reporter.report(evidence());
  await reporter.slot();
  expect([chain.submitted.length, chain.warnings.length]).toEqual([1, 1]);
});

test('who registers again after each conviction does not empty the account of the reporter', async () => {
  const { chain, reporter } = reporting();
  await reporter.report(evidence());
  for (let round = 0; round < 40; round++) {
    chain.waiting.clear();
    chain.convicted = true;
    await reporter.slot();
    chain.convicted = false;
    await reporter.slot();
  }
  expect(chain.submitted).toHaveLength(16);
  expect(reporter.open).toEqual([]);
  expect(chain.warnings).toHaveLength(1);
});

test('evidence that comes while the conviction may yet be undone is used if it is', async () => {
  const { chain, reporter } = reporting();
  chain.convicted = true;
  await reporter.report(evidence());
  await reporter.slot();
  expect(reporter.open).toEqual(['producer2']);
  chain.convicted = false;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(1);
});

test('evidence of heights to come waits for them; what can be judged now does not wait with it', async () => {
  const { chain, reporter } = reporting();
  await reporter.report(evidence(1_000_000));
  await reporter.report(evidence(12));
  await reporter.report(evidence(2_000_000));
  await reporter.slot();
  expect(chain.submitted).toEqual([]);
  chain.head = 11;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(1);
  expect(chain.submitted[0]!.transaction.operations).toMatchObject([
    { first: { vote: { target: { height: 12 } } } },
  ]);
});

test('refused because the chain has lost blocks meanwhile: it is reported when they are there again', async () => {
  const { chain, reporter } = reporting();
  chain.head = 4;
  chain.answer = { accepted: false, code: 'LEDGER_EVIDENCE', message: 'a height too high' };
  const report = reporter.report(evidence(5));
  chain.head = 3;
  await report;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(1);
  chain.answer = undefined;
  chain.head = 4;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(2);
});

test('who registers again before its conviction is final, and does it again, is reported again', async () => {
  const { chain, reporter } = reporting();
  await reporter.report(evidence(5));
  chain.waiting.clear();
  chain.convicted = true;
  await reporter.slot();
  await reporter.report(evidence(9));
  // It stands for election again: what it did before is spent.
  chain.convicted = false;
  chain.answer = { accepted: false, code: 'LEDGER_EVIDENCE', message: 'spent' };
  await reporter.slot();
  chain.answer = undefined;
  await reporter.slot();
  expect(chain.submitted).toHaveLength(3);
  expect(chain.submitted[2]!.transaction.operations).toMatchObject([
    { first: { vote: { target: { height: 9 } } } },
  ]);
});
