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

/** Buckets and hashes that others took the place of: `restore` puts them back. */
export interface TreeUndo {
  readonly buckets: ReadonlyMap<number, string>;
  readonly levels: readonly Buffer[];
}

export class StateTree {
  /** Entries of each bucket, as latin1. */
  readonly #buckets: string[] = new Array<string>(BUCKETS).fill('');
  /** Leaves first, then each level of nodes, up to the root. */
  #levels: readonly Buffer[];
  readonly #node = Buffer.alloc(1 + WIDTH * HASH, 1);
  readonly #leaf = new ByteWriter(4096);

  constructor() {
    const levels: Buffer[] = [];
    let empty = sha256Latin1(Uint8Array.of(0));
    for (let size = BUCKETS; size >= 1; size /= WIDTH) {
      levels.push(Buffer.alloc(size * HASH, empty, 'latin1'));
      levels.at(-1)!.copy(this.#node, 1);
      empty = sha256Latin1(this.#node);
    }
    this.#levels = levels;
  }

  /** Of everything in the tree, 64 hexadecimal digits. */
  get root(): string {
    return this.#levels.at(-1)!.toString('hex');
  }

  /** Changes entries; the last change of a key counts. Returns what takes it back. */
  update(changes: Iterable<TreeChange>): TreeUndo {
    const edit = this.edit();
    edit.put(changes);
    return edit.finish();
  }

  /** Changes entries piece by piece; `root` is right again after `finish`. */
  edit(): { put(changes: Iterable<TreeChange>): void; finish(): TreeUndo } {
    const before = new Map<number, string>();
    const levels = this.#levels;
    this.#levels = levels.map((level) => Buffer.from(level));
    return {
      put: (changes) => {
        const touched = new Set<number>();
        for (const change of changes) {
          const bucket = bucketOf(change.key);
          const entries = this.#buckets[bucket]!;
          if (!before.has(bucket)) before.set(bucket, entries);
          this.#buckets[bucket] = replaceEntry(entries, change);
          touched.add(bucket);
        }
        this.#hashLeaves(touched);
      },
      finish: () => {
        this.#hashNodes(before.keys());
        return { buckets: before, levels };
      },
    };
  }

  /** Takes the last change back. Returns what does it again. */
  restore(undo: TreeUndo): TreeUndo {
    const buckets = new Map<number, string>();
    for (const [bucket, entries] of undo.buckets) {
      buckets.set(bucket, this.#buckets[bucket]!);
      this.#buckets[bucket] = entries;
    }
    const redo = { buckets, levels: this.#levels };
    this.#levels = undo.levels;
    return redo;
  }

  #hashLeaves(buckets: Iterable<number>): void {
    const leaves = this.#levels[0]!;
    const leaf = this.#leaf;
    for (const bucket of buckets) {
      leaf.end = 0;
      leaf.u8(0).latin1(this.#buckets[bucket]!);
      leaves.write(sha256Latin1(leaf.view()), bucket * HASH, HASH, 'latin1');
    }
  }

  /** Nodes above some leaves. */
  #hashNodes(buckets: Iterable<number>): void {
    let changed = buckets;
    for (let level = 1; level < this.#levels.length; level++) {
      const children = this.#levels[level - 1]!;
      const nodes = this.#levels[level]!;
      const parents = new Set<number>();
      for (const child of changed) parents.add(child >> 4);
      for (const node of parents) {
        children.copy(this.#node, 1, node * WIDTH * HASH, (node + 1) * WIDTH * HASH);
        nodes.write(sha256Latin1(this.#node), node * HASH, HASH, 'latin1');
      }
      changed = parents;
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
