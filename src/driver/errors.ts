// SPDX-License-Identifier: Apache-2.0

/**
 * What went wrong, for programs. Codes are stable: new ones are added, none is renamed.
 *
 * - `ACCEL_ARGUMENT`: the caller passed something that is not a batch, an option or a key.
 * - `ACCEL_UNAVAILABLE`: the backend cannot work here (not built, library missing, wrong map).
 * - `ACCEL_CLOSED`: the accelerator was closed before the answer came.
 * - `ACCEL_ABORTED`: the caller's `AbortSignal` fired; `cause` is its reason.
 * - `ACCEL_TIMEOUT`: the card did not answer within its time; the card is reset.
 * - `ACCEL_DEVICE`: the backend failed (bus error, refused descriptor, dead worker).
 * - `ACCEL_QUARANTINED`: the card gave a provably wrong answer and is no longer asked.
 */
export type AccelErrorCode =
  | 'ACCEL_ARGUMENT'
  | 'ACCEL_UNAVAILABLE'
  | 'ACCEL_CLOSED'
  | 'ACCEL_ABORTED'
  | 'ACCEL_TIMEOUT'
  | 'ACCEL_DEVICE'
  | 'ACCEL_QUARANTINED';

/**
 * The only error the driver throws.
 *
 * @example
 * try { await engine.verifyBatch(records); }
 * catch (error) { if (error instanceof AccelError && error.code === 'ACCEL_TIMEOUT') retry(); }
 */
export class AccelError extends Error {
  override readonly name = 'AccelError';
  readonly code: AccelErrorCode;

  constructor(code: AccelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Throws `ACCEL_ARGUMENT` with `message` unless `condition` holds. */
export function requireArgument(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AccelError('ACCEL_ARGUMENT', message);
}

/** The error for a fired signal. */
export function abortError(signal: AbortSignal): AccelError {
  return new AccelError('ACCEL_ABORTED', 'the caller gave up waiting', { cause: signal.reason });
}
