import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { StateTree } from '../../../src/node/ledger/state-tree.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const sha256 = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');

/** The root as it is described, computed from nothing. */
function rootOf(entries: ReadonlyMap<string, Buffer>): string {
  const buckets = Array.from({ length: 65536 }, (): Buffer[] => [Buffer.of(0)]);
  for (const key of [...entries.keys()].sort()) {
    const bytes = Buffer.from(key);
    const bucket = buckets[sha256(bytes).readUInt16BE()]!;
    bucket.push(Buffer.of(bytes.length), bytes, entries.get(key)!);
  }
  let level = buckets.map((bucket) => sha256(...bucket));
  while (level.length > 1) {
    level = Array.from({ length: level.length / 16 }, (_, i) =>
      sha256(Buffer.of(1), ...level.slice(16 * i, 16 * i + 16)),
    );
  }
  return level[0]!.toString('hex');
}

test('the root is what its description says, whatever the order of changes', () => {
  const random = testRandom('tree');
  const tree = new StateTree();
  const entries = new Map<string, Buffer>();
  expect(tree.root).toBe(rootOf(entries));
  for (let round = 0; round < 3; round++) {
    const changes = Array.from({ length: 4000 }, () => {
      const key = `a${random.int(3000).toString(36)}`;
      if (random.chance(0.2)) {
        entries.delete(key);
        return { key, hash: undefined };
      }
      const value = sha256(random.bytes(8));
      entries.set(key, value);
      return { key, hash: value.toString('latin1') };
    });
    const before = tree.root;
    const undo = tree.update(changes);
    const after = tree.root;
    expect(after).toBe(rootOf(entries));
    const redo = tree.restore(undo);
    expect(tree.root).toBe(before);
    tree.restore(redo);
    expect(tree.root).toBe(after);
  }
});

test('several keys of one bucket', () => {
  // 3,000,000 keys in 65,536 buckets would take long; so find some that share one.
  const wanted = sha256(Buffer.from('a0')).readUInt16BE();
  const keys = ['a0'];
  for (let i = 1; keys.length < 5; i++) {
    if (sha256(Buffer.from(`a${i}`)).readUInt16BE() === wanted) keys.push(`a${i}`);
  }
  const tree = new StateTree();
  const entries = new Map<string, Buffer>();
  for (const key of [...keys, ...keys.toReversed()]) {
    entries.set(key, sha256(Buffer.from(`${key} ${entries.size}`)));
    tree.update([{ key, hash: entries.get(key)!.toString('latin1') }]);
  }
  expect(tree.root).toBe(rootOf(entries));
  for (const key of [keys[2]!, keys[0]!, keys[4]!]) {
    entries.delete(key);
    tree.update([{ key, hash: undefined }]);
  }
  expect(tree.root).toBe(rootOf(entries));
});
