// SPDX-License-Identifier: Apache-2.0
// The one place that decides ranges and the low-s rule. Every backend's batch passes here first,
// and a backend that answers such a record otherwise is faulty.

import { FIELD_PRIME, GROUP_ORDER, HALF_ORDER } from './curve.ts';
import { REASON, type ReasonCode } from './reasons.ts';
import { type Operation, RECORD_OFFSET, RECOVER_RECORD_BYTES, recordBytes } from './records.ts';

const WORDS = 8;

/** A bound as eight 32-bit words, most significant first. */
function words(value: bigint): Uint32Array {
  return Uint32Array.from({ length: WORDS }, (_, i) =>
    Number((value >> BigInt(32 * (WORDS - 1 - i))) & 0xffff_ffffn),
  );
}

const ORDER = words(GROUP_ORDER);
const PRIME = words(FIELD_PRIME);
/** Values at or above this are high s. */
const FIRST_HIGH = words(HALF_ORDER + 1n);
/** r + n stays below p only for r below this. */
const PRIME_MINUS_ORDER = words(FIELD_PRIME - GROUP_ORDER);

/** True when the 32 big-endian bytes at `offset` are below `bound`; mostly one comparison. */
function isBelow(view: DataView, offset: number, bound: Uint32Array): boolean {
  for (let i = 0; i < WORDS; i++) {
    const difference = view.getUint32(offset + 4 * i) - bound[i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function isZero(view: DataView, offset: number): boolean {
  for (let i = WORDS - 1; i >= 0; i--) {
    if (view.getUint32(offset + 4 * i) !== 0) return false;
  }
  return true;
}

function isScalar(view: DataView, offset: number): boolean {
  return isBelow(view, offset, ORDER) && !isZero(view, offset);
}

function checkRecord(
  view: DataView,
  at: number,
  operation: Operation,
  allowHighS: boolean,
): ReasonCode {
  const recovery = operation === 'recover' ? view.getUint8(at + RECORD_OFFSET.recovery) : 0;
  if (operation === 'recover') {
    for (let i = RECORD_OFFSET.padding; i < RECOVER_RECORD_BYTES; i++) {
      if (view.getUint8(at + i) !== 0) return REASON.MALFORMED;
    }
  }
  if (recovery > 3) return REASON.RECOVERY_ID;
  if (!isScalar(view, at + RECORD_OFFSET.r)) return REASON.R_RANGE;
  if (!isScalar(view, at + RECORD_OFFSET.s)) return REASON.S_RANGE;
  if (!allowHighS && !isBelow(view, at + RECORD_OFFSET.s, FIRST_HIGH)) return REASON.HIGH_S;
  if (operation === 'verify') {
    const inField =
      isBelow(view, at + RECORD_OFFSET.x, PRIME) && isBelow(view, at + RECORD_OFFSET.y, PRIME);
    if (!inField) return REASON.KEY_RANGE;
  } else if (recovery >= 2 && !isBelow(view, at + RECORD_OFFSET.r, PRIME_MINUS_ORDER)) {
    return REASON.X_RANGE;
  }
  return REASON.OK;
}

/**
 * Checks what needs no arithmetic: padding, recovery id, ranges, low s.
 *
 * @param records - whole records of the operation, see `records.ts`.
 * @param allowHighS - true: s above n/2 passes.
 * @returns one reason code per record; 0 means that the curve has to decide.
 */
export function checkRecords(
  operation: Operation,
  records: Uint8Array,
  allowHighS: boolean,
): Uint8Array {
  const size = recordBytes(operation);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const reasons = new Uint8Array(records.length / size);
  for (let i = 0; i < reasons.length; i++) {
    reasons[i] = checkRecord(view, i * size, operation, allowHighS);
  }
  return reasons;
}
