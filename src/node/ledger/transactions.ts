// SPDX-License-Identifier: Apache-2.0
// What makes a transaction valid in a block, and its execution.

import type { Genesis } from '../genesis/index.ts';
import type { AccountName, Amount, Id, PublicKey, SignedTransaction } from '../protocol/types.ts';
import { pay } from './account.ts';
import { checkAuthority } from './authority.ts';
import type { Receipt } from './contract.ts';
import { ensure, LedgerError } from './errors.ts';
import { accountOf, type BlockContext, execute, touchedBy } from './operations.ts';
import type { PassedTransactions } from './passed.ts';

/** How far back a reference block may lie, in blocks. */
export const REFERENCE_BLOCKS = 65536;

/** What the chain below the block says about transactions. */
export interface ChainView {
  /** First four bytes, little-endian, of the id at a height; undefined above the head or too old. */
  idPrefix(height: number): number | undefined;
  /** On the chain already? Exact for every transaction that has not expired. */
  included(id: Id): boolean;
  /** What has passed on this head before, whenever that was. */
  readonly passed: Pick<PassedTransactions, 'has' | 'add'>;
}

/** Least fee of a transaction. */
export function requiredFee({ fees }: Genesis, { transaction, bytes }: SignedTransaction): Amount {
  let fee = fees.perTransaction + fees.perByte * BigInt(bytes.length);
  for (const { type } of transaction.operations) {
    if (type === 'createAccount') fee += fees.createAccount;
  }
  return fee;
}

/**
 * Checks all but operations and balances; cheap parts first. What has passed on this head once is only
 * asked whether it has expired meanwhile.
 *
 * @throws {LedgerError}
 */
export function checkTransaction(
  context: BlockContext,
  chain: ChainView,
  signed: SignedTransaction,
  signers: readonly PublicKey[],
): void {
  const { genesis, draft, time } = context;
  const { transaction, id } = signed;
  const { chainId, expiry, refHeight, refPrefix, fee } = transaction;
  const seconds = Math.floor(time / 1000);
  const life = genesis.maxTransactionLifeSeconds;
  ensure(
    chainId === genesis.chainId,
    'LEDGER_CHAIN',
    () => `expected chain ${genesis.chainId}, got ${chainId}`,
  );
  ensure(expiry > seconds, 'LEDGER_EXPIRED', () => `expired at ${expiry} s, it is ${seconds} s`);
  ensure(
    expiry <= seconds + life,
    'LEDGER_EXPIRY',
    () => `expected to expire at ${seconds + life} s at most, got ${expiry} s`,
  );
  if (chain.passed.has(signed, signers)) return;
  const prefix = chain.idPrefix(refHeight);
  ensure(
    prefix === refPrefix,
    'LEDGER_REFERENCE',
    () => `reference block ${refHeight}: expected prefix ${prefix ?? 'none'}, got ${refPrefix}`,
  );
  const least = requiredFee(genesis, signed);
  ensure(fee >= least, 'LEDGER_FEE', () => `expected a fee of at least ${least}, got ${fee}`);
  ensure(
    signers.length === signed.signatures.length,
    'LEDGER_SIGNATURES',
    () => `expected ${signed.signatures.length} keys of signers, got ${signers.length}`,
  );
  ensure(!chain.included(id), 'LEDGER_DUPLICATE', () => `${id} is on the chain already`);
  const verdict = checkAuthority(transaction, signers, (name) => draft.base.authorities(name));
  if (!verdict.ok) throw new LedgerError(verdict.code, verdict.message);
  chain.passed.add(signed, signers);
}

/** Executes a transaction; may leave changes behind when it throws. @throws {LedgerError} */
export function executeTransaction(context: BlockContext, signed: SignedTransaction): Receipt {
  const { id, transaction } = signed;
  const { account: payer, fee, operations } = transaction;
  const account = accountOf(context, payer);
  context.draft.setAccount(payer, pay(account, payer, fee, context.time));
  const accounts: AccountName[] = [payer];
  for (const operation of operations) {
    execute(context, operation);
    for (const name of touchedBy(operation)) if (!accounts.includes(name)) accounts.push(name);
  }
  return { id, fee, accounts };
}
