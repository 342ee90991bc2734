// SPDX-License-Identifier: Apache-2.0
// The published vectors of tests/vectors, as questions.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCompact, decodeDer, decodePublicKey } from '../src/driver/index.ts';
import { packageRoot } from '../src/driver/paths.ts';
import type { Question, QuestionSet } from './records.ts';

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

/** A set, and how many of its cases no backend is asked about because their encoding is broken. */
export interface VectorSet {
  readonly set: QuestionSet;
  readonly malformed: number;
  /** Names of broken encodings that the vectors call valid: there must be none. */
  readonly wronglyMalformed: readonly string[];
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

function readSet(
  name: string,
  file: string,
  decode: (bytes: Uint8Array) => Uint8Array | undefined,
  allowHighS: boolean,
): VectorSet {
  const path = join(packageRoot(), 'tests', 'vectors', file);
  const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as WycheproofFile;
  const questions: Question[] = [];
  const wronglyMalformed: string[] = [];
  let malformed = 0;
  for (const { publicKey: key, tests } of testGroups) {
    const publicKey = decodePublicKey(hex(key.uncompressed));
    for (const { tcId, comment, msg, sig, result } of tests) {
      const signature = decode(hex(sig));
      const title = `${tcId}: ${comment}`;
      const expected = result === 'valid';
      if (!signature || !publicKey) {
        malformed++;
        if (expected) wronglyMalformed.push(title);
        continue;
      }
      const digest = createHash('sha256').update(hex(msg)).digest();
      questions.push({
        name: title,
        expected,
        signed: { digest, signature, publicKey, recovery: 0 },
      });
    }
  }
  return { set: { name, operation: 'verify', allowHighS, questions }, malformed, wronglyMalformed };
}

/** Project Wycheproof's vectors; see tests/vectors/ORIGIN.md. */
export function readVectors(): VectorSet[] {
  return [
    readSet(
      "Wycheproof, DER under Bitcoin's rules",
      'ecdsa_secp256k1_sha256_bitcoin_test.json',
      decodeDer,
      false,
    ),
    readSet(
      'Wycheproof, r and s (IEEE P1363)',
      'ecdsa_secp256k1_sha256_p1363_test.json',
      decodeCompact,
      true,
    ),
  ];
}
