// SPDX-License-Identifier: Apache-2.0

import type { SignedVote } from '../protocol/types.ts';
import type { BlockNode } from './block-tree.ts';
import { compareVotes, runOf, setOf, WINDOW } from './finality.ts';
import type { FinalityState, Rules } from './finality-types.ts';
import { memberIndex } from './producer-set.ts';

/**
 * The votes that a block on top of `parent` should carry: those for blocks that its chain has not
 * justified yet, and where a justified block is older than the window, all of its votes at once.
 */
export function votesToCarry(parent: BlockNode, rules: Rules): SignedVote[] {
  const { finality } = parent.state;
  const { height } = parent.ref;
  const start = Math.max(height - WINDOW + 1, finality.final.height + 1);
  const chosen: SignedVote[] = [];
  let node: BlockNode | undefined = parent;
  for (; node && node.ref.height >= start; node = node.parent) {
    chosen.push(...uncounted(finality, node));
  }
  for (; node && node.ref.height > finality.justified.height; node = node.parent) {
    if (!node.justified || runOf(finality.runs, node.ref.height) === undefined) continue;
    if (!hasQuorum(node, rules)) continue;
    chosen.push(...node.votes.values());
    break;
  }
  return chosen.sort(compareVotes);
}

/** Votes for a block in the window that the chain does not carry yet. */
function uncounted(finality: FinalityState, node: BlockNode): SignedVote[] {
  const first = finality.window[0]?.block.height ?? node.ref.height;
  const tally = finality.window[node.ref.height - first];
  const votes = [...node.votes.values()];
  if (tally === undefined) return votes;
  if (tally.justified) return [];
  const [forward, rear] = [setOf(finality, tally.epoch), setOf(finality, tally.epoch - 1)];
  const has = (bitmap: bigint, at: number | undefined) =>
    at !== undefined && ((bitmap >> BigInt(at)) & 1n) === 1n;
  return votes.filter(
    ({ vote: { producer } }) =>
      !has(tally.forward, memberIndex(forward, producer)) &&
      !has(tally.rear, memberIndex(rear, producer)),
  );
}

function hasQuorum(node: BlockNode, rules: Rules): boolean {
  const { finality } = node.state;
  return rules
    .voters(setOf(finality, finality.epoch - 1), setOf(finality, finality.epoch))
    .every((set) => {
      const votes = [...node.votes.keys()].filter((name) => memberIndex(set, name) !== undefined);
      return votes.length >= rules.quorum(set.length);
    });
}
