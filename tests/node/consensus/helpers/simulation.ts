// SPDX-License-Identifier: Apache-2.0
// A network of nodes in stepped time: trouble first, then calm, in which finality must go on.

import type { Consensus } from '../../../../src/node/consensus/contract.ts';
import { dposConsensus } from '../../../../src/node/consensus/dpos.ts';
import type { Rules } from '../../../../src/node/consensus/finality-types.ts';
import { poaConsensus } from '../../../../src/node/consensus/poa.ts';
import { CASPER, quorum } from '../../../../src/node/consensus/rules.ts';
import { Random } from '../../../../src/testbench/random.ts';
import { nameOf, parametersFor, producers } from './kit.ts';
import { SimJudge } from './sim-judge.ts';
import { type Executed, SimLedger } from './sim-ledger.ts';
import { SimNetwork, type Weather } from './sim-network.ts';
import { type Conduct, SimNode, type SimWorld } from './sim-node.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly rules?: Rules;
}

export interface SimulationOutcome {
  /** Nothing but an empty list will do. */
  readonly violations: readonly string[];
  /** Slots of calm until every node had made a block of the calm final. */
  readonly slots: number;
  /** What it may take: see `slotsToFinality`. */
  readonly allowed: number;
  readonly finalHeight: number;
  readonly epoch: number;
  readonly caught: number;
  readonly scenario: string;
}

const SLOT = 3000;
const KINDS: readonly Conduct[] = ['silent', 'equivocates', 'equivocates', 'withholds'];

/**
 * Slots of calm within which finality goes on, with n producers, of which at most N - K fail: heights
 * that somebody has voted for already must be grown past (`gap`), then a few undisturbed blocks in a
 * row must come, which shuffled rounds bring about within some rounds.
 */
export function slotsToFinality(producers: number, gap: number): number {
  return gap + 3 * producers + 6;
}

/** One run; everything in it follows from the seed. */
export function simulate({ seed, rules = CASPER }: SimulationOptions): SimulationOutcome {
  const random = new Random(seed, 'simulation');
  const seats = random.pick([1, 2, 3, 4, 4, 4, 5, 6, 7, 7, 10]);
  const kind = random.chance(0.8) ? 'dpos' : 'poa';
  const extra = kind === 'poa' ? 0 : random.pick([0, 1, seats >> 1]);
  const pool = producers(seats + extra);
  const conducts = drawConducts(pool.length, seats - quorum(seats), random);
  const spell = random.pick([3, 12, 12, 40, 80]);
  const trouble = random.int(10, 30) + (spell > 12 ? spell : 0);
  const calmOnly = random.chance(0.1);
  const parameters = parametersFor(seats, {
    kind,
    initial: pool.slice(0, seats),
    roundSlots: random.pick([seats, seats, 2 * seats]),
    dropAfterMilliseconds: (random.chance(0.2) ? 2 * seats + 10 : 10_000) * SLOT,
  });
  const make = kind === 'dpos' ? dposConsensus : poaConsensus;
  const consensus = make(parameters, rules);
  const ledger = new SimLedger(consensus, pool);
  const faulty = new Set(pool.filter((_, at) => conducts[at] !== 'honest').map((p) => p.account));
  const judge = new SimJudge(ledger, faulty);
  const network = new SimNetwork(random.fork('network'));
  const unrest = random.pick([0, 0.1, 0.6]);
  const nodes: SimNode[] = [];
  const world: SimWorld = { consensus, ledger, judge, network, random, nodes, unrest };
  for (const [at, conduct] of conducts.entries()) {
    const skew = conduct === 'honest' ? random.int(-300, 300) : random.int(-SLOT, SLOT);
    nodes.push(new SimNode(world, at, nameOf(at), conduct, skew));
  }

  let slot = 0;
  const pass = (slots: number) => {
    for (const end = slot + slots; slot < end; ) {
      slot++;
      const now = slot;
      for (const node of nodes) network.at(now * SLOT - node.skew, () => node.slot(now));
      network.runUntil(now * SLOT + SLOT / 2);
    }
  };
  const running = () => nodes.filter((node) => node.conduct === 'honest');

  while (!calmOnly && slot < trouble) {
    network.weather = drawWeather(nodes.length, random);
    for (const node of nodes) {
      if (node.up ? random.chance(0.12) : random.chance(0.5)) {
        if (node.up) node.crash();
        else node.restart();
      }
    }
    pass(random.int(1, spell));
  }
  network.weather = { delay: [10, 800], loss: 0, voteLoss: 0, duplicates: 0.05, sides: [] };
  // The power goes everywhere at once: what was in memory only is lost.
  if (random.chance(0.3)) for (const node of nodes) node.crash();
  for (const node of nodes) node.restart();
  const { gap, height } = standing(running());
  const allowed = slotsToFinality(seats, gap);
  let slots = 0;
  while (slots < allowed && running().some((node) => node.final.ref.height <= height)) {
    pass(1);
    slots++;
  }
  const late = running().filter((node) => node.final.ref.height <= height);
  const scenario = `${kind} N=${seats} of ${pool.length}, ${[...conducts].filter((c) => c !== 'honest').join(' ')}, trouble ${trouble}, gap ${gap}`;
  for (const node of late) {
    judge.fail(
      `${node.account}: final ${node.final.ref.height}, head ${node.head.ref.height}, after ${slots} slots of calm; expected above ${height} (${scenario})`,
    );
  }
  for (const node of running()) checkReproducible(node, make(parameters, rules), ledger, judge);
  return {
    violations: judge.violations,
    slots,
    allowed,
    finalHeight: judge.final.ref.height,
    epoch: judge.final.state.finality.epoch,
    caught: judge.caught.size,
    scenario,
  };
}

/** How far the highest vote is above the lowest head, and the highest head. */
function standing(nodes: readonly SimNode[]): { gap: number; height: number } {
  const heads = nodes.map((node) => node.head.ref.height);
  const votes = nodes.map((node) => node.record.vote?.target.height ?? 0);
  const height = Math.max(...heads);
  return { gap: Math.max(...votes, height) - Math.min(...heads), height };
}

function drawConducts(count: number, budget: number, random: Random): Conduct[] {
  const conducts: Conduct[] = Array.from({ length: count }, () => 'honest');
  const faulty = random.int(0, budget);
  const kind = random.chance(0.5) ? random.pick(KINDS) : undefined;
  for (let left = faulty; left > 0; ) {
    const at = random.int(count);
    if (conducts[at] !== 'honest') continue;
    conducts[at] = kind ?? random.pick(KINDS);
    left--;
  }
  return conducts;
}

function drawWeather(nodes: number, random: Random): Weather {
  const sides = random.chance(0.5) ? random.pick([2, 2, 3]) : 1;
  return {
    delay: random.pick([
      [10, 100],
      [100, 800],
      [500, 3500],
      [1000, 9000],
    ] as const),
    loss: random.pick([0, 0.05, 0.3]),
    voteLoss: random.pick([0, 0, 0.5, 0.95, 1]),
    duplicates: random.pick([0, 0.1]),
    sides: Array.from({ length: nodes }, () => random.int(sides)),
  };
}

/** The chain alone proves what is final: executed again from its blocks and from encoded states. */
function checkReproducible(
  node: SimNode,
  consensus: Consensus,
  ledger: SimLedger,
  judge: SimJudge,
): void {
  const chain: Executed[] = [];
  for (let at: Executed | undefined = node.head; at; at = at.parent) chain.push(at);
  let bytes = consensus.encodeState(consensus.genesisState());
  for (const executed of chain.reverse().slice(1)) {
    const state = consensus.decodeState(bytes);
    const again = ledger.run(consensus, executed.parent!, state, executed.block!);
    bytes = consensus.encodeState(again.state);
    if (!Buffer.from(bytes).equals(consensus.encodeState(executed.state))) {
      judge.fail(`${node.account}: block ${executed.ref.height} leads to another state`);
      return;
    }
  }
}
