// SPDX-License-Identifier: Apache-2.0

import {
  decodeTransaction,
  HeaderLayout,
  measureTransaction,
  SIGNED_HEADER_BYTES,
  SIGNED_VOTE_BYTES,
} from '../protocol/index.ts';
import type { SignedTransaction } from '../protocol/types.ts';

/** One transaction of a stored block, without reading the others. */
export function transactionAt(block: Uint8Array, index: number): SignedTransaction {
  const votes = new DataView(block.buffer, block.byteOffset).getUint32(
    HeaderLayout.VOTE_COUNT,
    true,
  );
  let at = SIGNED_HEADER_BYTES + votes * SIGNED_VOTE_BYTES;
  for (let i = 0; i < index; i++) at += measureTransaction(block, at);
  return decodeTransaction(block, at);
}
