// SPDX-License-Identifier: Apache-2.0
// ECDSA over @noble/secp256k1's points, answering with exact reasons.
//
// noble's own verify() and recoverPublicKey() say only yes or no; this is the same computation
// (u1 G + u2 Q) with each way to fail told apart. Records have passed `checkRecords` before.

import { etc, Point } from '@noble/secp256k1';
import { bytesToNumber, FIELD_PRIME, GROUP_ORDER, numberToBytes } from '../signatures/curve.ts';
import { REASON, type ReasonCode } from '../signatures/reasons.ts';
import { KEY_BYTES, type Operation, RECORD_OFFSET, recordBytes } from '../signatures/records.ts';

const { invert } = etc;

function field(record: Uint8Array, offset: number): bigint {
  return bytesToNumber(record.subarray(offset, offset + 32));
}

function curveSquare(x: bigint): bigint {
  return (((x * x) % FIELD_PRIME) * x + 7n) % FIELD_PRIME;
}

function verifyRecord(record: Uint8Array): ReasonCode {
  const x = field(record, RECORD_OFFSET.x);
  const y = field(record, RECORD_OFFSET.y);
  if ((y * y) % FIELD_PRIME !== curveSquare(x)) return REASON.NOT_ON_CURVE;
  const digest = field(record, RECORD_OFFSET.digest);
  const r = field(record, RECORD_OFFSET.r);
  const w = invert(field(record, RECORD_OFFSET.s), GROUP_ORDER);
  const u1 = (digest * w) % GROUP_ORDER;
  const u2 = (r * w) % GROUP_ORDER;
  const key = new Point(x, y, 1n);
  const sum = Point.BASE.multiplyUnsafe(u1).add(key.multiplyUnsafe(u2));
  if (sum.is0()) return REASON.INFINITY;
  return sum.toAffine().x % GROUP_ORDER === r ? REASON.OK : REASON.MISMATCH;
}

/** The point with this x and parity of y; `undefined` when there is none. */
function liftPoint(x: bigint, odd: boolean): Point | undefined {
  const compressed = new Uint8Array(33);
  compressed[0] = odd ? 3 : 2;
  compressed.set(numberToBytes(x), 1);
  try {
    return Point.fromBytes(compressed);
  } catch {
    return undefined;
  }
}

function recoverRecord(record: Uint8Array, key: Uint8Array): ReasonCode {
  const recovery = record[RECORD_OFFSET.recovery]!;
  const r = field(record, RECORD_OFFSET.r);
  const point = liftPoint(recovery & 2 ? r + GROUP_ORDER : r, (recovery & 1) === 1);
  if (!point) return REASON.NOT_A_SQUARE;
  const w = invert(r, GROUP_ORDER);
  const digest = field(record, RECORD_OFFSET.digest) % GROUP_ORDER;
  const u1 = ((GROUP_ORDER - digest) * w) % GROUP_ORDER;
  const u2 = (field(record, RECORD_OFFSET.s) * w) % GROUP_ORDER;
  const sum = Point.BASE.multiplyUnsafe(u1).add(point.multiplyUnsafe(u2));
  if (sum.is0()) return REASON.INFINITY;
  const { x, y } = sum.toAffine();
  key.set(numberToBytes(x));
  key.set(numberToBytes(y), 32);
  return REASON.OK;
}

/**
 * Answers packed records on the calling thread.
 *
 * @param checked - result of `checkRecords` for them; records not 0 there keep that reason.
 * @returns reasons, and for recover 64 bytes of key per record, zeros where invalid.
 */
export function answerRecords(
  operation: Operation,
  records: Uint8Array,
  checked: Uint8Array,
): { reasons: Uint8Array; keys: Uint8Array } {
  const size = recordBytes(operation);
  const reasons = checked.slice();
  const keys = new Uint8Array(operation === 'recover' ? reasons.length * KEY_BYTES : 0);
  for (let i = 0; i < reasons.length; i++) {
    if (reasons[i] !== REASON.OK) continue;
    const record = records.subarray(i * size, (i + 1) * size);
    reasons[i] =
      operation === 'verify'
        ? verifyRecord(record)
        : recoverRecord(record, keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES));
  }
  return { reasons, keys };
}
