// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import type { Evidence } from './consensus/index.ts';
import type { Genesis } from './genesis/index.ts';
import { idPrefix, requiredFee } from './ledger/index.ts';
import { type SecretKey, signTransaction } from './protocol/index.ts';
import type {
  AccountName,
  BlockRef,
  Milliseconds,
  Operation,
  Transaction,
} from './protocol/types.ts';

/** Who pays for reports, and signs them. */
export interface Reporter {
  readonly account: AccountName;
  /** Of its active authority. */
  readonly secret: SecretKey;
}

/** How long a report may wait for a block. */
const LIFE_SECONDS = 600;

export interface ReportingParts {
  readonly genesis: Genesis;
  readonly reporter: Reporter;
  readonly now: () => Milliseconds;
  readonly final: () => BlockRef;
  readonly submit: (transaction: Uint8Array) => void;
}

/** Makes transactions of evidence: once for each producer. */
export class EvidenceReporter {
  readonly #parts: ReportingParts;
  readonly #reported = new Set<AccountName>();

  constructor(parts: ReportingParts) {
    this.#parts = parts;
  }

  report(evidence: Evidence): void {
    const { genesis, reporter, now, final, submit } = this.#parts;
    if (this.#reported.has(evidence.producer)) return;
    this.#reported.add(evidence.producer);
    const ref = final();
    const life = Math.min(LIFE_SECONDS, genesis.maxTransactionLifeSeconds);
    const draft: Transaction = {
      chainId: genesis.chainId,
      refHeight: ref.height,
      refPrefix: idPrefix(ref.id),
      expiry: Math.floor(now() / 1000) + life - 1,
      nonce: randomInt(2 ** 32),
      account: reporter.account,
      fee: 0n,
      operations: [operationOf(evidence, reporter.account)],
    };
    const fee = requiredFee(genesis, signTransaction(draft, [reporter.secret]));
    submit(signTransaction({ ...draft, fee }, [reporter.secret]).bytes);
  }
}

function operationOf(evidence: Evidence, reporter: AccountName): Operation {
  if (evidence.type === 'doubleProduction') {
    const { first, second } = evidence;
    return { type: 'reportDoubleProduction', reporter, first, second };
  }
  const { first, second } = evidence;
  return { type: 'reportDoubleVote', reporter, first, second };
}
