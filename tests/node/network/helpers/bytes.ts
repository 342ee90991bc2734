// SPDX-License-Identifier: Apache-2.0
// Transactions, votes and blocks as far as a network looks: their lengths are right.

import { HeaderLayout, Limit, TransactionLayout } from '../../../../src/node/generated/protocol.ts';
import { sha256Id } from '../../../../src/node/protocol/hex.ts';
import type { Id } from '../../../../src/node/protocol/types.ts';

/** 256 bytes: the length of a transfer without a memo. */
export function transaction(content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.set(content.subarray(0, 32), TransactionLayout.BYTES);
  bytes.writeUInt32LE(184, TransactionLayout.BODY_BYTES);
  bytes[TransactionLayout.VERSION] = 1;
  bytes[TransactionLayout.OPERATIONS] = 1;
  bytes[TransactionLayout.SIGNATURES] = 1;
  return new Uint8Array(bytes);
}

export function numbered(count: number, first = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const content = Buffer.alloc(32);
    content.writeUInt32LE(first + i);
    return transaction(content);
  });
}

/** A signed vote of 216 bytes. */
export function vote(n: number): Uint8Array {
  const bytes = Buffer.alloc(216);
  bytes.writeUInt32LE(Limit.MAGIC_VOTE);
  bytes.writeUInt32LE(n, 40);
  return new Uint8Array(bytes);
}

/** A block of a chain, different for each height and branch. */
export function block(chainId: Id, height: number, bodyBytes = 64, branch = 0): Uint8Array {
  const bytes = Buffer.alloc(296 + bodyBytes, branch);
  bytes.writeUInt32LE(Limit.MAGIC_HEADER, HeaderLayout.MAGIC);
  bytes.writeUInt32LE(height, HeaderLayout.HEIGHT);
  bytes.write(chainId, HeaderLayout.CHAIN_ID, 'hex');
  bytes.writeUInt32LE(bodyBytes, HeaderLayout.BODY_BYTES);
  return new Uint8Array(bytes);
}

export function blockId(bytes: Uint8Array): Id {
  return sha256Id(bytes.subarray(0, HeaderLayout.BYTES));
}
