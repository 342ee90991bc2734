// SPDX-License-Identifier: Apache-2.0
// One node's view: all blocks and votes it knows of, from chains and from gossip.

import type { AccountName, BlockRef, Id, PublicKey, SignedVote, Vote } from '../protocol/types.ts';
import { type BlockNode, BlockTree, subtree } from './block-tree.ts';
import type { BlockFields, Consensus, ConsensusState, HeaderFields } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { keyOf, votersAfter } from './finality.ts';
import { votesToCarry } from './inclusion.ts';
import { memberIndex } from './producer-set.ts';
import { recordVote, type SafetyRecord } from './safety.ts';
import { VoteShelf } from './vote-shelf.ts';

/** How far below the head a producer still votes for blocks that are not justified yet. */
export const VOTE_DEPTH = 16;

/** Blocks kept above the last final one, unless the chain itself is longer. */
const MAX_BLOCKS = 8192;

/** A block for the view: header fields, id, and the votes it carries. */
export interface ViewBlock extends BlockFields {
  readonly id: Id;
}

/** Options of a view. */
export interface FinalityViewOptions {
  readonly consensus: Consensus;
  /** A block that is final: at first genesis, after a restart the ledger's last final block. */
  readonly root: { readonly id: Id; readonly state: ConsensusState };
  /** Ids of the ledger's blocks, by height; asked below the last final block only. */
  readonly idAt: (height: number) => Id | undefined;
}

/** A vote to sign, and the record that must be on disk before it is sent. */
export interface NextVote {
  readonly vote: Vote;
  readonly record: SafetyRecord;
}

/**
 * What a node takes for justified, final, and the head. In memory; votes and headers come in with
 * their signatures checked (`voterKey` says against which key).
 *
 * Its finality may be ahead of the chain's (votes still on their way into a block) and never
 * contradicts it.
 */
export class FinalityView {
  readonly #consensus: Consensus;
  readonly #tree: BlockTree;
  readonly #idAt: (height: number) => Id | undefined;
  readonly #held = new VoteShelf();

  constructor({ consensus, root, idAt }: FinalityViewOptions) {
    this.#consensus = consensus;
    this.#idAt = idAt;
    const { height, slot } = root.state;
    const header: HeaderFields = { height, slot, parent: '', producer: '' };
    const ref = { height, id: root.id };
    const node = makeNode(ref, header, undefined, [], root.state);
    this.#tree = new BlockTree({ ...node, executed: true, justified: true });
  }

  /** The last final block. Never changes for one that does not descend from it. */
  get final(): BlockRef {
    return this.#tree.root.ref;
  }
  /** The last justified block. */
  get justified(): BlockRef {
    return this.#tree.justified.ref;
  }
  /** The block to build on; the ledger may still have to execute it. */
  get head(): BlockRef {
    return this.#tree.head.ref;
  }
  /** Blocks in memory. */
  get size(): number {
    return this.#tree.size;
  }

  has(id: Id): boolean {
    return this.#tree.get(id) !== undefined;
  }

  /** How many blocks of a slot are known on top of `parent`; an honest producer makes one. */
  twins(parent: Id, slot: number): number {
    let count = 0;
    for (const { header } of this.#tree.get(parent)?.children ?? []) {
      if (header.slot === slot) count += 1;
    }
    return count;
  }

  /** The state after a block; undefined when the block is unknown. */
  state(id: Id): ConsensusState | undefined {
    return this.#tree.get(id)?.state;
  }

  /** The blocks from above `from` (an ancestor of `to`, or the last common one) up to `to`. */
  path(from: Id, to: Id): { readonly common: BlockRef; readonly blocks: readonly BlockRef[] } {
    const below = new Set<BlockNode>();
    for (let at = this.#tree.get(from); at; at = at.parent) below.add(at);
    const blocks: BlockRef[] = [];
    let node = this.#tree.get(to);
    for (; node && !below.has(node); node = node.parent) blocks.push(node.ref);
    return { common: node?.ref ?? this.final, blocks: blocks.reverse() };
  }

  /**
   * Takes a block whose header signature and votes are checked.
   *
   * @returns `orphan` when the parent is unknown, `stale` at or below the last final height.
   * @throws {ConsensusError} when it is invalid for what is known without executing it.
   */
  add(block: ViewBlock): 'added' | 'known' | 'orphan' | 'stale' {
    if (this.#tree.get(block.id)) return 'known';
    if (block.header.height <= this.final.height) return 'stale';
    const parent = this.#tree.get(block.header.parent);
    if (parent === undefined) return 'orphan';
    const state = this.#advance(parent, block);
    const ref = { height: block.header.height, id: block.id };
    const node = makeNode(ref, block.header, parent, block.votes, state);
    this.#tree.insert(node);
    if (this.#tree.size > MAX_BLOCKS) {
      const expendable = this.#tree.expendable();
      if (expendable) this.#tree.remove(expendable);
    }
    for (const vote of this.#held.take(block.id)) this.#place(node, vote);
    for (const vote of block.votes) this.addVote(vote);
    this.#follow(node);
    return 'added';
  }

  /** The ledger has executed a block on top of its head: its state is certain now. */
  execute(id: Id, state: ConsensusState): void {
    const node = this.#tree.get(id);
    if (node === undefined || node.executed) return;
    node.executed = true;
    const uncertain = node.state.provisional;
    node.state = state;
    if (uncertain) {
      for (const descendant of subtree(node)) this.#reseat(descendant);
      this.#tree.reconsider();
    }
    this.#follow(node);
    if (node.settled) this.#finalise(node);
  }

  /** The ledger has undone a block. Tell all of them: what the ledger left can become final again. */
  revert(id: Id): void {
    const node = this.#tree.get(id);
    if (node && node !== this.#tree.root) node.executed = false;
  }

  /** The block cannot be executed: forgets it and all that build on it. */
  remove(id: Id): void {
    const node = this.#tree.get(id);
    if (node && node !== this.#tree.root) this.#tree.remove(node);
  }

  /**
   * The key that must have signed a vote; undefined when its producer has no vote there. For a
   * block that is not known yet: the key at the head.
   */
  voterKey(vote: Vote): PublicKey | undefined {
    const { finality } = (this.#tree.get(vote.target.id) ?? this.#tree.head).state;
    return keyOf(finality, finality.epoch, vote.producer);
  }

  /**
   * Takes a vote whose signature is checked.
   *
   * @returns `held` while its target is unknown, `crowded` when, besides, there are too many like it to
   *   send it on; `refused` when it cannot count.
   */
  addVote(signed: SignedVote): 'counted' | 'known' | 'held' | 'crowded' | 'refused' {
    const { target, producer } = signed.vote;
    const node = this.#tree.get(target.id);
    if (node === undefined && target.height <= this.final.height) return 'refused';
    if (node === undefined) return this.#held.put(signed);
    if (node.votes.get(producer)?.id === signed.id) return 'known';
    return this.#place(node, signed);
  }

  /** Votes for a block so far, of the set that lacks most; undefined when the block is unknown. */
  confirmations(id: Id): { readonly count: number; readonly needed: number } | undefined {
    const node = this.#tree.get(id);
    if (node === undefined) return undefined;
    const counts = this.#counts(node);
    return counts.reduce((a, b) => (b.count - b.needed < a.count - a.needed ? b : a));
  }

  /**
   * The next vote that an honest producer may sign for the head's chain: from the last block that
   * the target's own chain has justified, to the lowest block that still lacks votes. Ask again after
   * signing, until undefined.
   */
  nextVote(producer: AccountName, record: SafetyRecord): NextVote | undefined {
    const { head } = this.#tree;
    const open: BlockNode[] = [];
    const lowest = Math.max(head.ref.height - VOTE_DEPTH, record.vote?.target.height ?? 0);
    for (let at: BlockNode | undefined = head; at && at.ref.height > lowest; at = at.parent) {
      if (at.executed && (!at.justified || at === head)) open.push(at);
    }
    const { chainId } = this.#consensus.parameters;
    for (const node of open.reverse()) {
      const { finality } = node.state;
      if (keyOf(finality, finality.epoch, producer) === undefined) continue;
      const vote = { chainId, source: finality.justified, target: node.ref, producer };
      const proof = [...(this.#tree.get(vote.source.id)?.votes.values() ?? [])];
      const next = recordVote(record, vote, proof, this.#consensus.rules);
      if (next && next !== record) return { vote, record: next };
    }
    return undefined;
  }

  /** The votes that a block on top of `parent` should carry, in their order. */
  votesFor(parent: Id): readonly SignedVote[] {
    const node = this.#tree.get(parent);
    return node === undefined ? [] : votesToCarry(node, this.#consensus.rules);
  }

  /** All votes for the last final block and those above it: what a peer that was away has missed. */
  openVotes(): SignedVote[] {
    return [...this.#tree.nodes()].flatMap((node) => [...node.votes.values()]);
  }

  #advance(parent: BlockNode, block: BlockFields): ConsensusState {
    const view = {
      candidates: () => undefined,
      ancestor: (height: number) =>
        height < this.final.height
          ? this.#idAt(height)
          : this.#tree.ancestor(parent, height)?.ref.id,
    };
    try {
      return this.#consensus.advance(parent.state, block, view).state;
    } catch (error) {
      const unsure = parent.state.provisional && error instanceof ConsensusError;
      if (!unsure || error.code !== 'CONSENSUS_VOTE') throw error;
      return this.#consensus.advance(parent.state, { ...block, votes: [] }, view).state;
    }
  }

  /** Derives a state again, from what its parent's turned out to be, and counts its votes again. */
  #reseat(node: BlockNode): void {
    try {
      if (!node.executed && node.parent) {
        node.state = this.#advance(node.parent, { header: node.header, votes: node.carried });
      }
      this.#recount(node);
    } catch {
      this.remove(node.ref.id);
    }
  }

  #recount(node: BlockNode): void {
    const votes = [...node.votes.values(), ...node.undecided.values()];
    node.votes.clear();
    node.undecided.clear();
    node.justified = false;
    for (const vote of votes) this.#place(node, vote);
  }

  #place(node: BlockNode, signed: SignedVote): 'counted' | 'known' | 'refused' {
    const { source, producer } = signed.vote;
    const { finality } = node.state;
    const fits =
      source.id === finality.justified.id &&
      source.height === finality.justified.height &&
      keyOf(finality, finality.epoch, producer) !== undefined;
    if (!fits) {
      if (node.state.provisional && node.undecided.size < 256)
        node.undecided.set(signed.id, signed);
      return 'refused';
    }
    if (node.votes.has(producer)) return 'known';
    node.votes.set(producer, signed);
    if (!node.justified && this.#counts(node).every(({ count, needed }) => count >= needed)) {
      this.#justify(node);
    }
    return 'counted';
  }

  #counts(node: BlockNode): { count: number; needed: number }[] {
    return votersAfter(node.state.finality, this.#consensus.rules).map(({ members, needed }) => {
      let count = 0;
      for (const account of node.votes.keys()) {
        if (memberIndex(members, account) !== undefined) count++;
      }
      return { count, needed };
    });
  }

  #justify(node: BlockNode): void {
    node.justified = true;
    this.#tree.justify(node);
    for (const target of subtree(node)) if (target.justified) this.#settle(target);
  }

  /** The source of a link to a justified block is final when all blocks between are justified. */
  #settle(target: BlockNode): void {
    if (target.state.provisional) return;
    const source = target.state.finality.justified;
    let at = target.parent;
    while (at && at.ref.height > source.height && at.justified) at = at.parent;
    if (at?.ref.id === source.id) this.#finalise(at);
  }

  /** Takes over what the chain up to an executed block proves by itself. */
  #follow(node: BlockNode): void {
    const { justified, final } = node.state.finality;
    if (justified.height > this.justified.height) {
      const known = this.#tree.ancestor(node, justified.height);
      if (known && !known.justified) this.#justify(known);
    }
    if (final.height > this.final.height && !node.state.provisional) {
      const known = this.#tree.ancestor(node, final.height);
      if (known) this.#finalise(known);
    }
  }

  #finalise(node: BlockNode): void {
    if (node.ref.height <= this.final.height) return;
    node.settled = true;
    if (!node.executed) return;
    this.#tree.prune(node);
    this.#held.dropUpTo(node.ref.height);
  }
}

function makeNode(
  ref: BlockRef,
  header: HeaderFields,
  parent: BlockNode | undefined,
  carried: readonly SignedVote[],
  state: ConsensusState,
): BlockNode {
  return {
    ref,
    header,
    parent,
    children: new Set(),
    carried,
    state,
    executed: false,
    votes: new Map(),
    undecided: new Map(),
    justified: false,
    settled: false,
    eligible: false,
  };
}
