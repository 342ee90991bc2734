// SPDX-License-Identifier: Apache-2.0

import { AccelError, abortError, requireArgument } from '../errors.ts';
import { checkRecords } from './checks.ts';
import type {
  BackendAnswer,
  BackendName,
  BatchOptions,
  RecoverResult,
  RecoverResults,
  SignatureBackend,
  SignatureEngine,
  VerifyResult,
  VerifyResults,
} from './contract.ts';
import { REASON, reasonName } from './reasons.ts';
import {
  KEY_BYTES,
  type Operation,
  packRecoverBatch,
  packVerifyBatch,
  type RecoverInput,
  recordBytes,
  type VerifyInput,
} from './records.ts';

/**
 * The contract around a backend: arguments, shared checks before it, consistency after it.
 *
 * Ranges and low s are decided here, for all backends. A backend that also decides them (the card
 * does, in hardware) is held to the same answer; a disagreement is an error, never a result.
 */
export class CheckedSignatures implements SignatureEngine {
  readonly #backend: SignatureBackend;

  constructor(backend: SignatureBackend) {
    this.#backend = backend;
  }

  get backend(): BackendName {
    return this.#backend.name;
  }

  async verifyBatch(records: Uint8Array, options: BatchOptions = {}): Promise<VerifyResults> {
    const { reasons } = await this.#run('verify', records, options);
    return { valid: validity(reasons), reasons };
  }

  async recoverBatch(records: Uint8Array, options: BatchOptions = {}): Promise<RecoverResults> {
    const { reasons, keys } = await this.#run('recover', records, options);
    return { valid: validity(reasons), reasons, keys: keys ?? new Uint8Array() };
  }

  async verify(input: VerifyInput, options: BatchOptions = {}): Promise<VerifyResult> {
    const { reasons } = await this.#run('verify', packVerifyBatch([input]), options);
    return { valid: reasons[0] === REASON.OK, reason: reasonName(reasons[0]!)! };
  }

  async recover(input: RecoverInput, options: BatchOptions = {}): Promise<RecoverResult> {
    const { reasons, keys } = await this.#run('recover', packRecoverBatch([input]), options);
    const valid = reasons[0] === REASON.OK;
    const reason = reasonName(reasons[0]!)!;
    return valid ? { valid, reason, publicKey: keys! } : { valid, reason };
  }

  async #run(
    operation: Operation,
    records: Uint8Array,
    options: BatchOptions,
  ): Promise<BackendAnswer> {
    const size = recordBytes(operation);
    requireArgument(records instanceof Uint8Array, `records: expected a Uint8Array`);
    requireArgument(
      records.length % size === 0,
      `records: expected a multiple of ${size} bytes, got ${records.length}`,
    );
    const { allowHighS = false, signal } = options;
    requireArgument(typeof allowHighS === 'boolean', 'allowHighS: expected true or false');
    if (signal?.aborted) throw abortError(signal);
    const checked = checkRecords(operation, records, allowHighS);
    if (checked.length === 0) return { reasons: checked, keys: new Uint8Array() };
    const job = { operation, records, checked, allowHighS };
    const answer = await this.#backend.run(signal ? { ...job, signal } : job);
    const fault = inconsistency(operation, checked, answer);
    if (fault !== undefined) {
      const message = `${this.#backend.name} backend answered wrongly: ${fault}`;
      this.#backend.distrust?.(message);
      throw new AccelError(this.#backend.distrust ? 'ACCEL_QUARANTINED' : 'ACCEL_DEVICE', message);
    }
    return answer;
  }
}

function validity(reasons: Uint8Array): Uint8Array {
  return reasons.map((reason) => (reason === REASON.OK ? 1 : 0));
}

const VERIFY_ONLY: readonly number[] = [REASON.KEY_RANGE, REASON.NOT_ON_CURVE, REASON.MISMATCH];
const RECOVER_ONLY: readonly number[] = [REASON.RECOVERY_ID, REASON.X_RANGE, REASON.NOT_A_SQUARE];
/** What only the curve can tell. */
const ARITHMETIC: readonly number[] = [
  REASON.OK,
  REASON.NOT_ON_CURVE,
  REASON.NOT_A_SQUARE,
  REASON.INFINITY,
  REASON.MISMATCH,
];

/** What is impossible about an answer; `undefined` when nothing is. */
function inconsistency(
  operation: Operation,
  checked: Uint8Array,
  answer: BackendAnswer,
): string | undefined {
  const { reasons, keys } = answer;
  if (reasons.length !== checked.length) {
    return `${checked.length} records asked, ${reasons.length} answered`;
  }
  if (operation === 'recover' && keys?.length !== checked.length * KEY_BYTES) {
    return `${checked.length} keys asked, ${keys?.length} bytes answered`;
  }
  const foreign = operation === 'verify' ? RECOVER_ONLY : VERIFY_ONLY;
  for (let i = 0; i < checked.length; i++) {
    const expected = checked[i]!;
    const got = reasons[i]!;
    const possible =
      expected === REASON.OK
        ? ARITHMETIC.includes(got) && !foreign.includes(got)
        : got === expected;
    if (!possible) {
      const wanted = expected === REASON.OK ? 'an answer of the curve' : reasonName(expected);
      return `record ${i}: expected ${wanted}, got ${reasonName(got) ?? got}`;
    }
  }
  return undefined;
}
