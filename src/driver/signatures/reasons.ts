// SPDX-License-Identifier: Apache-2.0

/**
 * Why a signature was not accepted: the same code for the same record on every backend.
 *
 * When several apply, the lowest wins: the checks are made in this order.
 */
export const REASON = {
  /** Valid. */
  OK: 0,
  /** The encoding is not one of the format (wrong length, non-zero padding, broken DER). */
  MALFORMED: 1,
  /** Recover: the recovery id is above 3. */
  RECOVERY_ID: 2,
  /** r is 0 or not below the group order n. */
  R_RANGE: 3,
  /** s is 0 or not below the group order n. */
  S_RANGE: 4,
  /** s is above n/2 and high s is not allowed. */
  HIGH_S: 5,
  /** Verify: a coordinate of the key is not below the field prime p. */
  KEY_RANGE: 6,
  /** Verify: the key is not a point of the curve. */
  NOT_ON_CURVE: 7,
  /** Recover: bit 1 of the recovery id is set and r + n is not below p. */
  X_RANGE: 8,
  /** Recover: no point of the curve has this x coordinate. */
  NOT_A_SQUARE: 9,
  /** The computed point is the point at infinity. */
  INFINITY: 10,
  /** Verify: the computed x coordinate is not r modulo n. */
  MISMATCH: 11,
} as const;

/** Name of a reason, as the command line prints it. */
export type ReasonName = keyof typeof REASON;

/** Number of a reason, as the records carry it. */
export type ReasonCode = (typeof REASON)[ReasonName];

const NAMES = Object.keys(REASON) as ReasonName[];

/**
 * Name of a reason code.
 *
 * @returns `undefined` for a number that is no reason code: a backend that says so is broken.
 * @example reasonName(5) // 'HIGH_S'
 */
export function reasonName(code: number): ReasonName | undefined {
  return NAMES[code];
}
