// SPDX-License-Identifier: Apache-2.0
// Proof of authority: the producers of the genesis, one after the other, for good.

import type {
  Advanced,
  BlockFields,
  Consensus,
  ConsensusParameters,
  ConsensusState,
  ElectionView,
} from './contract.ts';
import { missedSlots, stepEvents } from './events.ts';
import { advanceFinality, genesisFinality, voterKeyAfter, votersAfter } from './finality.ts';
import type { Rules } from './finality-types.ts';
import { checkFollows, checkParameters, checkProducer, slotAt, slotStart } from './parameters.ts';
import { producerSet } from './producer-set.ts';
import { CASPER } from './rules.ts';
import { decodeState, encodeState } from './state-bytes.ts';

/**
 * Round-robin proof of authority: slot s belongs to producer s mod n of the genesis, by name.
 * Nobody is elected or dropped; finality is that of every consensus here.
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS`.
 */
export function poaConsensus(parameters: ConsensusParameters, rules: Rules = CASPER): Consensus {
  checkParameters(parameters);
  const members = producerSet(parameters.initial);
  const producerOf = (slot: number) => members[slot % members.length]!;

  function advance(state: ConsensusState, block: BlockFields, view: ElectionView): Advanced {
    const { header, votes } = block;
    checkFollows(state, header);
    checkProducer(producerOf(header.slot).account, header);
    const { height, slot, parent } = header;
    const step = advanceFinality(state.finality, { height, parent, votes }, view.ancestor, rules);
    const missed = missedSlots(state, header, parameters.roundSlots, producerOf);
    return {
      state: { ...state, height, slot, finality: step.state },
      events: [...missed, ...stepEvents(step)],
    };
  }

  return {
    kind: 'poa',
    parameters,
    rules,
    slotAt: (time) => slotAt(parameters, time),
    slotStart: (slot) => slotStart(parameters, slot),
    genesisState() {
      const finality = genesisFinality({ height: 0, id: parameters.genesisId }, members);
      return { height: 0, slot: 0, finality, schedule: undefined, provisional: false };
    },
    producerOf,
    votersOf: (state) => votersAfter(state.finality, rules),
    voterKey: (state, vote) => voterKeyAfter(state.finality, state.height, vote),
    advance,
    encodeState: (state) => encodeState(state, () => undefined),
    decodeState: (bytes) => decodeState(bytes, () => undefined),
  };
}
