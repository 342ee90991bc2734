// SPDX-License-Identifier: Apache-2.0

import {
  assembleTransaction,
  type SignedTransaction,
} from '../../../../src/node/protocol/index.ts';
import { idOf } from './fake-node.ts';

/** A transfer of the fake chain, signed by nobody. */
export function fakeTransfer(nonce: number, memo = ''): SignedTransaction {
  const transaction = {
    chainId: idOf('chain'),
    refHeight: 0,
    refPrefix: 0,
    expiry: 1_760_003_600,
    nonce,
    account: 'alice',
    fee: 1256n,
    operations: [
      {
        type: 'transfer',
        from: 'alice',
        to: 'bob',
        amount: 10n ** 17n + BigInt(nonce),
        memo: new TextEncoder().encode(memo),
      },
    ],
  } as const;
  // In range, but of no key: the fake node asks for none.
  const signature = new Uint8Array(72);
  signature[31] = 1;
  signature[63] = 1;
  return assembleTransaction(transaction, [signature]);
}

/** Transactions one after the other. */
export function concatenated(transactions: readonly SignedTransaction[]): Uint8Array {
  return new Uint8Array(Buffer.concat(transactions.map(({ bytes }) => bytes)));
}
