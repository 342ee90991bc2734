// SPDX-License-Identifier: Apache-2.0
// The rules of finality against the worst of networks: nothing is known of time, order or fork choice.
// The adversary grows branches, decides which votes each block carries, elects another set in each
// branch, and shows any producer any block. Honest producers sign whatever their record permits.

import type {
  Candidate,
  Consensus,
  ConsensusState,
  Producer,
} from '../../../../src/node/consensus/contract.ts';
import { dposConsensus } from '../../../../src/node/consensus/dpos.ts';
import { compareVotes, runOf, setOf, WINDOW } from '../../../../src/node/consensus/finality.ts';
import type { Rules } from '../../../../src/node/consensus/finality-types.ts';
import { memberIndex } from '../../../../src/node/consensus/producer-set.ts';
import { CASPER, tolerated } from '../../../../src/node/consensus/rules.ts';
import {
  emptyRecord,
  recordVote,
  type SafetyRecord,
} from '../../../../src/node/consensus/safety.ts';
import type { BlockRef, SignedVote } from '../../../../src/node/protocol/types.ts';
import { Random } from '../../../../src/testbench/random.ts';
import { CHAIN, GENESIS, idOf, parametersFor, producers, signedVote } from './kit.ts';

export interface AdversaryOptions {
  readonly seed: number;
  readonly rules?: Rules;
  /** N; drawn when left out. */
  readonly seats?: number;
}

export interface AdversaryOutcome {
  /** Two final blocks of which neither descends from the other. */
  readonly conflict?: string;
  /** Highest final block. */
  readonly finalHeight: number;
  /** Highest epoch of a block on the final chain. */
  readonly epoch: number;
  /** Ends of branches that were left behind. */
  readonly branches: number;
}

interface WorldBlock {
  readonly ref: BlockRef;
  readonly parent: WorldBlock | undefined;
  readonly state: ConsensusState;
  readonly votes: Map<string, SignedVote>;
  /** Its branch never carries votes for blocks up to this height. */
  readonly hidden: number;
}

/** One game. */
export function playAdversary({ seed, rules = CASPER, seats }: AdversaryOptions): AdversaryOutcome {
  const random = new Random(seed, 'adversary');
  const count = seats ?? random.pick([1, 2, 3, 4, 4, 4, 5, 6, 7, 7]);
  const pool = producers(random.pick([count, count + 1, 2 * count, 3 * count]));
  const faulty = new Set(
    pool.filter((_, at) => at > 0 && random.chance(0.34)).map(({ account }) => account),
  );
  const draw = () => drawSet(pool, faulty, count, random);
  const consensus = dposConsensus(parametersFor(count, { initial: draw() }), rules);
  const world = new World(consensus, draw, random);
  const records = new Map<string, SafetyRecord>();
  for (const { account } of pool) records.set(account, emptyRecord(CHAIN, account));

  const eagerness = random.pick([0.6, 0.8, 0.95]);
  const carrying = random.pick([0.5, 0.8, 0.97]);
  for (let step = 0; step < 90 && world.conflict === undefined; step++) {
    if (random.chance(0.1)) world.fork(carrying);
    if (random.chance(0.15)) world.split();
    const tip = world.grow(carrying);
    const target = random.chance(0.85) ? tip : random.pick(world.recent());
    const { epoch } = target.state.finality;
    const sets = [setOf(target.state.finality, epoch), setOf(target.state.finality, epoch - 1)];
    for (const { account } of pool) {
      if (!sets.some((set) => memberIndex(set, account) !== undefined)) continue;
      const signed = signedVote({
        chainId: CHAIN,
        source: target.state.finality.justified,
        target: target.ref,
        producer: account,
      });
      if (faulty.has(account)) {
        target.votes.set(account, signed);
      } else if (random.chance(eagerness)) {
        const next = recordVote(records.get(account)!, signed.vote, [], rules);
        if (next === undefined) continue;
        records.set(account, next);
        target.votes.set(account, signed);
      }
    }
  }
  return world.outcome();
}

/** A random set that tolerates its faulty members. Somebody in the pool is honest. */
function drawSet(
  pool: readonly Producer[],
  faulty: ReadonlySet<string>,
  count: number,
  random: Random,
): Producer[] {
  const order = pool.map((producer) => ({ producer, key: random.float() }));
  order.sort((a, b) => a.key - b.key);
  const set = order.slice(0, count).map(({ producer }) => producer);
  for (;;) {
    const bad = set.filter(({ account }) => faulty.has(account));
    if (set.length > 0 && bad.length <= tolerated(set.length)) return set;
    if (bad.length > 0) set.splice(set.indexOf(bad[0]!), 1);
    const more = order.find((it) => !set.includes(it.producer) && !faulty.has(it.producer.account));
    if (more) set.push(more.producer);
  }
}

class World {
  readonly #consensus: Consensus;
  readonly #elect: () => readonly Producer[];
  readonly #random: Random;
  readonly #blocks: WorldBlock[] = [];
  readonly #tips: WorldBlock[] = [];
  #final: WorldBlock;
  conflict: string | undefined;

  constructor(consensus: Consensus, elect: () => readonly Producer[], random: Random) {
    this.#consensus = consensus;
    this.#elect = elect;
    this.#random = random;
    const genesis = {
      ref: GENESIS,
      parent: undefined,
      state: consensus.genesisState(),
      votes: new Map(),
      hidden: 0,
    };
    this.#final = genesis;
    this.#blocks.push(genesis);
    this.#tips.push(genesis);
  }

  /** A new branch, from somewhere near the top. */
  fork(carrying: number): void {
    const from = this.#random.pick(this.#random.chance(0.6) ? this.#tips : this.recent());
    const hidden = this.#random.chance(0.5) ? from.ref.height : from.hidden;
    const tip = this.#extend(from, carrying, hidden);
    if (this.#tips.length < 3) this.#tips.push(tip);
    else this.#tips[this.#random.int(this.#tips.length)] = tip;
  }

  /** Hands over to an elected set on one branch, and keeps the votes for it from another. */
  split(): void {
    const tip = this.#random.pick(this.#tips);
    const heir = this.#extend(tip, 1, 0);
    if (heir.state.finality.epoch === tip.state.finality.epoch) return;
    this.#tips.splice(0, this.#tips.length, heir, this.#extend(tip, 0, tip.ref.height));
  }

  /** A block on one of the branches. */
  grow(carrying: number): WorldBlock {
    const at = this.#random.int(this.#tips.length);
    let tip = this.#tips[at]!;
    for (let more = this.#random.pick([1, 1, 1, 1, 2]); more > 0; more--) {
      tip = this.#extend(tip, carrying);
    }
    this.#tips[at] = tip;
    return tip;
  }

  recent(): readonly WorldBlock[] {
    return this.#blocks.slice(-16);
  }

  /** Shows what the votes that are out there make final, also where no block has carried them yet. */
  outcome(): AdversaryOutcome {
    for (const tip of [...this.#tips, ...this.recent()]) {
      let at = tip;
      for (let more = 0; more < 2 && this.conflict === undefined; more++)
        at = this.#extend(at, 1, 0);
    }
    const { height } = this.#final.ref;
    const epoch = Math.max(...this.#tips.map((tip) => tip.state.finality.epoch));
    const branches = this.#tips.length;
    const outcome = { finalHeight: height, epoch, branches };
    return this.conflict === undefined ? outcome : { ...outcome, conflict: this.conflict };
  }

  #extend(parent: WorldBlock, carrying: number, hidden = parent.hidden): WorldBlock {
    const { state } = parent;
    const slot = state.slot + this.#random.pick([1, 1, 1, 2, 5]);
    const votes = this.#votes(parent, carrying, hidden);
    const candidates = () =>
      this.#elect().map((producer): Candidate => ({ ...producer, weight: 1n, dropped: false }));
    const ancestor = (height: number) => {
      let at: WorldBlock | undefined = parent;
      while (at && at.ref.height > height) at = at.parent;
      return at?.ref.id;
    };
    const producer = this.#consensus.producerOf(slot, state).account;
    const height = parent.ref.height + 1;
    const header = { height, slot, parent: parent.ref.id, producer };
    const advanced = this.#consensus.advance(state, { header, votes }, { candidates, ancestor });
    const ref = { height, id: idOf(`block ${this.#blocks.length}`) };
    const block = { ref, parent, state: advanced.state, votes: new Map(), hidden };
    this.#blocks.push(block);
    this.#check(block);
    return block;
  }

  #votes(parent: WorldBlock, carrying: number, hidden: number): SignedVote[] {
    const { finality, height } = parent.state;
    const chosen: SignedVote[] = [];
    const first = finality.window[0]?.block.height ?? height;
    const start = Math.max(first, height - WINDOW + 1);
    let at: WorldBlock | undefined = parent;
    for (; at && at.ref.height > finality.final.height; at = at.parent) {
      if (at.ref.height < start || at.ref.height <= hidden) break;
      const tally = finality.window[at.ref.height - first];
      for (const signed of at.votes.values()) {
        if (!this.#random.chance(carrying)) continue;
        if (tally && counted(finality, tally, signed.vote.producer)) continue;
        chosen.push(signed);
      }
    }
    for (; at && at.ref.height > finality.justified.height; at = at.parent) {
      if (at.ref.height >= start || !this.#random.chance(0.3)) continue;
      if (!quorumFor(at, this.#consensus) || !runOf(finality.runs, at.ref.height)) continue;
      chosen.push(...at.votes.values());
    }
    return chosen.sort(compareVotes);
  }

  #check(block: WorldBlock): void {
    const { final } = block.state.finality;
    const found = ancestorAt(block, final.height)!;
    const [low, high] =
      found.ref.height <= this.#final.ref.height ? [found, this.#final] : [this.#final, found];
    if (ancestorAt(high, low.ref.height) !== low) {
      this.conflict = `final ${low.ref.height} and ${high.ref.height} on different branches`;
    }
    this.#final = high;
  }
}

function quorumFor(block: WorldBlock, consensus: Consensus): boolean {
  return consensus.votersOf(block.state).every(({ members, needed }) => {
    const names = [...block.votes.keys()];
    return names.filter((name) => memberIndex(members, name) !== undefined).length >= needed;
  });
}

function counted(
  finality: ConsensusState['finality'],
  tally: ConsensusState['finality']['window'][number],
  account: string,
): boolean {
  const has = (bitmap: bigint, at: number | undefined) =>
    at !== undefined && ((bitmap >> BigInt(at)) & 1n) === 1n;
  return (
    has(tally.forward, memberIndex(setOf(finality, tally.epoch), account)) ||
    has(tally.rear, memberIndex(setOf(finality, tally.epoch - 1), account))
  );
}

function ancestorAt(block: WorldBlock, height: number): WorldBlock | undefined {
  let at: WorldBlock | undefined = block;
  while (at && at.ref.height > height) at = at.parent;
  return at;
}
