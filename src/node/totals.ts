// SPDX-License-Identifier: Apache-2.0

/** Counts since the node started. */
export class Totals {
  transactionsSeen = 0;
  transactionsIncluded = 0;
  transactionsFinal = 0;
  transactionsRefused = 0;
  blocksProduced = 0;
  blocksReverted = 0;
  /** Contradictions of producers that were found. */
  evidence = 0;
}
