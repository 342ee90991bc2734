// SPDX-License-Identifier: Apache-2.0

import type { Signed } from '../src/cli/bench/material.ts';
import type { Operation } from '../src/cli/bench/workload.ts';
import { packRecoverBatch, packVerifyBatch } from '../src/driver/index.ts';

/** One signature to ask about, and what is known of its answer beforehand. */
export interface Question {
  readonly name: string;
  readonly signed: Signed;
  /** True, false, or undefined where only another implementation can tell. */
  readonly expected: boolean | undefined;
}

/** Signatures that are asked about together. */
export interface QuestionSet {
  readonly name: string;
  readonly operation: Operation;
  readonly allowHighS: boolean;
  readonly questions: readonly Question[];
}

/** The records of a set, as all backends get them. */
export function packQuestions({ operation, questions }: QuestionSet): Uint8Array {
  const inputs = questions.map(({ signed }) => signed);
  return operation === 'verify' ? packVerifyBatch(inputs) : packRecoverBatch(inputs);
}
