// SPDX-License-Identifier: Apache-2.0
// Peers that mean harm: what each achieves, and that it is nothing.

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Limit, MessageCode } from '../../../src/node/generated/protocol.ts';
import { encodeFrame } from '../../../src/node/network/frame.ts';
import { Handshake } from '../../../src/node/network/handshake.ts';
import {
  encodeBatch,
  encodeBlocks,
  encodeGetBlocks,
  encodeHello,
  encodePing,
  encodeStatus,
} from '../../../src/node/network/messages.ts';
import { testRandom } from '../../../src/testbench/random.ts';
import { block, numbered, vote } from './helpers/bytes.ts';
import { pass, until } from './helpers/clock.ts';
import { CHAIN, connected, MAX_BLOCK_BYTES, secretKey, startNode } from './helpers/nodes.ts';
import { RawPeer } from './helpers/raw-peer.ts';

const ZERO = { height: 0, id: '00'.repeat(32) };

/** A frame's header with anything in it. */
function header(kind: number, bytes: number, version: number = Limit.VERSION): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Limit.MAGIC_FRAME, 0);
  head[4] = version;
  head[5] = kind;
  head.writeUInt32LE(bytes, 8);
  return head;
}

/** Memory outside of JavaScript's heap, which is where bytes are. */
const externalBytes = () => process.memoryUsage().arrayBuffers;

describe('before the handshake', () => {
  test('garbage ends the connection; repeated, it bans the address', async () => {
    const node = await startNode({ admission: { exemptLoopback: false } });
    const random = testRandom('garbage');
    const port = node.network.port!;
    for (let i = 0; i < 3; i++) {
      const stranger = await RawPeer.open({ port });
      await stranger.write(random.bytes(1 + random.int(15, 4_000)));
      expect(await stranger.ending()).toBe('bad_message');
    }
    await until(() => node.network.counters.bans === 1);
    const stranger = await RawPeer.open({ port });
    expect(await stranger.ending()).toBeUndefined();
    expect(node.network.counters.refused.banned).toBe(1);
    // Others are not concerned.
    const other = await RawPeer.join({ port, from: '127.0.1.1' });
    await connected(1, node);
    expect(node.network.peers().map(({ nodeKey }) => nodeKey)).toEqual([other.key]);
    await node.close();
  });

  test('in a network that is exempt no address is banned', async () => {
    const exempt = ['127.0.0.0/24'];
    const node = await startNode({ admission: { exemptLoopback: false }, exempt });
    const port = node.network.port!;
    for (let i = 0; i < 12; i++) {
      const stranger = await RawPeer.open({ port });
      await stranger.write(randomBytes(100));
      expect(await stranger.ending()).toBe('bad_message');
    }
    expect(node.network.counters.bans).toBe(0);
    await RawPeer.join({ port });
    await connected(1, node);
  });

  test('a ban ends', async () => {
    const bans = { banMilliseconds: 60_000 };
    const node = await startNode({ admission: { exemptLoopback: false }, bans });
    const port = node.network.port!;
    for (let i = 0; i < 3; i++) {
      const stranger = await RawPeer.open({ port });
      await stranger.write(randomBytes(100));
      await stranger.ending();
    }
    await until(() => node.network.counters.bans === 1);
    node.clock.advance(60_001);
    await RawPeer.join({ port });
    await connected(1, node);
  });

  test('a huge frame is refused by its header', async () => {
    const node = await startNode();
    for (const [kind, bytes] of [
      [MessageCode.HELLO, 0xffff_fff8],
      [MessageCode.HELLO, 152],
      [MessageCode.BLOCK, 1_000],
      [99, 8],
    ] as const) {
      const stranger = await RawPeer.open({ port: node.network.port! });
      await stranger.write(header(kind, bytes));
      expect(await stranger.ending()).toBe('bad_message');
    }
    expect(node.network.counters.bytesIn).toBe(0);
  });

  test('a wrong version in a frame, or in the hello', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const framed = await RawPeer.open({ port });
    await framed.write(header(MessageCode.HELLO, 144, 2));
    expect(await framed.ending()).toBe('wrong_version');
    const told = await RawPeer.open({ port });
    await told.write(encodeHello({ ...told.identity.hello(0), protocol: 2 }));
    expect(await told.ending()).toBe('wrong_version');
    expect(node.network.counters.handshakesFailed.wrong_version).toBe(2);
  });

  test('another chain, both ways', async () => {
    const node = await startNode();
    const stranger = await RawPeer.open({ port: node.network.port!, chainId: 'ab'.repeat(32) });
    await stranger.write(encodeHello(stranger.identity.hello(0)));
    expect(await stranger.ending()).toBe('wrong_chain');
    const warnings: object[] = [];
    const other = await startNode({
      chainId: 'ab'.repeat(32),
      peers: [node.address],
      log: { debug() {}, info() {}, warn: (fields) => warnings.push(fields) },
    });
    await until(
      () => other.network.counters.handshakesFailed['told wrong_chain'] === 1,
      () => other.clock.advance(100),
    );
    expect(node.network.peers()).toEqual([]);
    // Its operator named that address, and is told.
    await until(() => warnings.length > 0);
    expect(warnings).toMatchObject([{ address: node.address, reason: 'wrong_chain' }]);
    // It is not dialled again for an hour.
    other.clock.advance(3_500_000);
    expect(other.network.counters.dialled).toBe(1);
  });

  test('a replayed handshake proves nothing', async () => {
    const node = await startNode();
    const port = node.network.port!;
    // The wire of an honest handshake, as one who listens has it.
    const honest = await RawPeer.open({ port });
    const handshake = new Handshake({ identity: honest.identity, port: 0, initiator: true });
    const recorded = [...handshake.start()];
    await honest.write(recorded[0]!);
    handshake.receive(await honest.next());
    const { send } = handshake.receive(await honest.next());
    recorded.push(...send);
    await honest.write(recorded[1]!);
    await connected(1, node);
    honest.socket.destroy();
    await until(() => node.network.peers().length === 0);
    const replay = await RawPeer.open({ port });
    for (const frame of recorded) await replay.write(frame);
    expect(await replay.ending()).toBe('bad_proof');
    expect(node.events).toEqual([`connected ${honest.key}`, `gone ${honest.key}`]);
  });

  test('a node key without its secret proves nothing', async () => {
    const node = await startNode();
    const victim = await startNode();
    const thief = await RawPeer.open({ port: node.network.port! });
    const hello = { ...thief.identity.hello(0), nodeKey: victim.key };
    await thief.write(encodeHello(hello));
    await thief.next();
    await thief.next();
    const proof = thief.identity.prove(hello, hello);
    await thief.write(encodeFrame(MessageCode.AUTH, proof));
    expect(await thief.ending()).toBe('bad_proof');
  });

  test('who repeats the node’s own key and words is taken for nobody', async () => {
    const node = await startNode();
    const mirror = await RawPeer.open({ port: node.network.port! });
    await mirror.write(encodeHello({ ...mirror.identity.hello(0), nodeKey: node.key }));
    expect(await mirror.ending()).toBe('self');
  });

  test('silence, and a hello that never ends, are waited for and no longer', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const silent = await RawPeer.open({ port });
    const slow = await RawPeer.open({ port });
    await slow.write(encodeHello(slow.identity.hello(0)).subarray(0, 100));
    const stuck = await RawPeer.open({ port });
    await stuck.write(encodeHello(stuck.identity.hello(0)));
    await stuck.nextOf(MessageCode.AUTH);
    await until(() => node.network.counters.accepted === 3);
    node.clock.advance(4_900);
    expect([silent.closed, slow.closed, stuck.closed]).toEqual([false, false, false]);
    node.clock.advance(200);
    expect(await silent.ending()).toBe('timeout');
    expect(await slow.ending()).toBe('timeout');
    expect(await stuck.ending()).toBe('timeout');
  });

  test('a storm of connections from one subnet takes its share and no more', async () => {
    const admission = { exemptLoopback: false, perSubnet: 8, pending: 32 };
    const node = await startNode({ admission });
    const port = node.network.port!;
    const storm = await Promise.all(
      Array.from({ length: 200 }, (_, i) => RawPeer.open({ port, from: `127.0.0.${2 + i}` })),
    );
    await until(() => node.network.counters.accepted === 200);
    await until(() => storm.filter(({ closed }) => closed).length === 192);
    const { refused } = node.network.counters;
    expect((refused.subnet ?? 0) + (refused.rate ?? 0)).toBe(192);
    expect(node.transport.connections).toBe(8);
    // Another subnet still comes in, and so does this node's own wish to connect.
    await RawPeer.join({ port, from: '127.0.9.1' });
    await connected(1, node);
    node.clock.advance(5_100);
    await until(() => storm.every(({ closed }) => closed));
    expect(node.transport.connections).toBe(1);
    await node.close();
  });

  test('a storm from everywhere leaves a bounded number of handshakes', async () => {
    const admission = { exemptLoopback: false, pending: 16, connections: 40 };
    const node = await startNode({ admission });
    const port = node.network.port!;
    const storm = await Promise.all(
      Array.from({ length: 120 }, (_, i) => RawPeer.open({ port, from: `127.0.${1 + i}.1` })),
    );
    await until(() => node.network.counters.accepted === 120);
    await until(() => storm.filter(({ closed }) => closed).length === 104);
    expect(node.transport.connections).toBe(16);
    expect(node.network.counters.refused.pending).toBeGreaterThan(0);
  });

  test('when all places are taken, who comes is told', async () => {
    const node = await startNode({ admission: { connections: 2 } });
    const port = node.network.port!;
    await RawPeer.join({ port });
    await RawPeer.join({ port });
    const late = await RawPeer.open({ port });
    expect(await late.ending()).toBe('full');
  });
});

describe('after the handshake', () => {
  test('each malformed message ends the connection; a second one is a ban', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const transactions = encodeBatch(MessageCode.TRANSACTIONS, numbered(2));
    const damaged = Uint8Array.from(transactions);
    damaged[40]! ^= 1;
    const tooMany = Buffer.from(transactions.subarray(16));
    tooMany.writeUInt32LE(3);
    const reserved = Uint8Array.from(encodePing(MessageCode.PING, 1n));
    reserved[6] = 1;
    const cases: [string, Uint8Array][] = [
      ['garbage', randomBytes(200)],
      ['a checksum that is wrong', damaged],
      ['a count that is wrong', encodeFrame(MessageCode.TRANSACTIONS, tooMany)],
      ['no transactions', encodeBatch(MessageCode.TRANSACTIONS, [])],
      ['bytes behind the last', encodeFrame(MessageCode.VOTES, transactions.subarray(16))],
      ['a reserved byte', reserved],
      ['an unknown kind', header(77, 8)],
      ['a second hello', header(MessageCode.HELLO, 144)],
      ['a block longer than genesis allows', header(MessageCode.BLOCK, MAX_BLOCK_BYTES + 8)],
      ['a block of another chain', encodeFrame(MessageCode.BLOCK, block('00'.repeat(32), 1))],
      ['a payload not of words', header(MessageCode.BLOCK, 301)],
      ['a range from nowhere', encodeGetBlocks(1, { from: 0, count: 1, maxBytes: 0 })],
      ['a final block above the head', encodeStatus({ head: ZERO, final: { ...ZERO, height: 1 } })],
    ];
    for (const [name, bytes] of cases) {
      const key = secretKey();
      for (const expected of ['bad_message', 'banned']) {
        const peer = await RawPeer.join({ port, secretKey: key });
        await peer.write(bytes);
        expect(await peer.ending(), name).toBe(expected);
      }
      const again = RawPeer.join({ port, secretKey: key });
      await expect(again, name).rejects.toThrow();
    }
    expect(node.network.counters.bans).toBe(cases.length);
    expect(node.network.counters.handshakesFailed.banned).toBe(cases.length);
    expect(node.transactions).toEqual([]);
    expect(node.blocks).toEqual([]);
  });

  test('a flood of valid-looking transactions is cut at its budget, then banned', async () => {
    const node = await startNode();
    const peer = await RawPeer.join({ port: node.network.port! });
    await connected(1, node);
    for (let i = 0; !peer.closed; i++) {
      await peer.write(encodeBatch(MessageCode.TRANSACTIONS, numbered(1_000, 1_000 * i)));
    }
    expect(await peer.ending()).toBe('banned');
    // What the budget's burst allows, and not a byte more: time stood still.
    expect(node.transactions.length).toBe(1_000 * Math.floor(24_000_000 / 256_008));
    expect(node.network.counters.shed['transactions budget']).toBe(100);
  });

  test('a flood whose signatures the chain finds wrong ends as soon as it says so', async () => {
    const node = await startNode({
      handlers: {
        async onTransactions(from) {
          await new Promise((resolve) => setImmediate(resolve));
          node.network.punish(from, 'signature', 20);
        },
      },
    });
    const peer = await RawPeer.join({ port: node.network.port! });
    for (let i = 0; !peer.closed && i < 1_000; i++) {
      await peer.write(encodeBatch(MessageCode.TRANSACTIONS, numbered(10, 10 * i)));
    }
    expect(await peer.ending()).toBe('banned');
    expect(node.network.counters.punished.signature).toBeGreaterThanOrEqual(100);
  });

  test('floods of every cheap message are bounded', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const hundred = (make: (i: number) => Uint8Array) =>
      Array.from({ length: 200 }, (_, i) => make(i));
    const floods: Uint8Array[][] = [
      hundred((i) => encodePing(MessageCode.PING, BigInt(i))),
      hundred(() => encodeStatus({ head: ZERO, final: ZERO })),
      hundred((i) => encodeFrame(MessageCode.ANNOUNCE, block(CHAIN, i).subarray(0, 296))),
      hundred((i) => encodeFrame(MessageCode.BLOCK, block(CHAIN, i))),
      hundred((i) => encodeGetBlocks(i, { from: 1, count: 1, maxBytes: 0 })),
      hundred((i) => encodeBlocks(i, [])),
      hundred((i) =>
        encodeBatch(
          MessageCode.VOTES,
          Array.from({ length: 100 }, (_, j) => vote(100 * i + j)),
        ),
      ),
    ];
    for (const frames of floods) {
      const peer = await RawPeer.join({ port });
      await peer.write(Buffer.concat(frames));
      expect(await peer.ending(), `kind ${frames[0]![5]}`).toBe('banned');
    }
    expect(node.blocks.length).toBe(32);
  });

  test('work that is not done holds the peer back; transactions are shed, votes still pass', async () => {
    const done: (() => void)[] = [];
    const node = await startNode({
      limits: { workBytes: 600_000, transactionWorkBytes: 300_000 },
      handlers: {
        onTransactions: () => new Promise((resolve) => done.push(resolve)),
        onBlock: () => new Promise((resolve) => done.push(resolve)),
      },
    });
    const peer = await RawPeer.join({ port: node.network.port! });
    const { counters } = node.network;
    for (let i = 0; i < 10; i++) {
      await peer.write(encodeBatch(MessageCode.TRANSACTIONS, numbered(400, 400 * i)));
    }
    await peer.write(encodeBatch(MessageCode.VOTES, [vote(1)]));
    await until(() => node.votes.length === 1);
    expect([done.length, counters.shed['transactions work']]).toEqual([3, 7]);
    // Shed is not seen: another time they are welcome.
    for (const settle of done.splice(0)) settle();
    await until(() => node.network.peers()[0]!.workBytes === 0);
    await peer.write(encodeBatch(MessageCode.TRANSACTIONS, numbered(400, 3_600)));
    await until(() => done.length === 1);
    for (const settle of done.splice(0)) settle();

    for (let i = 0; i < 8; i++) {
      await peer.write(encodeFrame(MessageCode.BLOCK, block(CHAIN, i, 250_000)));
    }
    await peer.write(encodeBatch(MessageCode.VOTES, [vote(2)]));
    await until(() => counters.pauses === 1);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([done.length, node.votes.length]).toEqual([3, 1]);
    expect(node.network.peers()[0]!.workBytes).toBeLessThan(600_000 + 251_000);
    // Silence of a peer that is not read is not held against it.
    await pass(node.clock, 300_000);
    expect(node.network.peers().length).toBe(1);
    await until(
      () => node.votes.length === 2,
      () => done.shift()?.(),
    );
    for (const settle of done) settle();
  });

  test('a peer that does not read is sent away, and costs a bounded memory', async () => {
    const node = await startNode({ limits: { transactionQueueBytes: 1_000_000 } });
    const good = await startNode({ clock: node.clock, peers: [node.address] });
    const peer = await RawPeer.join({ port: node.network.port! });
    await connected(2, node);
    peer.socket.pause();
    const slow = () => node.network.peers().find(({ nodeKey }) => nodeKey === peer.key);
    let sent = 0;
    const before = externalBytes();
    // Until the system's buffers and the queue are full.
    while ((node.network.counters.dropped.transactions ?? 0) < 50) {
      node.network.publishTransactions(numbered(256, 256 * sent++));
      await new Promise((resolve) => setImmediate(resolve));
      expect(slow()!.queuedBytes).toBeLessThanOrEqual(1_000_000 + 66_000);
      expect(sent).toBeLessThan(5_000);
    }
    expect(externalBytes() - before).toBeLessThan(64_000_000);
    await until(() => good.transactions.length === 256 * sent);
    for (let i = 0; i < 21; i++) {
      good.network.publishVotes([vote(i)]);
      await until(() => node.votes.length === i + 1);
      node.clock.advance(1_000);
    }
    await until(() => slow() === undefined);
    expect(node.network.counters.disconnects.too_slow).toBe(1);
    expect(node.network.peers().map(({ nodeKey }) => nodeKey)).toEqual([good.key]);
    peer.socket.destroy();
  });

  test('a peer that does not read what must not be lost goes at once', async () => {
    const node = await startNode();
    const peer = await RawPeer.join({ port: node.network.port! });
    await connected(1, node);
    peer.socket.pause();
    for (let i = 0; node.network.peers().length > 0; i++) {
      node.network.publishBlock(block(CHAIN, i, MAX_BLOCK_BYTES - 296));
      await new Promise((resolve) => setImmediate(resolve));
      expect(i).toBeLessThan(100);
    }
    expect(node.network.counters.disconnects.too_slow).toBe(1);
    peer.socket.destroy();
  });

  test('questions of a peer that does not read the answers do not pile up', async () => {
    const node = await startNode();
    for (let i = 1; i <= 40; i++) node.chain.push(block(CHAIN, i, 900_000));
    const peer = await RawPeer.join({ port: node.network.port! });
    await connected(1, node);
    peer.socket.pause();
    const before = externalBytes();
    for (let i = 1; i <= 60; i++) {
      await peer.write(encodeGetBlocks(i, { from: 1, count: 40, maxBytes: 0xffff_ffff }));
    }
    await until(() => (node.network.counters.shed['get_blocks work'] ?? 0) > 0);
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(node.network.peers()[0]!.queuedBytes).toBeLessThan(12_000_000);
    expect(externalBytes() - before).toBeLessThan(40_000_000);
    peer.socket.destroy();
  });

  test('a frame that is promised and not sent holds no memory, and ends in time', async () => {
    const node = await startNode();
    const peers = await Promise.all(
      Array.from({ length: 20 }, () => RawPeer.join({ port: node.network.port! })),
    );
    await connected(20, node);
    const before = externalBytes();
    for (const peer of peers) {
      await peer.write(header(MessageCode.BLOCK, MAX_BLOCK_BYTES));
      await peer.write(new Uint8Array(10));
    }
    await until(() => node.network.counters.bytesIn === 20 * 26);
    // 20 MB were promised.
    expect(externalBytes() - before).toBeLessThan(10_000_000);
    // They keep talking, a byte at a time, so that they are not silent.
    for (let i = 0; i < 31; i++) {
      node.clock.advance(1_000);
      const { bytesIn } = node.network.counters;
      const alive = peers.filter(({ closed }) => !closed);
      for (const peer of alive) await peer.write(new Uint8Array(1));
      await until(
        () => node.network.peers().length === 0 || node.network.counters.bytesIn > bytesIn,
      );
    }
    for (const peer of peers)
      expect(await peer.ending(() => node.clock.advance(100))).toBe('timeout');
    expect(node.network.peers()).toEqual([]);
  });

  test('unfinished frames of all peers together are bounded', async () => {
    const node = await startNode({ limits: { partialBytes: 4_000_000 } });
    const peers = await Promise.all(
      Array.from({ length: 8 }, () => RawPeer.join({ port: node.network.port! })),
    );
    await connected(8, node);
    for (const peer of peers) {
      await peer.write(header(MessageCode.BLOCK, MAX_BLOCK_BYTES));
      await peer.write(new Uint8Array(1_000_000));
    }
    await until(() => (node.network.counters.disconnects.too_slow ?? 0) >= 4);
    expect(node.network.peers().length).toBeLessThanOrEqual(4);
  });

  test('half-open: a peer that ends its side is gone at once, one that vanishes when it is silent', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const ends = await RawPeer.join({ port });
    await connected(1, node);
    ends.socket.end();
    await until(() => node.network.peers().length === 0);
    expect(node.network.counters.disconnects.closed).toBe(1);
    // No end, no reset: as if its cable were cut. The socket reads pings and says nothing.
    const vanished = await RawPeer.join({ port });
    await connected(1, node);
    await pass(node.clock, 40_000);
    expect(vanished.closed).toBe(false);
    await vanished.nextOf(MessageCode.PING);
    await pass(node.clock, 6_000);
    expect(await vanished.ending()).toBe('timeout');
    expect(node.network.peers()).toEqual([]);
  });

  test('a second connection of the same node is refused while the first lives', async () => {
    const node = await startNode();
    const key = secretKey();
    const port = node.network.port!;
    const first = await RawPeer.join({ port, secretKey: key });
    await connected(1, node);
    const second = await RawPeer.join({ port, secretKey: key });
    expect(await second.ending()).toBe('duplicate');
    expect(node.network.peers().length).toBe(1);
    // When the first has been silent for long, the second is believed.
    await pass(node.clock, 31_000);
    await RawPeer.join({ port, secretKey: key });
    await until(() => node.network.counters.disconnects.duplicate === 1);
    expect(await first.ending()).toBe('duplicate');
    expect(node.network.peers().length).toBe(1);
  });

  test('a node that stood still itself blames nobody for it', async () => {
    const node = await startNode();
    await RawPeer.join({ port: node.network.port! });
    await connected(1, node);
    node.clock.jump(600_000);
    await pass(node.clock, 1_000);
    expect(node.network.peers().length).toBe(1);
  });

  test('answers that nobody asked for cost points', async () => {
    const node = await startNode();
    const peer = await RawPeer.join({ port: node.network.port! });
    for (let i = 0; i < 10; i++) await peer.write(encodeBlocks(i, []));
    expect(await peer.ending()).toBe('banned');
    expect(node.network.counters.punished['unasked blocks']).toBe(100);
  });

  test('a block that was announced and is another when it comes is malformed', async () => {
    const node = await startNode();
    const peer = await RawPeer.join({ port: node.network.port! });
    await connected(1, node);
    await peer.write(encodeFrame(MessageCode.ANNOUNCE, block(CHAIN, 1).subarray(0, 296)));
    await until(
      () => node.network.counters.sent.get_block === 1,
      () => node.clock.advance(100),
    );
    const question = await peer.nextOf(MessageCode.GET_BLOCK);
    const request = Buffer.from(question).readUInt32LE(0);
    await peer.write(encodeBlocks(request, [block(CHAIN, 2)]));
    expect(await peer.ending()).toBe('bad_message');
    expect(node.blocks).toEqual([]);
  });

  test('of blocks that one peer announces eight are asked for; those of others are not kept out', async () => {
    const node = await startNode();
    const port = node.network.port!;
    const [liar, honest] = [await RawPeer.join({ port }), await RawPeer.join({ port })];
    await connected(2, node);
    const announce = async (peer: RawPeer, height: number) =>
      peer.write(encodeFrame(MessageCode.ANNOUNCE, block(CHAIN, height).subarray(0, 296)));
    for (let height = 1; height <= 20; height++) await announce(liar, height);
    await until(() => node.network.counters.received.announce === 20);
    await announce(honest, 21);
    await until(() => node.network.counters.received.announce === 21);
    await pass(node.clock, 1_000);
    await honest.nextOf(MessageCode.GET_BLOCK);
    await until(() => liar.frames.filter(({ kind }) => kind === MessageCode.GET_BLOCK).length >= 8);
    expect(node.network.counters.sent.get_block).toBe(9);
  });

  test('random messages never harm more than their own connection', async () => {
    const random = testRandom('fuzz');
    const node = await startNode();
    const good = await startNode({ clock: node.clock, peers: [node.address] });
    await connected(1, good);
    const kinds = Object.values(MessageCode);
    for (let round = 0; round < 60; round++) {
      const peer = await RawPeer.join({ port: node.network.port! });
      for (let i = 0; i < 10; i++) {
        const payload = random.bytes(8 * random.int(1, 50));
        if (random.chance(0.5)) payload.fill(0, 1, 8);
        await peer.write(encodeFrame(random.pick(kinds), payload));
      }
      peer.socket.destroy();
      await until(() => peer.closed);
    }
    good.network.publishVotes([vote(1)]);
    await until(() => node.votes.some(({ peer }) => peer === good.key));
    await until(() => node.network.peers().length === 1);
    expect(node.network.counters.handlerErrors).toBe(0);
  });
});
