// SPDX-License-Identifier: Apache-2.0
// Two emulated cards on a hub, in this process.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimDevice, type SimOptions } from '../../../../src/driver/index.ts';
import {
  CardTransport,
  type CardTransportOptions,
} from '../../../../src/driver/transport/card/transport.ts';
import { until, type World } from './world.ts';

export interface CardWorld extends World {
  readonly client: CardTransport;
  readonly server: CardTransport;
  readonly devices: readonly [SimDevice, SimDevice];
  /** Sessions, buffers and nodes that are in use on both cards, as their registers say. */
  inUse(): Promise<number[]>;
}

const IN_USE = 0x2180;

export async function openCards(
  simulation: SimOptions = {},
  options: Partial<CardTransportOptions> = {},
): Promise<CardWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'hpb-hub-'));
  const opened: { device: SimDevice; transport: CardTransport }[] = [];
  for (const host of [1, 2]) {
    const device = await SimDevice.open({ toe: true, link: `hub:${folder}`, ...simulation });
    const transport = await CardTransport.open(device, { ip: `10.77.0.${host}/24`, ...options });
    opened.push({ device, transport });
  }
  const [client, server] = opened as [(typeof opened)[0], (typeof opened)[0]];
  return {
    client: client.transport,
    server: server.transport,
    devices: [client.device, server.device],
    inUse: async () => [await client.device.read32(IN_USE), await server.device.read32(IN_USE)],
    close: async () => {
      await Promise.all(opened.map(({ transport }) => transport.close()));
      await until(
        () => opened.every(({ transport }) => transport.sessions === 0),
        'all given back',
      );
      await Promise.all(opened.map(({ device }) => device.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
