// SPDX-License-Identifier: Apache-2.0
// What gossip costs: transactions of 250 B to three peers, at a rate, over loopback.
//
//   node src/scripts/run.js sim/network/throughput.ts [transactions/s] [seconds]
//
// The sender is this process; its three peers are networks of a second one, on the same processors.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { NodeNetBroadcast } from '../../src/driver/broadcast/node-net.ts';
import { NodeNetTransport } from '../../src/driver/transport/node-net.ts';
import { createNetwork, type Network } from '../../src/node/network/index.ts';

const PEERS = 3;
const TRANSACTION_BYTES = 250 + 6;
const TURN_MILLISECONDS = 10;

function open(peers: readonly string[], onTransactions: (count: number) => void): Network {
  return createNetwork({
    accelerator: { transport: new NodeNetTransport(), broadcast: new NodeNetBroadcast() },
    secretKey: randomBytes(32),
    chainId: '00'.repeat(32),
    agent: 'throughput',
    maxBlockBytes: 8 * 1024 * 1024,
    listen: { host: '127.0.0.1', port: 0 },
    peers,
    outbound: 0,
    handlers: {
      onTransactions: (_peer, transactions) => onTransactions(transactions.length),
      onBlock() {},
      onVotes() {},
      blockAt: () => undefined,
      blockById: () => undefined,
    },
  });
}

/** Multiples of 8 bytes, cut by their heads; different each. */
function transactions(count: number, first: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.alloc(TRANSACTION_BYTES);
    bytes.writeUInt32LE(TRANSACTION_BYTES - 72);
    bytes[4] = bytes[5] = bytes[6] = 1;
    bytes.writeUInt32LE(first + i, 96);
    return new Uint8Array(bytes);
  });
}

/** Processor time since `from` as a part of one core. */
function load(from: { cpu: NodeJS.CpuUsage; at: number }): number {
  const { user, system } = process.cpuUsage(from.cpu);
  return (user + system) / 1000 / (performance.now() - from.at);
}

async function receive(address: string): Promise<void> {
  let received = 0;
  const networks = Array.from({ length: PEERS }, () =>
    open([address], (count) => {
      received += count;
    }),
  );
  await Promise.all(networks.map((network) => network.start()));
  const from = { cpu: process.cpuUsage(), at: performance.now() };
  process.on('message', () => process.send?.({ received, load: load(from) }));
  process.on('disconnect', () => process.exit());
}

async function send(rate: number, seconds: number): Promise<void> {
  const network = open([], () => {});
  await network.start();
  const child = fork(fileURLToPath(import.meta.url), ['receive', `127.0.0.1:${network.port}`]);
  while (network.peers().length < PEERS) await new Promise((resolve) => setTimeout(resolve, 20));
  const total = rate * seconds;
  const all = transactions(total, 0);
  const from = { cpu: process.cpuUsage(), at: performance.now() };
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - from.at) / 1000) * rate));
    if (due > sent) network.publishTransactions(all.slice(sent, due));
    sent = Math.max(sent, due);
    await new Promise((resolve) => setTimeout(resolve, TURN_MILLISECONDS));
  }
  const own = load(from);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const answer = await new Promise<{ received: number; load: number }>((resolve) => {
    child.once('message', (message) => resolve(message as { received: number; load: number }));
    child.send('report');
  });
  const { counters } = network;
  process.stdout.write(
    `${rate} transactions/s of ${TRANSACTION_BYTES} B to ${PEERS} peers for ${seconds} s\n` +
      `sender    ${(100 * own).toFixed(1)} % of one core\n` +
      `receivers ${((100 * answer.load) / PEERS).toFixed(1)} % of one core each\n` +
      `arrived   ${answer.received} of ${PEERS * total}, dropped ${counters.dropped.transactions ?? 0} messages\n` +
      `messages  ${counters.sent.transactions}\n`,
  );
  child.disconnect();
  await network.close();
}

const [first = '8000', second = '10'] = process.argv.slice(2);
if (first === 'receive') await receive(second);
else await send(Number(first), Number(second));
