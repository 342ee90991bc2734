// SPDX-License-Identifier: Apache-2.0
// One node's view: votes in any order, forks, restarts.

import { describe, expect, test } from 'vitest';
import { dposConsensus } from '../../../src/node/consensus/dpos.ts';
import { WINDOW } from '../../../src/node/consensus/finality.ts';
import { FinalityView } from '../../../src/node/consensus/finality-view.ts';
import { poaConsensus } from '../../../src/node/consensus/poa.ts';
import { emptyRecord, type SafetyRecord } from '../../../src/node/consensus/safety.ts';
import { genesisLink, grow, type Link, votesOf } from './helpers/chain.ts';
import { CHAIN, nameOf, parametersFor, producers, signedVote, voteFor } from './helpers/kit.ts';

const consensus = poaConsensus(parametersFor(4, { kind: 'poa' }));
const genesis = genesisLink(consensus);
const [a, b, c, d] = [nameOf(0), nameOf(1), nameOf(2), nameOf(3)] as const;
const three = [a, b, c];

function viewOf(...links: Link[]): FinalityView {
  const view = new FinalityView({
    consensus,
    root: { id: genesis.ref.id, state: genesis.state },
    idAt: () => undefined,
  });
  for (const link of links) take(view, link);
  return view;
}

function take(view: FinalityView, link: Link): void {
  expect(view.add(link.block)).toBe('added');
  view.execute(link.ref.id, link.state);
}

function give(view: FinalityView, votes: ReturnType<typeof votesOf>): void {
  for (const vote of votes) view.addVote(vote);
}

describe('votes from gossip', () => {
  const one = grow(consensus, genesis);
  const two = grow(consensus, one, { votes: votesOf(three, one) });

  test('make a block final one block later, before the chain shows it', () => {
    const view = viewOf(one, two);
    expect(view.justified).toEqual(one.ref);
    give(view, votesOf([a, b], two));
    expect(view.confirmations(two.ref.id)).toEqual({ count: 2, needed: 3 });
    expect(view.final.height).toBe(0);
    give(view, votesOf([d], two));
    expect(view.final).toEqual(one.ref);
    expect(two.state.finality.final.height).toBe(0);
  });

  test('may come before their block', () => {
    const view = viewOf();
    for (const vote of votesOf(three, one)) expect(view.addVote(vote)).toBe('held');
    expect(view.addVote(votesOf([a], one)[0]!)).toBe('known');
    take(view, one);
    expect(view.justified).toEqual(one.ref);
  });

  test('for blocks that nobody knows are not sent on without end: eight of a producer, and those of others', () => {
    const view = viewOf();
    const unknown = (producer: string, i: number) =>
      voteFor(producer, genesis.ref, { height: 10 + i, id: `${i}`.padStart(64, '0') });
    const outcomes = Array.from({ length: 200 }, (_, i) => view.addVote(unknown(a, i)));
    expect(outcomes.slice(0, 8)).toEqual(new Array(8).fill('held'));
    expect(outcomes.slice(8)).toEqual(new Array(192).fill('crowded'));
    expect(view.addVote(unknown(b, 1))).toBe('held');
    for (const vote of votesOf(three, one)) view.addVote(vote);
    take(view, one);
    expect(view.justified).toEqual(one.ref);
  });

  test('count once, from the right source, of those who have a vote', () => {
    const view = viewOf(one, two);
    expect(view.addVote(votesOf([a], two)[0]!)).toBe('counted');
    expect(view.addVote(votesOf([a], two)[0]!)).toBe('known');
    expect(view.addVote(voteFor(b, genesis.ref, two.ref))).toBe('refused');
    expect(view.addVote(voteFor('mallory', one.ref, two.ref))).toBe('refused');
    expect(view.confirmations(two.ref.id)?.count).toBe(1);
  });

  test('that nobody carried yet go into the next block, in order', () => {
    const view = viewOf(one);
    give(view, votesOf([c, a], one));
    expect(view.votesFor(one.ref.id).map(({ vote }) => vote.producer)).toEqual([a, c]);
    const next = grow(consensus, one, { votes: votesOf([a], one) });
    take(view, next);
    give(view, votesOf([d], next));
    expect(
      view.votesFor(next.ref.id).map(({ vote }) => `${vote.target.height} ${vote.producer}`),
    ).toEqual([`1 ${c}`, `2 ${d}`]);
  });
});

describe('the head', () => {
  const one = grow(consensus, genesis);
  const short = grow(consensus, one, { name: 'short', gap: 2 });
  const long = grow(consensus, one, { name: 'long' });
  const longer = grow(consensus, long);

  test('is the longest chain; of equally long ones that with the lowest id', () => {
    const view = viewOf(one, long, short);
    const lowest = [long, short].map(({ ref }) => ref.id).sort()[0];
    expect(view.head.id).toBe(lowest);
    take(view, longer);
    expect(view.head).toEqual(longer.ref);
  });

  test('follows a justified block to a shorter chain', () => {
    const view = viewOf(one, long, longer, short);
    give(view, votesOf(three, short));
    expect(view.head).toEqual(short.ref);
    expect(view.path(longer.ref.id, short.ref.id)).toEqual({
      common: one.ref,
      blocks: [short.ref],
    });
  });

  test('leaves a block that cannot be executed', () => {
    const view = viewOf(one, short);
    view.add(long.block);
    view.add(longer.block);
    expect(view.head).toEqual(longer.ref);
    view.remove(long.ref.id);
    expect(view.head).toEqual(short.ref);
    expect(view.has(longer.ref.id)).toBe(false);
  });

  test('final waits until the ledger is there', () => {
    const view = viewOf(one, long);
    give(view, votesOf(three, one));
    const next = grow(consensus, long, { votes: votesOf(three, one) });
    const last = grow(consensus, next, { votes: votesOf(three, next) });
    view.add(next.block);
    view.add(last.block);
    give(view, votesOf(three, last));
    expect(view.justified).toEqual(last.ref);
    expect(view.final).toEqual(genesis.ref);
    view.execute(next.ref.id, next.state);
    expect(view.final).toEqual(next.ref);
  });
});

describe('the next vote', () => {
  const record = (name: string): SafetyRecord => emptyRecord(CHAIN, name);

  test('is for each block on the way that lacks votes, and rises', () => {
    const one = grow(consensus, genesis);
    const two = grow(consensus, one);
    const view = viewOf(one, two);
    const first = view.nextVote(a, record(a))!;
    expect(first.vote.target).toEqual(one.ref);
    const second = view.nextVote(a, first.record)!;
    expect(second.vote.target).toEqual(two.ref);
    expect(view.nextVote(a, second.record)).toBeUndefined();
    expect(view.nextVote('mallory', record('mallory'))).toBeUndefined();
  });

  test('is not for another block of a height, also after a change of chain', () => {
    const one = grow(consensus, genesis);
    const left = grow(consensus, one, { name: 'left' });
    const right = grow(consensus, one, { name: 'right' });
    const view = viewOf(one, left);
    const voted = view.nextVote(a, view.nextVote(a, record(a))!.record)!;
    expect(voted.vote.target).toEqual(left.ref);
    take(view, right);
    give(view, votesOf([b, c, d], right));
    expect(view.head).toEqual(right.ref);
    expect(view.nextVote(a, voted.record)).toBeUndefined();
    const next = grow(consensus, right, { votes: votesOf([b, c, d], right) });
    take(view, next);
    expect(view.nextVote(a, voted.record)?.vote.target).toEqual(next.ref);
  });
});

test('producers whose source is ahead of the chain they must follow bring it along', () => {
  // a, b and c voted from block 1 on a branch that carried its votes; the others grew a longer one
  // without them, far beyond the window. After a power cut only the records remember the votes.
  const one = grow(consensus, genesis);
  const left = grow(consensus, one, { name: 'left', votes: votesOf(three, one) });
  const records = new Map<string, SafetyRecord>();
  const before = viewOf(one);
  for (const name of three) {
    const next = before.nextVote(name, emptyRecord(CHAIN, name))!;
    records.set(name, next.record);
    before.addVote(signedVote(next.vote));
  }
  take(before, left);
  for (const name of three) records.set(name, before.nextVote(name, records.get(name)!)!.record);
  expect(records.get(a)!.vote?.source).toEqual(one.ref);

  const right: Link[] = [];
  for (let more = 0; more < WINDOW + 8; more++) {
    right.push(grow(consensus, right.at(-1) ?? one, { name: 'right', gap: more ? 1 : 2 }));
  }
  const view = viewOf(one, ...right);
  let tip = right.at(-1)!;
  expect(view.nextVote(a, records.get(a)!)).toBeUndefined();
  for (const vote of records.get(a)!.proof) view.addVote(vote);
  for (let more = 0; more < 4; more++) {
    tip = grow(consensus, tip, { votes: view.votesFor(tip.ref.id) });
    take(view, tip);
    for (const name of three) {
      for (;;) {
        const next = view.nextVote(name, records.get(name)!);
        if (next === undefined) break;
        records.set(name, next.record);
        view.addVote(signedVote(next.vote));
      }
    }
  }
  expect(view.final.height).toBeGreaterThan(WINDOW);
});

test('a block may justify what lies below the last final block of this node', () => {
  const chain = [genesis, grow(consensus, genesis)];
  const [, one] = chain as [Link, Link];
  for (let more = 0; more < WINDOW + 8; more++) chain.push(grow(consensus, chain.at(-1)!));
  const tip = chain.at(-1)!;
  const view = new FinalityView({
    consensus,
    root: { id: tip.ref.id, state: tip.state },
    idAt: (height) => chain[height]?.ref.id,
  });
  const next = grow(consensus, tip, { votes: votesOf(three, one) });
  expect(view.add(next.block)).toBe('added');
  expect(view.state(next.ref.id)?.finality.justified).toEqual(one.ref);
});

test('a fork beyond an election is judged again once it is executed', () => {
  const pool = producers(8);
  const dpos = dposConsensus(parametersFor(4, { initial: pool.slice(0, 4) }));
  const others = pool.slice(4).map((producer) => ({ ...producer, weight: 5n, dropped: false }));
  const root = genesisLink(dpos);
  const chain = [root];
  const voters = (link: Link) =>
    dpos.votersOf(link.state).flatMap(({ members }) => members.map(({ account }) => account));
  for (let more = 0; more < 12; more++) {
    const tip = chain.at(-1)!;
    const votes = tip === root ? [] : votesOf([...new Set(voters(tip))], tip);
    chain.push(grow(dpos, tip, { votes, candidates: others }));
  }
  const last = chain.at(-1)!;
  expect(last.state.finality.epoch).toBeGreaterThan(1);
  const view = new FinalityView({
    consensus: dpos,
    root: { id: root.ref.id, state: root.state },
    idAt: (height) => chain[height]?.ref.id,
  });
  for (const link of chain.slice(1)) expect(view.add(link.block)).toBe('added');
  expect(view.state(last.ref.id)?.provisional).toBe(true);
  expect(view.final.height).toBe(0);
  for (const link of chain.slice(1)) view.execute(link.ref.id, link.state);
  expect(view.state(last.ref.id)).toBe(last.state);
  expect(view.final).toEqual(last.state.finality.final);
  expect(view.final.height).toBeGreaterThan(8);
});
