// SPDX-License-Identifier: Apache-2.0

import { requireArgument } from '../errors.ts';

/** Bytes of the card's register window. */
const WINDOW_BYTES = 0x10000;

/** @throws {AccelError} `ACCEL_ARGUMENT` unless a register can be there. */
export function requireOffset(offset: number): void {
  requireArgument(
    Number.isInteger(offset) && offset >= 0 && offset < WINDOW_BYTES && offset % 4 === 0,
    `offset: expected a multiple of 4 below ${WINDOW_BYTES}, got ${offset}`,
  );
}
