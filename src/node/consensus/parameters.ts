// SPDX-License-Identifier: Apache-2.0

import type { Id, Milliseconds } from '../protocol/types.ts';
import type { ConsensusParameters, HeaderFields, Producer } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { producerSet } from './producer-set.ts';
import { quorum } from './rules.ts';

/** Most producers at a time: what a block has room for in votes, and a node time to check. */
export const MAX_PRODUCERS = 255;

/** What consensus takes from a genesis; `Genesis` of src/node/genesis is one. */
export interface GenesisFields {
  readonly chainId: Id;
  readonly time: Milliseconds;
  readonly consensus: Pick<
    ConsensusParameters,
    | 'kind'
    | 'slotMilliseconds'
    | 'producers'
    | 'confirmations'
    | 'roundSlots'
    | 'dropAfterMilliseconds'
  >;
  readonly producers: readonly Producer[];
}

/**
 * The parameters in a genesis. Where it names more than N producers the first N by name begin, and
 * elections decide from then on.
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS` when it names none, or one twice.
 */
export function parametersOf(genesis: GenesisFields): ConsensusParameters {
  const { chainId, time, consensus, producers } = genesis;
  const initial = producerSet(producers).slice(0, consensus.producers);
  return { ...consensus, chainId, genesisId: chainId, genesisTime: time, initial };
}

/**
 * Are these parameters ones that a network can run on?
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS`, with the name of the parameter.
 */
export function checkParameters(parameters: ConsensusParameters): void {
  const { producers, confirmations, roundSlots, slotMilliseconds, initial } = parameters;
  integer('producers', producers, 1, MAX_PRODUCERS);
  integer('confirmations', confirmations, quorum(producers), quorum(producers));
  integer('roundSlots', roundSlots, producers, 1_000_000);
  integer('slotMilliseconds', slotMilliseconds, 1, 3_600_000);
  integer('genesisTime', parameters.genesisTime, 0, Number.MAX_SAFE_INTEGER);
  integer('dropAfterMilliseconds', parameters.dropAfterMilliseconds, 1, Number.MAX_SAFE_INTEGER);
  integer('initial (length)', initial.length, 1, producers);
}

/** The slot at a time; slots begin at genesis and are `slotMilliseconds` long. */
export function slotAt(parameters: ConsensusParameters, time: Milliseconds): number {
  return Math.floor((time - parameters.genesisTime) / parameters.slotMilliseconds);
}

/** When a slot begins. */
export function slotStart(parameters: ConsensusParameters, slot: number): Milliseconds {
  return parameters.genesisTime + slot * parameters.slotMilliseconds;
}

/**
 * Does a header follow the block of `height` in `slot`?
 *
 * @throws {ConsensusError} `CONSENSUS_HEIGHT`, `CONSENSUS_SLOT`.
 */
export function checkFollows(
  state: { readonly height: number; readonly slot: number },
  header: HeaderFields,
): void {
  if (header.height !== state.height + 1) {
    const expected = `expected height ${state.height + 1}, got ${header.height}`;
    throw new ConsensusError('CONSENSUS_HEIGHT', expected);
  }
  if (!Number.isSafeInteger(header.slot) || header.slot <= state.slot) {
    const expected = `expected a slot after ${state.slot}, got ${header.slot}`;
    throw new ConsensusError('CONSENSUS_SLOT', expected);
  }
}

/** @throws {ConsensusError} `CONSENSUS_PRODUCER` when the slot is another's. */
export function checkProducer(expected: string, header: HeaderFields): void {
  if (header.producer !== expected) {
    const message = `slot ${header.slot}: expected producer ${expected}, got ${header.producer}`;
    throw new ConsensusError('CONSENSUS_PRODUCER', message);
  }
}

function integer(name: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    const range = low === high ? `${low}` : `${low} to ${high}`;
    throw new ConsensusError('CONSENSUS_PARAMETERS', `${name}: expected ${range}, got ${value}`);
  }
}
