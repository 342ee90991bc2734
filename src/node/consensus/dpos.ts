// SPDX-License-Identifier: Apache-2.0
// Delegated proof of stake: the producers with the most stake behind them, in shuffled rounds.

import type { StateReader, StateWriter } from './bytes.ts';
import type {
  Advanced,
  BlockFields,
  Consensus,
  ConsensusEvent,
  ConsensusParameters,
  ConsensusState,
  ElectionView,
} from './contract.ts';
import {
  type Activity,
  absent,
  blockActivity,
  elect,
  firstActivity,
  renewActivity,
  withSlots,
} from './election.ts';
import { missedSlots, stepEvents } from './events.ts';
import { advanceFinality, genesisFinality, setOf, voterKeyAfter, votersAfter } from './finality.ts';
import type { FinalityState, ProducerSet, Rules } from './finality-types.ts';
import { checkFollows, checkParameters, checkProducer, slotAt, slotStart } from './parameters.ts';
import { producerSet, sameSet } from './producer-set.ts';
import { CASPER } from './rules.ts';
import { firstRounds, nextRounds, type Rounds, scheduled } from './schedule.ts';
import { decodeState, encodeState } from './state-bytes.ts';

interface DposSchedule {
  readonly rounds: Rounds;
  readonly activity: Activity;
}

/**
 * Delegated proof of stake.
 *
 * At the first block of a round the N candidates with the most stake are elected. Once that block is
 * final they vote; from the next round but one on they produce.
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS`.
 */
export function dposConsensus(parameters: ConsensusParameters, rules: Rules = CASPER): Consensus {
  checkParameters(parameters);
  const { roundSlots } = parameters;
  const dropSlots = Math.max(
    Math.ceil(parameters.dropAfterMilliseconds / parameters.slotMilliseconds),
    2 * roundSlots,
  );
  const producerOf = (slot: number, state: ConsensusState) =>
    scheduled(scheduleOf(state).rounds, slot, roundSlots);

  function advance(state: ConsensusState, block: BlockFields, view: ElectionView): Advanced {
    const { header } = block;
    checkFollows(state, header);
    if (!state.provisional) checkProducer(producerOf(header.slot, state).account, header);
    const step = advanceFinality(
      state.finality,
      { height: header.height, parent: header.parent, votes: block.votes },
      view.ancestor,
      rules,
    );
    const events: ConsensusEvent[] = [
      ...missedSlots(state, header, roundSlots, producerOf),
      ...stepEvents(step),
    ];
    const before = scheduleOf(state);
    const gap = header.slot - state.slot;
    const activity = blockActivity(before.activity, header.producer, gap, roundSlots);
    const round = Math.floor(header.slot / roundSlots);
    const place = { height: header.height, slot: header.slot };
    if (round === before.rounds.round) {
      const schedule: DposSchedule = { rounds: before.rounds, activity };
      const { provisional } = state;
      return { state: { ...place, finality: step.state, schedule, provisional }, events };
    }

    events.push({ type: 'round', round });
    const known = view.candidates();
    const dropped = known === undefined ? [] : absent(activity, dropSlots);
    for (const account of dropped) events.push({ type: 'dropped', account });
    const candidates = (known ?? []).map((candidate) =>
      dropped.includes(candidate.account) ? { ...candidate, dropped: true } : candidate,
    );
    const elected = elect(candidates, parameters.producers);
    const finality = withElected(step.state, header.height, elected);
    if (finality !== step.state && elected) events.push({ type: 'elected', members: elected });
    const members = withSlots(setOf(finality, finality.epoch), candidates);
    const roster = { members, seed: finality.final.id };
    const rounds = nextRounds(before.rounds, round, roster);
    const schedule: DposSchedule = {
      rounds,
      activity: renewActivity(activity, [rounds.current.members, rounds.next.members], dropped),
    };
    const provisional = state.provisional || known === undefined;
    return { state: { ...place, finality, schedule, provisional }, events };
  }

  return {
    kind: 'dpos',
    parameters,
    rules,
    slotAt: (time) => slotAt(parameters, time),
    slotStart: (slot) => slotStart(parameters, slot),
    genesisState() {
      const members = producerSet(parameters.initial);
      const schedule: DposSchedule = {
        rounds: firstRounds(members, parameters.genesisId),
        activity: firstActivity(members),
      };
      const finality = genesisFinality({ height: 0, id: parameters.genesisId }, members);
      return { height: 0, slot: 0, finality, schedule, provisional: false };
    },
    producerOf,
    votersOf: (state) => votersAfter(state.finality, rules),
    voterKey: (state, vote) => voterKeyAfter(state.finality, state.height, vote),
    advance,
    encodeState: (state) =>
      encodeState(state, (writer) => writeSchedule(writer, scheduleOf(state))),
    decodeState: (bytes) => decodeState(bytes, readSchedule),
  };
}

/** One election waits at a time: the next is held once this one's set is in force. */
function withElected(
  state: FinalityState,
  height: number,
  elected: ProducerSet | undefined,
): FinalityState {
  if (elected === undefined || state.pending !== undefined) return state;
  const [rear, forward] = [setOf(state, state.epoch - 1), setOf(state, state.epoch)];
  if (sameSet(elected, forward) && sameSet(forward, rear)) return state;
  const members = sameSet(elected, forward) ? forward : elected;
  return { ...state, pending: { height, members } };
}

function scheduleOf(state: ConsensusState): DposSchedule {
  return state.schedule as DposSchedule;
}

function writeSchedule(writer: StateWriter, { rounds, activity }: DposSchedule): void {
  writer.u64(rounds.round);
  for (const roster of [rounds.current, rounds.next]) {
    writer.members(roster.members);
    writer.hex(roster.seed, 32);
  }
  writer.u64(activity.clock);
  writer.u32(activity.last.length);
  for (const { account, clock } of activity.last) {
    writer.name(account);
    writer.u64(clock);
  }
}

function readSchedule(reader: StateReader): DposSchedule {
  const round = reader.u64();
  const roster = () => ({ members: reader.members(), seed: reader.hex(32) });
  const rounds: Rounds = { round, current: roster(), next: roster() };
  const clock = reader.u64();
  const last = Array.from({ length: reader.count(40) }, () => ({
    account: reader.name(),
    clock: reader.u64(),
  }));
  return { rounds, activity: { clock, last } };
}
