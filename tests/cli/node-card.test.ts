// SPDX-License-Identifier: Apache-2.0
// Two nodes whose peers' session runs on their cards.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { devGenesis, genesisToJson } from '../../src/node/genesis/index.ts';
import { hpb } from './helpers/hpb.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-node-card-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A node as a process, and what it said when it was ready. */
async function startNode(name: string, ip: string, ...more: string[]) {
  const common = ['--genesis', join(folder, 'genesis.json'), '--data', join(folder, name)];
  const card = ['--accel', 'verilator', '--link', `hub:${join(folder, 'hub')}`, '--ip', ip];
  const ports = ['--api-port', '0', '--private-peers', '--json'];
  const child = hpb(['node', ...common, ...card, ...ports, ...more], { stdin: 'pipe' });
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  while (!out.includes('\n')) {
    if (child.exitCode !== null) throw new Error(String((await child).stderr));
    await delay(50);
  }
  const ready = JSON.parse(out) as { api: string; peers: number; ip: string };
  const status = async () => {
    const response = await fetch(`${ready.api}/v1/status`);
    return (await response.json()) as { peers: number };
  };
  return { child, ready, status };
}

test('peers find one another over their cards', async () => {
  const { genesis } = devGenesis({ producers: 1, users: 2, time: Date.now() });
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesisToJson(genesis)));
  const first = await startNode('first', '10.77.0.1/24');
  expect(first.ready).toMatchObject({ peers: 8470, ip: '10.77.0.1/24' });
  const second = await startNode('second', '10.77.0.2/24', '--peer', '10.77.0.1:8470');
  while ((await first.status()).peers + (await second.status()).peers < 2) await delay(100);
  for (const { child } of [second, first]) {
    child.kill('SIGTERM');
    expect((await child).exitCode).toBe(0);
  }
});
