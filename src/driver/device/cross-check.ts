// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from 'node:crypto';
import { requireArgument } from '../errors.ts';
import type { BackendAnswer, BackendJob } from '../signatures/contract.ts';
import { reasonName } from '../signatures/reasons.ts';
import { KEY_BYTES, recordBytes } from '../signatures/records.ts';
import { SoftwareBackend } from '../software/backend.ts';

/** Repeats a random part of the card's work in software. */
export class CrossCheck {
  readonly #fraction: number;
  readonly #seed: bigint;
  readonly #random: () => number;
  readonly #software: SoftwareBackend | undefined;

  /**
   * @param fraction - part of the records to repeat, 0 to 1.
   * @param seed - chooses which; without it nobody can know beforehand.
   */
  constructor(fraction: number, seed: bigint = randomBytes(8).readBigUInt64LE()) {
    requireArgument(
      typeof fraction === 'number' && fraction >= 0 && fraction <= 1,
      `crossCheck: expected a number from 0 to 1, got ${fraction}`,
    );
    requireArgument(typeof seed === 'bigint', `seed: expected a bigint, got ${seed}`);
    this.#fraction = fraction;
    this.#seed = BigInt.asUintN(64, seed);
    this.#random = makeRandom(this.#seed);
    this.#software = fraction > 0 ? new SoftwareBackend({ threads: 1 }) : undefined;
  }

  /**
   * Compares a sample of a batch.
   *
   * @returns the first disagreement in words, with the seed that found it, or `undefined`.
   */
  async disagreement(job: BackendJob, answer: BackendAnswer): Promise<string | undefined> {
    if (!this.#software) return undefined;
    const { checked } = job;
    const sample = [...checked.keys()].filter(() => this.#random() < this.#fraction);
    if (sample.length === 0) return undefined;
    const fault = await this.#compare(this.#software, job, answer, sample);
    return fault && `${fault} (cross-check seed ${this.#seed})`;
  }

  async #compare(
    software: SoftwareBackend,
    { operation, records, checked, allowHighS }: BackendJob,
    answer: BackendAnswer,
    sample: readonly number[],
  ): Promise<string | undefined> {
    const size = recordBytes(operation);
    const chosen = new Uint8Array(sample.length * size);
    sample.forEach((record, i) => {
      chosen.set(records.subarray(record * size, (record + 1) * size), i * size);
    });
    const expected = await software.run({
      operation,
      records: chosen,
      checked: Uint8Array.from(sample, (record) => checked[record]!),
      allowHighS,
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

/** mulberry32: from 0 to below 1, the same for the same seed. Chooses a sample, no secret. */
function makeRandom(seed: bigint): () => number {
  let state = Number(BigInt.asUintN(32, seed ^ (seed >> 32n)));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
