// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';
import type { Genesis } from '../genesis/index.ts';
import { type Candidate, type Ledger, type LedgerVerdict, requiredFee } from '../ledger/index.ts';
import { decodeTransaction, ProtocolError } from '../protocol/index.ts';
import type {
  AccountName,
  Amount,
  Id,
  Milliseconds,
  PublicKey,
  SignedTransaction,
} from '../protocol/types.ts';
import type { Signatures } from '../signatures/index.ts';
import type { PoolVerdict } from './errors.ts';
import type { KnownTransactions } from './known.ts';
import type { Pool } from './pool.ts';

/** What an intake works with. */
export interface IntakeParts {
  readonly genesis: Genesis;
  readonly ledger: Pick<Ledger, 'head' | 'account' | 'check' | 'locate'>;
  readonly pool: Pool;
  readonly known: KnownTransactions;
  readonly signatures: Signatures;
  readonly now: () => Milliseconds;
  /** Of the next block that can be. */
  readonly nextSlot: () => number;
  /** Settles when there is time for transactions. */
  readonly calm: () => Promise<void>;
  readonly onSeen: (transactions: readonly SignedTransaction[]) => void;
  readonly onEvicted: (transactions: readonly Candidate[]) => void;
}

/** Transactions taken apart before others get a turn: about 3 ms. */
const SLICE = 256;
/** Signatures that may wait to be checked. */
const MAX_QUEUED = 65_536;
/** Seconds that they may have to wait. */
const MAX_BACKLOG = 5;

/** Refusals that rest on who signed. */
const OF_SIGNERS: ReadonlySet<string> = new Set(['LEDGER_AUTHORITY', 'LEDGER_SIGNATURES']);

type Refusal = Extract<PoolVerdict, { accepted: false }>;

/** The way into the pool: cheap checks, then signatures, then the ledger. */
export class Intake {
  readonly #parts: IntakeParts;
  /** What accounts can pay, after the head of `#headId`. */
  readonly #spendable = new Map<AccountName, Amount | undefined>();
  #headId: Id = '';

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Takes in what passes; copies what it keeps.
   *
   * @param transactions - one canonical encoding each.
   * @returns a verdict each, in order.
   */
  async take(transactions: readonly Uint8Array[]): Promise<PoolVerdict[]> {
    const verdicts: PoolVerdict[] = [];
    for (let at = 0; at < transactions.length; at += SLICE) {
      if (at > 0) await setImmediate();
      await this.#parts.calm();
      const slice = transactions.slice(at, at + SLICE).map((bytes) => this.#open(bytes));
      verdicts.push(...(await this.#takeSlice(slice)));
    }
    return verdicts;
  }

  async #takeSlice(slice: readonly (SignedTransaction | PoolVerdict)[]): Promise<PoolVerdict[]> {
    const opened = slice.filter((each) => 'transaction' in each);
    const signers = await this.#signersOf(opened);
    const verdicts: PoolVerdict[] = [];
    const seen: SignedTransaction[] = [];
    const doubted: { readonly at: number; readonly transaction: SignedTransaction }[] = [];
    let next = 0;
    for (const each of slice) {
      if (!('transaction' in each)) {
        verdicts.push(each);
        continue;
      }
      const verdict = this.#admit(each, signers[next++]!);
      if (!verdict.accepted && OF_SIGNERS.has(verdict.code) && this.#parts.signatures.doubtful) {
        doubted.push({ at: verdicts.length, transaction: each });
      }
      verdicts.push(verdict);
      if (verdict.accepted && !verdict.known) seen.push(each);
    }
    for (const { at, transaction } of doubted) {
      const keys = await this.#parts.signatures.confirm(itemsOf(transaction));
      const again = this.#admit(transaction, keys);
      if (!again.accepted) continue;
      this.#parts.signatures.contradicted(keys.length);
      verdicts[at] = again;
      if (!again.known) seen.push(transaction);
    }
    if (seen.length > 0) this.#parts.onSeen(seen);
    return verdicts;
  }

  /** What can be said without a signature. */
  #open(bytes: Uint8Array): SignedTransaction | PoolVerdict {
    const { genesis, ledger, pool, signatures } = this.#parts;
    let signed: SignedTransaction;
    try {
      // A copy: the bytes belong to a message, or to a request.
      signed = decodeTransaction(Buffer.from(bytes));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { accepted: false, code: error.code, message: error.message };
    }
    const { id, transaction } = signed;
    if (pool.has(id)) return { accepted: true, id, known: true };
    const refuse = (code: string, message: string): Refusal => ({
      accepted: false,
      id,
      code,
      message,
    });
    if (transaction.chainId !== genesis.chainId) {
      const message = `expected chain ${genesis.chainId}, got ${transaction.chainId}`;
      return refuse('LEDGER_CHAIN', message);
    }
    const seconds = Math.floor(this.#parts.now() / 1000);
    if (transaction.expiry <= seconds) {
      const message = `expired at ${transaction.expiry} s, it is ${seconds} s`;
      return refuse('LEDGER_EXPIRED', message);
    }
    // A node that lags sees many of these, and needs its signatures for the blocks.
    const { height } = ledger.head;
    if (transaction.refHeight > height) {
      const message = `reference block: expected ${height} at most, got ${transaction.refHeight}`;
      return refuse('LEDGER_REFERENCE', message);
    }
    const fee = requiredFee(genesis, signed);
    if (transaction.fee < fee) {
      const message = `expected a fee of at least ${fee}, got ${transaction.fee}`;
      return refuse('LEDGER_FEE', message);
    }
    const spendable = this.#spendableOf(transaction.account);
    if (spendable === undefined) {
      return refuse('LEDGER_ACCOUNT', `no account ${transaction.account}`);
    }
    const fees = pool.feesOf(transaction.account) + transaction.fee;
    if (fees > spendable) {
      const message = `${transaction.account}: expected ${fees} for its fees, got ${spendable}`;
      return refuse('POOL_ACCOUNT', message);
    }
    const { queued, backlogSeconds, spill } = signatures;
    if (queued > MAX_QUEUED || (backlogSeconds > MAX_BACKLOG && !spill.enabled)) {
      return refuse('POOL_BUSY', `${queued} signatures wait to be checked: try again later`);
    }
    return signed;
  }

  async #signersOf(
    transactions: readonly SignedTransaction[],
  ): Promise<(readonly (PublicKey | undefined)[])[]> {
    const items = transactions.flatMap(itemsOf);
    // A block may bring it while it waits, and has its signatures checked first.
    const wanted = (id: Id) => !this.#isThere(id);
    const keys = await this.#parts.signatures.recover(items, 'bulk', wanted);
    let at = 0;
    return transactions.map(({ signatures }) => {
      at += signatures.length;
      return keys.slice(at - signatures.length, at);
    });
  }

  #admit(transaction: SignedTransaction, signers: readonly (PublicKey | undefined)[]): PoolVerdict {
    const { ledger, pool, known, nextSlot, onEvicted } = this.#parts;
    const { id } = transaction;
    if (pool.has(id)) return { accepted: true, id, known: true };
    if (!areAll(signers)) {
      if (this.#isThere(id)) return { accepted: true, id, known: true };
      const code = 'POOL_SIGNATURE';
      return { accepted: false, id, code, message: 'a signature that no key has made' };
    }
    const verdict: LedgerVerdict = ledger.check(transaction, signers, nextSlot());
    if (!verdict.ok) {
      // On the chain already: nothing is wrong with handing it in again.
      if (verdict.code === 'LEDGER_DUPLICATE') return { accepted: true, id, known: true };
      return { accepted: false, id, code: verdict.code, message: verdict.message };
    }
    const candidate = { transaction, signers };
    const admission = pool.add(candidate);
    if (!admission.ok) {
      return { accepted: false, id, code: admission.code, message: admission.message };
    }
    known.add(candidate);
    if (admission.evicted.length > 0) onEvicted(admission.evicted);
    return { accepted: true, id, known: false };
  }

  #isThere(id: Id): boolean {
    return this.#parts.pool.has(id) || this.#parts.ledger.locate(id) !== undefined;
  }

  #spendableOf(account: AccountName): Amount | undefined {
    const { ledger } = this.#parts;
    if (this.#headId !== ledger.head.id || this.#spendable.size > 65_536) {
      this.#headId = ledger.head.id;
      this.#spendable.clear();
    }
    if (!this.#spendable.has(account)) {
      this.#spendable.set(account, ledger.account(account)?.spendable);
    }
    return this.#spendable.get(account);
  }
}

function itemsOf({ id, signatures }: SignedTransaction) {
  return signatures.map((signature) => ({ id, signature }));
}

function areAll(keys: readonly (PublicKey | undefined)[]): keys is readonly PublicKey[] {
  return !keys.includes(undefined);
}
