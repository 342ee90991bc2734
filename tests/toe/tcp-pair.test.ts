// SPDX-License-Identifier: Apache-2.0
// Two toe_tcp with one another over networks that lose, double and reorder.

import { expect, test } from 'vitest';
import { testRandom } from '../../src/testbench/index.ts';
import { type Plan, TcpPair } from './helpers/tcp-pair.ts';

const CALM: Plan = {
  sessions: 8,
  bytes: 100_000,
  weather: { loss: 0, duplicate: 0, delay: [0, 0] },
  limit: 60_000,
};

const plans: [string, Plan][] = [
  ['a calm network', CALM],
  [
    'segments that overtake one another',
    { ...CALM, weather: { loss: 0, duplicate: 0, delay: [0, 20] } },
  ],
  ['segments that come twice', { ...CALM, weather: { loss: 0, duplicate: 0.2, delay: [0, 5] } }],
  ['5 % loss', { ...CALM, weather: { loss: 0.05, duplicate: 0, delay: [1, 1] }, limit: 300_000 }],
  [
    'loss, duplicates and disorder together',
    { ...CALM, weather: { loss: 0.05, duplicate: 0.01, delay: [0, 20] }, limit: 300_000 },
  ],
  [
    'small windows and small segments',
    { ...CALM, bytes: 20_000, config: { rxLimit: 3000, mss: 536 }, limit: 300_000 },
  ],
];

test.each(plans)('%s: every byte once, in order, and nothing is left', async (_, plan) => {
  const pair = await TcpPair.open(testRandom('tcp pair'), plan);
  pair.run();
  expect(pair.finished).toBe(2 * plan.sessions);
  if (plan.weather.loss > 0) expect(pair.lost).toBeGreaterThan(0);
});
