// SPDX-License-Identifier: Apache-2.0
// Finality that a chain proves by itself.

import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/node/consensus/finality.ts';
import { poaConsensus } from '../../../src/node/consensus/poa.ts';
import { quorum, tolerated } from '../../../src/node/consensus/rules.ts';
import { genesisLink, grow, type Link, votesOf } from './helpers/chain.ts';
import { nameOf, parametersFor, voteFor } from './helpers/kit.ts';

const consensus = poaConsensus(parametersFor(4, { kind: 'poa' }));
const [a, b, c, d] = [nameOf(0), nameOf(1), nameOf(2), nameOf(3)] as const;
const three = [a, b, c];

/** Each block carries all votes for the block `lag` before it. */
function laggingChain(length: number, lag: number, from = genesisLink(consensus)): Link[] {
  const chain = [from];
  for (let at = 0; at < length; at++) {
    const target = chain.at(-lag);
    const votes = target && target.ref.height > from.ref.height ? votesOf(three, target) : [];
    chain.push(grow(consensus, chain.at(-1)!, { votes }));
  }
  return chain;
}

test('K is floor(2n/3) + 1, and a third at most may contradict itself', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 10, 21].map(quorum)).toEqual([1, 2, 3, 3, 4, 5, 5, 7, 15]);
  for (let n = 1; n <= 255; n++) {
    expect(tolerated(n)).toBeGreaterThanOrEqual(Math.ceil(n / 3) - 1);
    expect(n - quorum(n)).toBe(Math.ceil(n / 3) - 1);
  }
});

describe('finality', () => {
  test('votes that are always in the next block: final two blocks later', () => {
    const chain = laggingChain(8, 1);
    expect(chain.map((link) => link.state.finality.justified.height)).toEqual([
      0, 0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(chain.map((link) => link.state.finality.final.height)).toEqual([
      0, 0, 0, 1, 2, 3, 4, 5, 6,
    ]);
  });

  test.each([2, 3, 5, 12])(
    'votes that are always %i blocks late: finality keeps that distance',
    (lag) => {
      const chain = laggingChain(6 * lag, lag);
      const { height, finality } = chain.at(-1)!.state;
      expect(height - finality.justified.height).toBe(lag);
      expect(height - finality.final.height).toBeLessThanOrEqual(2 * lag);
    },
  );

  test('one vote less than K justifies nothing', () => {
    const one = grow(consensus, genesisLink(consensus));
    const two = grow(consensus, one, { votes: votesOf([a, b], one) });
    expect(two.state.finality.justified.height).toBe(0);
    const three = grow(consensus, two, { votes: votesOf([d], one) });
    expect(three.state.finality.justified.height).toBe(1);
  });

  test('a link over a block that is not justified makes nothing final', () => {
    const one = grow(consensus, genesisLink(consensus));
    const two = grow(consensus, one, { votes: votesOf(three, one) });
    const skipped = grow(consensus, two);
    const four = grow(consensus, skipped);
    const five = grow(consensus, four, { votes: votesOf(three, four) });
    expect(five.state.finality.justified.height).toBe(4);
    expect(five.state.finality.final.height).toBe(0);
    const six = grow(consensus, five, {
      votes: [...votesOf(three, two), ...votesOf(three, skipped)],
    });
    expect(six.state.finality.final.height).toBe(1);
  });
});

describe('a block must not carry', () => {
  const one = grow(consensus, genesisLink(consensus));
  const two = grow(consensus, one, { votes: votesOf([a], one) });
  const refused = (votes: Parameters<typeof grow>[2] & object) => () => grow(consensus, two, votes);

  test('a vote that an ancestor carries', () => {
    expect(refused({ votes: votesOf([a], one) })).toThrow(/carries it already/);
  });
  test('a vote for another block', () => {
    const other = grow(consensus, genesisLink(consensus), { name: 'other' });
    expect(refused({ votes: votesOf([b], other) })).toThrow(/expected target/);
  });
  test('a vote from another source', () => {
    expect(refused({ votes: [voteFor(b, one.ref, two.ref)] })).toThrow(/expected source 0, got 1/);
  });
  test('a vote of somebody who has none', () => {
    expect(refused({ votes: [voteFor('mallory', genesisLink(consensus).ref, two.ref)] })).toThrow(
      /in no set/,
    );
  });
  test('a vote for itself or a later block', () => {
    const next = grow(consensus, two);
    expect(refused({ votes: votesOf([b], next) })).toThrow(/expected a target up to 2/);
  });
  test('votes out of order, or one twice', () => {
    const parent = { votes: [...votesOf([b], two), ...votesOf([b], one)] };
    const { header } = grow(consensus, two).block;
    const view = { candidates: () => [], ancestor: () => undefined };
    expect(() => consensus.advance(two.state, { header, ...parent }, view)).toThrow(/ascending/);
    const twice = { header, votes: [...votesOf([b], two), ...votesOf([b], two)] };
    expect(() => consensus.advance(two.state, twice, view)).toThrow(/ascending/);
  });
});

describe('a justified block that the window has left behind', () => {
  // Votes for block 1 were never carried, and the chain went on without votes.
  const one = grow(consensus, genesisLink(consensus));
  let tip = one;
  for (let more = 0; more < 2 * WINDOW; more++) tip = grow(consensus, tip);

  test('is justified by all its votes in one block', () => {
    const next = grow(consensus, tip, { votes: votesOf(three, one) });
    expect(next.state.finality.justified).toEqual(one.ref);
    const after = laggingChain(6, 1, next);
    expect(after.at(-1)!.state.finality.final.height).toBe(after.at(-1)!.ref.height - 2);
  });
  test('needs them all at once', () => {
    expect(() => grow(consensus, tip, { votes: votesOf([a, b], one) })).toThrow(
      /expected a quorum/,
    );
  });
  test('must be an ancestor', () => {
    const other = grow(consensus, genesisLink(consensus), { name: 'other' });
    expect(() => grow(consensus, tip, { votes: votesOf(three, other) })).toThrow(/expected target/);
  });
  test('the state stays small meanwhile', () => {
    expect(consensus.encodeState(tip.state).length).toBeLessThan(8192);
  });
});
