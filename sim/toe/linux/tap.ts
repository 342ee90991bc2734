// SPDX-License-Identifier: Apache-2.0

import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An interface of the kernel whose other end is the card. */
export interface Tap {
  readonly name: string;
  /** The kernel's address on it, and the card's. */
  readonly host: string;
  readonly card: string;
  /** For `--ip`. */
  readonly cardWithPrefix: string;
  remove(): Promise<void>;
}

/**
 * Makes a TAP interface with an address, up.
 *
 * @throws where that is not permitted: says what is.
 */
export async function makeTap(): Promise<Tap> {
  const name = `hpb${randomInt(36 ** 6).toString(36)}`;
  // From 198.18.0.0/15, which is for measuring devices on a network (RFC 2544).
  const net = `198.${randomInt(18, 20)}.${randomInt(256)}`;
  const ip = async (...args: string[]) => {
    try {
      await run('ip', args);
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      const why = (stderr || message).trim();
      throw new Error(
        `ip ${args.join(' ')}: ${why}; run as root, or in namespaces of your own (unshare -Urn) where /dev/net/tun is open to all`,
      );
    }
  };
  await ip('tuntap', 'add', 'mode', 'tap', 'name', name);
  const remove = () => ip('link', 'delete', name);
  try {
    await ip('address', 'add', `${net}.1/24`, 'dev', name);
    await ip('link', 'set', 'dev', name, 'txqueuelen', '10000', 'up');
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, host: `${net}.1`, card: `${net}.2`, cardWithPrefix: `${net}.2/24`, remove };
}
