// SPDX-License-Identifier: Apache-2.0
// DPOS: elections, hand-over, rounds, and who is dropped.

import { describe, expect, test } from 'vitest';
import type { Candidate, Consensus } from '../../../src/node/consensus/contract.ts';
import { dposConsensus } from '../../../src/node/consensus/dpos.ts';
import { elect } from '../../../src/node/consensus/election.ts';
import { WINDOW } from '../../../src/node/consensus/finality.ts';
import { shuffled } from '../../../src/node/consensus/schedule.ts';
import { genesisLink, grow, type Link, votesOf } from './helpers/chain.ts';
import { idOf, parametersFor, producerNamed, producers } from './helpers/kit.ts';

const candidate = (account: string, weight: bigint, dropped = false): Candidate => ({
  ...producerNamed(account),
  weight,
  dropped,
});
const names = (set: readonly { account: string }[]) => set.map(({ account }) => account);

/** A chain that carries all votes at once, with these candidates. */
function grownChain(
  consensus: Consensus,
  blocks: number,
  candidates: readonly Candidate[],
  from = genesisLink(consensus),
): Link[] {
  const chain = [from];
  for (let more = 0; more < blocks; more++) {
    const tip = chain.at(-1)!;
    const voters = consensus.votersOf(tip.state).flatMap(({ members }) => names(members));
    const votes = tip.ref.height === 0 ? [] : votesOf([...new Set(voters)], tip);
    chain.push(grow(consensus, tip, { votes, candidates }));
  }
  return chain;
}

describe('an election', () => {
  test('takes those with the most stake, of equals the first names, in the order of names', () => {
    const standing = [
      candidate('dd', 5n),
      candidate('cc', 7n),
      candidate('bb', 5n),
      candidate('aa', 5n),
    ];
    expect(names(elect(standing, 3)!)).toEqual(['aa', 'bb', 'cc']);
    expect(names(elect(standing, 9)!)).toEqual(['aa', 'bb', 'cc', 'dd']);
    expect(elect([], 3)).toBeUndefined();
  });

  test('gives the dropped what nobody else takes', () => {
    const standing = [
      candidate('aa', 5n, true),
      candidate('bb', 9n, true),
      candidate('cc', 0n),
      candidate('dd', 7n),
    ];
    expect(names(elect(standing, 2)!)).toEqual(['cc', 'dd']);
    expect(names(elect(standing, 3)!)).toEqual(['bb', 'cc', 'dd']);
  });

  test('compares stakes beyond 2^53', () => {
    const standing = [candidate('aa', 2n ** 63n), candidate('bb', 2n ** 63n + 1n)];
    expect(names(elect(standing, 1)!)).toEqual(['bb']);
  });
});

describe('a new set', () => {
  const pool = producers(8);
  const consensus = dposConsensus(parametersFor(4, { initial: pool.slice(0, 4) }));
  const later = pool.slice(4).map((producer) => ({ ...producer, weight: 9n, dropped: false }));
  const chain = grownChain(consensus, 20, later);
  const at = (type: string) =>
    chain.find((link) => link.events.some((event) => event.type === type));

  test('is elected in the first block of a round', () => {
    expect(at('elected')!.state.slot).toBe(4);
  });

  test('votes once the block of its election is final, together with the set before it', () => {
    const activated = at('activated')!;
    expect(activated.state.finality.final.height).toBeGreaterThanOrEqual(at('elected')!.ref.height);
    expect(activated.parent!.state.finality.final.height).toBeLessThan(at('elected')!.ref.height);
    const sets = consensus.votersOf(activated.state).map(({ members }) => names(members));
    expect(sets).toEqual([names(pool.slice(4)), names(pool.slice(0, 4))]);
  });

  test('needs a quorum of both sets', () => {
    const activated = at('activated')!;
    const without = votesOf([...names(pool.slice(4)), 'p00', 'p01'], activated);
    const some = grow(consensus, activated, { votes: without, candidates: later });
    expect(some.state.finality.justified.height).toBeLessThan(activated.ref.height);
    const all = grow(consensus, some, { votes: votesOf(['p02'], activated), candidates: later });
    expect(all.state.finality.justified.height).toBe(activated.ref.height);
  });

  test('counts for a target that the window has left behind as well', () => {
    const activated = at('activated')!;
    const waiting = later.slice(0, 3);
    let tip = activated;
    for (let more = 0; more < WINDOW + 4; more++)
      tip = grow(consensus, tip, { candidates: waiting });
    const old = votesOf([...names(pool.slice(4, 7)), 'p00', 'p01'], activated);
    expect(() => grow(consensus, tip, { votes: old })).toThrow(/expected a quorum/);
    const all = [...old, ...votesOf(['p02'], activated)];
    const next = grow(consensus, tip, { votes: all, candidates: waiting });
    expect(next.state.finality.justified).toEqual(activated.ref);
  });

  test('produces from the next round but one on, and in the end alone votes', () => {
    const round = (link: Link) => Math.floor(link.state.slot / 4);
    const from = round(at('activated')!) + 2;
    const producersOf = (wanted: (round: number) => boolean) =>
      new Set(
        chain
          .slice(1)
          .filter((link) => wanted(round(link)))
          .map((l) => l.block.header.producer),
      );
    expect([...producersOf((it) => it < from)].sort()).toEqual(names(pool.slice(0, 4)));
    expect([...producersOf((it) => it >= from)].sort()).toEqual(names(pool.slice(4)));
    expect(consensus.votersOf(chain.at(-1)!.state)).toHaveLength(1);
  });

  test('never takes over while nothing is final', () => {
    let tip = genesisLink(consensus);
    for (let more = 0; more < 40; more++) tip = grow(consensus, tip, { candidates: later });
    expect(tip.state.finality.epoch).toBe(1);
    expect(tip.state.finality.pending?.height).toBe(4);
  });
});

describe('a schedule', () => {
  test('is a permutation, another one in each round, the same everywhere', () => {
    const set = producers(21);
    const orders = Array.from({ length: 50 }, (_, round) => shuffled(set, idOf('seed'), round));
    for (const order of orders) expect([...names(order)].sort()).toEqual(names(set));
    expect(new Set(orders.map((order) => names(order).join())).size).toBe(50);
    expect(names(shuffled(producers(5), idOf('seed'), 1))).toMatchInlineSnapshot(`
      [
        "p01",
        "p00",
        "p02",
        "p03",
        "p04",
      ]
    `);
  });

  test('is known one round ahead, whatever the blocks of the round contain', () => {
    const consensus = dposConsensus(parametersFor(4));
    const own = producers(4).map((producer) => ({ ...producer, weight: 1n, dropped: false }));
    const chain = grownChain(consensus, 9, own);
    const other = grownChain(consensus, 7, own, chain[4]!).map((link) => link.state);
    const early = chain[4]!.state;
    for (let slot = 8; slot < 12; slot++) {
      const expected = consensus.producerOf(slot, early);
      expect(consensus.producerOf(slot, chain[7]!.state)).toEqual(expected);
      expect(consensus.producerOf(slot, other[2]!)).toEqual(expected);
    }
  });

  test('skips missed slots, and says whose they were', () => {
    const consensus = dposConsensus(parametersFor(4));
    const genesis = genesisLink(consensus);
    const link = grow(consensus, genesis, { gap: 3 });
    const missed = [1, 2].map((slot) => consensus.producerOf(slot, genesis.state).account);
    const told = link.events.flatMap((event) => (event.type === 'missed' ? [event.account] : []));
    expect(told.sort()).toEqual([...new Set(missed)].sort());
  });

  test('refuses a block of another producer, slot or height', () => {
    const consensus = dposConsensus(parametersFor(4));
    const { state } = genesisLink(consensus);
    const view = { candidates: () => [], ancestor: () => undefined };
    const header = grow(consensus, genesisLink(consensus)).block.header;
    const tried = (changes: object) => () =>
      consensus.advance(state, { header: { ...header, ...changes }, votes: [] }, view);
    expect(tried({})).not.toThrow();
    expect(tried({ producer: 'mallory' })).toThrow(/expected producer p0/);
    expect(tried({ slot: 0 })).toThrow(/expected a slot after 0, got 0/);
    expect(tried({ height: 2 })).toThrow(/expected height 1, got 2/);
  });
});

describe('a producer without blocks', () => {
  const parameters = parametersFor(4, { dropAfterMilliseconds: 20 * 3000 });
  const consensus = dposConsensus(parameters);
  const own = producers(4).map((producer) => ({ ...producer, weight: 1n, dropped: false }));

  /** Blocks by all but these. */
  function without(absent: readonly string[], slots: number): Link[] {
    const chain = [genesisLink(consensus)];
    let gap = 1;
    for (let slot = 1; slot < slots; slot++) {
      const tip = chain.at(-1)!;
      if (absent.includes(consensus.producerOf(slot, tip.state).account)) gap++;
      else {
        chain.push(grow(consensus, tip, { gap, candidates: own }));
        gap = 1;
      }
    }
    return chain;
  }
  const dropped = (chain: readonly Link[]) =>
    chain.flatMap(({ state, events }) =>
      events.flatMap((event) => (event.type === 'dropped' ? [[event.account, state.slot]] : [])),
    );

  test('is dropped after the configured time', () => {
    expect(dropped(without(['p02'], 20))).toEqual([]);
    const [[account, slot]] = dropped(without(['p02'], 40)) as [[string, number]];
    expect(account).toBe('p02');
    expect(slot).toBeGreaterThan(20);
    expect(slot).toBeLessThanOrEqual(28);
  });

  test('gets no slots then, and votes on where nobody takes its seat', () => {
    let tip = genesisLink(consensus);
    const away = own.map((it) => ({ ...it, dropped: it.account === 'p02' }));
    const makers: string[] = [];
    for (let more = 0; more < 24; more++) {
      const voters = tip.ref.height === 0 ? [] : ['p00', 'p01', 'p03'];
      tip = grow(consensus, tip, { votes: votesOf(voters, tip), candidates: away });
      if (more > 12) makers.push(tip.block.header.producer);
    }
    expect([...new Set(makers)].sort()).toEqual(['p00', 'p01', 'p03']);
    const [voters, none] = consensus.votersOf(tip.state);
    expect(names(voters!.members)).toEqual(['p00', 'p01', 'p02', 'p03']);
    expect([voters!.needed, none]).toEqual([3, undefined]);
    expect(dropped([tip])).toEqual([]);
  });

  test('loses its seat to whoever stands', () => {
    const away = own.map((it) => ({ ...it, dropped: it.account === 'p02' }));
    const other = { ...candidate('p04', 0n), ...producers(5)[4]! };
    const elected = elect([...away, other], 4)!;
    expect(names(elected)).toEqual(['p00', 'p01', 'p03', 'p04']);
  });

  test('is not dropped because the whole network stood still', () => {
    const tip = without([], 20).at(-1)!;
    const after = grow(consensus, tip, { gap: 4000, candidates: own });
    expect(dropped([after])).toEqual([]);
  });
});
