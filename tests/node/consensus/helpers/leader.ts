// SPDX-License-Identifier: Apache-2.0
// A third consensus, as a newcomer would add it: one producer makes all blocks, all vote.

import type { Consensus, ConsensusParameters } from '../../../../src/node/consensus/contract.ts';
import { stepEvents } from '../../../../src/node/consensus/events.ts';
import { advanceFinality } from '../../../../src/node/consensus/finality.ts';
import { checkFollows, checkProducer } from '../../../../src/node/consensus/parameters.ts';
import { poaConsensus } from '../../../../src/node/consensus/poa.ts';

export function leaderConsensus(parameters: ConsensusParameters): Consensus {
  const base = poaConsensus(parameters);
  const leader = parameters.initial[0]!;
  return {
    ...base,
    kind: 'leader',
    producerOf: () => leader,
    advance(state, { header, votes }, view) {
      checkFollows(state, header);
      checkProducer(leader.account, header);
      const { height, slot, parent } = header;
      const block = { height, parent, votes };
      const step = advanceFinality(state.finality, block, view.ancestor, base.rules);
      return { state: { ...state, height, slot, finality: step.state }, events: stepEvents(step) };
    },
  };
}
