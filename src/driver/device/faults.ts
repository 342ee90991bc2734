// SPDX-License-Identifier: Apache-2.0

/** Faults that the simulation can be given; numbers as in native/include/hpbcard.h. */
export const FAULT = {
  /** Completion entries that never reach memory. */
  dropCompletion: 0,
  /** Bursts of results whose first 8 bytes are XORed with the value. */
  corruptResult: 1,
  /** Interrupts that nobody sees. */
  loseInterrupt: 2,
  /** Interrupts that are seen the value's cycles late. */
  delayInterrupt: 3,
  /** Host memory stops answering, until count 0. */
  hang: 4,
  /** Registers read all ones, writes are lost, until count 0. */
  dead: 5,
  /** Reads that get a bus error; value: a target. */
  readError: 6,
  /** Writes that get a bus error; value: a target. */
  writeError: 7,
  /** Bursts of results that never reach memory. */
  dropResult: 8,
  /** Completion entries whose first 8 bytes are XORed with the value. */
  corruptCompletion: 9,
} as const;

/** Name of a fault. */
export type FaultName = keyof typeof FAULT;

/** Which transfers a bus error is for. */
export const TARGET = { any: 0, ring: 1, records: 2 } as const;
