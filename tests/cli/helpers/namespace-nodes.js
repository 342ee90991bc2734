// SPDX-License-Identifier: Apache-2.0
// Starts nodes where it is started, a network namespace for instance, and prints what they say of
// themselves, JSON, once blocks up to HEIGHT are final with all: namespace-nodes.js HEIGHT CONFIG...

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HPB = fileURLToPath(new URL('../../../src/cli/hpb.js', import.meta.url));
const [height, ...configs] = process.argv.slice(2);

const get = async (api, path) => (await fetch(`${api}/v1${path}`)).json();

const nodes = configs.map((config) => {
  const args = [HPB, 'node', '--config', config, '--json', '--until-stdin-ends'];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
});
for (const node of nodes) {
  node.once('exit', (code) => {
    if (code !== 0) process.exit(1);
  });
}
const apis = await Promise.all(
  nodes.map(async ({ stdout }) => JSON.parse((await once(createInterface(stdout), 'line'))[0]).api),
);
const isFinal = async (api) => (await get(api, '/status')).final.height >= Number(height);
while (!(await Promise.all(apis.map(isFinal))).every(Boolean)) await delay(200);
const told = await Promise.all(
  apis.map(async (api) => ({
    status: await get(api, '/status'),
    peers: (await get(api, '/peers')).peers,
    block: await get(api, `/blocks/${height}`),
  })),
);
console.log(JSON.stringify(told));
for (const { stdin } of nodes) stdin.end();
