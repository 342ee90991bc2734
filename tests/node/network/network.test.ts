// SPDX-License-Identifier: Apache-2.0
// Networks that mean well.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SyncSource } from '../../../src/node/network/index.ts';
import { testRandom } from '../../../src/testbench/random.ts';
import { block, blockId, numbered, vote } from './helpers/bytes.ts';
import { ManualClock, until } from './helpers/clock.ts';
import { CHAIN, connected, HOST, secretKey, startNode, type TestNode } from './helpers/nodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-network-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hexOf = (items: readonly { bytes: Uint8Array }[]) =>
  items.map(({ bytes }) => Buffer.from(bytes).toString('hex')).sort();
const hex = (items: readonly Uint8Array[]) =>
  items.map((bytes) => Buffer.from(bytes).toString('hex')).sort();
const ref = (height: number) => ({ height, id: height.toString(16).padStart(64, '0') });

/** So many nodes, each connected to all before it, on one clock. */
async function mesh(count: number): Promise<TestNode[]> {
  const clock = new ManualClock();
  const nodes: TestNode[] = [];
  for (let i = 0; i < count; i++) {
    nodes.push(await startNode({ clock, peers: nodes.map(({ address }) => address) }));
  }
  await connected(count - 1, ...nodes);
  return nodes;
}

describe('peers', () => {
  test('two nodes know one another by key, address, version and height', async () => {
    const a = await startNode({ agent: 'first/1.0' });
    const b = await startNode({ agent: 'second/2.0', peers: [a.address] });
    a.network.setStatus({ head: ref(9), final: ref(7) });
    await connected(1, a, b);
    await until(() => b.network.peers()[0]!.height === 9);
    expect(b.network.peers()[0]).toMatchObject({
      nodeKey: a.key,
      address: a.address,
      direction: 'out',
      version: 'first/1.0',
      height: 9,
      finalHeight: 7,
      score: 0,
    });
    expect(a.network.peers()[0]).toMatchObject({
      nodeKey: b.key,
      direction: 'in',
      version: 'second/2.0',
    });
    a.network.setStatus({ head: ref(10), final: ref(8) });
    await until(() => b.network.peers()[0]!.height === 10);
    expect(a.events).toEqual([`connected ${b.key}`]);
  });

  test('a ping measures the way there and back', async () => {
    const [a, b] = (await mesh(2)) as [TestNode, TestNode];
    await until(
      () => b.network.peers()[0]?.roundTripMilliseconds !== undefined,
      () => a.clock.advance(100),
    );
    expect(b.network.peers()[0]!.roundTripMilliseconds).toBeGreaterThanOrEqual(0);
  });

  test('two nodes that dial one another at once stay with one connection', async () => {
    const clock = new ManualClock();
    const first = await startNode({ clock });
    const port = first.network.port!;
    const key = secretKey();
    await first.close();
    const b = await startNode({ clock, peers: [`${HOST}:${port}`] });
    const a = await startNode({ clock, port, secretKey: key, peers: [b.address] });
    await connected(1, a, b);
    for (let i = 0; i < 20; i++) {
      clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(() => a.transport.connections === 1 && b.transport.connections === 1);
    await connected(1, a, b);
    const [ofA, ofB] = [a.network.peers()[0]!, b.network.peers()[0]!];
    expect([ofA.nodeKey, ofB.nodeKey]).toEqual([b.key, a.key]);
    expect(ofA.direction).not.toBe(ofB.direction);
    a.network.publishTransactions(numbered(3));
    await until(() => b.transactions.length === 3);
  });

  test('a node that dials itself notices, and does not try again', async () => {
    const clock = new ManualClock();
    const spare = await startNode({ clock });
    const port = spare.network.port!;
    await spare.close();
    const node = await startNode({ clock, port, peers: [`${HOST}:${port}`] });
    await until(
      () => (node.network.counters.handshakesFailed['told self'] ?? 0) > 0,
      () => clock.advance(100),
    );
    const { dialled } = node.network.counters;
    clock.advance(600_000);
    expect(node.network.counters.dialled).toBe(dialled);
    expect(node.network.peers()).toEqual([]);
  });

  test('a wrong key at a known address is not taken for the right one', async () => {
    const a = await startNode();
    const other = await startNode();
    const b = await startNode({ peers: [`${other.key}@${a.address}`] });
    await until(
      () => (b.network.counters.handshakesFailed.bad_proof ?? 0) > 0,
      () => b.clock.advance(100),
    );
    expect(b.network.peers()).toEqual([]);
    expect(a.network.peers()).toEqual([]);
  });

  test('comes back after the other node was away', async () => {
    const clock = new ManualClock();
    const key = secretKey();
    const a = await startNode({ clock, secretKey: key });
    const port = a.network.port!;
    const b = await startNode({ clock, peers: [a.address] });
    await connected(1, a, b);
    await a.close();
    await until(() => b.network.peers().length === 0);
    expect(b.network.counters.disconnects['told shutdown']).toBe(1);
    const again = await startNode({ clock, port, secretKey: key });
    await connected(1, again, b);
    expect(b.events).toEqual([`connected ${a.key}`, `gone ${a.key}`, `connected ${a.key}`]);
  });

  test('finds other nodes through those it knows', async () => {
    const clock = new ManualClock();
    const a = await startNode({ clock });
    const b = await startNode({ clock, peers: [a.address] });
    await connected(1, a, b);
    const c = await startNode({ clock, peers: [b.address] });
    await connected(2, a, b, c);
    expect(
      c.network
        .peers()
        .map(({ nodeKey }) => nodeKey)
        .sort(),
    ).toEqual([a.key, b.key].sort());
  });

  test('nodes that came to the same one find each other', async () => {
    const clock = new ManualClock();
    const hub = await startNode({ clock });
    const b = await startNode({ clock, peers: [hub.address] });
    await connected(1, hub, b);
    const c = await startNode({ clock, peers: [hub.address] });
    await connected(2, hub, b, c);
    expect(hub.network.counters.dialled).toBe(0);
  });

  test('an address told with the key of another node is tried all the same', async () => {
    const clock = new ManualClock();
    const [a, b] = [await startNode({ clock }), await startNode({ clock })];
    const bookPath = join(folder, 'hints.json');
    const hint = { host: HOST, port: b.network.port, nodeKey: a.key, lastSuccess: 0, failures: 0 };
    writeFileSync(bookPath, JSON.stringify({ version: 1, peers: [hint], bans: [] }));
    const c = await startNode({ clock, bookPath, peers: [a.address] });
    await connected(2, c);
  });

  test('keeps its peer book over a restart', async () => {
    const bookPath = join(folder, 'peers.json');
    const clock = new ManualClock();
    const a = await startNode({ clock });
    const b = await startNode({ clock, bookPath, peers: [a.address] });
    await connected(1, a, b);
    await b.close();
    expect(statSync(bookPath).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(bookPath, 'utf8')).peers).toMatchObject([
      { host: HOST, port: a.network.port, nodeKey: a.key, failures: 1 },
    ]);
    const again = await startNode({ clock, bookPath });
    await connected(1, again, a);
  });

  test('error: a peer book that is none is not used, and does not stop the node', async () => {
    const bookPath = join(folder, 'broken.json');
    writeFileSync(bookPath, '{"version":1,"peers":[{"host":"not an address","port":0}]}');
    const problems: object[] = [];
    const log = { debug() {}, info() {}, warn: (fields: object) => problems.push(fields) };
    const node = await startNode({ bookPath, log });
    expect(JSON.stringify(problems)).toMatch(/peers\[0\]\.host/);
    expect(node.network.port).toBeGreaterThan(0);
  });

  test('error: a port in use', async () => {
    const a = await startNode();
    await expect(startNode({ port: a.network.port! })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('error: addresses of peers that are none', async () => {
    for (const peers of [['nowhere'], ['host:0'], ['host:65536'], ['xyz@host:1'], ['[::1]']]) {
      await expect(startNode({ peers })).rejects.toMatchObject({ name: 'ProtocolError' });
    }
  });
});

describe('gossip', () => {
  test('transactions reach every node once, though all send them on', async () => {
    const nodes = await mesh(4);
    const sent = numbered(300);
    for (const node of nodes.slice(1)) {
      // What a node does with what it accepts.
      const seen = node.transactions;
      const push = seen.push.bind(seen);
      seen.push = (...items) => {
        node.network.publishTransactions(
          items.map(({ bytes }) => bytes),
          { except: items[0]!.peer },
        );
        return push(...items);
      };
    }
    nodes[0]!.network.publishTransactions(sent);
    await until(() => nodes.slice(1).every(({ transactions }) => transactions.length === 300));
    await until(() => nodes[1]!.network.counters.duplicates >= 300);
    for (const node of nodes.slice(1)) expect(hexOf(node.transactions)).toEqual(hex(sent));
    expect(nodes[0]!.transactions).toEqual([]);
  });

  test('many transactions of one moment share messages', async () => {
    const [a, b] = (await mesh(2)) as [TestNode, TestNode];
    for (const one of numbered(1_000)) a.network.publishTransactions([one]);
    await until(() => b.transactions.length === 1_000);
    expect(b.network.counters.received.transactions).toBeLessThanOrEqual(8);
  });

  test('votes and blocks reach all', async () => {
    const nodes = await mesh(3);
    const bytes = block(CHAIN, 1, 200_000);
    nodes[0]!.network.publishVotes([vote(1), vote(2)]);
    nodes[0]!.network.publishBlock(bytes);
    const others = nodes.slice(1);
    await until(() => others.every((n) => n.votes.length === 2 && n.blocks.length === 1));
    for (const node of others) {
      expect(Buffer.from(node.blocks[0]!.bytes).equals(bytes)).toBe(true);
      expect(hexOf(node.votes)).toEqual(hex([vote(1), vote(2)]));
    }
  });

  test('an announced block is fetched by those who lack it, and by nobody else', async () => {
    const nodes = await mesh(3);
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode];
    const bytes = block(CHAIN, 5, 5_000);
    // a produces for b alone; b tells what it has.
    a.network.publishBlock(bytes, { except: c.key });
    await until(() => b.blocks.length === 1);
    b.network.announceBlock(bytes);
    await until(
      () => c.blocks.length === 1,
      () => a.clock.advance(100),
    );
    expect(c.blocks[0]!.peer).toBe(b.key);
    expect(b.network.counters.sent.announce).toBe(1);
    expect(b.network.counters.blocksServed).toBe(1);
    c.network.announceBlock(bytes);
    a.clock.advance(1_000);
    expect(c.network.counters.sent.announce).toBe(1);
    await until(() => (a.network.counters.received.announce ?? 0) >= 1);
    a.clock.advance(1_000);
    expect(a.network.counters.sent.get_block).toBeUndefined();
  });

  test('an announced block that the chain does not want is not fetched', async () => {
    const asked: string[] = [];
    const clock = new ManualClock();
    const a = await startNode({ clock });
    const b = await startNode({
      clock,
      peers: [a.address],
      handlers: {
        onAnnounce(peer, header) {
          asked.push(`${peer} ${header.length}`);
          return false;
        },
      },
    });
    await connected(1, a, b);
    a.network.announceBlock(block(CHAIN, 1));
    await until(
      () => asked.length === 1,
      () => clock.advance(100),
    );
    clock.advance(1_000);
    expect(asked).toEqual([`${a.key} 296`]);
    expect(b.network.counters.sent.get_block).toBeUndefined();
  });

  test('a handler that fails is counted, and costs the peer nothing', async () => {
    const clock = new ManualClock();
    const a = await startNode({ clock });
    const handlers = { onTransactions: () => Promise.reject(new Error('disk full')) };
    const b = await startNode({ clock, peers: [a.address], handlers });
    await connected(1, a, b);
    a.network.publishTransactions(numbered(1));
    await until(() => b.network.counters.handlerErrors === 1);
    expect(b.network.peers()[0]).toMatchObject({ nodeKey: a.key, score: 0, workBytes: 0 });
  });
});

describe('catching up', () => {
  /** A chain that takes over whatever continues it. */
  function source(node: () => TestNode): SyncSource & { imports: [number, number][] } {
    const imports: [number, number][] = [];
    return {
      imports,
      next: () => node().chain.length + 1,
      async import(_peer, from, blocks) {
        imports.push([from, blocks.length]);
        const { chain } = node();
        for (const [i, bytes] of blocks.entries()) {
          if (chain.length === from + i - 1) chain.push(bytes);
        }
        return chain.length + 1;
      },
    };
  }

  async function pair(blocks: number, bodyBytes = 64) {
    const clock = new ManualClock();
    const a = await startNode({ clock });
    for (let height = 1; height <= blocks; height++) {
      a.chain.push(block(CHAIN, height, bodyBytes));
    }
    a.network.setStatus({ head: ref(blocks), final: ref(blocks) });
    let node!: TestNode;
    const sync = source(() => node);
    node = await startNode({ clock, peers: [a.address], sync });
    return { clock, a, b: node, sync };
  }

  test('a new node fetches the whole chain in ranges, and shows how far it is', async () => {
    const { clock, a, b, sync } = await pair(1_000);
    const seen: number[] = [];
    await until(
      () => b.chain.length === 1_000,
      () => {
        clock.advance(100);
        const { active, height, target } = b.network.syncProgress();
        if (active) seen.push(height);
        if (active) expect(target).toBe(1_000);
      },
    );
    await until(() => !b.network.syncProgress().active);
    expect(b.chain.every((bytes, i) => Buffer.from(bytes).equals(a.chain[i]!))).toBe(true);
    expect(sync.imports.map(([from]) => from)).toEqual([1, 129, 257, 385, 513, 641, 769, 897]);
    expect(b.network.counters.blocksSynced).toBe(1_000);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
  });

  test('answers are bounded in bytes, whatever was asked for', async () => {
    const { clock, b, sync } = await pair(12, 900_000);
    await until(
      () => b.chain.length === 12,
      () => clock.advance(100),
    );
    for (const [, count] of sync.imports) expect(count).toBeLessThanOrEqual(4);
  });

  test('one block behind is a reason to ask at once when it was there first, else after a while', async () => {
    const { clock, a, b } = await pair(1);
    await connected(1, b);
    await until(() => b.network.peers()[0]!.height === 1);
    clock.advance(100);
    await until(() => b.chain.length === 1);
    await until(() => !b.network.syncProgress().active);
    expect(b.network.counters.sent.get_blocks).toBe(1);

    a.chain.push(block(CHAIN, 2));
    a.network.setStatus({ head: ref(2), final: ref(0) });
    await until(() => b.network.peers()[0]!.height === 2);
    for (let i = 0; i < 30; i++) clock.advance(100);
    expect(b.network.counters.sent.get_blocks).toBe(1);
    await until(
      () => b.chain.length === 2,
      () => clock.advance(100),
    );
  });

  test('goes back to where the chains part', async () => {
    const clock = new ManualClock();
    const a = await startNode({ clock });
    for (let height = 1; height <= 40; height++) a.chain.push(block(CHAIN, height));
    a.network.setStatus({ head: ref(40), final: ref(20) });
    const own = a.chain.slice(0, 20);
    for (let height = 21; height <= 30; height++) own.push(block(CHAIN, height, 64, 7));
    const asked: number[] = [];
    const sync: SyncSource = {
      next: () => own.length + 1,
      async import(_peer, from, blocks) {
        asked.push(from);
        if (from === 31) return 21;
        own.splice(from - 1, own.length, ...blocks);
        return from + blocks.length;
      },
    };
    await startNode({ clock, peers: [a.address], sync });
    await until(
      () => own.length === 40,
      () => clock.advance(100),
    );
    expect(asked).toEqual([31, 21]);
    expect(own.map(blockId)).toEqual(a.chain.map(blockId));
  });

  test('a peer that promises blocks and has none is left for another', async () => {
    const clock = new ManualClock();
    const liar = await startNode({ clock });
    liar.network.setStatus({ head: ref(4_000_000_000), final: ref(0) });
    const a = await startNode({ clock });
    for (let height = 1; height <= 50; height++) a.chain.push(block(CHAIN, height));
    a.network.setStatus({ head: ref(50), final: ref(50) });
    let node!: TestNode;
    const sync = source(() => node);
    node = await startNode({ clock, peers: [liar.address, a.address], sync });
    await connected(2, node);
    await until(
      () => node.chain.length === 50,
      () => clock.advance(100),
    );
    expect(node.network.peers().length).toBe(2);
  });

  test('a peer whose blocks are refused is not asked again at once', async () => {
    const clock = new ManualClock();
    const a = await startNode({ clock });
    for (let height = 1; height <= 50; height++) a.chain.push(block(CHAIN, height));
    a.network.setStatus({ head: ref(50), final: ref(50) });
    let imports = 0;
    const sync: SyncSource = {
      next: () => 1,
      async import() {
        imports += 1;
        throw new Error('invalid');
      },
    };
    await startNode({ clock, peers: [a.address], sync });
    await until(
      () => imports === 1,
      () => clock.advance(100),
    );
    for (let i = 0; i < 20; i++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(imports).toBe(1);
    await until(
      () => imports === 2,
      () => clock.advance(1_000),
    );
  });
});

test('what is cut from random bytes is what was sent', async () => {
  const random = testRandom('network');
  const [a, b] = (await mesh(2)) as [TestNode, TestNode];
  const sent = Array.from({ length: 60 }, (_, i) => block(CHAIN, i + 1, 8 * random.int(0, 4_000)));
  for (const bytes of sent.slice(0, 20)) a.network.publishBlock(bytes);
  await until(() => b.blocks.length === 20);
  expect(b.blocks.map(({ bytes }) => blockId(bytes))).toEqual(sent.slice(0, 20).map(blockId));
});
