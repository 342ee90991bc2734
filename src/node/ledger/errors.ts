// SPDX-License-Identifier: Apache-2.0

/**
 * Why the ledger refuses, for programs. Codes are stable.
 *
 * Of a transaction:
 * - `LEDGER_CHAIN`: for another chain.
 * - `LEDGER_EXPIRED`, `LEDGER_EXPIRY`: too late, or an expiry further ahead than genesis allows.
 * - `LEDGER_REFERENCE`: its reference block is not on this chain, or too old.
 * - `LEDGER_DUPLICATE`: on the chain already.
 * - `LEDGER_FEE`: less than genesis asks for.
 * - `LEDGER_AUTHORITY`: signatures do not suffice.
 * - `LEDGER_SIGNATURES`: a signature is there twice or not needed.
 * - `LEDGER_ACCOUNT`: no such account.
 * - `LEDGER_EXISTS`: the name is taken.
 * - `LEDGER_NAME`, `LEDGER_AMOUNT`: not a name; zero or below the minimum.
 * - `LEDGER_BALANCE`: not enough that is free.
 * - `LEDGER_LIMIT`: too many of something.
 * - `LEDGER_ROLE`: a role that does not exist or may not do that; an authority nobody can satisfy.
 * - `LEDGER_CANDIDATE`: not a producer, or voted out.
 * - `LEDGER_EVIDENCE`: proves nothing.
 *
 * Of a block:
 * - `LEDGER_HEIGHT`, `LEDGER_PARENT`, `LEDGER_SLOT`, `LEDGER_PRODUCER`: does not follow the head.
 * - `LEDGER_SIZE`: more bytes or transactions than genesis allows.
 * - `LEDGER_CONTENT`: the header does not describe the block's content.
 * - `LEDGER_STATE_ROOT`: executing it gives another state.
 * - `LEDGER_CONSENSUS`: the consensus rules refuse it.
 *
 * Of the ledger:
 * - `LEDGER_FINAL`: would undo what is final.
 * - `LEDGER_UNKNOWN`: no such block.
 * - `LEDGER_GENESIS`: the directory belongs to another chain.
 * - `LEDGER_CORRUPT`: what is stored does not fit together.
 * - `LEDGER_STORAGE`: writing failed; nothing has changed.
 * - `LEDGER_SUPPLY`: amounts do not add up: a bug, never an input's fault.
 * - `LEDGER_CLOSED`: after `close()`.
 */
export type LedgerErrorCode =
  | 'LEDGER_CHAIN'
  | 'LEDGER_EXPIRED'
  | 'LEDGER_EXPIRY'
  | 'LEDGER_REFERENCE'
  | 'LEDGER_DUPLICATE'
  | 'LEDGER_FEE'
  | 'LEDGER_AUTHORITY'
  | 'LEDGER_SIGNATURES'
  | 'LEDGER_ACCOUNT'
  | 'LEDGER_EXISTS'
  | 'LEDGER_NAME'
  | 'LEDGER_AMOUNT'
  | 'LEDGER_BALANCE'
  | 'LEDGER_LIMIT'
  | 'LEDGER_ROLE'
  | 'LEDGER_CANDIDATE'
  | 'LEDGER_EVIDENCE'
  | 'LEDGER_HEIGHT'
  | 'LEDGER_PARENT'
  | 'LEDGER_SLOT'
  | 'LEDGER_PRODUCER'
  | 'LEDGER_SIZE'
  | 'LEDGER_CONTENT'
  | 'LEDGER_STATE_ROOT'
  | 'LEDGER_CONSENSUS'
  | 'LEDGER_FINAL'
  | 'LEDGER_UNKNOWN'
  | 'LEDGER_GENESIS'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_STORAGE'
  | 'LEDGER_SUPPLY'
  | 'LEDGER_CLOSED';

/** The only error of this folder. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;
  /** Place of the transaction in its block, where one is at fault. */
  readonly transaction: number | undefined;

  constructor(
    code: LedgerErrorCode,
    message: string,
    options?: ErrorOptions & { readonly transaction?: number },
  ) {
    super(message, options);
    this.code = code;
    this.transaction = options?.transaction;
  }
}

/** @throws {LedgerError} with the code, unless the condition holds. */
export function ensure(
  condition: boolean,
  code: LedgerErrorCode,
  message: () => string,
): asserts condition {
  if (!condition) throw new LedgerError(code, message());
}
