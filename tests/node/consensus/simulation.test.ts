// SPDX-License-Identifier: Apache-2.0
// Whole networks in stepped time: delay, loss, partitions, crashes, clock skew, liars.
// Thousands of runs: RUNS=5000 npx vitest run tests/node/consensus/simulation.test.ts

import { expect, test } from 'vitest';
import { seeds } from './helpers/kit.ts';
import { SABOTAGE } from './helpers/sabotage.ts';
import { simulate } from './helpers/simulation.ts';

test('no two final blocks conflict, and in calm finality goes on', () => {
  const list = seeds(200);
  let caught = 0;
  let epochs = 0;
  for (const seed of list) {
    const outcome = simulate({ seed });
    expect(outcome.violations, `SEED=${seed} RUNS=1: ${outcome.scenario}`).toEqual([]);
    caught += outcome.caught;
    if (outcome.epoch > 1) epochs++;
  }
  // Runs without liars and without elections prove little.
  if (list.length >= 100) {
    expect(caught).toBeGreaterThan(0);
    expect(epochs / list.length).toBeGreaterThan(0.1);
  }
});

test('the same seed gives the same run', () => {
  expect(simulate({ seed: 7 })).toEqual(simulate({ seed: 7 }));
});

test.each(Object.keys(SABOTAGE))('is noticed when a rule is gone: %s', (name) => {
  const rules = SABOTAGE[name]!;
  const noticed = Array.from({ length: 400 }, (_, seed) => seed).find(
    (seed) => simulate({ seed, rules }).violations.length > 0,
  );
  console.log(name, noticed, noticed && simulate({ seed: noticed, rules }).violations[0]);
  expect(noticed).toBeDefined();
});
