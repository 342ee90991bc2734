// SPDX-License-Identifier: Apache-2.0
// Whom range sync asks next when a peer does not help. The peers are made up, the clock stands still.

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FrameLayout } from '../../../src/node/generated/protocol.ts';
import { newCounters } from '../../../src/node/network/counters.ts';
import { encodeBlocks } from '../../../src/node/network/messages.ts';
import type { Peer } from '../../../src/node/network/peer.ts';
import { RangeSync } from '../../../src/node/network/range-sync.ts';
import { block } from './helpers/bytes.ts';
import { CHAIN } from './helpers/nodes.ts';

/** A peer that claims a height; `answer` says what comes of a question. */
function peer(id: string, answer: () => Uint8Array | undefined, height = 1) {
  const made = {
    id,
    ended: false,
    status: { head: { height, id: '11'.repeat(32) }, final: { height: 0, id: CHAIN } },
    asked: 0,
    send: () => true,
    questions: {
      ask: async () => {
        made.asked += 1;
        return answer();
      },
    },
  };
  return made;
}

const theBlock = () => encodeBlocks(1, [block(CHAIN, 1)]).subarray(FrameLayout.BYTES);

function open(...all: ReturnType<typeof peer>[]) {
  const peers = new Map(all.map((each) => [each.id, each]));
  const chain: Uint8Array[] = [];
  const sync = new RangeSync({
    source: {
      next: () => chain.length + 1,
      import: async (_peer, from, blocks) => {
        chain.push(...blocks);
        return from + blocks.length;
      },
    },
    peers: peers as unknown as ReadonlyMap<string, Peer>,
    counters: newCounters(),
    chainId: CHAIN,
    log: { info() {}, warn() {}, debug() {} },
    now: () => 0,
    malformed(_peer, error) {
      throw error;
    },
  });
  const tick = async () => {
    sync.tick(0);
    for (let i = 0; i < 5; i++) await setImmediate();
  };
  return { peers, chain, tick };
}

test('of two connections to a node one ends with a question on it: the other is asked at once', async () => {
  const first = peer('a', () => {
    first.ended = true;
    peers.set('a', second);
    return undefined;
  });
  const second = peer('a', theBlock);
  const { peers, chain, tick } = open(first);
  await tick();
  expect([first.asked, second.asked]).toEqual([1, 0]);
  await tick();
  expect(second.asked).toBe(1);
  expect(chain).toHaveLength(1);
});

test('a peer that has nothing is left alone, and another asked at once, though only one block is missing', async () => {
  let refused: string | undefined;
  const answer = (id: string) => () => {
    refused ??= id;
    return refused === id ? undefined : theBlock();
  };
  const [a, b] = [peer('a', answer('a')), peer('b', answer('b'))];
  const { chain, tick } = open(a, b);
  await tick();
  expect(a.asked + b.asked).toBe(1);
  await tick();
  expect([a.asked, b.asked]).toEqual([1, 1]);
  expect(chain).toHaveLength(1);
});

test('alone with a peer that has nothing, it does not ask again at once', async () => {
  const only = peer('a', () => undefined);
  const { tick } = open(only);
  for (let i = 0; i < 5; i++) await tick();
  expect(only.asked).toBe(1);
});

test('a liar whose connection ends with each question is asked again at once one time only', async () => {
  const connections: ReturnType<typeof peer>[] = [];
  const connect = () => {
    const made = peer('a', () => {
      made.ended = true;
      peers.set('a', connect());
      return undefined;
    });
    connections.push(made);
    return made;
  };
  const { peers, tick } = open(connect());
  for (let i = 0; i < 6; i++) await tick();
  expect(connections.map(({ asked }) => asked)).toEqual([1, 1, 0]);
});

test('once it has helped, a connection of it may end again', async () => {
  let height = 1;
  const connect = (answer: () => Uint8Array | undefined) => {
    const made = peer(
      'a',
      () => {
        const blocks = answer();
        made.ended = blocks === undefined;
        return blocks;
      },
      height,
    );
    peers.set('a', made);
    return made;
  };
  const { peers, chain, tick } = open();
  const lost = () => undefined;
  const theBlock = () => encodeBlocks(1, [block(CHAIN, height)]).subarray(FrameLayout.BYTES);
  for (; height <= 3; height++) {
    const first = connect(lost);
    await tick();
    const second = connect(theBlock);
    await tick();
    expect([first.asked, second.asked]).toEqual([1, 1]);
    expect(chain).toHaveLength(height);
  }
});

test('whoever claims the highest chain is asked, not who is merely far ahead', async () => {
  for (let i = 0; i < 16; i++) {
    const all = [200, 1000, 500].map((height) => peer(`${height}`, () => undefined, height));
    const { tick } = open(...all);
    await tick();
    expect(all.map(({ asked }) => asked)).toEqual([0, 1, 0]);
    // It has nothing: the next highest.
    await tick();
    expect(all.map(({ asked }) => asked)).toEqual([0, 1, 1]);
  }
});
