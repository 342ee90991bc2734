// SPDX-License-Identifier: Apache-2.0
// The same questions to every backend, and every answer compared.

import {
  type Accelerator,
  KEY_BYTES,
  type RecoverResults,
  reasonName,
  type VerifyResults,
} from '../src/driver/index.ts';
import { packQuestions, type QuestionSet } from './records.ts';

/** Signatures of one call. */
const BATCH = 128;

/** What came of one set. */
export interface Comparison {
  readonly name: string;
  readonly signatures: number;
  /** Signatures, or keys recovered, that the card accepted. */
  readonly accepted: number;
  /** Signatures whose answer was known beforehand. */
  readonly known: number;
  /** Broken encodings, refused before any backend is asked. */
  readonly malformed: number;
  /** Answers of the card that are not as they must be, or not those of another backend. */
  readonly differences: readonly string[];
}

async function ask(
  { signatures }: Accelerator,
  { operation, allowHighS }: QuestionSet,
  records: Uint8Array,
  count: number,
  onAnswers: (count: number) => void,
): Promise<Uint8Array[]> {
  const size = records.length / count;
  const parts: Promise<VerifyResults | RecoverResults>[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const part = records.subarray(from * size, Math.min(from + BATCH, count) * size);
    const answer =
      operation === 'verify'
        ? signatures.verifyBatch(part, { allowHighS })
        : signatures.recoverBatch(part, { allowHighS });
    parts.push(
      answer.then((results) => {
        onAnswers(results.reasons.length);
        return results;
      }),
    );
  }
  // Reason and key of each signature, as one row of bytes.
  return (await Promise.all(parts)).flatMap((results) =>
    Array.from(results.reasons, (reason, i) => {
      const keys = 'keys' in results ? results.keys : new Uint8Array();
      return Uint8Array.of(reason, ...keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES));
    }),
  );
}

function show(answer: Uint8Array): string {
  const key = Buffer.from(answer.subarray(1)).toString('hex');
  return `${reasonName(answer[0]!)}${answer[0] === 0 && key !== '' ? ` ${key}` : ''}`;
}

/**
 * Asks all backends and compares.
 *
 * @param card - whose answers are in question.
 * @param others - whose answers they must equal, in reason and key.
 * @param onAnswers - called as answers of the slowest, the last of `others`, come in.
 */
export async function compareAnswers(
  set: QuestionSet,
  card: Accelerator,
  others: readonly Accelerator[],
  onAnswers: (count: number) => void,
): Promise<Comparison> {
  const records = packQuestions(set);
  const count = set.questions.length;
  const [own, ...rest] = await Promise.all(
    [card, ...others].map((backend) =>
      ask(backend, set, records, count, backend === others.at(-1) ? onAnswers : () => {}),
    ),
  );
  const differences: string[] = [];
  set.questions.forEach(({ name, expected }, i) => {
    const answer = own![i]!;
    const accepted = answer[0] === 0;
    const record = `record ${Buffer.from(records.subarray((i * records.length) / count, ((i + 1) * records.length) / count)).toString('hex')}`;
    if (expected !== undefined && accepted !== expected) {
      const wanted = expected ? 'accepted' : 'refused';
      differences.push(`${name}: expected ${wanted}, the card says ${show(answer)}; ${record}`);
    }
    others.forEach(({ backend }, j) => {
      const other = rest[j]![i]!;
      if (Buffer.compare(answer, other) === 0) return;
      const said = `${backend} says ${show(other)}, the card ${show(answer)}`;
      differences.push(`${name}: ${said}; ${record}`);
    });
  });
  return {
    name: set.name,
    signatures: count,
    accepted: own!.filter((answer) => answer[0] === 0).length,
    known: set.questions.filter(({ expected }) => expected !== undefined).length,
    malformed: 0,
    differences,
  };
}
