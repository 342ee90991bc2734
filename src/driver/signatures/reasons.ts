// SPDX-License-Identifier: Apache-2.0

import { ReasonCode as Codes } from '../generated/registers.ts';

/**
 * Why a signature was not accepted: the same code for the same record on every backend.
 *
 * When several apply, the lowest wins: the checks are made in this order.
 */
export const REASON = Codes;

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
