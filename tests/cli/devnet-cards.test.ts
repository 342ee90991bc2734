// SPDX-License-Identifier: Apache-2.0
// `hpb devnet` with nodes whose peers' sessions run on their cards.

import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '../../src/node/api/answers.ts';
import { hpb } from './helpers/hpb.ts';

const running = new Set<ReturnType<typeof hpb>>();
afterEach(() => {
  for (const each of running) each.kill('SIGKILL');
  running.clear();
});

type Status = Answer<'status'>;

interface Started {
  readonly folder: string;
  readonly hub: string;
  readonly gateway?: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly api: string;
    readonly pid: number;
    readonly at: string;
    readonly services: Readonly<Record<string, string>>;
  }[];
}

/** A network that is ready. */
async function startDevnet(...args: readonly string[]) {
  const child = hpb(['devnet', '--api-port', '0', '--json', ...args], { stdin: 'pipe' });
  running.add(child);
  void child.then(() => running.delete(child));
  const ended = child.then(({ stderr, exitCode }) => {
    throw new Error(`ended with ${exitCode}: ${stderr}`);
  });
  const lines = createInterface({ input: child.stdout as unknown as Readable });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  const network = JSON.parse(await Promise.race([line, ended])) as Started;
  return { child, network };
}

const get = async <T>(url: string, path: string): Promise<T> =>
  (await (await fetch(`${url}/v1${path}`)).json()) as T;
const status = (node: { readonly api: string }) => get<Status>(node.api, '/status');
const peersOf = async (node: { readonly api: string }) =>
  (await get<{ peers: { address: string }[] }>(node.api, '/peers')).peers;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await delay(200);
}

/** All nodes have the same blocks up to a height, and the same state. */
async function expectOneChain(network: Started, height: number): Promise<void> {
  for (let at = 1; at <= height; at++) {
    const blocks = await Promise.all(
      network.nodes.map(({ api }) => get<{ id: string; stateRoot: string }>(api, `/blocks/${at}`)),
    );
    expect(new Set(blocks.map(({ id, stateRoot }) => `${id} ${stateRoot}`)).size).toBe(1);
  }
}

/** Nothing is left of it. */
async function expectGone({ child, network }: Awaited<ReturnType<typeof startDevnet>>) {
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(0);
  const pids = network.nodes.map(({ pid }) => pid);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect([network.hub, network.folder].filter((path) => existsSync(path))).toEqual([]);
}

test('cards and software: sessions run on the cards, one chain, a transfer becomes final, all ends', async () => {
  const slots = ['--slot-ms', '1500', '--offload', 'transport'];
  const started = await startDevnet('--accel', 'verilator,software,verilator', ...slots);
  const { network } = started;
  const [first, second, third] = network.nodes as [
    Started['nodes'][0],
    Started['nodes'][0],
    Started['nodes'][0],
  ];
  const onCard = { signatures: 'native', transport: 'verilator' };
  expect(network.nodes.map(({ services }) => services)).toMatchObject([
    onCard,
    { signatures: 'software', transport: 'software' },
    onCard,
  ]);
  expect([first.at, third.at]).toEqual([
    expect.stringMatching(/^10\.77\.0\.11:/),
    expect.stringMatching(/^10\.77\.0\.13:/),
  ]);
  await until(async () =>
    (await Promise.all(network.nodes.map(status))).every((s) => s.peers === 2),
  );
  const hosts = (await peersOf(first)).map(({ address }) => address.split(':')[0]);
  expect(hosts.sort()).toEqual(['10.77.0.1', '10.77.0.13']);
  const sent = await hpb(
    [
      'transfer',
      'user1',
      'user2',
      '1.5',
      '--dev',
      '--url',
      second.api,
      '--json',
      '--wait',
      'final',
    ],
    { timeout: 240_000 },
  );
  expect(sent.stderr).toBe('');
  const { final } = await status(third);
  await until(async () => (await status(first)).final.height >= final.height);
  await expectOneChain(network, final.height);
  const { accelerator } = await status(first);
  expect(accelerator.card?.transport).toMatchObject({ address: '10.77.0.11', sessions: 2 });
  const { bytesIn, bytesOut } = accelerator.card!.transport!;
  expect(Math.min(bytesIn, bytesOut)).toBeGreaterThan(5_000);
  const metrics = await (await fetch(`${first.api}/metrics`)).text();
  expect(metrics).toContain('hpb_card_sessions 2');
  expect(metrics).toMatch(/hpb_card_in_bytes_total [1-9]\d{3,}/);
  expect(metrics).toContain('hpb_accelerator{service="transport",backend="verilator"} 1');
  await expectGone(started);
}, 600_000);

test('a card that is killed comes back with its address, and its peers with it', async () => {
  const started = await startDevnet(
    '--accel',
    'verilator',
    '--nodes',
    '2',
    '--slot-ms',
    '1500',
    '--restart',
  );
  const { network } = started;
  expect(network.gateway).toBeUndefined();
  const [first, second] = network.nodes as [Started['nodes'][0], Started['nodes'][0]];
  expect(first.services).toMatchObject({ signatures: 'verilator', transport: 'verilator' });
  await until(async () => (await status(first)).final.height >= 2);
  process.kill(second.pid, 'SIGKILL');
  const { height } = (await status(first)).final;
  await until(async () => (await status(first)).final.height > height + 2);
  const { final } = await status(second);
  expect(final.height).toBeGreaterThan(0);
  await expectOneChain(network, Math.min(final.height, (await status(first)).final.height));
  expect((await peersOf(second)).map(({ address }) => address.split(':')[0])).toEqual([
    '10.77.0.11',
  ]);
  // The process that came back is another one: the network stops it all the same.
  await expectGone(started);
}, 600_000);

test.for([
  [['--accel', 'native', '--offload', 'transport'], 'expected a card, got --accel native'],
  [['--offload', 'sigverify,toe'], 'Expected some of sigverify,transport'],
  [['--offload', 'transport,transport'], 'each once'],
] as const)('error: %j', async ([args, message]) => {
  const { stderr, exitCode } = await hpb(['devnet', ...args]);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(message);
});
