// SPDX-License-Identifier: Apache-2.0
// The key that a node is known by to its peers. It moves no money, so it has no passphrase.

import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSecretKey, newSecretKey, type SecretKey } from '../protocol/index.ts';
import { ConfigError } from './config.ts';

/** Reads a node's key; makes one with mode 0600 where there is none. @throws {ConfigError} */
export async function openNodeKey(path: string): Promise<SecretKey> {
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      const secret = newSecretKey();
      await file.writeFile(`${Buffer.from(secret).toString('hex')}\n`);
      await file.sync();
      return secret;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const message = `${path}: cannot be written: ${(error as Error).message}`;
      throw new ConfigError('data', message, { cause: error });
    }
  }
  const file = await open(path, constants.O_RDONLY);
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      const got = (mode & 0o777).toString(8).padStart(4, '0');
      throw new ConfigError('data', `${path}: expected mode 0600, got ${got} (chmod 600)`);
    }
    const text = (await file.readFile('utf8')).trim();
    const secret = new Uint8Array(Buffer.from(text, 'hex'));
    if (/^[0-9a-f]{64}$/.test(text) && isSecretKey(secret)) return secret;
    throw new ConfigError('data', `${path}: expected a secret key, 64 hexadecimal digits`);
  } finally {
    await file.close();
  }
}
