// SPDX-License-Identifier: Apache-2.0
// `hpb node` and `hpb devnet` as processes.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { devGenesis, genesisToJson } from '../../src/node/genesis/index.ts';
import { hpb } from './helpers/hpb.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-node-test-'));
const running = new Set<ReturnType<typeof hpb>>();

afterEach(async () => {
  for (const each of running) each.kill('SIGKILL');
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a command; it is killed when the test ends before it. */
function start(...args: readonly string[]) {
  const child = hpb(args, { stdin: 'pipe' });
  running.add(child);
  void child.then(() => running.delete(child));
  return child;
}

/** The first line of output, JSON. */
async function firstLine<T>(child: ReturnType<typeof start>): Promise<T> {
  const ended = child.then(({ stderr, exitCode }) => {
    throw new Error(`ended with ${exitCode}: ${stderr}`);
  });
  const lines = createInterface({ input: child.stdout as unknown as Readable });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  return JSON.parse(await Promise.race([line, ended])) as T;
}

async function get(url: string, path: string) {
  const response = await fetch(`${url}/v1${path}`);
  return (await response.json()) as Record<string, never> & {
    head: { height: number };
    final: { height: number };
    peers: number;
    stateRoot: string;
    id: string;
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(50);
}

function genesisFile(): string {
  const { genesis } = devGenesis({ producers: 1, users: 2, time: Date.now() });
  const path = join(folder, 'genesis.json');
  writeFileSync(path, JSON.stringify(genesisToJson(genesis)));
  return path;
}

test('node: says where it listens, answers, and ends with 0 on SIGTERM', async () => {
  const data = join(folder, 'follower');
  const child = start(
    'node',
    '--genesis',
    genesisFile(),
    '--data',
    data,
    '--api-port',
    '0',
    '--peer-port',
    '0',
    '--json',
  );
  const ready = await firstLine<{ api: string; peers: number; accel: string }>(child);
  expect(ready.accel).toBe('native');
  expect(ready.peers).toBeGreaterThan(0);
  expect((await get(ready.api, '/status')).head.height).toBe(0);
  expect((await fetch(`${ready.api}/metrics`)).status).toBe(200);
  child.kill('SIGTERM');
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(0);
  for (const line of String(stderr).trim().split('\n')) JSON.parse(line);
});

test('node: what is wrong is said with the key, before anything is opened', async () => {
  const wrong = await hpb(['node', '--genesis', 'g.json', '--data', folder, '--api-host', '']);
  expect(wrong.exitCode).toBe(64);
  expect(wrong.stderr).toContain('api.host (--api-host)');
  const absent = await hpb(['node', '--genesis', join(folder, 'no.json'), '--data', folder]);
  expect(absent.exitCode).toBe(2);
  expect(absent.stderr).toContain('no.json');
  writeFileSync(join(folder, 'bad.json'), '{"name":"x"}');
  const bad = await hpb(['node', '--genesis', join(folder, 'bad.json'), '--data', folder]);
  expect(bad.exitCode).toBe(2);
  expect(bad.stderr).toMatch(/genesis\.\w+/);
});

interface Network {
  readonly folder: string;
  readonly nodes: readonly { readonly api: string; readonly pid: number; readonly log: string }[];
}

test('devnet: nodes make one chain, a transfer becomes final, Ctrl-C stops all and removes the folder', async () => {
  const child = start('devnet', '--nodes', '3', '--slot-ms', '400', '--api-port', '0', '--json');
  const network = await firstLine<Network>(child);
  const [first, second, third] = network.nodes.map(({ api }) => api) as [string, string, string];
  await until(async () => (await get(first, '/status')).peers === 2);
  const sent = await hpb(
    ['transfer', 'user1', 'user2', '1.5', '--dev', '--url', second, '--json', '--wait', 'final'],
    { timeout: 120_000 },
  );
  expect(sent.stderr).toBe('');
  expect(sent.exitCode).toBe(0);
  await until(async () => (await get(third, '/status')).final.height >= 3);
  for (let height = 1; height <= 3; height++) {
    const blocks = await Promise.all(
      [first, second, third].map((url) => get(url, `/blocks/${height}`)),
    );
    expect(new Set(blocks.map(({ stateRoot, id }) => `${id} ${stateRoot}`)).size).toBe(1);
  }
  child.kill('SIGINT');
  const { exitCode } = await child;
  expect(exitCode).toBe(0);
  for (const { pid } of network.nodes) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect(() => readFileSync(join(network.folder, 'genesis.json'))).toThrow(/ENOENT/);
});

test('devnet: when one node is killed all stop, and the command fails', async () => {
  const own = join(folder, 'net');
  const args = ['devnet', '--nodes', '2', '--slot-ms', '400', '--api-port', '0', '--json'];
  const child = start(...args, '--folder', own);
  const { nodes } = await firstLine<Network>(child);
  process.kill(nodes[1]!.pid, 'SIGKILL');
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('node2 ended with SIGKILL');
  for (const { pid } of nodes) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  const other = await hpb(['devnet', '--nodes', '3', '--api-port', '0', '--folder', own]);
  expect(other.exitCode).toBe(2);
  expect(other.stderr).toContain('holds a network of 2 nodes, not of 3');
});

test('devnet: with --restart a killed node is started again and goes on', async () => {
  const args = ['devnet', '--nodes', '2', '--slot-ms', '400', '--api-port', '0', '--json'];
  const child = start(...args, '--restart');
  const { nodes } = await firstLine<Network>(child);
  const [first, second] = nodes as [Network['nodes'][0], Network['nodes'][0]];
  await until(async () => (await get(first.api, '/status')).final.height >= 6);
  process.kill(second.pid, 'SIGKILL');
  const height = (await get(first.api, '/status')).final.height;
  await until(async () => (await get(first.api, '/status')).final.height > height + 4);
  expect((await get(second.api, '/status')).head.height).toBeGreaterThan(height);
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(0);
});
