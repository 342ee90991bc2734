// SPDX-License-Identifier: Apache-2.0
// Four nodes, and a network that falls apart.

import { expect, test } from 'vitest';
import { WholeNet } from './helpers/whole-net.ts';

const NODES = ['producer1', 'producer2', 'producer3', 'producer4'];

const finals = (net: WholeNet) => net.running.map(({ chain }) => chain.core.final.height);

test('two and two: both halves make blocks, nothing becomes final; joined, one chain goes on', async () => {
  const net = await WholeNet.open({ producers: 4, nodes: NODES });
  await net.run(4);
  const before = Math.max(...finals(net));
  const halves = [
    [0, 1],
    [2, 3],
  ] as const;
  net.partition(...halves);
  const lost = net.transfer();
  await net.get(0).view.submit([lost.bytes]);
  for (let i = 0; i < 8; i++) {
    await net.begin();
    await net.until(() => halves.every((half) => net.agrees(half)));
  }
  const { head: one } = net.get(0).chain.core.parts.ledger;
  const { head: other } = net.get(2).chain.core.parts.ledger;
  expect(one.id).not.toBe(other.id);
  expect(Math.max(...finals(net))).toBeLessThanOrEqual(before + 1);
  expect(net.get(0).view.status(lost.id)?.state).toMatch(/included|confirmed/);
  expect(net.get(2).view.status(lost.id)).toBeUndefined();
  net.partition();
  await net.connected();
  await net.calm(4);
  await net.run(2, { lag: 12 });
  await net.run(6, { lag: 3 });
  // Whichever half had to undo its blocks: what was in them is not lost.
  for (const { view } of net.running) expect(view.status(lost.id)?.state).toBe('final');
});

test('three and one: the three go on, the one makes blocks of its own, gives them up and follows', async () => {
  const net = await WholeNet.open({ producers: 4, nodes: NODES });
  await net.run(4);
  net.partition([0, 1, 2], [3]);
  await net.run(12, { nodes: [0, 1, 2], lag: 2 });
  const alone = net.get(3).chain.core;
  expect(alone.final.height).toBeLessThanOrEqual(4);
  const own = alone.parts.ledger.head;
  expect(net.get(0).chain.core.parts.ledger.blockId(own.height)).not.toBe(own.id);
  net.partition();
  await net.connected();
  await net.calm(4);
  await net.run(4, { lag: 3 });
});
