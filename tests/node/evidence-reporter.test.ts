// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import { EvidenceReporter } from '../../src/node/evidence-reporter.ts';
import { devGenesis } from '../../src/node/genesis/index.ts';
import { requiredFee } from '../../src/node/ledger/index.ts';
import { decodeTransaction, signVote } from '../../src/node/protocol/index.ts';

test('a contradiction becomes one signed transaction, with enough of a fee', () => {
  const dev = devGenesis({ producers: 2, time: 0 });
  const { genesis } = dev;
  const vote = (mark: string) =>
    signVote(
      {
        chainId: genesis.chainId,
        source: { height: 0, id: genesis.chainId },
        target: { height: 5, id: mark.repeat(32) },
        producer: 'producer2',
      },
      dev.signingSecretOf('producer2'),
    );
  const [first, second] = [vote('aa'), vote('bb')];
  const submitted: Uint8Array[] = [];
  const reporter = new EvidenceReporter({
    genesis,
    reporter: { account: 'producer1', secret: dev.secretOf('producer1') },
    now: () => 1_000_000,
    final: () => ({ height: 0, id: genesis.chainId }),
    submit: (bytes) => submitted.push(bytes),
  });
  const evidence = { type: 'doubleVote', producer: 'producer2', first, second } as const;
  reporter.report(evidence);
  reporter.report(evidence);
  expect(submitted).toHaveLength(1);
  const signed = decodeTransaction(submitted[0]!);
  expect(signed.transaction.operations).toMatchObject([
    { type: 'reportDoubleVote', reporter: 'producer1', first: { id: first.id } },
  ]);
  expect(signed.transaction.fee).toBe(requiredFee(genesis, signed));
});
