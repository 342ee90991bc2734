// SPDX-License-Identifier: Apache-2.0

/**
 * What is wrong with a block, for programs. Codes are stable.
 *
 * - `CHAIN_PRODUCER`: not of the producer whose slot it is.
 * - `CHAIN_SIGNATURE`: a signature of the header, a vote or a transaction is not what it should be. Ids
 *   cover no signatures, so the same block may come again with the right ones.
 * - `CHAIN_INVALID`: it breaks a rule, and so does everything on top of it.
 * - `CHAIN_FUTURE`: its slot has not come.
 * - `CHAIN_FINAL`: it leaves the chain below the last final block.
 * - `CHAIN_ORPHAN`: its parent is not known.
 */
export type ChainErrorCode =
  | 'CHAIN_PRODUCER'
  | 'CHAIN_SIGNATURE'
  | 'CHAIN_INVALID'
  | 'CHAIN_FUTURE'
  | 'CHAIN_FINAL'
  | 'CHAIN_ORPHAN';

/** A block that cannot be taken. */
export class ChainError extends Error {
  override readonly name = 'ChainError';
  readonly code: ChainErrorCode;

  constructor(code: ChainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
