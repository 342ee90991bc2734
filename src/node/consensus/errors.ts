// SPDX-License-Identifier: Apache-2.0

/**
 * What is wrong, for programs. Codes are stable.
 *
 * - `CONSENSUS_PARAMETERS`: the parameters contradict themselves.
 * - `CONSENSUS_HEIGHT`, `CONSENSUS_SLOT`, `CONSENSUS_PRODUCER`: a header that does not follow.
 * - `CONSENSUS_VOTE`: a block carries a vote that it must not carry.
 * - `CONSENSUS_STATE`: bytes that are not an encoded state.
 * - `CONSENSUS_SAFETY`: the safety record cannot be read, or is of another chain or producer.
 * - `CONSENSUS_REFUSED`: signing this could contradict what was signed before.
 */
export type ConsensusErrorCode =
  | 'CONSENSUS_PARAMETERS'
  | 'CONSENSUS_HEIGHT'
  | 'CONSENSUS_SLOT'
  | 'CONSENSUS_PRODUCER'
  | 'CONSENSUS_VOTE'
  | 'CONSENSUS_STATE'
  | 'CONSENSUS_SAFETY'
  | 'CONSENSUS_REFUSED';

/** The only error of this folder. */
export class ConsensusError extends Error {
  override readonly name = 'ConsensusError';
  readonly code: ConsensusErrorCode;

  constructor(code: ConsensusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
