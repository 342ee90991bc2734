// SPDX-License-Identifier: Apache-2.0

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createKeyFile,
  KeyFileError,
  type KeyFileErrorCode,
  openKeyFile,
  readPublicKey,
} from '../../../src/node/keys/index.ts';
import { fromHex, publicKeyOf, toHex } from '../../../src/node/protocol/index.ts';

/** Little work: these passphrases protect nothing. */
const work = { n: 2 ** 12, r: 8, p: 1 };
const passphrase = 'correct horse';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpb-keys-'));
  path = join(folder, 'a.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function errorOf(promise: Promise<unknown>): Promise<KeyFileError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(KeyFileError);
  return error as KeyFileError;
}

const codeOf = async (promise: Promise<unknown>): Promise<KeyFileErrorCode> =>
  (await errorOf(promise)).code;

describe('a key file', () => {
  test('gives back the key that was put in, to its passphrase', async () => {
    const made = await createKeyFile({ path, passphrase, work });
    expect(publicKeyOf(made.secret)).toBe(made.publicKey);
    expect(await openKeyFile({ path, passphrase })).toEqual(made);
    expect(await readPublicKey(path)).toBe(made.publicKey);
  });

  test('keeps a given key', async () => {
    const secret = new Uint8Array(32).fill(7);
    await createKeyFile({ path, passphrase, secret, work });
    expect((await openKeyFile({ path, passphrase })).secret).toEqual(secret);
  });

  test('has mode 0600, whatever the umask', async () => {
    const before = process.umask(0);
    await createKeyFile({ path, passphrase, work }).finally(() => process.umask(before));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('never holds the secret in clear', async () => {
    const { secret } = await createKeyFile({ path, passphrase, work });
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain(toHex(secret));
    expect(text).not.toContain(passphrase);
  });

  test('two files of one key and passphrase share nothing but the public key', async () => {
    const secret = new Uint8Array(32).fill(7);
    const other = join(folder, 'b.key');
    for (const file of [path, other]) await createKeyFile({ path: file, passphrase, secret, work });
    const [a, b] = [path, other].map((file) => JSON.parse(readFileSync(file, 'utf8')));
    expect(a.kdf.salt).not.toBe(b.kdf.salt);
    expect(a.cipher.nonce).not.toBe(b.cipher.nonce);
    expect(a.secret).not.toBe(b.secret);
  });

  test('the two Unicode forms of a passphrase are one', async () => {
    await createKeyFile({ path, passphrase: 'caf\u00e9', work });
    await openKeyFile({ path, passphrase: 'cafe\u0301' });
  });

  test('takes 128 MiB of scrypt unless told otherwise', async () => {
    await createKeyFile({ path, passphrase });
    const { kdf } = JSON.parse(readFileSync(path, 'utf8'));
    expect(128 * kdf.n * kdf.r).toBe(128 * 2 ** 20);
    await openKeyFile({ path, passphrase });
  });
});

describe('error:', () => {
  test('another passphrase, and none', async () => {
    await createKeyFile({ path, passphrase, work });
    expect(await codeOf(openKeyFile({ path, passphrase: 'other' }))).toBe('KEY_PASSPHRASE');
    expect(await codeOf(openKeyFile({ path, passphrase: '' }))).toBe('KEY_PASSPHRASE');
    expect(await codeOf(createKeyFile({ path, passphrase: '', work }))).toBe('KEY_PASSPHRASE');
  });

  test('a file is never overwritten', async () => {
    const { publicKey } = await createKeyFile({ path, passphrase, work });
    expect(await codeOf(createKeyFile({ path, passphrase, work }))).toBe('KEY_EXISTS');
    expect(await readPublicKey(path)).toBe(publicKey);
    const link = join(folder, 'link.key');
    symlinkSync(join(folder, 'nowhere'), link);
    expect(await codeOf(createKeyFile({ path: link, passphrase, work }))).toBe('KEY_EXISTS');
  });

  test.each([0o604, 0o640, 0o644, 0o660, 0o601])('mode %o is refused', async (mode) => {
    await createKeyFile({ path, passphrase, work });
    chmodSync(path, mode);
    const error = await errorOf(openKeyFile({ path, passphrase }));
    expect(error.code).toBe('KEY_PERMISSIONS');
    expect(error.message).toContain(mode.toString(8));
    expect(await codeOf(readPublicKey(path))).toBe('KEY_PERMISSIONS');
  });

  test('no file, a folder, a file too large', async () => {
    expect(await codeOf(openKeyFile({ path, passphrase }))).toBe('KEY_NOT_FOUND');
    const missing = join(folder, 'missing', 'a.key');
    expect(await codeOf(createKeyFile({ path: missing, passphrase, work }))).toBe('KEY_NOT_FOUND');
    mkdirSync(path, { mode: 0o700 });
    expect(await codeOf(openKeyFile({ path, passphrase }))).toBe('KEY_FORMAT');
    const large = join(folder, 'large');
    writeFileSync(large, ' '.repeat(20_000), { mode: 0o600 });
    expect(await codeOf(openKeyFile({ path: large, passphrase }))).toBe('KEY_FORMAT');
  });

  test('any change to the file is noticed, and no message holds the secret', async () => {
    const { secret } = await createKeyFile({ path, passphrase, work });
    const text = readFileSync(path, 'utf8');
    const another = publicKeyOf(new Uint8Array(32).fill(9));
    const flip = (digits: string) => (digits[0] === '0' ? '1' : '0') + digits.slice(1);
    const changes: ((json: ReturnType<typeof JSON.parse>) => void)[] = [
      (json) => {
        json.secret = flip(json.secret);
      },
      (json) => {
        json.publicKey = another;
      },
      (json) => {
        json.kdf.salt = flip(json.kdf.salt);
      },
      (json) => {
        json.kdf.n = 2 ** 13;
      },
      (json) => {
        json.cipher.nonce = flip(json.cipher.nonce);
      },
      (json) => {
        json.cipher.tag = flip(json.cipher.tag);
      },
    ];
    for (const change of changes) {
      const json = JSON.parse(text);
      change(json);
      writeFileSync(path, JSON.stringify(json));
      const error = await errorOf(openKeyFile({ path, passphrase }));
      expect(error.code).toBe('KEY_PASSPHRASE');
      expect(`${error.stack}`).not.toContain(toHex(secret));
    }
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another thing', '[]'],
    ['no fields', '{}'],
  ])('%s is no key file', async (_, text) => {
    writeFileSync(path, text, { mode: 0o600 });
    expect(await codeOf(openKeyFile({ path, passphrase }))).toBe('KEY_FORMAT');
  });

  test.each([
    ['n', 2 ** 22],
    ['n', 5000],
    ['n', 2],
    ['r', 33],
    ['p', 17],
    ['p', 0],
  ])('scrypt with %s = %i is refused before it begins', async (key, value) => {
    await createKeyFile({ path, passphrase, work });
    const json = JSON.parse(readFileSync(path, 'utf8'));
    json.kdf[key] = value;
    writeFileSync(path, JSON.stringify(json));
    expect(await codeOf(openKeyFile({ path, passphrase }))).toBe('KEY_FORMAT');
  });

  test('a file that holds another key than it says', async () => {
    const { sealKey } = await import('../../../src/node/keys/sealed.ts');
    const sealed = await sealKey(fromHex('07'.repeat(32)), passphrase, work);
    writeFileSync(path, JSON.stringify({ ...sealed, extra: 1 }), { mode: 0o600 });
    expect(await codeOf(openKeyFile({ path, passphrase }))).toBe('KEY_FORMAT');
  });
});
