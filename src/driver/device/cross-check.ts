// SPDX-License-Identifier: Apache-2.0

import { requireArgument } from '../errors.ts';
import type { BackendAnswer, BackendJob } from '../signatures/contract.ts';
import { reasonName } from '../signatures/reasons.ts';
import { KEY_BYTES, recordBytes } from '../signatures/records.ts';
import { SoftwareBackend } from '../software/backend.ts';

/** Repeats a random part of the card's work in software. */
export class CrossCheck {
  readonly #fraction: number;
  readonly #software: SoftwareBackend | undefined;

  /** @param fraction - part of the records to repeat, 0 to 1. */
  constructor(fraction: number) {
    requireArgument(
      typeof fraction === 'number' && fraction >= 0 && fraction <= 1,
      `crossCheck: expected a number from 0 to 1, got ${fraction}`,
    );
    this.#fraction = fraction;
    this.#software = fraction > 0 ? new SoftwareBackend({ threads: 1 }) : undefined;
  }

  /**
   * Compares a sample of a batch.
   *
   * @returns the first disagreement in words, or `undefined`.
   */
  async disagreement(job: BackendJob, answer: BackendAnswer): Promise<string | undefined> {
    if (!this.#software) return undefined;
    const { operation, records, checked } = job;
    const sample = [...checked.keys()].filter(() => Math.random() < this.#fraction);
    if (sample.length === 0) return undefined;
    const size = recordBytes(operation);
    const chosen = new Uint8Array(sample.length * size);
    sample.forEach((record, i) => {
      chosen.set(records.subarray(record * size, (record + 1) * size), i * size);
    });
    const expected = await this.#software.run({
      operation,
      records: chosen,
      checked: Uint8Array.from(sample, (record) => checked[record]!),
      allowHighS: job.allowHighS,
    });
    for (const [i, record] of sample.entries()) {
      const want = reasonName(expected.reasons[i]!);
      const got = reasonName(answer.reasons[record]!);
      if (want !== got) return `record ${record}: software says ${want}, the card ${got}`;
      const wantKey = expected.keys?.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
      const gotKey = answer.keys?.subarray(record * KEY_BYTES, (record + 1) * KEY_BYTES);
      if (wantKey?.some((byte, at) => byte !== gotKey?.[at])) {
        return `record ${record}: software and card recover different keys`;
      }
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.#software?.close();
  }
}
