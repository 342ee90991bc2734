// SPDX-License-Identifier: Apache-2.0
// A node of the simulation: the real view, records and consensus around a toy ledger.

import type { Consensus } from '../../../../src/node/consensus/contract.ts';
import { ConsensusError } from '../../../../src/node/consensus/errors.ts';
import { EvidenceLog } from '../../../../src/node/consensus/evidence.ts';
import { keyOf } from '../../../../src/node/consensus/finality.ts';
import { FinalityView } from '../../../../src/node/consensus/finality-view.ts';
import {
  emptyRecord,
  recordHeader,
  type SafetyRecord,
} from '../../../../src/node/consensus/safety.ts';
import type { BlockHeader, Id, SignedVote } from '../../../../src/node/protocol/types.ts';
import type { Random } from '../../../../src/testbench/random.ts';
import { CHAIN, idOf, signedVote } from './kit.ts';
import type { SimJudge } from './sim-judge.ts';
import { ancestorAt, type Executed, type SimBlock, type SimLedger } from './sim-ledger.ts';
import type { SimNetwork } from './sim-network.ts';

/** `honest`, or how a producer misbehaves. */
export type Conduct = 'honest' | 'silent' | 'equivocates' | 'withholds';

/** What all nodes of a run share. */
export interface SimWorld {
  readonly consensus: Consensus;
  readonly ledger: SimLedger;
  readonly judge: SimJudge;
  readonly network: SimNetwork;
  readonly random: Random;
  readonly nodes: SimNode[];
  /** Chance that a block changes stakes. */
  readonly unrest: number;
}

/** A block of a slot later than the clock by more than this waits. */
const EARLY_MS = 500;

export class SimNode {
  readonly account: string;
  readonly conduct: Conduct;
  readonly #world: SimWorld;
  readonly #index: number;
  /** Milliseconds that the clock is ahead. */
  readonly skew: number;
  up = true;
  // On disk.
  #record: SafetyRecord;
  #head: Executed;
  #final: Executed;
  // In memory.
  #view: FinalityView;
  #blocks = new Map<Id, SimBlock>();
  #orphans = new Map<Id, SimBlock>();
  #evidence = new EvidenceLog();
  #voted = new Set<Id>();

  constructor(world: SimWorld, index: number, account: string, conduct: Conduct, skew: number) {
    this.#world = world;
    this.#index = index;
    this.account = account;
    this.conduct = conduct;
    this.skew = skew;
    this.#record = emptyRecord(CHAIN, account);
    this.#head = world.ledger.genesis;
    this.#final = world.ledger.genesis;
    this.#view = this.#open();
  }

  get head(): Executed {
    return this.#head;
  }
  get final(): Executed {
    return this.#final;
  }
  get record(): SafetyRecord {
    return this.#record;
  }

  crash(): void {
    this.up = false;
  }

  /** Starts from what is on disk. */
  restart(): void {
    if (this.up) return;
    this.up = true;
    this.#blocks.clear();
    this.#orphans.clear();
    this.#evidence = new EvidenceLog();
    this.#voted.clear();
    this.#view = this.#open();
    const chain: Executed[] = [];
    for (let at = this.#head; at !== this.#final; at = at.parent!) chain.push(at);
    for (const { block, ref, state } of chain.reverse()) {
      this.#blocks.set(ref.id, block!);
      this.#view.add(block!);
      this.#view.execute(ref.id, state);
    }
    for (const vote of this.#record.proof) this.#view.addVote(vote);
    this.#follow();
  }

  /** Its clock says that a slot begins. */
  slot(slot: number): void {
    if (!this.up || this.conduct === 'silent') return;
    this.#exchange();
    if (slot <= this.#head.state.slot) return;
    const { consensus } = this.#world;
    if (consensus.producerOf(slot, this.#head.state).account !== this.account) return;
    const block = this.#make(slot, 0);
    if (this.conduct === 'equivocates') {
      this.#twins(slot, block);
      return;
    }
    const made = { slot, block: { height: block.header.height, id: block.id } };
    const record = recordHeader(this.#record, made);
    if (record === undefined) return;
    this.#record = record;
    if (this.conduct === 'withholds') {
      const wait = this.#world.random.int(0, 9000);
      this.#world.network.at(this.#world.network.now + wait, () => {
        if (this.up) this.#everybody('blocks', (node) => node.onBlock(block, this));
      });
    } else {
      this.#everybody('blocks', (node) => node.onBlock(block, this));
    }
    this.onBlock(block, this);
  }

  onBlock(block: SimBlock, from: SimNode): void {
    if (!this.up || this.conduct === 'silent') return;
    const { consensus, network, judge } = this.#world;
    const wait = consensus.slotStart(block.header.slot) - EARLY_MS - (network.now + this.skew);
    if (wait > 0 && from !== this) {
      network.at(network.now + wait, () => this.onBlock(block, from));
      return;
    }
    const header = { ...block.header, chainId: CHAIN } as BlockHeader;
    judge.evidence(this.#evidence.header({ header, id: block.id, signature: new Uint8Array() }));
    if (this.#take(block) === 'orphan' && from !== this) {
      this.#orphans.set(block.id, block);
      this.#ask(from, block.header.parent);
    }
    this.#follow();
  }

  /** Blocks up to one that this node asked for, ascending. */
  onBlocks(blocks: readonly SimBlock[], from: SimNode): void {
    if (!this.up || this.conduct === 'silent') return;
    const lowest = blocks[0];
    for (const block of blocks) {
      if (this.#take(block) === 'orphan') this.#orphans.set(block.id, block);
    }
    if (lowest && this.#orphans.has(lowest.id)) this.#ask(from, lowest.header.parent);
    this.#follow();
  }

  onVotes(votes: readonly SignedVote[]): void {
    if (!this.up || this.conduct === 'silent') return;
    for (const signed of votes) {
      this.#world.judge.evidence(this.#evidence.vote(signed));
      if (this.#view.voterKey(signed.vote) !== undefined) this.#view.addVote(signed);
    }
    this.#follow();
  }

  onAsk(id: Id, from: SimNode): void {
    if (!this.up || this.conduct === 'silent') return;
    const blocks: SimBlock[] = [];
    let block = this.#blocks.get(id) ?? this.#chainBlock(id);
    while (block && blocks.length < 64) {
      blocks.push(block);
      block = this.#blocks.get(block.header.parent) ?? this.#chainBlock(block.header.parent);
    }
    blocks.reverse();
    if (blocks.length > 0) this.#send(from, 'blocks', (node) => node.onBlocks(blocks, this));
  }

  #open(): FinalityView {
    const root = { id: this.#final.ref.id, state: this.#final.state };
    const idAt = (height: number) => ancestorAt(this.#final, height)?.ref.id;
    return new FinalityView({ consensus: this.#world.consensus, root, idAt });
  }

  #take(block: SimBlock): string {
    let outcome: string;
    try {
      outcome = this.#view.add(block);
    } catch (error) {
      if (!(error instanceof ConsensusError)) throw error;
      this.#world.judge.fail(`${this.account} refuses a valid block: ${error.message}`);
      return 'invalid';
    }
    if (outcome !== 'added') return outcome;
    this.#blocks.set(block.id, block);
    this.#orphans.delete(block.id);
    for (const vote of block.votes) this.#world.judge.evidence(this.#evidence.vote(vote));
    if (this.conduct !== 'honest') this.#voteForAll(block);
    for (const orphan of [...this.#orphans.values()]) {
      if (orphan.header.parent === block.id) this.#take(orphan);
    }
    return outcome;
  }

  /** Brings the ledger to the view's head, votes, and says what is final. */
  #follow(): void {
    const { ledger, judge } = this.#world;
    while (this.#view.head.id !== this.#head.ref.id) {
      const { common, blocks } = this.#view.path(this.#head.ref.id, this.#view.head.id);
      if (ancestorAt(this.#head, common.height)?.ref.id !== common.id) {
        judge.fail(`${this.account}: no way from its head to the view's`);
        return;
      }
      for (; this.#head.ref.height > common.height; this.#head = this.#head.parent!) {
        this.#view.revert(this.#head.ref.id);
      }
      if (this.#head.ref.height < this.#final.ref.height) {
        judge.fail(`${this.account} reverts below its final block`);
      }
      for (const { id } of blocks) {
        this.#head = ledger.execute(this.#blocks.get(id)!);
        this.#view.execute(id, this.#head.state);
      }
    }
    this.#vote();
    const final = ledger.get(this.#view.final.id);
    if (final === undefined) {
      judge.fail(`${this.account}: final but not executed`);
      return;
    }
    if (final !== this.#final) {
      if (ancestorAt(final, this.#final.ref.height) !== this.#final) {
        judge.fail(`${this.account}: final ${final.ref.height} replaces what was final`);
      }
      this.#final = final;
      if (this.conduct === 'honest') judge.isFinal(this.account, final.ref.id);
      for (const [id, block] of this.#blocks) {
        if (block.header.height < final.ref.height) this.#blocks.delete(id);
      }
    }
    if (this.conduct === 'honest') {
      judge.isFinal(`${this.account}'s chain`, this.#head.state.finality.final.id);
    }
  }

  #vote(): void {
    if (this.conduct !== 'honest') return;
    const votes: SignedVote[] = [];
    for (;;) {
      const next = this.#view.nextVote(this.account, this.#record);
      if (next === undefined) break;
      this.#record = next.record;
      const signed = signedVote(next.vote);
      votes.push(signed);
      this.#view.addVote(signed);
      this.#world.judge.evidence(this.#evidence.vote(signed));
    }
    if (votes.length === 0) return;
    this.#everybody('votes', (node) => node.onVotes(votes));
    if (this.#view.head.id !== this.#head.ref.id) this.#follow();
  }

  /** A faulty producer votes for whatever there is. */
  #voteForAll(block: SimBlock): void {
    const { network, random } = this.#world;
    if (this.#voted.has(block.id)) return;
    this.#voted.add(block.id);
    const state = this.#view.state(block.id);
    if (state === undefined) return;
    const { finality } = state;
    if (keyOf(finality, finality.epoch, this.account) === undefined) return;
    const target = { height: block.header.height, id: block.id };
    const source = finality.justified;
    const signed = signedVote({ chainId: CHAIN, source, target, producer: this.account });
    this.#view.addVote(signed);
    const wait = this.conduct === 'withholds' ? random.int(0, 12_000) : 0;
    network.at(network.now + wait, () =>
      this.#everybody('votes', (node) => {
        if (random.chance(0.7)) node.onVotes([signed]);
      }),
    );
  }

  /** Two blocks for one slot, each to some; sometimes on different parents. */
  #twins(slot: number, block: SimBlock): void {
    const { random } = this.#world;
    const back = this.#head.parent;
    const onParent = random.chance(0.3) && back && back.ref.height >= this.#final.ref.height;
    const other = onParent ? this.#makeOn(back, slot, 1) : this.#make(slot, 1);
    this.#everybody('blocks', (node) => {
      if (other && random.chance(0.5)) node.onBlock(other, this);
      else node.onBlock(block, this);
    });
    this.onBlock(block, this);
    if (other) this.onBlock(other, this);
  }

  #make(slot: number, nonce: number): SimBlock {
    return this.#makeOn(this.#head, slot, nonce)!;
  }

  #makeOn(parent: Executed, slot: number, nonce: number): SimBlock | undefined {
    const { consensus, ledger, random, nodes, unrest } = this.#world;
    if (consensus.producerOf(slot, parent.state).account !== this.account) return undefined;
    const votes = this.#view.votesFor(parent.ref.id);
    const changes = random.chance(unrest) ? random.int(1, 3) : 0;
    const stakes = Array.from({ length: changes }, () => {
      return [random.pick(nodes).account, BigInt(random.int(1, 200))] as const;
    });
    const registers = [...parent.dropped].filter((name) =>
      nodes.some((node) => node.account === name && node.up && node.conduct !== 'silent'),
    );
    const height = parent.ref.height + 1;
    const header = { height, slot, parent: parent.ref.id, producer: this.account };
    const content = [slot, nonce, ...votes.map(({ id }) => id), stakes.join(' '), ...registers];
    const id = idOf(`${parent.ref.id} ${content.join(' ')}`);
    const block = { id, header, votes, stakes, registers };
    ledger.execute(block);
    return block;
  }

  /** Tells one peer what it may have missed. */
  #exchange(): void {
    const { nodes, random } = this.#world;
    const peer = random.pick(nodes);
    if (peer === this) return;
    const votes = this.#view.openVotes();
    const { block } = this.#head;
    if (block) this.#send(peer, 'blocks', (node) => node.onBlock(block, this));
    this.#send(peer, 'votes', (node) => node.onVotes(votes));
  }

  #ask(from: SimNode, id: Id): void {
    this.#send(from, 'blocks', (node) => node.onAsk(id, this));
  }

  #everybody(what: 'votes' | 'blocks', deliver: (node: SimNode) => void): void {
    for (const node of this.#world.nodes) if (node !== this) this.#send(node, what, deliver);
  }

  #send(to: SimNode, what: 'votes' | 'blocks', deliver: (node: SimNode) => void): void {
    this.#world.network.send(this.#index, to.#index, what, () => deliver(to));
  }

  #chainBlock(id: Id): SimBlock | undefined {
    const found = this.#world.ledger.get(id);
    if (!found?.block) return undefined;
    return ancestorAt(this.#head, found.ref.height) === found ? found.block : undefined;
  }
}
