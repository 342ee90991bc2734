// SPDX-License-Identifier: Apache-2.0

import type { ConsensusEvent, ConsensusState, HeaderFields, Producer } from './contract.ts';
import { type FinalityStep, setOf } from './finality.ts';

/** What a step of finality tells others. */
export function stepEvents(step: FinalityStep): ConsensusEvent[] {
  const events: ConsensusEvent[] = step.justified.map((block) => ({ type: 'justified', block }));
  if (step.final) events.push({ type: 'final', block: step.final });
  if (step.activated) {
    const { epoch } = step.state;
    events.push({ type: 'activated', epoch, members: setOf(step.state, epoch) });
  }
  return events;
}

/** Missed slots that a block tells of, at most. */
const TOLD = 1024;

/** Who let slots pass between a block and its parent; looks at the last `limit` of them, and `TOLD` at most. */
export function missedSlots(
  state: ConsensusState,
  header: HeaderFields,
  limit: number,
  producerOf: (slot: number, state: ConsensusState) => Producer,
): ConsensusEvent[] {
  const missed = new Map<string, number>();
  const first = header.slot - Math.min(limit, TOLD);
  for (let slot = Math.max(state.slot + 1, first); slot < header.slot; slot++) {
    const { account } = producerOf(slot, state);
    missed.set(account, (missed.get(account) ?? 0) + 1);
  }
  return [...missed].map(([account, slots]) => ({ type: 'missed', account, slots }));
}
