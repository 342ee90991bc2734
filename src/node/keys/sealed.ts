// SPDX-License-Identifier: Apache-2.0
// A secret key under a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM (NIST SP 800-38D) seals.

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import {
  fromHex,
  isSecretKey,
  publicKeyOf,
  publicKeySchema,
  type SecretKey,
  toHex,
} from '../protocol/index.ts';
import { KeyFileError } from './errors.ts';

/** Work of scrypt: 2^17 blocks of 8 take 128 MiB and some tenths of a second. */
export const DEFAULT_WORK = { n: 2 ** 17, r: 8, p: 1 } as const;

const MEMORY = 512 * 2 ** 20;

const digits = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `expected ${bytes} bytes, hexadecimal`);

const sealedSchema = z.strictObject({
  format: z.literal('hpb-key'),
  version: z.literal(1),
  publicKey: publicKeySchema,
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    n: z
      .int()
      .min(2 ** 12)
      .max(2 ** 22)
      .refine((n) => (n & (n - 1)) === 0, 'expected a power of two'),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: digits(32),
  }),
  cipher: z.strictObject({ name: z.literal('aes-256-gcm'), nonce: digits(12), tag: digits(16) }),
  secret: digits(32),
});

/** What a key file holds. */
export type SealedKey = z.output<typeof sealedSchema>;

/** A secret key and its public key. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secret: SecretKey;
}

/**
 * Reads the form of a key file.
 *
 * @throws {KeyFileError} `KEY_FORMAT`, naming the key but no value.
 */
export function parseSealed(text: string): SealedKey {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new KeyFileError('KEY_FORMAT', 'expected a key file: JSON');
  }
  const result = sealedSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const key = issue?.path.map(String).join('.') ?? '';
    throw new KeyFileError('KEY_FORMAT', `expected a key file; ${key || 'it'} is not as it should`);
  }
  const { n, r, p } = result.data.kdf;
  if (128 * n * r > MEMORY || n * r * p > 2 ** 24) {
    throw new KeyFileError('KEY_FORMAT', `kdf: more work than is allowed, n ${n} r ${r} p ${p}`);
  }
  return result.data;
}

/** Seals a secret key. The passphrase is taken in the form NFKC. */
export async function sealKey(
  secret: SecretKey,
  passphrase: string,
  work: { readonly n: number; readonly r: number; readonly p: number } = DEFAULT_WORK,
): Promise<SealedKey> {
  checkPassphrase(passphrase);
  const head = {
    format: 'hpb-key',
    version: 1,
    publicKey: publicKeyOf(secret),
    kdf: { name: 'scrypt', ...work, salt: toHex(randomBytes(32)) },
  } as const;
  const nonce = randomBytes(12);
  const key = await derive(passphrase, head.kdf);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(head));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  key.fill(0);
  return {
    ...head,
    cipher: { name: 'aes-256-gcm', nonce: toHex(nonce), tag: toHex(cipher.getAuthTag()) },
    secret: toHex(sealed),
  };
}

/**
 * Opens a sealed key.
 *
 * @throws {KeyFileError} `KEY_PASSPHRASE` for another passphrase or a file that was changed.
 */
export async function unsealKey(sealed: SealedKey, passphrase: string): Promise<KeyPair> {
  checkPassphrase(passphrase);
  const { cipher, publicKey } = sealed;
  const key = await derive(passphrase, sealed.kdf);
  const nonce = fromHex(cipher.nonce);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    .setAAD(associated(sealed))
    .setAuthTag(fromHex(cipher.tag));
  const secret = new Uint8Array(decipher.update(fromHex(sealed.secret)));
  key.fill(0);
  try {
    decipher.final();
  } catch {
    secret.fill(0);
    throw new KeyFileError('KEY_PASSPHRASE', 'wrong passphrase, or the key file was changed');
  }
  if (!isSecretKey(secret) || publicKeyOf(secret) !== publicKey) {
    throw new KeyFileError('KEY_FORMAT', 'the key file holds another key than it says');
  }
  return { publicKey, secret };
}

function checkPassphrase(passphrase: string): void {
  if (passphrase === '')
    throw new KeyFileError('KEY_PASSPHRASE', 'expected a passphrase, got none');
}

/** What the seal covers besides the secret. */
function associated({ format, version, publicKey, kdf }: Omit<SealedKey, 'cipher' | 'secret'>) {
  const { name, n, r, p, salt } = kdf;
  return Buffer.from([format, version, publicKey, name, n, r, p, salt].join('\n'));
}

const scryptAsync = promisify(
  scrypt as (
    passphrase: string,
    salt: Uint8Array,
    length: number,
    options: object,
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
);

async function derive(passphrase: string, { n, r, p, salt }: SealedKey['kdf']): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: MEMORY + 2 ** 22 };
  return scryptAsync(passphrase.normalize('NFKC'), fromHex(salt), 32, options);
}
