// SPDX-License-Identifier: Apache-2.0
// A block with the keys that signed it: all that can be done for it without a chain.

import type { PeerId } from '../network/index.ts';
import type { KnownTransactions } from '../pool/index.ts';
import type { Block, PublicKey } from '../protocol/types.ts';
import type { Signatures, Signed } from '../signatures/index.ts';
import { readBody, readFront } from './block-reader.ts';
import { ChainError } from './errors.ts';

/** Who signed what in a block; `undefined` where nobody did. */
export interface BlockKeys {
  readonly header: PublicKey | undefined;
  readonly votes: readonly (PublicKey | undefined)[];
  readonly signers: readonly (readonly PublicKey[])[];
}

/** A block that can be executed once its turn comes. */
export interface PreparedBlock {
  readonly block: Block;
  readonly keys: BlockKeys;
  /** Whom it came from; nobody for one made here. */
  readonly from: PeerId | undefined;
  /** Keys that a card gave: to be confirmed before anybody is blamed. */
  readonly doubtful: boolean;
}

/** What preparing needs. */
export interface Preparation {
  readonly known: KnownTransactions;
  readonly signatures: Signatures;
}

/**
 * Reads a block and finds out who signed it.
 *
 * @throws {ProtocolError} malformed.
 * @throws {ChainError} `CHAIN_SIGNATURE` a transaction has a signature of nobody.
 * @throws {AccelError} nobody can check signatures now.
 */
export async function prepareBlock(
  bytes: Uint8Array,
  from: PeerId | undefined,
  { known, signatures }: Preparation,
): Promise<PreparedBlock> {
  const front = readFront(bytes);
  // Checked while the rest is read: a turn of the threads less to wait for.
  const ofFront = signatures.recover([front.signedHeader, ...front.votes], 'urgent');
  ofFront.catch(() => undefined); // told below, unless the body is malformed
  const { block, signers } = await readBody(bytes, front, known);
  const items: Signed[] = [];
  for (const [i, { id, signatures: all }] of block.transactions.entries()) {
    if (signers[i] === undefined) for (const signature of all) items.push({ id, signature });
  }
  const keys = await Promise.all([ofFront, signatures.recover(items, 'urgent')]);
  return {
    block,
    keys: assign(block, signers, keys.flat()),
    from,
    doubtful: signatures.doubtful,
  };
}

/** The same, all keys found again without a card. @throws {ChainError} `CHAIN_SIGNATURE`. */
export async function confirmBlock(
  { block, from, keys: before }: PreparedBlock,
  signatures: Signatures,
): Promise<PreparedBlock> {
  const items: Signed[] = [block.signedHeader, ...block.votes];
  for (const { id, signatures: all } of block.transactions) {
    for (const signature of all) items.push({ id, signature });
  }
  const found = await signatures.confirm(items);
  const asked = [before.header, ...before.votes, ...before.signers.flat()];
  const wrong = asked.filter((key, i) => key !== found[i]).length;
  if (wrong > 0) signatures.contradicted(wrong);
  const signers = new Array<undefined>(block.transactions.length).fill(undefined);
  return { block, from, keys: assign(block, signers, found), doubtful: false };
}

function assign(
  block: Block,
  known: readonly (readonly PublicKey[] | undefined)[],
  keys: readonly (PublicKey | undefined)[],
): BlockKeys {
  const votes = keys.slice(1, 1 + block.votes.length);
  let at = 1 + block.votes.length;
  const signers = block.transactions.map(({ signatures: all }, i) => {
    const found = known[i];
    if (found) return found;
    const own: PublicKey[] = [];
    for (const _ of all) {
      const key = keys[at++];
      if (key === undefined) {
        throw new ChainError('CHAIN_SIGNATURE', `transaction ${i}: a signature of nobody`);
      }
      own.push(key);
    }
    return own;
  });
  return { header: keys[0], votes, signers };
}
