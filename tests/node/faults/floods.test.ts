// SPDX-License-Identifier: Apache-2.0
// Peers that flood one of four nodes while blocks go on: each is banned, and no slot is lost to it.

import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Limit, MessageCode } from '../../../src/node/generated/protocol.ts';
import { encodeFrame } from '../../../src/node/network/frame.ts';
import { encodeBatch, encodeGetBlocks } from '../../../src/node/network/messages.ts';
import {
  assembleBlock,
  assembleTransaction,
  type BlockHeader,
  bodyFields,
  encodeSignedVote,
  signHeader,
  voteId,
} from '../../../src/node/protocol/index.ts';
import type { BlockRef } from '../../../src/node/protocol/types.ts';
import { until } from '../network/helpers/clock.ts';
import { secretKey } from '../network/helpers/nodes.ts';
import { RawPeer } from '../network/helpers/raw-peer.ts';
import { WholeNet } from './helpers/whole-net.ts';

const PRODUCERS = ['producer1', 'producer2', 'producer3', 'producer4'];
/** Slots of a flood. */
const SLOTS = 4;

/** A frame of a flood; `i` counts. */
type Make = (net: WholeNet, i: number) => Uint8Array;

const EMPTY = { votes: [], transactions: [] };

/** A block on the head that looks right, signed with the key of somebody who is no producer. */
function forgedBlock(net: WholeNet, fields: Partial<BlockHeader>): Uint8Array {
  const { ledger } = net.get(0).chain.core.parts;
  const { head } = ledger;
  const slot = fields.slot ?? head.slot + 1;
  const header: BlockHeader = {
    chainId: net.dev.genesis.chainId,
    height: head.height + 1,
    slot,
    parent: head.id,
    producer: net.due(slot),
    ...bodyFields(EMPTY),
    stateRoot: randomBytes(32).toString('hex'),
    ...fields,
  };
  return assembleBlock(signHeader(header, net.dev.secretOf('user1')), EMPTY).bytes;
}

/** The form of a signature; nobody's, or anybody's. */
function randomSignature(): Uint8Array {
  const signature = new Uint8Array(72);
  signature.set(randomBytes(64));
  signature[0]! &= 0x7f;
  signature[32]! &= 0x3f;
  return signature;
}

/** 20 votes for a block, each from another source. */
function forgedVotes(net: WholeNet, target: BlockRef): Uint8Array[] {
  const { chainId } = net.dev.genesis;
  return Array.from({ length: 20 }, (_, i) => {
    const source = { height: target.height - 1, id: randomBytes(32).toString('hex') };
    const vote = { chainId, source, target, producer: PRODUCERS[i % 4]! };
    return encodeSignedVote({ vote, id: voteId(vote), signature: randomSignature() });
  });
}

const votes = (all: Uint8Array[]) => encodeBatch(MessageCode.VOTES, all);
const head = (net: WholeNet) => net.get(0).chain.core.parts.ledger.head;

/** As if of somebody who can pay for them. */
function forgedTransactions(net: WholeNet): Uint8Array[] {
  const { transaction } = net.transfer();
  return Array.from(
    { length: 20 },
    (_, i) => assembleTransaction({ ...transaction, nonce: i }, [randomSignature()]).bytes,
  );
}

/** A frame that promises 4 GB. */
function hugeFrame(): Uint8Array {
  const frame = Buffer.alloc(16);
  frame.writeUInt32LE(Limit.MAGIC_FRAME, 0);
  frame[4] = Limit.VERSION;
  frame[5] = MessageCode.BLOCK;
  frame.writeUInt32LE(0xffff_fff8, 8);
  return frame;
}

/** What it sends, what that is punished for, and how it is made. */
const FLOODS: readonly (readonly [name: string, reason: string, make: Make])[] = [
  [
    'blocks of the next slot, signed by nobody who may',
    'CHAIN_SIGNATURE',
    (net) => encodeFrame(MessageCode.BLOCK, forgedBlock(net, {})),
  ],
  [
    'headers of the next slot, announced, signed by nobody who may',
    'CHAIN_SIGNATURE',
    (net) => encodeFrame(MessageCode.ANNOUNCE, forgedBlock(net, {}).subarray(0, 296)),
  ],
  [
    'blocks of slots far away',
    'CHAIN_SIGNATURE',
    (net, i) => encodeFrame(MessageCode.BLOCK, forgedBlock(net, { slot: 1_000_000 + i })),
  ],
  [
    'blocks whose parents nobody knows',
    'too many block',
    (net, i) =>
      encodeFrame(
        MessageCode.BLOCK,
        forgedBlock(net, { parent: randomBytes(32).toString('hex'), height: 1_000_000 + i }),
      ),
  ],
  [
    'transactions with the signatures of others',
    'LEDGER_AUTHORITY',
    (net) => encodeBatch(MessageCode.TRANSACTIONS, forgedTransactions(net)),
  ],
  ['forged votes for the head', 'forged vote', (net) => votes(forgedVotes(net, head(net)))],
  [
    'forged votes for blocks that nobody knows',
    'strange votes',
    (net) =>
      votes(
        forgedVotes(net, { height: head(net).height + 1, id: randomBytes(32).toString('hex') }),
      ),
  ],
  ['frames of 4 GB', 'malformed', hugeFrame],
  [
    'questions for the whole chain',
    'too many get_blocks',
    (_, i) => encodeGetBlocks(i, { from: 1, count: 1024, maxBytes: 0xffff_ffff }),
  ],
];

/** An attacker that comes back under another name whenever it is sent away. */
class Attacker {
  readonly #net: WholeNet;
  readonly #make: Make;
  readonly endings: (string | undefined)[] = [];
  #stop = false;
  readonly done: Promise<void>;

  constructor(net: WholeNet, make: Make) {
    this.#net = net;
    this.#make = make;
    this.done = this.#attack();
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.done;
  }

  async #attack(): Promise<void> {
    const { chainId } = this.#net.dev.genesis;
    let key = secretKey();
    for (let i = 0; !this.#stop; ) {
      const options = { port: this.#net.port(0), chainId, secretKey: key };
      const peer = await RawPeer.join(options).catch(() => undefined);
      if (!peer) {
        key = secretKey();
        continue;
      }
      while (!peer.closed && !this.#stop) {
        await peer.write(this.#make(this.#net, i++));
        await setImmediate();
      }
      if (!this.#stop) this.endings.push(await peer.ending());
      peer.socket.destroy();
    }
  }
}

describe.each(FLOODS)('%s', (_, reason, make) => {
  test('end in a ban; every slot has its block, and its finality', async () => {
    const net = await WholeNet.open({ producers: 4, nodes: PRODUCERS });
    await net.run(3);
    const before = process.memoryUsage().arrayBuffers;
    const attacker = new Attacker(net, make);
    await net.run(SLOTS);
    await net.until(() => attacker.endings.includes('banned'));
    expect(net.get(0).network.counters.punished[reason]).toBeGreaterThanOrEqual(100);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000);
    await attacker.stop();
    await net.run(2);
    const { network, chain } = net.get(0);
    expect(network.counters.handlerErrors).toBe(0);
    expect(chain.core.fault).toBeUndefined();
    // Nobody honest has paid for it.
    const honest = net.running.map((node) => node.network.nodeKey);
    for (const node of net.running) {
      const scores = node.network.peers().filter(({ nodeKey }) => honest.includes(nodeKey));
      expect(scores.map(({ score }) => score)).toEqual([0, 0, 0]);
      expect(node.network.counters.bans).toBe(node === net.get(0) ? network.counters.bans : 0);
    }
  });
});

test('a peer that asks for large blocks and does not read is gone in time, and no slot is lost', async () => {
  const net = await WholeNet.open({ producers: 4, nodes: PRODUCERS });
  await net.run(2);
  const large = Array.from({ length: 300 }, () => net.transfer('user1', 'user2', 16).bytes);
  const verdicts = await net.get(0).view.submit(large);
  expect(verdicts.filter(({ accepted }) => accepted)).toHaveLength(300);
  await net.run(4);
  const { network, chain } = net.get(0);
  const { ledger } = chain.core.parts;
  const sizes = [1, 2, 3, 4, 5, 6].map((height) => ledger.blockBytes(height)!.length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(400_000);
  const { chainId } = net.dev.genesis;
  const peer = await RawPeer.join({ port: net.port(0), chainId });
  peer.socket.pause();
  const slow = () => network.peers().find(({ nodeKey }) => nodeKey === peer.key);
  const before = process.memoryUsage().arrayBuffers;
  // Until the system's buffers and the queue are full.
  for (let i = 1; (slow()?.queuedBytes ?? 0) < 2_000_000; i++) {
    expect(i).toBeLessThan(60);
    const { blocksServed } = network.counters;
    await peer.write(encodeGetBlocks(i, { from: 1, count: 10, maxBytes: 0xffff_ffff }));
    await until(() => network.counters.blocksServed > blocksServed);
  }
  for (let i = 0; i < 9; i++) {
    await net.run(1);
    expect(slow()?.queuedBytes ?? 0).toBeLessThan(20_000_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000);
  }
  expect(slow()).toBeUndefined();
  expect(network.counters.disconnects).toEqual({ too_slow: 1 });
  peer.socket.destroy();
});
