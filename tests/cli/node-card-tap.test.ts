// SPDX-License-Identifier: Apache-2.0
// A node whose card carries its peers' sessions, and a node on this kernel's TCP, over a TAP interface.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { GATEWAY } from '../../src/cli/devnet/cards.ts';
import { prepareFolder } from '../../src/cli/devnet/folder.ts';
import { portsFrom } from '../../src/cli/devnet/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-tap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CHILD = 'tests/cli/helpers/namespace-nodes.js';
/** A namespace with the interface; the kernel has the address that a gateway would have. */
const SETUP = `ip link set lo up && ip tuntap add mode tap name hpb0 &&
  ip address add ${GATEWAY.ip}/24 dev hpb0 && ip link set hpb0 up`;
const works = await execa('unshare', ['-Urn', 'sh', '-c', SETUP], { reject: false });

interface Config {
  card?: { link: string };
  peers: { host?: string; connect: string[] };
}

function change(path: string, to: (config: Config) => void): void {
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  to(config);
  writeFileSync(path, JSON.stringify(config));
}

test.skipIf(works.exitCode !== 0)(
  'sessions of the card with Linux: both make one chain (needs unshare -Urn, ip and /dev/net/tun)',
  async () => {
    const [card, software] = await prepareFolder({
      folder,
      accels: ['verilator', 'software'],
      offload: ['transport'],
      hub: 'unused',
      users: 1,
      seed: 'tap',
      kind: 'dpos',
      slotMilliseconds: 1500,
      apiPorts: [0, 0],
      peerPorts: await portsFrom(0, 2),
      log: 'warn',
    });
    const { ip } = card!.place.card!;
    change(card!.config, (config) => {
      config.card!.link = 'tap:hpb0';
    });
    change(software!.config, ({ peers }) => {
      peers.host = GATEWAY.ip;
      peers.connect = [`${ip}:${card!.place.port}`];
    });
    const command = `${SETUP} && exec ${process.execPath} ${CHILD} 3 ${card!.config} ${software!.config}`;
    const { stdout } = await execa('unshare', ['-Urn', 'sh', '-c', command]);
    const [one, other] = JSON.parse(stdout);
    expect(one.block).toMatchObject({ id: other.block.id, stateRoot: other.block.stateRoot });
    expect(one.status.accelerator.services.transport).toBe('verilator');
    expect(other.status.accelerator.services.transport).toBe('software');
    expect(one.peers[0].address.split(':')[0]).toBe(GATEWAY.ip);
    expect(other.peers[0].address.split(':')[0]).toBe(ip);
    expect(one.status.accelerator.card.transport.bytesIn).toBeGreaterThan(1_000);
  },
  300_000,
);
