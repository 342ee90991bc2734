// SPDX-License-Identifier: Apache-2.0
// While a block is on its way through a node, transactions wait; never for long.

import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { BlocksFirst } from '../../../src/node/chain/blocks-first.ts';
import type { ChainCore } from '../../../src/node/chain/core.ts';
import { TestNet } from './helpers/net.ts';

afterEach(() => {
  vi.useRealTimers();
});

function isCalm(blocksFirst: BlocksFirst): Promise<boolean> {
  return Promise.race([blocksFirst.calm().then(() => true), setImmediate(false)]);
}

/** Whether it was calm whenever a block was added. */
function watch(core: ChainCore): boolean[] {
  const calm: boolean[] = [];
  const add = core.add.bind(core);
  core.add = async (prepared) => {
    calm.push(await isCalm(core.blocksFirst));
    return add(prepared);
  };
  return calm;
}

test('it is calm again when the last block is through', async () => {
  const blocksFirst = new BlocksFirst(60_000);
  expect(await isCalm(blocksFirst)).toBe(true);
  const [first, second] = [blocksFirst.begin(), blocksFirst.begin()];
  const waiting = blocksFirst.calm();
  first();
  expect(await isCalm(blocksFirst)).toBe(false);
  second();
  await waiting;
  expect(await isCalm(blocksFirst)).toBe(true);
  const third = blocksFirst.begin();
  expect(await isCalm(blocksFirst)).toBe(false);
  third();
});

test('a block that takes too long keeps nobody waiting, nor do those that come while it does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const blocksFirst = new BlocksFirst(200);
  const slow = blocksFirst.begin();
  vi.advanceTimersByTime(199);
  expect(await isCalm(blocksFirst)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await isCalm(blocksFirst)).toBe(true);
  const another = blocksFirst.begin();
  expect(await isCalm(blocksFirst)).toBe(true);
  slow();
  another();
  const soon = blocksFirst.begin();
  vi.advanceTimersByTime(199);
  soon();
  // The time of one that is through does not end that of the next.
  const next = blocksFirst.begin();
  vi.advanceTimersByTime(199);
  expect(await isCalm(blocksFirst)).toBe(false);
  next();
});

test('so it is with blocks made here, with those of others, and with those refused; not with ranges', async () => {
  const net = await TestNet.open(3);
  await net.run(2);
  const cores = net.chains.map((each) => each!.chain.core);
  const [maker, taker] = [net.get(2).chain, net.get(0).chain];
  const calm = cores.map(watch);
  await net.run(1);
  for (const each of calm) expect(each).toEqual([false]);
  for (const core of cores) expect(await isCalm(core.blocksFirst)).toBe(true);

  net.partition([0], [1, 2]);
  const fork = taker.imports.next();
  await net.run(3);
  const bytes = Uint8Array.from(maker.blockAt(fork)!);
  bytes.fill(0xff, bytes.length - 72); // no signature, of a vote
  await taker.imports.onBlock('1', bytes);
  expect(net.get(0).punished).toMatchObject([{ reason: 'malformed block' }]);
  expect(await isCalm(taker.core.blocksFirst)).toBe(true);
  net.partition();
  calm[0]!.length = 0;
  await net.sync(0, 2);
  expect(new Set(calm[0])).toEqual(new Set([true]));
});
