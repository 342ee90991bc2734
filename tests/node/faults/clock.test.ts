// SPDX-License-Identifier: Apache-2.0
// One of four nodes has a clock that is wrong.

import { expect, test } from 'vitest';
import { SLOT, WholeNet } from './helpers/whole-net.ts';

const NODES = ['producer1', 'producer2', 'producer3', 'producer4'];
const RIGHT = [0, 1, 2];
const WRONG = 3;

/** Nobody is blamed for a clock, its own included. */
function expectNoBlame(net: WholeNet): void {
  for (const { network, view } of net.running) {
    expect(network.counters.punished).toEqual({});
    expect(network.counters.bans).toBe(0);
    expect(view.producers().map(({ state }) => state)).not.toContain('convicted');
  }
}

test.each([
  ['ahead', SLOT],
  ['behind', -SLOT],
])('one slot %s: all follow one chain, and finality goes on', async (_, skew) => {
  const net = await WholeNet.open({ producers: 4, nodes: NODES });
  await net.run(4);
  net.skew[WRONG] = skew;
  await net.run(12, { lag: 3, nodes: RIGHT });
  net.skew[WRONG] = 0;
  await net.run(2, { lag: 3, nodes: RIGHT });
  await net.until(() => net.agrees(net.indices));
  await net.run(6, { lag: 2 });
  expectNoBlame(net);
});

test('five slots ahead: it makes blocks that nobody takes, and votes for those of the others', async () => {
  const net = await WholeNet.open({ producers: 4, nodes: NODES });
  await net.run(4);
  net.skew[WRONG] = 5 * SLOT;
  await net.run(24, { lag: 3, nodes: RIGHT });
  expectNoBlame(net);
  // For slots up to the last one it signed a block for, it signs no other.
  net.skew[WRONG] = 0;
  await net.run(5, { lag: 3, nodes: RIGHT });
  await net.until(() => net.agrees(net.indices));
  await net.run(6);
  expectNoBlame(net);
});

test('five slots behind: it takes no new blocks, the three go on; set right it catches up', async () => {
  const net = await WholeNet.open({ producers: 4, nodes: NODES });
  await net.run(4);
  net.skew[WRONG] = -5 * SLOT;
  await net.run(24, { lag: 3, nodes: RIGHT });
  expectNoBlame(net);
  net.skew[WRONG] = 0;
  await net.run(3, { lag: 3, nodes: RIGHT });
  await net.until(() => net.agrees(net.indices));
  await net.run(6, { lag: 3 });
  expectNoBlame(net);
});
