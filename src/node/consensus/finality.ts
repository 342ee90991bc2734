// SPDX-License-Identifier: Apache-2.0
// Finality that the chain proves by itself: Casper FFG over the votes that its blocks carry.

import type { BlockRef, Id, PublicKey, SignedVote, Vote } from '../protocol/types.ts';
import { ConsensusError } from './errors.ts';
import type { FinalityState, ProducerSet, Rules, Run, Tally, VoterSet } from './finality-types.ts';
import { compareText, memberIndex, memberOf } from './producer-set.ts';

/** Blocks whose votes are counted one by one; older targets need all their votes in one block. */
export const WINDOW = 32;

/** Changes of source or epoch that are remembered for such older targets. */
export const RUNS = 16;

/** What a block did to finality. */
export interface FinalityStep {
  readonly state: FinalityState;
  /** Newly justified, ascending. */
  readonly justified: readonly BlockRef[];
  /** Set when `final` advanced. */
  readonly final?: BlockRef;
  readonly activated: boolean;
}

/** The state after genesis, which is justified and final. */
export function genesisFinality(genesis: BlockRef, members: ProducerSet): FinalityState {
  return {
    justified: genesis,
    final: genesis,
    epoch: 1,
    sets: [members, members],
    firstEpoch: 0,
    window: [],
    runs: [{ from: 0, source: genesis, epoch: 1 }],
  };
}

/** The set of an epoch that is still in use. */
export function setOf(state: FinalityState, epoch: number): ProducerSet {
  const set = state.sets[epoch - state.firstEpoch];
  if (set === undefined) throw new RangeError(`epoch ${epoch}: not kept`);
  return set;
}

/** The sets that must reach their quorum for the block that `state` is after. */
export function votersAfter(state: FinalityState, rules: Rules): readonly VoterSet[] {
  return rules
    .voters(setOf(state, state.epoch - 1), setOf(state, state.epoch))
    .map((members) => ({ members, needed: rules.quorum(members.length) }));
}

/** The key of a vote in a block on top of `state`, which is of `height`; undefined if not to be carried. */
export function voterKeyAfter(
  state: FinalityState,
  height: number,
  vote: Vote,
): PublicKey | undefined {
  const at = vote.target.height;
  if (at > height || at <= state.final.height) return undefined;
  const first = state.window[0]?.block.height ?? height;
  const epoch =
    at === height
      ? state.epoch
      : at >= first
        ? state.window[at - first]?.epoch
        : runOf(state.runs, at)?.epoch;
  return epoch === undefined ? undefined : keyOf(state, epoch, vote.producer);
}

/** The key of a producer for targets of an epoch: that of the set in force before the one before it. */
export function keyOf(state: FinalityState, epoch: number, account: string): PublicKey | undefined {
  const member =
    memberOf(setOf(state, epoch), account) ?? memberOf(setOf(state, epoch - 1), account);
  return member?.signingKey;
}

/**
 * Finality after a block of `height` on top of `parent`, whose votes it counts.
 *
 * @param ancestor - id of the ancestor at a height; asked only for votes older than the window.
 * @throws {ConsensusError} `CONSENSUS_VOTE` for a vote that this block must not carry.
 */
export function advanceFinality(
  before: FinalityState,
  block: { readonly height: number; readonly parent: Id; readonly votes: readonly SignedVote[] },
  ancestor: (height: number) => Id | undefined,
  rules: Rules,
): FinalityStep {
  const parent: BlockRef = { height: block.height - 1, id: block.parent };
  let window = before.window;
  if (parent.height > before.final.height) {
    const { justified: source, epoch } = before;
    const target: Tally = { block: parent, source, epoch, forward: 0n, rear: 0n, justified: false };
    window = [...window, target].slice(-WINDOW);
  }
  if (block.votes.length === 0) return settle(before, block.height, window, []);

  const counted = [...window];
  const late = new Map<number, SignedVote[]>();
  const start = window[0]?.block.height ?? block.height;
  for (const [at, signed] of block.votes.entries()) {
    checkOrder(block.votes[at - 1], signed);
    const { target } = signed.vote;
    if (target.height >= start) {
      const tally = counted[target.height - start];
      if (tally === undefined) throw bad(signed.vote, `expected a target up to ${parent.height}`);
      counted[target.height - start] = count(before, tally, signed.vote);
    } else {
      late.set(target.height, [...(late.get(target.height) ?? []), signed]);
    }
  }
  const justified: BlockRef[] = [];
  for (const votes of late.values()) justified.push(countLate(before, votes, ancestor, rules));
  for (const [at, tally] of counted.entries()) {
    if (tally.justified || tally === window[at] || !reached(before, tally, rules)) continue;
    counted[at] = { ...tally, justified: true };
    justified.push(tally.block);
  }
  return settle(before, block.height, counted, justified);
}

function settle(
  before: FinalityState,
  height: number,
  window: readonly Tally[],
  newly: readonly BlockRef[],
): FinalityStep {
  const last = newly.at(-1);
  const justified = last && last.height > before.justified.height ? last : before.justified;
  const final = newly.length === 0 ? before.final : finalOf(window, before.final);
  const { pending } = before;
  const activated = pending !== undefined && final.height >= pending.height;
  const epoch = activated ? before.epoch + 1 : before.epoch;
  const sets = activated ? [...before.sets, pending.members] : before.sets;
  const kept =
    final === before.final ? window : window.filter((tally) => tally.block.height > final.height);
  const runs = nextRuns(before.runs, { from: height, source: justified, epoch });

  let oldest = epoch;
  for (const { epoch: used } of [...kept, ...runs]) oldest = Math.min(oldest, used);
  const firstEpoch = Math.max(before.firstEpoch, oldest - 1);
  const state: FinalityState = {
    justified,
    final,
    epoch,
    sets: firstEpoch === before.firstEpoch ? sets : sets.slice(firstEpoch - before.firstEpoch),
    firstEpoch,
    ...(pending === undefined || activated ? {} : { pending }),
    window: kept,
    runs,
  };
  return {
    state,
    justified: newly,
    ...(final === before.final ? {} : { final }),
    activated,
  };
}

/**
 * The last final block: source of a link to a justified block, all between them justified
 * (k-finality of Gasper, Buterin et al. 2020; with nothing between them it is Casper's own rule).
 */
function finalOf(window: readonly Tally[], before: BlockRef): BlockRef {
  let final = before;
  let unbroken = 0;
  for (const { block, source, justified } of window) {
    if (!justified) {
      unbroken = block.height + 1;
    } else if (source.height > final.height && source.height + 1 >= unbroken) {
      if (source.height + 1 >= window[0]!.block.height) final = source;
    }
  }
  return final;
}

function count(state: FinalityState, tally: Tally, vote: Vote): Tally {
  checkLink(vote, tally.block.id, tally.source);
  const forwardAt = memberIndex(setOf(state, tally.epoch), vote.producer);
  const rearAt = memberIndex(setOf(state, tally.epoch - 1), vote.producer);
  const forward = forwardAt === undefined ? 0n : 1n << BigInt(forwardAt);
  const rear = rearAt === undefined ? 0n : 1n << BigInt(rearAt);
  if (forward === 0n && rear === 0n) throw bad(vote, 'the producer is in no set of this target');
  if ((tally.forward & forward) !== 0n || (tally.rear & rear) !== 0n) {
    throw bad(vote, 'the chain carries it already');
  }
  return { ...tally, forward: tally.forward | forward, rear: tally.rear | rear };
}

function reached(state: FinalityState, tally: Tally, rules: Rules): boolean {
  const forward = setOf(state, tally.epoch);
  return rules
    .voters(setOf(state, tally.epoch - 1), forward)
    .every((set) => bits(set === forward ? tally.forward : tally.rear) >= rules.quorum(set.length));
}

/** Votes for a target older than the window: together they must justify it, or be left out. */
function countLate(
  state: FinalityState,
  votes: readonly SignedVote[],
  ancestor: (height: number) => Id | undefined,
  rules: Rules,
): BlockRef {
  const [{ vote: first }] = votes as [SignedVote];
  const { height } = first.target;
  if (height <= state.justified.height) {
    throw bad(first, `expected a target above the justified ${state.justified.height}`);
  }
  const run = runOf(state.runs, height);
  const id = ancestor(height);
  if (run === undefined || id === undefined) throw bad(first, 'the target is too old');
  let tally: Tally = {
    block: { height, id },
    source: run.source,
    epoch: run.epoch,
    forward: 0n,
    rear: 0n,
    justified: false,
  };
  for (const { vote } of votes) tally = count(state, tally, vote);
  if (!reached(state, tally, rules)) {
    throw bad(first, `expected a quorum in one block, got ${votes.length} votes`);
  }
  return tally.block;
}

/** The run that covers a height above `justified`. */
export function runOf(runs: readonly Run[], height: number): Run | undefined {
  let found: Run | undefined;
  for (const run of runs) if (run.from <= height) found = run;
  return found;
}

function nextRuns(runs: readonly Run[], next: Run): readonly Run[] {
  const last = runs.at(-1);
  if (last && last.source.height === next.source.height && last.epoch === next.epoch) return runs;
  const all = [...runs, next];
  const needed = all.findLastIndex((run) => run.from <= next.source.height + 1);
  return all.slice(Math.max(needed, 0)).slice(-RUNS);
}

function checkLink(vote: Vote, id: Id, source: BlockRef): void {
  if (vote.target.id !== id) throw bad(vote, `expected target ${id}, got ${vote.target.id}`);
  if (vote.source.height !== source.height || vote.source.id !== source.id) {
    throw bad(vote, `expected source ${source.height}, got ${vote.source.height}`);
  }
}

function checkOrder(before: SignedVote | undefined, signed: SignedVote): void {
  if (before !== undefined && compareVotes(before, signed) >= 0) {
    throw bad(signed.vote, 'expected ascending target heights, then producers');
  }
}

/** The order of votes in a block: by target height, then producer. */
export function compareVotes(a: SignedVote, b: SignedVote): number {
  return (
    a.vote.target.height - b.vote.target.height || compareText(a.vote.producer, b.vote.producer)
  );
}

/** Number of ones. */
export function bits(value: bigint): number {
  let ones = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) ones++;
  return ones;
}

function bad(vote: Vote, message: string): ConsensusError {
  const { producer, target } = vote;
  return new ConsensusError(
    'CONSENSUS_VOTE',
    `vote of ${producer} for ${target.height}: ${message}`,
  );
}
