// SPDX-License-Identifier: Apache-2.0

import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Site } from './site.ts';

const run = promisify(execFile);

/** Networks of 256 addresses out of 198.18.0.0/15, which is for measuring devices (RFC 2544). */
const NETS = [18, 19].flatMap((second) =>
  Array.from({ length: 256 }, (_, third) => `198.${second}.${third}`),
);

/**
 * The first three bytes of a network that no interface of this host has, up or not: with two ways to it the
 * kernel may take the wrong one.
 */
function freeNet(addresses: string): string {
  const free = NETS.filter((net) => !addresses.includes(`inet ${net}.`));
  if (free.length === 0) throw new Error('all networks of 198.18.0.0/15 are taken: ip -4 address');
  return free[randomInt(free.length)]!;
}

/**
 * Makes a TAP interface with an address, up: the card is its other end.
 *
 * @throws where that is not permitted: says what is.
 */
export async function makeTap(): Promise<Site> {
  const name = `hpb${randomInt(36 ** 6).toString(36)}`;
  const ip = async (...args: string[]) => {
    try {
      return (await run('ip', args)).stdout;
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      const why = (stderr || message).trim();
      throw new Error(
        `ip ${args.join(' ')}: ${why}; run as root, or in namespaces of your own (unshare -Urn) where /dev/net/tun is open to all`,
      );
    }
  };
  const net = freeNet(await ip('-4', 'address'));
  await ip('tuntap', 'add', 'mode', 'tap', 'name', name);
  const remove = async () => void (await ip('link', 'delete', name));
  try {
    // Not one more address after some seconds.
    await ip('link', 'set', 'dev', name, 'addrgenmode', 'none');
    await ip('address', 'add', `${net}.1/24`, 'dev', name);
    await ip('link', 'set', 'dev', name, 'txqueuelen', '10000', 'up');
    // In a namespace of one's own it is down.
    await ip('link', 'set', 'dev', 'lo', 'up');
  } catch (error) {
    await remove();
    throw error;
  }
  const card = `${net}.2`;
  return { link: `tap:${name}`, ip: `${card}/24`, card, host: card, shift: 0, remove };
}
