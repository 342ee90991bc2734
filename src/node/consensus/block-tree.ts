// SPDX-License-Identifier: Apache-2.0
// The blocks above the last final one, and which of them is the head.

import type { AccountName, BlockRef, Id, SignedVote } from '../protocol/types.ts';
import type { ConsensusState, HeaderFields } from './contract.ts';
import { compareText } from './producer-set.ts';

/** A block and what is known of it. Owned by the tree and its `FinalityView`. */
export interface BlockNode {
  readonly ref: BlockRef;
  readonly header: HeaderFields;
  /** Undefined for the root. */
  parent: BlockNode | undefined;
  readonly children: Set<BlockNode>;
  /** The votes that the block carries. */
  readonly carried: readonly SignedVote[];
  /** After the block. */
  state: ConsensusState;
  /** It is on the ledger's chain. */
  executed: boolean;
  /** Votes for it that count, by producer. */
  readonly votes: Map<AccountName, SignedVote>;
  /** Votes for it that do not count in a state which is provisional. */
  readonly undecided: Map<Id, SignedVote>;
  justified: boolean;
  /** Final as soon as the ledger's chain contains it. */
  settled: boolean;
  /** On a chain that contains the last justified block. */
  eligible: boolean;
}

/**
 * Blocks from the last final one up. The head is the highest block on a chain that contains the last
 * justified block; of equally high ones that with the lowest id.
 */
export class BlockTree {
  readonly #nodes = new Map<Id, BlockNode>();
  #root: BlockNode;
  #justified: BlockNode;
  #head: BlockNode;

  constructor(root: BlockNode) {
    this.#nodes.set(root.ref.id, root);
    root.eligible = true;
    this.#root = root;
    this.#justified = root;
    this.#head = root;
  }

  get root(): BlockNode {
    return this.#root;
  }
  get justified(): BlockNode {
    return this.#justified;
  }
  get head(): BlockNode {
    return this.#head;
  }
  get size(): number {
    return this.#nodes.size;
  }

  get(id: Id): BlockNode | undefined {
    return this.#nodes.get(id);
  }

  nodes(): IterableIterator<BlockNode> {
    return this.#nodes.values();
  }

  insert(node: BlockNode): void {
    this.#nodes.set(node.ref.id, node);
    node.parent?.children.add(node);
    node.eligible = node.parent?.eligible === true;
    if (node.eligible && above(node, this.#head)) this.#head = node;
  }

  /** Moves the head to the chains of a justified block that is higher than the last. */
  justify(node: BlockNode): void {
    if (node.ref.height <= this.#justified.ref.height) return;
    this.#justified = node;
    this.#choose();
  }

  /** Forgets what does not descend from `node`, which is final. */
  prune(node: BlockNode): void {
    const kept = new Set(subtree(node));
    for (const other of [...this.#nodes.values()]) {
      if (!kept.has(other)) this.#nodes.delete(other.ref.id);
    }
    node.parent = undefined;
    node.justified = true;
    this.#root = node;
    if (!kept.has(this.#justified)) this.#justified = node;
    this.#choose();
  }

  /** Takes out a block and all that build on it. Never the root. */
  remove(node: BlockNode): void {
    for (const gone of subtree(node)) this.#nodes.delete(gone.ref.id);
    node.parent?.children.delete(node);
    this.reconsider();
  }

  /** Finds the last justified block and the head again, where the former is gone or not justified. */
  reconsider(): void {
    const { id } = this.#justified.ref;
    if (this.#nodes.get(id)?.justified !== true) {
      this.#justified = this.#root;
      for (const other of this.#nodes.values()) {
        if (other.justified && other.ref.height > this.#justified.ref.height) {
          this.#justified = other;
        }
      }
    }
    this.#choose();
  }

  /** The ancestor of a node (or itself) at a height; undefined below the root. */
  ancestor(node: BlockNode, height: number): BlockNode | undefined {
    let at: BlockNode | undefined = node;
    while (at !== undefined && at.ref.height > height) at = at.parent;
    return at?.ref.height === height ? at : undefined;
  }

  /** A block to forget when there are too many: the lowest that nothing builds on, off the head's chain. */
  expendable(): BlockNode | undefined {
    let found: BlockNode | undefined;
    for (const node of this.#nodes.values()) {
      if (node.children.size > 0 || node === this.#head || node === this.#root) continue;
      if (node.justified || node.executed) continue;
      if (found === undefined || node.ref.height < found.ref.height) found = node;
    }
    return found;
  }

  #choose(): void {
    for (const node of this.#nodes.values()) node.eligible = false;
    this.#head = this.#justified;
    for (const node of subtree(this.#justified)) {
      node.eligible = true;
      if (above(node, this.#head)) this.#head = node;
    }
  }
}

/** A node and all its descendants. */
export function subtree(from: BlockNode): BlockNode[] {
  const found = [from];
  for (let at = 0; at < found.length; at++) found.push(...found[at]!.children);
  return found;
}

function above(a: BlockNode, b: BlockNode): boolean {
  if (a.ref.height !== b.ref.height) return a.ref.height > b.ref.height;
  return compareText(a.ref.id, b.ref.id) < 0;
}
