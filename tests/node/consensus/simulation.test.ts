// SPDX-License-Identifier: Apache-2.0
// Whole networks in stepped time: delay, loss, partitions, crashes, clock skew, liars.
// Thousands of runs: RUNS=5000 npx vitest run tests/node/consensus/simulation.test.ts

import { expect, test } from 'vitest';
import { seeds } from './helpers/kit.ts';
import { simulate } from './helpers/simulation.ts';

test('no two final blocks conflict, and in calm finality goes on', () => {
  const list = seeds(200);
  let caught = 0;
  let epochs = 0;
  let slowest = 0;
  for (const seed of list) {
    const outcome = simulate({ seed });
    expect(outcome.violations, `SEED=${seed} RUNS=1: ${outcome.scenario}`).toEqual([]);
    caught += outcome.caught;
    if (outcome.epoch > 1) epochs++;
    slowest = Math.max(slowest, outcome.slots / outcome.allowed);
  }
  console.log({ caught, epochs, slowest });
});
