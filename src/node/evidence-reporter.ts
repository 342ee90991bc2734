// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import type { Evidence } from './consensus/index.ts';
import type { Genesis } from './genesis/index.ts';
import { idPrefix, requiredFee } from './ledger/index.ts';
import type { PoolVerdict } from './pool/index.ts';
import { type SecretKey, type SignedTransaction, signTransaction } from './protocol/index.ts';
import type {
  AccountName,
  BlockRef,
  Id,
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
/** What a report pays, in required fees: no flood of transactions shall keep it out of a block. */
const FEES = 10n;
/** Reports of one contradiction, each of which costs a fee: who registers again at once shall not empty the account. */
const MOST_REPORTS = 16;

/** Refusals that no other transaction with the same evidence would escape. */
const HOPELESS: ReadonlySet<string> = new Set(['LEDGER_EVIDENCE', 'LEDGER_CANDIDATE']);

export interface ReportingParts {
  readonly genesis: Genesis;
  readonly reporter: Reporter;
  readonly now: () => Milliseconds;
  readonly head: () => BlockRef;
  readonly final: () => BlockRef;
  /** Has the chain voted this producer out, as of its head? */
  readonly isConvicted: (producer: AccountName) => boolean;
  /** Does a transaction wait for a block? */
  readonly isWaiting: (id: Id) => boolean;
  readonly submit: (transaction: Uint8Array) => Promise<PoolVerdict | undefined>;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

interface Case {
  evidence: Evidence;
  /** Came while the case was open. */
  later?: Evidence;
  /** Of the report that waits, or was refused. */
  transaction?: Id;
  /** Where the chain was when the conviction was first seen. */
  convictedAt?: number;
  /** A refusal that has been logged. */
  code?: string;
  /** Reports that the pool took. */
  sent: number;
}

/** Makes transactions of evidence, and makes them again until the producer has been voted out for good. */
export class EvidenceReporter {
  readonly #parts: ReportingParts;
  readonly #cases = new Map<AccountName, Case>();

  constructor(parts: ReportingParts) {
    this.#parts = parts;
  }

  /** Producers whose conviction is not final yet. */
  get open(): readonly AccountName[] {
    return [...this.#cases.keys()];
  }

  async report(evidence: Evidence): Promise<void> {
    const { producer } = evidence;
    const open = this.#cases.get(producer);
    if (open) {
      if (open.later === undefined || this.#isDue(evidence)) open.later = evidence;
      return;
    }
    const made: Case = { evidence, sent: 0 };
    this.#cases.set(producer, made);
    // The block that convicts it may yet be undone: the case is open until it is final.
    if (!this.#parts.isConvicted(producer)) await this.#send(made);
  }

  /** Looks after what was reported: at every slot. */
  async slot(): Promise<void> {
    const { head, final, isConvicted, isWaiting } = this.#parts;
    for (const [producer, each] of this.#cases) {
      if (isConvicted(producer)) {
        each.convictedAt ??= head().height;
        if (final().height >= each.convictedAt) this.#cases.delete(producer);
        continue;
      }
      // The block that had it was undone, or the pool has lost it.
      delete each.convictedAt;
      if (each.transaction === undefined || !isWaiting(each.transaction)) await this.#send(each);
    }
  }

  async #send(each: Case): Promise<void> {
    const { submit, log, isConvicted } = this.#parts;
    if (!this.#choose(each)) return;
    const { producer, type } = each.evidence;
    if (each.sent >= MOST_REPORTS) {
      log.warn({ producer, type, reports: each.sent }, 'evidence given up: reported often enough');
      this.#cases.delete(producer);
      return;
    }
    const { id, bytes } = this.#make(each.evidence);
    each.transaction = id;
    const verdict = await submit(bytes);
    if (verdict === undefined || verdict.accepted) {
      each.sent += 1;
      log.info({ producer, type, transaction: id }, 'evidence reported');
      return;
    }
    const { code, message } = verdict;
    if (isConvicted(producer)) return;
    if (code !== each.code) log.warn({ producer, type, code, reason: message }, 'report refused');
    each.code = code;
    // It may be of before the chain lost blocks, or of before the producer stood for election again.
    if (!HOPELESS.has(code) || !this.#isDue(each.evidence)) return;
    if (each.later) {
      each.evidence = each.later;
      delete each.later;
    } else this.#cases.delete(producer);
  }

  /** Takes what the ledger can judge by now; whether there is something. */
  #choose(each: Case): boolean {
    const { evidence, later } = each;
    if (this.#isDue(evidence)) return true;
    if (later === undefined || !this.#isDue(later)) return false;
    each.evidence = later;
    each.later = evidence;
    return true;
  }

  /** Whether the chain has come to the heights that it is about: before, the ledger refuses it. */
  #isDue(evidence: Evidence): boolean {
    return heightOf(evidence) <= this.#parts.head().height + 1;
  }

  #make(evidence: Evidence): SignedTransaction {
    const { genesis, reporter, now, final } = this.#parts;
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
    const fee = FEES * requiredFee(genesis, signTransaction(draft, [reporter.secret]));
    return signTransaction({ ...draft, fee }, [reporter.secret]);
  }
}

function heightOf({ type, first, second }: Evidence): number {
  if (type === 'doubleProduction') return Math.max(first.header.height, second.header.height);
  return Math.max(first.vote.target.height, second.vote.target.height);
}

function operationOf(evidence: Evidence, reporter: AccountName): Operation {
  if (evidence.type === 'doubleProduction') {
    const { first, second } = evidence;
    return { type: 'reportDoubleProduction', reporter, first, second };
  }
  const { first, second } = evidence;
  return { type: 'reportDoubleVote', reporter, first, second };
}
