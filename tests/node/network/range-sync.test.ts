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

/** A peer with one block; `answer` says what comes of a question. */
function peer(id: string, answer: () => Uint8Array | undefined) {
  const made = {
    id,
    ended: false,
    status: { head: { height: 1, id: '11'.repeat(32) }, final: { height: 0, id: CHAIN } },
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
