// SPDX-License-Identifier: Apache-2.0

import { formatAmount } from './amount.ts';

/** An operation of the API in a line: `transfer from alice to bob amount 5 GXN memo -`. */
export function operationText({ type, ...fields }: Record<string, unknown>): string {
  const words = Object.entries(fields).map(([name, value]) => {
    const amount = name === 'amount' || name === 'balance';
    const text = amount ? `${formatAmount(BigInt(String(value)))} GXN` : value;
    return `${name} ${typeof text === 'string' ? text || '-' : JSON.stringify(text)}`;
  });
  return `${type} ${words.join(' ')}`;
}
