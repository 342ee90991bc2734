// SPDX-License-Identifier: Apache-2.0
// Key files: written once, readable by their owner alone.

import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newSecretKey, type PublicKey, type SecretKey } from '../protocol/index.ts';
import { KeyFileError } from './errors.ts';
import {
  DEFAULT_WORK,
  type KeyPair,
  parseSealed,
  type SealedKey,
  sealKey,
  unsealKey,
} from './sealed.ts';

const MOST_BYTES = 16_384;

/** Options of `createKeyFile`. */
export interface CreateKeyFileOptions {
  readonly path: string;
  readonly passphrase: string;
  /** The key to keep; a fresh one by default. */
  readonly secret?: SecretKey;
  /** Work of scrypt. */
  readonly work?: { readonly n: number; readonly r: number; readonly p: number };
}

/**
 * Writes a key file with mode 0600; durable when the promise settles.
 *
 * @throws {KeyFileError} `KEY_EXISTS`, `KEY_PASSPHRASE` (empty), `KEY_IO`.
 */
export async function createKeyFile(options: CreateKeyFileOptions): Promise<KeyPair> {
  const { path, passphrase, secret = newSecretKey(), work = DEFAULT_WORK } = options;
  const sealed = await sealKey(secret, passphrase, work);
  const text = `${JSON.stringify(sealed, undefined, 2)}\n`;
  await attempt(path, async () => {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await unlink(path); // half a key is none, and would be in the way
      throw error;
    } finally {
      await file.close();
    }
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  });
  return { publicKey: sealed.publicKey, secret };
}

/**
 * Opens a key file.
 *
 * @throws {KeyFileError}
 */
export async function openKeyFile(options: {
  readonly path: string;
  readonly passphrase: string;
}): Promise<KeyPair> {
  return unsealKey(await readSealed(options.path), options.passphrase);
}

/**
 * The public key a file says it holds; only opening it proves that.
 *
 * @throws {KeyFileError}
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  return (await readSealed(path)).publicKey;
}

async function readSealed(path: string): Promise<SealedKey> {
  const text = await attempt(path, async () => {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readPrivate(path, file);
    } finally {
      await file.close();
    }
  });
  return parseSealed(text);
}

/** Looks at the file that is open, not at its name: nothing can change in between. */
async function readPrivate(path: string, file: FileHandle): Promise<string> {
  const { mode, size, uid } = await file.stat();
  const refuse = (code: 'KEY_PERMISSIONS' | 'KEY_FORMAT', message: string) => {
    throw new KeyFileError(code, `${path}: ${message}`);
  };
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) refuse('KEY_FORMAT', 'expected a file');
  if ((mode & 0o077) !== 0) {
    const got = (mode & 0o777).toString(8).padStart(4, '0');
    refuse('KEY_PERMISSIONS', `expected mode 0600, got ${got}: others may read it (chmod 600)`);
  }
  if (uid !== process.geteuid?.())
    refuse('KEY_PERMISSIONS', `it belongs to user ${uid}, not to us`);
  if (size > MOST_BYTES) {
    refuse('KEY_FORMAT', `expected at most ${MOST_BYTES} bytes, got ${size}`);
  }
  return file.readFile('utf8');
}

/** Turns errors of the system into ours. */
async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new KeyFileError('KEY_EXISTS', `${path} is there already`);
    if (code === 'ENOENT')
      throw new KeyFileError('KEY_NOT_FOUND', `${path}: no such file or folder`);
    throw new KeyFileError('KEY_IO', `${path}: ${message}`, { cause: error });
  }
}
