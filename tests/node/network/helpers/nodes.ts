// SPDX-License-Identifier: Apache-2.0
// Real networks over loopback, in one process, on a clock that the test steps.

import { afterEach } from 'vitest';
import { NodeNetBroadcast } from '../../../../src/driver/broadcast/node-net.ts';
import { NodeNetTransport } from '../../../../src/driver/transport/node-net.ts';
import {
  createNetwork,
  type Network,
  type NetworkHandlers,
  type NetworkOptions,
} from '../../../../src/node/network/index.ts';
import { publicKeyOf } from '../../../../src/node/protocol/signing.ts';
import type { Id } from '../../../../src/node/protocol/types.ts';
import { testRandom } from '../../../../src/testbench/random.ts';
import { blockId } from './bytes.ts';
import { ManualClock, until } from './clock.ts';

export const CHAIN: Id = 'c1'.repeat(32);
export const HOST = '127.0.0.1';
export const MAX_BLOCK_BYTES = 1024 * 1024;

const random = testRandom('node keys');

/** A fresh key; the same ones for the same seed. */
export function secretKey(): Uint8Array {
  return random.bytes(32);
}

/** A network, and all that reached its handlers. */
export interface TestNode {
  readonly network: Network;
  readonly clock: ManualClock;
  readonly transport: NodeNetTransport;
  readonly key: string;
  readonly transactions: { peer: string; bytes: Uint8Array }[];
  readonly votes: { peer: string; bytes: Uint8Array }[];
  readonly blocks: { peer: string; bytes: Uint8Array }[];
  /** Blocks this node serves: by height less 1. */
  readonly chain: Uint8Array[];
  readonly events: string[];
  readonly address: string;
  close(): Promise<void>;
}

const open = new Set<TestNode>();

afterEach(async () => {
  await Promise.all([...open].map((node) => node.close()));
});

/** Options that differ from the usual ones. */
export interface TestNodeOptions
  extends Partial<Omit<NetworkOptions, 'handlers' | 'accelerator' | 'clock' | 'listen'>> {
  readonly handlers?: Partial<NetworkHandlers>;
  readonly clock?: ManualClock;
  /** false: takes no connections. */
  readonly listens?: boolean;
  readonly port?: number;
}

export async function startNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const { handlers = {}, listens = true, port = 0, clock = new ManualClock(), ...rest } = options;
  const transport = new NodeNetTransport();
  const broadcast = new NodeNetBroadcast();
  const secret = rest.secretKey ?? secretKey();
  const transactions: TestNode['transactions'] = [];
  const votes: TestNode['votes'] = [];
  const blocks: TestNode['blocks'] = [];
  const chain: Uint8Array[] = [];
  const events: string[] = [];
  const network = createNetwork({
    chainId: CHAIN,
    agent: 'test',
    maxBlockBytes: MAX_BLOCK_BYTES,
    allowPrivate: true,
    ...rest,
    secretKey: secret,
    accelerator: { transport, broadcast },
    clock,
    ...(listens ? { listen: { host: HOST, port } } : {}),
    handlers: {
      onTransactions(peer, all) {
        for (const bytes of all) transactions.push({ peer, bytes });
      },
      onVotes(peer, all) {
        for (const bytes of all) votes.push({ peer, bytes });
      },
      onBlock(peer, bytes) {
        blocks.push({ peer, bytes });
      },
      blockAt: (height) => chain[height - 1],
      blockById: (id) => chain.find((bytes) => blockId(bytes) === id),
      onPeer: (peer, event) => events.push(`${event} ${peer}`),
      ...handlers,
    },
  });
  await network.start();
  const node: TestNode = {
    network,
    clock,
    transport,
    key: publicKeyOf(secret),
    transactions,
    votes,
    blocks,
    chain,
    events,
    address: `${HOST}:${network.port}`,
    async close() {
      open.delete(node);
      await network.close();
      await Promise.all([broadcast.close(), transport.close()]);
    },
  };
  open.add(node);
  return node;
}

/** Steps the clocks of all until each has so many peers. */
export async function connected(count: number, ...nodes: readonly TestNode[]): Promise<void> {
  const clocks = new Set(nodes.map(({ clock }) => clock));
  await until(
    () => nodes.every(({ network }) => network.peers().length >= count),
    () => {
      for (const clock of clocks) clock.advance(100);
    },
  );
}
