// SPDX-License-Identifier: Apache-2.0

import type { ReasonName } from './reasons.ts';
import type { Operation, RecoverInput, VerifyInput } from './records.ts';

/** Who does the arithmetic. Chosen once, when the accelerator opens; never switched silently. */
export type BackendName = 'software' | 'native' | 'verilator' | 'pcie';

/** Options of one batch. */
export interface BatchOptions {
  /** Accept s above n/2 (default false: BIP 62 low-s rule). */
  readonly allowHighS?: boolean;
  /** Gives up waiting; the promise then rejects with `ACCEL_ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Answers of a verify batch, one byte per record, in order. */
export interface VerifyResults {
  /** 1 where the signature is valid, else 0. */
  readonly valid: Uint8Array;
  /** Reason codes, see `REASON`. */
  readonly reasons: Uint8Array;
}

/** Answers of a recover batch. */
export interface RecoverResults extends VerifyResults {
  /** 64 bytes per record: x then y, big-endian; zeros where `valid` is 0. */
  readonly keys: Uint8Array;
}

/** Answer for one signature. */
export interface VerifyResult {
  readonly valid: boolean;
  readonly reason: ReasonName;
}

/** Answer for one recovery; `publicKey` (x then y, 64 bytes) only where valid. */
export interface RecoverResult extends VerifyResult {
  readonly publicKey?: Uint8Array;
}

/**
 * secp256k1 ECDSA, verify and recover. Bit for bit the same answers on every backend.
 *
 * Batches may be submitted without waiting for earlier ones; each promise settles on its own.
 * The records are read during the call: the caller may reuse them once the promise has settled.
 */
export interface SignatureEngine {
  readonly backend: BackendName;

  /**
   * Verifies a batch.
   *
   * @param records - n x 160 bytes: digest 32, r 32, s 32, x 32, y 32, big-endian. n may be 0.
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT` (not whole records), `ACCEL_CLOSED`,
   *   `ACCEL_ABORTED`, `ACCEL_TIMEOUT`, `ACCEL_DEVICE`, `ACCEL_QUARANTINED`.
   */
  verifyBatch(records: Uint8Array, options?: BatchOptions): Promise<VerifyResults>;

  /**
   * Recovers the keys of a batch (SEC 1 v2, 4.1.6).
   *
   * @param records - n x 104 bytes: digest 32, r 32, s 32, big-endian, recovery id, 7 zero bytes.
   * @throws {AccelError} as `verifyBatch`.
   */
  recoverBatch(records: Uint8Array, options?: BatchOptions): Promise<RecoverResults>;

  /** Verifies one signature. */
  verify(input: VerifyInput, options?: BatchOptions): Promise<VerifyResult>;

  /** Recovers one key. */
  recover(input: RecoverInput, options?: BatchOptions): Promise<RecoverResult>;
}

/** What a backend is handed: a batch that has passed `checkRecords`. */
export interface BackendJob {
  readonly operation: Operation;
  /** Whole records, at least one; not to be written, not to be read after settling. */
  readonly records: Uint8Array;
  /** Result of `checkRecords`: one reason per record; where not 0, the answer is already known. */
  readonly checked: Uint8Array;
  readonly allowHighS: boolean;
  readonly signal?: AbortSignal;
}

/** What a backend gives back. */
export interface BackendAnswer {
  /** Reason code per record. */
  readonly reasons: Uint8Array;
  /** Recover: 64 bytes per record. */
  readonly keys?: Uint8Array;
}

/**
 * The arithmetic behind a `SignatureEngine`; what the backends implement.
 *
 * `run` rejects with an `AccelError` and nothing else.
 */
export interface SignatureBackend {
  readonly name: BackendName;
  run(job: BackendJob): Promise<BackendAnswer>;
  /** The backend answered a record against the shared checks: it must not be trusted any more. */
  distrust?(message: string): void;
  /** Frees everything; batches under way reject with `ACCEL_CLOSED`. Idempotent. */
  close(): Promise<void>;
}
