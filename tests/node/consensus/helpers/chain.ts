// SPDX-License-Identifier: Apache-2.0
// Chains by hand: blocks on blocks, votes by name.

import type {
  Candidate,
  Consensus,
  ConsensusEvent,
  ConsensusState,
} from '../../../../src/node/consensus/contract.ts';
import { compareVotes } from '../../../../src/node/consensus/finality.ts';
import type { ViewBlock } from '../../../../src/node/consensus/finality-view.ts';
import type { BlockRef, SignedVote } from '../../../../src/node/protocol/types.ts';
import { idOf, voteFor } from './kit.ts';

export interface Link {
  readonly ref: BlockRef;
  readonly parent: Link | undefined;
  readonly block: ViewBlock;
  readonly state: ConsensusState;
  readonly events: readonly ConsensusEvent[];
}

export interface GrowOptions {
  readonly name?: string;
  readonly votes?: readonly SignedVote[];
  /** Slots after the parent's; 1 when left out. */
  readonly gap?: number;
  readonly candidates?: readonly Candidate[];
}

export function genesisLink(consensus: Consensus): Link {
  const { genesisId } = consensus.parameters;
  const header = { height: 0, slot: 0, parent: '', producer: '' };
  return {
    ref: { height: 0, id: genesisId },
    parent: undefined,
    block: { id: genesisId, header, votes: [] },
    state: consensus.genesisState(),
    events: [],
  };
}

export function grow(consensus: Consensus, parent: Link, options: GrowOptions = {}): Link {
  const { name = 'main', votes = [], gap = 1, candidates = [] } = options;
  const slot = parent.state.slot + gap;
  const height = parent.ref.height + 1;
  const producer = consensus.producerOf(slot, parent.state).account;
  const header = { height, slot, parent: parent.ref.id, producer };
  const sorted = [...votes].sort(compareVotes);
  const ancestor = (at: number) => below(parent, at)?.ref.id;
  const view = { candidates: () => candidates, ancestor };
  const { state, events } = consensus.advance(parent.state, { header, votes: sorted }, view);
  const id = idOf(`${name} ${parent.ref.id} ${slot} ${sorted.map((vote) => vote.id).join(' ')}`);
  return { ref: { height, id }, parent, block: { id, header, votes: sorted }, state, events };
}

/** Votes for a block, from where its chain says they must come. */
export function votesOf(names: readonly string[], target: Link): SignedVote[] {
  return names.map((name) => voteFor(name, target.state.finality.justified, target.ref));
}

function below(link: Link, height: number): Link | undefined {
  let at: Link | undefined = link;
  while (at && at.ref.height > height) at = at.parent;
  return at;
}
