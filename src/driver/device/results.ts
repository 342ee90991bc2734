// SPDX-License-Identifier: Apache-2.0
// What the card wrote, believed only where it is whole.

import { RecoverResultLayout, VerifyResultLayout } from '../generated/registers.ts';
import { REASON, reasonName } from '../signatures/reasons.ts';
import { KEY_BYTES, type Operation } from '../signatures/records.ts';
import { resultBytes } from './slots.ts';

/**
 * Copies a batch's results out of shared memory.
 *
 * @param result - result records as the card wrote them.
 * @param valid - number of valid results according to the completion.
 * @param reasons - receives one reason per record; its length is the number of records.
 * @param keys - recover: receives 64 bytes per record.
 * @returns what is wrong with them; `undefined` when they are whole.
 */
export function takeResults(
  operation: Operation,
  result: Uint8Array,
  valid: number,
  reasons: Uint8Array,
  keys: Uint8Array,
): string | undefined {
  const size = resultBytes(operation);
  const view = new DataView(result.buffer, result.byteOffset, result.byteLength);
  let count = 0;
  for (let i = 0; i < reasons.length; i++) {
    const at = i * size;
    const head = view.getUint32(at, true);
    const flag = head & 0xff;
    const reason = (head >>> 8) & 0xff;
    const record = view.getUint32(at + VerifyResultLayout.RECORD, true);
    const whole = record === i && head >>> 16 === 0 && flag === Number(reason === REASON.OK);
    if (!whole || reasonName(reason) === undefined) {
      return `result ${i} is no result: ${head.toString(16)} for record ${record}`;
    }
    reasons[i] = reason;
    count += flag;
    if (operation === 'recover') {
      const start = at + RecoverResultLayout.X;
      const key = result.subarray(start, start + KEY_BYTES);
      if (!flag && key.some((byte) => byte !== 0)) return `result ${i} is invalid and has a key`;
      keys.set(key, i * KEY_BYTES);
    }
  }
  return count === valid ? undefined : `${count} valid results, completion says ${valid}`;
}
