// SPDX-License-Identifier: Apache-2.0
// Encoding of a state: what all implementations share, then their own schedule.

import { StateReader, StateWriter } from './bytes.ts';
import type { ConsensusState } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { setOf } from './finality.ts';
import type { FinalityState, Run, Tally } from './finality-types.ts';

const VERSION = 1;

/** Canonical bytes of a state; `schedule` writes the implementation's part. */
export function encodeState(
  state: ConsensusState,
  schedule: (writer: StateWriter) => void,
): Uint8Array {
  if (state.provisional) {
    throw new ConsensusError('CONSENSUS_STATE', 'state: a provisional state has no encoding');
  }
  const writer = new StateWriter();
  writer.u32(VERSION);
  writer.u64(state.height);
  writer.u64(state.slot);
  writeFinality(writer, state.finality);
  schedule(writer);
  return writer.finish();
}

/** @throws {ConsensusError} `CONSENSUS_STATE`. */
export function decodeState(
  bytes: Uint8Array,
  schedule: (reader: StateReader) => unknown,
): ConsensusState {
  const reader = new StateReader(bytes);
  const version = reader.u32();
  if (version !== VERSION) {
    throw new ConsensusError('CONSENSUS_STATE', `state: expected version 1, got ${version}`);
  }
  const height = reader.u64();
  const slot = reader.u64();
  const finality = readFinality(reader);
  const state = { height, slot, finality, schedule: schedule(reader), provisional: false };
  reader.finish();
  return state;
}

function writeFinality(writer: StateWriter, state: FinalityState): void {
  writer.ref(state.justified);
  writer.ref(state.final);
  writer.u64(state.epoch);
  writer.u64(state.firstEpoch);
  writer.u32(state.sets.length);
  for (const set of state.sets) writer.members(set);
  writer.u32(state.pending ? 1 : 0);
  if (state.pending) {
    writer.u64(state.pending.height);
    writer.members(state.pending.members);
  }
  writer.u32(state.window.length);
  for (const tally of state.window) {
    writer.ref(tally.block);
    writer.ref(tally.source);
    writer.u64(tally.epoch);
    writer.u32(tally.justified ? 1 : 0);
    writer.bitmap(tally.forward, setOf(state, tally.epoch).length);
    writer.bitmap(tally.rear, setOf(state, tally.epoch - 1).length);
  }
  writer.u32(state.runs.length);
  for (const run of state.runs) {
    writer.u64(run.from);
    writer.ref(run.source);
    writer.u64(run.epoch);
  }
}

function readFinality(reader: StateReader): FinalityState {
  const justified = reader.ref();
  const final = reader.ref();
  const epoch = reader.u64();
  const firstEpoch = reader.u64();
  const sets = Array.from({ length: reader.count(4) }, () => reader.members());
  const size = (of: number): number => {
    const set = sets[of - firstEpoch];
    if (set === undefined) throw new ConsensusError('CONSENSUS_STATE', `state: no set ${of}`);
    return set.length;
  };
  size(epoch);
  size(epoch - 1);
  const pending = reader.flag()
    ? { pending: { height: reader.u64(), members: reader.members() } }
    : {};
  const window = Array.from({ length: reader.count(92) }, (): Tally => {
    const block = reader.ref();
    const source = reader.ref();
    const of = reader.u64();
    const tally = { block, source, epoch: of, justified: reader.flag() };
    return { ...tally, forward: reader.bitmap(size(of)), rear: reader.bitmap(size(of - 1)) };
  });
  const runs = Array.from({ length: reader.count(56) }, (): Run => {
    const from = reader.u64();
    return { from, source: reader.ref(), epoch: reader.u64() };
  });
  return { justified, final, epoch, firstEpoch, sets, ...pending, window, runs };
}
