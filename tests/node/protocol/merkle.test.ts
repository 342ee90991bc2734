// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { EMPTY_ROOT, MerkleTree, merkleRoot, toHex } from '../../../src/node/protocol/index.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]!);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

test('is the tree hash of RFC 6962 for every number of leaves', () => {
  const random = testRandom('leaves');
  const leaves = Array.from({ length: 140 }, () => random.bytes(32));
  const growing = new MerkleTree();
  for (let count = 0; count <= leaves.length; count++) {
    const some = leaves.slice(0, count);
    const expected = toHex(treeHash(some));
    expect(merkleRoot(some.map(toHex))).toBe(expected);
    expect(growing.root()).toBe(expected);
    if (count < leaves.length) growing.add(toHex(leaves[count]!));
  }
});

test('the root of nothing is the hash of nothing', () => {
  expect(merkleRoot([])).toBe(EMPTY_ROOT);
  expect(EMPTY_ROOT).toBe(toHex(sha256()));
});

test('order and number count', () => {
  const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)];
  const roots = [[a], [b], [a, b], [b, a], [a, a], [a, b, b], [a, b, a, b]].map(merkleRoot);
  expect(new Set(roots).size).toBe(roots.length);
});
