// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { PORT } from './services.ts';
import type { Site } from './site.ts';

/** The card's address, and this host's as the card sees it. */
const CARD = '10.77.0.2';
export const HOST_OF_CARD = '10.77.0.1';

/** A further port that leads to the card. */
export const HTTP = 80;
const TRIES = 50;

/** Whether nobody listens there. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

/** Ports of this host, all free, for those of the card moved by one number. @throws with none. */
async function freeShift(ports: readonly number[]): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    // Below what the kernel gives to those who connect
    const shift = randomInt(10_000, 32_000);
    const free = await Promise.all(ports.map((port) => isFree(port + shift)));
    if (free.every(Boolean)) return shift;
  }
  throw new Error(`expected free ports between 10,000 and 32,100, found none in ${TRIES} tries`);
}

/** A card behind passt, its services at ports of 127.0.0.1. No root needed. */
export async function makePasst(): Promise<Site> {
  const ports = [...Object.values(PORT), HTTP];
  const shift = await freeShift(ports);
  const forwards = ports.map((port) => `forward=${port + shift}:${port}`);
  return {
    link: ['passt', ...forwards].join(','),
    ip: `${CARD}/24`,
    card: CARD,
    host: '127.0.0.1',
    shift,
    remove: async () => {},
  };
}
