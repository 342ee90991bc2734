// SPDX-License-Identifier: Apache-2.0
// Safety does not depend on the network: an adversary that controls all of it never gets two
// conflicting final blocks, unless a rule is missing.

import { expect, test } from 'vitest';
import { playAdversary } from './helpers/adversary.ts';
import { runs, seeds } from './helpers/kit.ts';
import { SABOTAGE } from './helpers/sabotage.ts';

/** A game takes some 10 ms. */
const timeout = 60_000 + runs(400) * 200;

test('an adversary who orders all blocks, votes and elections gets no conflict', {
  timeout,
}, () => {
  let final = 0;
  let epochs = 0;
  const list = seeds(400);
  for (const seed of list) {
    const outcome = playAdversary({ seed });
    expect(outcome.conflict, `SEED=${seed} RUNS=1`).toBeUndefined();
    if (outcome.finalHeight > 0) final++;
    if (outcome.epoch > 2) epochs++;
  }
  // Games in which nothing happens prove nothing.
  if (list.length >= 100) {
    expect(final / list.length).toBeGreaterThan(0.5);
    expect(epochs / list.length).toBeGreaterThan(0.2);
  }
});

test.each(Object.keys(SABOTAGE))('the adversary wins when a rule is gone: %s', (name) => {
  const rules = SABOTAGE[name]!;
  const winning = Array.from({ length: 300 }, (_, seed) => seed).find(
    (seed) => playAdversary({ seed, rules, seats: 4 }).conflict !== undefined,
  );
  expect(winning).toBeDefined();
});
