// SPDX-License-Identifier: Apache-2.0

import { setImmediate as turn } from 'node:timers/promises';
import {
  type Accelerator,
  KEY_BYTES,
  packRecoverBatch,
  packVerifyBatch,
  REASON,
  RECOVER_RECORD_BYTES,
  reasonName,
  VERIFY_RECORD_BYTES,
} from '../../driver/index.ts';
import { CliError, EXIT } from '../exit.ts';
import { changeDigest, SeededBytes, type Signed, Signer } from './material.ts';

/** Verify or recover. */
export type Operation = 'verify' | 'recover';

/** Seed of every benchmark's signatures. */
export const WORKLOAD_SEED = 'hpb bench sigverify 1';

/** One in so many is corrupted. */
const CORRUPTED_EVERY = 8;

/** Signatures made before other events, such as Ctrl-C, have their turn. */
const TURN = 64;

/** Records, and what each of them must be answered with. */
export interface Workload {
  readonly operation: Operation;
  readonly count: number;
  /** 1 where the digest was changed. */
  readonly corrupted: Uint8Array;
  readonly recordBytes: number;
  readonly records: Uint8Array;
  readonly reasons: Uint8Array;
  /** Recover: the keys; a corrupted digest gives a key, too, but not the signer's. */
  readonly keys: Uint8Array;
}

/**
 * Makes the signatures of a benchmark: valid ones, and every eighth with a bit of its digest changed.
 * All of them take the whole computation; none is refused early.
 *
 * @throws the reason of `signal`, soon after it fires.
 */
export async function makeWorkload(
  operation: Operation,
  count: number,
  signal?: AbortSignal,
): Promise<Workload> {
  const random = new SeededBytes(WORKLOAD_SEED, operation);
  const signer = new Signer(random);
  const corrupted = Uint8Array.from({ length: count }, (_, i) =>
    i % CORRUPTED_EVERY === CORRUPTED_EVERY - 1 ? 1 : 0,
  );
  const signed: Signed[] = [];
  for (const isCorrupted of corrupted) {
    const fresh = signer.sign();
    signed.push(isCorrupted ? changeDigest(fresh, random.below(256)) : fresh);
    if (signed.length % TURN === 0) {
      await turn();
      signal?.throwIfAborted();
    }
  }
  const bad = operation === 'verify' ? REASON.MISMATCH : REASON.OK;
  return {
    operation,
    count,
    corrupted,
    recordBytes: operation === 'verify' ? VERIFY_RECORD_BYTES : RECOVER_RECORD_BYTES,
    records: operation === 'verify' ? packVerifyBatch(signed) : packRecoverBatch(signed),
    reasons: corrupted.map((isCorrupted) => (isCorrupted ? bad : REASON.OK)),
    keys: Buffer.concat(signed.map(({ publicKey }) => publicKey)),
  };
}

/**
 * Asks for a part of a workload and compares all answers.
 *
 * @throws {CliError} `FAILED` at the first wrong answer; the engine's own `AccelError`.
 */
export async function askPart(
  { signatures, backend }: Accelerator,
  workload: Workload,
  from: number,
  to: number,
): Promise<void> {
  const { operation, recordBytes } = workload;
  const records = workload.records.subarray(from * recordBytes, to * recordBytes);
  const results =
    operation === 'verify'
      ? await signatures.verifyBatch(records)
      : await signatures.recoverBatch(records);
  const keys = 'keys' in results ? (results.keys as Uint8Array) : undefined;
  for (let i = 0; i < to - from; i++) {
    const at = from + i;
    const expected = workload.reasons[at]!;
    const got = results.reasons[i]!;
    if (got !== expected) {
      throw wrongAnswer(backend, at, `${reasonName(expected)}`, `${reasonName(got) ?? got}`);
    }
    if (!keys) continue;
    const isSigner = workload.corrupted[at] === 0;
    const key = Buffer.from(keys.buffer, keys.byteOffset + i * KEY_BYTES, KEY_BYTES);
    const signer = workload.keys.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES);
    if (key.equals(signer) !== isSigner) {
      const wanted = isSigner ? "the signer's key" : 'another key';
      throw wrongAnswer(backend, at, wanted, key.toString('hex'));
    }
  }
}

function wrongAnswer(backend: string, at: number, expected: string, got: string): CliError {
  const message = `${backend} answered signature ${at} wrongly: expected ${expected}, got ${got}`;
  return new CliError(EXIT.FAILED, message);
}
