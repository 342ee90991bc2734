// SPDX-License-Identifier: Apache-2.0
// Whole networks in stepped time: delay, loss, partitions, crashes, clock skew, liars.
// Thousands of runs: RUNS=5000 npx vitest run tests/node/consensus/simulation.test.ts

import { expect, test } from 'vitest';
import { runs, seeds } from './helpers/kit.ts';
import { SABOTAGE } from './helpers/sabotage.ts';
import { simulate } from './helpers/simulation.ts';

/** A run takes some 50 ms. */
const timeout = 60_000 + runs(200) * 1000;

test('no two final blocks conflict, and in calm finality goes on', { timeout }, () => {
  const list = seeds(200);
  let caught = 0;
  let epochs = 0;
  let slowest = 0;
  for (const seed of list) {
    const outcome = simulate({ seed });
    expect(outcome.violations, `SEED=${seed} RUNS=1: ${outcome.scenario}`).toEqual([]);
    caught += outcome.caught;
    if (outcome.epoch > 1) epochs++;
    slowest = Math.max(slowest, outcome.slots);
  }
  const share = epochs / list.length;
  if (process.env.RUNS) {
    const figures = `${slowest} slots at most to finality, ${caught} liars caught`;
    console.info(`${list.length} runs: ${figures}, the set changed in ${share}`);
  }
  // Runs without liars and without elections prove little.
  if (list.length >= 100) {
    expect(caught).toBeGreaterThan(0);
    expect(share).toBeGreaterThan(0.04);
  }
});

/** Seeds that once found something, and what. */
const FOUND: readonly (readonly [number, string])[] = [
  [3585962425, 'a set of three, two honest members dropped and a silent one elected'],
];
test.each(FOUND)('seed %i (%s)', (seed) => {
  expect(simulate({ seed }).violations).toEqual([]);
});

test('the same seed gives the same run', () => {
  expect(simulate({ seed: 7 })).toEqual(simulate({ seed: 7 }));
});

test.each(['a vote may surround another', 'K one lower'])(
  'a missing rule is noticed: %s',
  (name) => {
    const rules = SABOTAGE[name]!;
    const noticed = Array.from({ length: 100 }, (_, seed) => seed).find(
      (seed) => simulate({ seed, rules }).violations.length > 0,
    );
    expect(noticed).toBeDefined();
  },
);
