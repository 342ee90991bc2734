// SPDX-License-Identifier: Apache-2.0
/** Where the time of a simulation goes: the model, crossings into C and back, JavaScript. */
import { type ModelInstance, type ModelLibrary, StatusFlag, StatusWord } from './model-library.ts';

/** All times in ms. */
export interface Profile {
  readonly cycles: number;
  /** Since the simulation was opened. */
  readonly total: number;
  /** In the verilated model and the loop around it: one short call in 128 is timed, long ones all. */
  readonly model: number;
  /** Calls into C times what calling costs, measured in this process. */
  readonly crossings: number;
  /** All the rest: the test, its tasks and streams, and what it waited for. */
  readonly javascript: number;
}

/** Calls of which the cost of one is taken. */
const CALLS = 4000;
const ROUNDS = 3;

const costs: { short?: number; long?: number } = {};

/** Reads a model's status. @param total - ms since it was opened. */
export function readProfile(
  { words, flags }: ModelInstance,
  library: ModelLibrary,
  total: number,
): Profile {
  const at = (word: number) => words[word] ?? 0;
  const shortCalls = flags[StatusFlag.CALLS] ?? 0;
  const sampled = at(StatusWord.SAMPLED);
  const perShort = sampled > 0 ? Math.max(0, at(StatusWord.SAMPLED_NS)) / sampled : 0;
  const model = (shortCalls * perShort + at(StatusWord.LONG_NS)) / 1e6;
  const crossings =
    shortCalls * costOf('short', library.seated.nothing) +
    at(StatusWord.LONG_CALLS) * costOf('long', () => library.call.hpb_tb_nothing(0));
  return {
    cycles: at(StatusWord.CYCLE),
    total,
    model,
    crossings,
    javascript: Math.max(0, total - model - crossings),
  };
}

/** What a call into C and back costs in ms, best of three; measured once in a process. */
function costOf(kind: 'short' | 'long', nothing: () => void): number {
  const known = costs[kind];
  if (known !== undefined) return known;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) nothing();
    best = Math.min(best, (performance.now() - start) / CALLS);
  }
  costs[kind] = best;
  return best;
}

/**
 * One line about several simulations.
 *
 * @param total - ms that they took together with their tests, without the building of models.
 */
export function formatProfiles(profiles: readonly Profile[], total: number): string {
  const sum = (pick: (profile: Profile) => number) =>
    profiles.reduce((all, profile) => all + pick(profile), 0);
  const model = sum((profile) => profile.model);
  const crossings = sum((profile) => profile.crossings);
  const javascript = Math.max(0, total - model - crossings);
  const share = (part: number) => `${((part / Math.max(total, 1e-9)) * 100).toFixed(0)} %`;
  const models = `${profiles.length} ${profiles.length === 1 ? 'simulation' : 'simulations'}`;
  const cycles = sum((profile) => profile.cycles).toLocaleString('en');
  return (
    `${models}, ${cycles} cycles in ${(total / 1000).toFixed(2)} s: model ${share(model)}, ` +
    `crossings ${share(crossings)}, JavaScript ${share(javascript)}`
  );
}
