// SPDX-License-Identifier: Apache-2.0
// Who produces in which slot: rounds, each in an order of its own.

import { createHash } from 'node:crypto';
import type { Id } from '../protocol/types.ts';
import type { Producer } from './contract.ts';
import type { ProducerSet } from './finality-types.ts';

/** Who produces in a round, and what its order is drawn from. */
export interface Roster {
  readonly members: ProducerSet;
  /** Id of a final block. */
  readonly seed: Id;
}

/** Rosters are frozen one round ahead. */
export interface Rounds {
  /** Round of the last block. */
  readonly round: number;
  /** Of that round. */
  readonly current: Roster;
  /** Of the next, and of those after it until a block comes. */
  readonly next: Roster;
}

/** The first rounds: known from genesis. */
export function firstRounds(members: ProducerSet, seed: Id): Rounds {
  const roster = { members, seed };
  return { round: 0, current: roster, next: roster };
}

/** A block of a later round came: the frozen roster takes over, `roster` is frozen. */
export function nextRounds(rounds: Rounds, round: number, roster: Roster): Rounds {
  return { round, current: rounds.next, next: roster };
}

/** Whose slot it is. */
export function scheduled(rounds: Rounds, slot: number, roundSlots: number): Producer {
  const round = Math.floor(slot / roundSlots);
  const { members, seed } = round <= rounds.round ? rounds.current : rounds.next;
  const order = shuffled(members, seed, round);
  return order[(slot - round * roundSlots) % order.length]!;
}

const orders = new WeakMap<ProducerSet, Map<string, ProducerSet>>();

/**
 * The members in the order of a round: Fisher-Yates, drawing from SHA-256 in counter mode over seed
 * (32 bytes), round (8, little-endian) and counter (4, little-endian), without bias.
 */
export function shuffled(members: ProducerSet, seed: Id, round: number): ProducerSet {
  let known = orders.get(members);
  if (known === undefined) {
    known = new Map();
    orders.set(members, known);
  }
  const key = `${seed} ${round}`;
  let order = known.get(key);
  if (order === undefined) {
    order = shuffle(members, draws(seed, round));
    if (known.size >= 64) known.clear();
    known.set(key, order);
  }
  return order;
}

function shuffle(members: ProducerSet, draw: () => number): ProducerSet {
  const order = [...members];
  for (let last = order.length - 1; last > 0; last--) {
    const at = uniform(draw, last + 1);
    [order[last], order[at]] = [order[at]!, order[last]!];
  }
  return order;
}

/** Uniform below `bound`: draws above its last whole multiple are drawn again. */
function uniform(draw: () => number, bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  let value = draw();
  while (value >= limit) value = draw();
  return value % bound;
}

function draws(seed: Id, round: number): () => number {
  const input = Buffer.alloc(44);
  input.write(seed, 0, 32, 'hex');
  input.writeBigUInt64LE(BigInt(round), 32);
  let counter = 0;
  let block = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === block.length) {
      input.writeUInt32LE(counter++, 40);
      block = createHash('sha256').update(input).digest();
      at = 0;
    }
    const value = block.readUInt32LE(at);
    at += 4;
    return value;
  };
}
