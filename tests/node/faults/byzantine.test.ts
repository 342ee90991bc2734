// SPDX-License-Identifier: Apache-2.0
// A producer that contradicts itself: what it costs the others, and what it costs the producer.

import { describe, expect, test } from 'vitest';
import type { BlockRef } from '../../../src/node/protocol/types.ts';
import { Byzantine } from './helpers/byzantine.ts';
import { WholeNet } from './helpers/whole-net.ts';

const GUILTY = 'producer4';
const HONEST = ['producer1', 'producer2', 'producer3', 'producer5'];

/** What it does in its slot. */
const OFFENCES: Readonly<
  Record<string, (net: WholeNet, byzantine: Byzantine, final: BlockRef) => Promise<void>>
> = {
  'two blocks for a slot': async (net, byzantine) => {
    const blocks = [await byzantine.block(), await byzantine.block([net.transfer()])];
    byzantine.sendBlock(0, blocks[0]!);
    byzantine.sendBlock(1, blocks[1]!);
    const ids = blocks.map(({ signedHeader }) => signedHeader.id);
    await net.until(() =>
      net.running.every(({ chain }) => ids.every((id) => chain.core.parts.view.has(id))),
    );
  },
  'two votes for a height': async (net, byzantine) => {
    const { head } = net.get(0).chain.core.parts.ledger;
    const { justified } = net.get(0).chain.core.parts.view;
    const height = head.height + 1;
    byzantine.sendVote(0, justified, { height, id: 'aa'.repeat(32) });
    byzantine.sendVote(1, justified, { height, id: 'bb'.repeat(32) });
  },
  'a vote around another': async (net, byzantine, final) => {
    const { head } = net.get(0).chain.core.parts.ledger;
    const { justified } = net.get(0).chain.core.parts.view;
    byzantine.sendVote(0, justified, { height: head.height + 1, id: 'aa'.repeat(32) });
    byzantine.sendVote(1, final, { height: head.height + 2, id: 'bb'.repeat(32) });
  },
};

/** Four seats; where five stand for them, all honest ones run. */
async function network(kind: 'dpos' | 'poa', producers: 4 | 5) {
  const nodes = HONEST.slice(0, producers - 1);
  const net = await WholeNet.open({ kind, producers, seats: 4, nodes });
  const halves: [number[], number[]] = [[0], net.running.map((_, i) => i).slice(1)];
  return { net, byzantine: await Byzantine.join(net, GUILTY, halves) };
}

/** Runs until the guilty one is due, and begins its slot. */
async function itsSlot(net: WholeNet): Promise<void> {
  while (net.due(net.slot + 1) !== GUILTY) await net.run(1);
  await net.begin();
}

/** Blocks with a report on the chain of a node. */
function reports(net: WholeNet): number[] {
  const { ledger } = net.get(0).chain.core.parts;
  const heights: number[] = [];
  for (let height = 1; height <= ledger.head.height; height++) {
    for (const { transaction } of ledger.block(height)!.transactions) {
      if (transaction.operations[0]!.type.startsWith('report')) heights.push(height);
    }
  }
  return heights;
}

const stateOf = (net: WholeNet, i: number, producer: string) =>
  net
    .get(i)
    .view.producers()
    .find(({ account }) => account === producer)!.state;

/** What its producer does in its slot, and the slots until all agree again. */
async function offence(net: WholeNet, commit: () => Promise<unknown> | unknown): Promise<void> {
  await itsSlot(net);
  await commit();
  // Built on the block that lost, the next may be lost as well.
  await net.calm(1);
  await net.run(3, { lag: 6 });
}

describe.each(Object.entries(OFFENCES))('%s', (_, offend) => {
  test('DPOS: finality goes on, one report is included, the seat goes to the next', async () => {
    const { net, byzantine } = await network('dpos', 5);
    await net.run(3);
    const before = net.get(0).chain.core.final;
    await offence(net, () => offend(net, byzantine, before));
    await net.run(18);
    for (const i of net.nodes.keys()) {
      expect(stateOf(net, i, GUILTY)).toBe('convicted');
      expect(stateOf(net, i, 'producer5')).toBe('active');
      expect(
        net
          .get(i)
          .view.schedule(20)
          .map(({ producer }) => producer),
      ).not.toContain(GUILTY);
      expect(net.get(i).chain.core.parts.ledger.blockId(before.height)).toBe(before.id);
    }
    expect(reports(net)).toHaveLength(1);
  });

  test('proof of authority: the same, but the genesis named it, and its slots stay', async () => {
    const { net, byzantine } = await network('poa', 4);
    await net.run(3);
    const before = net.get(0).chain.core.final;
    await offence(net, () => offend(net, byzantine, before));
    await net.run(3);
    await offence(net, () => offend(net, byzantine, net.get(0).chain.core.parts.ledger.final));
    await net.run(4);
    for (const i of net.nodes.keys()) {
      expect(stateOf(net, i, GUILTY)).toBe('convicted');
      expect(
        net
          .get(i)
          .view.schedule(8)
          .map(({ producer }) => producer),
      ).toContain(GUILTY);
    }
    expect(reports(net)).toHaveLength(1);
  });
});

test('DPOS: where nobody else stands for election, the seat of the voted out stays empty', async () => {
  const { net, byzantine } = await network('dpos', 4);
  await net.run(3);
  await itsSlot(net);
  await OFFENCES['two votes for a height']!(net, byzantine, net.get(0).chain.core.final);
  // Built on the block that lost, the next may be lost as well.
  await net.calm(1);
  await net.run(3, { lag: 6 });
  await net.run(18);
  for (const i of net.nodes.keys()) {
    expect(stateOf(net, i, GUILTY)).toBe('convicted');
    expect(
      net
        .get(i)
        .view.schedule(20)
        .map(({ producer }) => producer),
    ).not.toContain(GUILTY);
  }
});
