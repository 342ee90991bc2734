// SPDX-License-Identifier: Apache-2.0
// The state root: a Merkle tree of 65,536 buckets, 16 children to a node.
//
// A key falls into the bucket of the first 16 bits of its SHA-256. A bucket is its entries in
// ascending order, each a length byte, the key and SHA-256 of the value. Leaf: SHA-256(0, entries);
// node: SHA-256(1, 16 children). So a proof of one account is its bucket and 4 x 15 hashes, and
// changing n accounts costs at most n leaves and 4,369 nodes.
//
// In memory only: some 50 bytes an entry. Opening the ledger builds it anew.

import { hash } from 'node:crypto';
import { ByteWriter } from './bytes.ts';
import { sha256Latin1 } from './records.ts';

const BUCKETS = 65536;
const WIDTH = 16;
const HASH = 32;

/** An entry and SHA-256 of its new value as 32 latin1 characters; absent when it goes. */
export interface TreeChange {
  readonly key: string;
  readonly hash: string | undefined;
}

/** Contents of buckets before a change: gives the tree back when restored. */
export type TreeUndo = ReadonlyMap<number, string>;

export class StateTree {
  /** Entries of each bucket, as latin1. */
  readonly #buckets: string[] = new Array<string>(BUCKETS).fill('');
  /** Leaves first, then each level of nodes, up to the root. */
  readonly #levels: Buffer[] = [];
  readonly #node = Buffer.alloc(1 + WIDTH * HASH, 1);
  readonly #leaf = new ByteWriter(4096);

  constructor() {
    let empty = sha256Latin1(Uint8Array.of(0));
    for (let size = BUCKETS; size >= 1; size /= WIDTH) {
      this.#levels.push(Buffer.alloc(size * HASH, empty, 'latin1'));
      this.#levels.at(-1)!.copy(this.#node, 1);
      empty = sha256Latin1(this.#node);
    }
  }

  /** Of everything in the tree, 64 hexadecimal digits. */
  get root(): string {
    return this.#levels.at(-1)!.toString('hex');
  }

  /** Changes entries; the last change of a key counts. Returns what takes it back. */
  update(changes: Iterable<TreeChange>): TreeUndo {
    const before = new Map<number, string>();
    for (const change of changes) {
      const bucket = bucketOf(change.key);
      const entries = this.#buckets[bucket]!;
      if (!before.has(bucket)) before.set(bucket, entries);
      this.#buckets[bucket] = replaceEntry(entries, change);
    }
    this.#rehash([...before.keys()]);
    return before;
  }

  /** Takes the last update back. Returns what does it again. */
  restore(undo: TreeUndo): TreeUndo {
    const before = new Map<number, string>();
    for (const [bucket, entries] of undo) {
      before.set(bucket, this.#buckets[bucket]!);
      this.#buckets[bucket] = entries;
    }
    this.#rehash([...undo.keys()]);
    return before;
  }

  #rehash(buckets: number[]): void {
    const leaves = this.#levels[0]!;
    const leaf = this.#leaf;
    let parents = new Set<number>();
    for (const bucket of buckets) {
      leaf.end = 0;
      leaf.u8(0).latin1(this.#buckets[bucket]!);
      leaves.write(sha256Latin1(leaf.view()), bucket * HASH, HASH, 'latin1');
      parents.add(bucket >> 4);
    }
    for (let level = 1; level < this.#levels.length; level++) {
      const children = this.#levels[level - 1]!;
      const nodes = this.#levels[level]!;
      const next = new Set<number>();
      for (const node of parents) {
        children.copy(this.#node, 1, node * WIDTH * HASH, (node + 1) * WIDTH * HASH);
        nodes.write(sha256Latin1(this.#node), node * HASH, HASH, 'latin1');
        next.add(node >> 4);
      }
      parents = next;
    }
  }
}

/** First 16 bits of SHA-256 of the key. */
export function bucketOf(key: string): number {
  const digest = hash('sha256', key, 'binary');
  return (digest.charCodeAt(0) << 8) | digest.charCodeAt(1);
}

function replaceEntry(entries: string, { key, hash: value }: TreeChange): string {
  const entry = value === undefined ? '' : String.fromCharCode(key.length) + key + value;
  let at = 0;
  while (at < entries.length) {
    const length = entries.charCodeAt(at);
    const found = entries.slice(at + 1, at + 1 + length);
    if (found >= key) {
      const rest = found === key ? at + 1 + length + HASH : at;
      return entries.slice(0, at) + entry + entries.slice(rest);
    }
    at += 1 + length + HASH;
  }
  return entries + entry;
}
