// SPDX-License-Identifier: Apache-2.0
// Commands that send a transaction: `hpb transfer`, `hpb vote`, `hpb account create|stake|register`.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatAmount, parseAmount } from '../../src/cli/tx/amount.ts';
import { openAccelerator } from '../../src/driver/index.ts';
import { devSecret } from '../../src/node/genesis/index.ts';
import { createKeyFile } from '../../src/node/keys/index.ts';
import {
  publicKeyAt,
  publicKeyOf,
  type SignedTransaction,
  writeRecoverRecord,
} from '../../src/node/protocol/index.ts';
import { moveByItself, startNode } from './helpers/client.ts';

const { node, api, run } = await startNode();
moveByItself(node);
const accelerator = await openAccelerator({ kind: 'native', threads: 1 });
const folder = mkdtempSync(join(tmpdir(), 'hpb-transfer-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await accelerator.close();
  await api.close();
});

async function signerOf({ id, signatures }: SignedTransaction): Promise<string> {
  const record = new Uint8Array(104);
  writeRecoverRecord(record, 0, { id, signature: signatures[0]! });
  const { keys } = await accelerator.signatures.recoverBatch(record);
  return publicKeyAt(keys, 0);
}

const sent = () => node.chain.at(-1)!.transactions[0]!;

describe('transfer', () => {
  test('goes from hand to final, signed with the key of the development network', async () => {
    const args = ['transfer', 'alice', 'bob', '5.25', '--dev', '--memo', 'for the tea'];
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    const { id, transaction } = sent();
    expect(stdout).toBe(`${id}\nfinal in block ${node.head.height}, fee 0.00001272 GXN\n`);
    expect(transaction).toMatchObject({
      account: 'alice',
      fee: 1272n,
      chainId: node.identity.chainId,
    });
    expect(transaction.operations[0]).toMatchObject({
      from: 'alice',
      to: 'bob',
      amount: 525_000_000n,
    });
    expect(await signerOf(sent())).toBe(publicKeyOf(devSecret('hpb', 'account/alice')));
  });

  test('refers to the final block, and expires', async () => {
    const { code } = await run('transfer', 'alice', 'bob', '1', '--dev', '--seed', 'other');
    expect(code).toBe(0);
    const { transaction } = sent();
    const referred = node.chain[transaction.refHeight - 1]!.signedHeader.id;
    expect(transaction.refHeight).toBe(node.final.height - 1);
    expect(transaction.refPrefix).toBe(Buffer.from(referred, 'hex').readUInt32LE());
    expect(transaction.expiry).toBe(Math.floor((node.time - 3000) / 1000) + 300);
    expect(await signerOf(sent())).toBe(publicKeyOf(devSecret('other', 'account/alice')));
  });

  test('--wait seen does not wait for a block; --json', async () => {
    const still = await startNode();
    const args = ['transfer', 'alice', 'bob', '1', '--dev', '--wait', 'seen', '--json'];
    const { code, stdout } = await still.run(...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ fee: '1256', status: { state: 'seen' } });
    expect(still.node.chain).toEqual([]);
    await still.api.close();
  });

  test('error: amounts, names and memos that are none', async () => {
    const cases = [
      [['alice', 'bob', '1.123456789'], 'amount: expected GXN with at most 8 decimals'],
      [['alice', 'bob', '-1'], ''],
      [['alice', 'bob', '1e3'], 'got 1e3'],
      [['alice', 'x', '1'], 'expected 3 to 32 characters'],
      [['alice', 'bob', '1', '--memo', 'x'.repeat(65)], '64'],
      [['alice', 'bob', '1', '--key', 'x'], 'expected --key <file> or --dev, got both'],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stderr } = await run('transfer', ...args, '--dev');
      expect([args, code]).toEqual([args, 64]);
      expect(stderr).toContain(message);
    }
    const { code, stderr } = await run('transfer', 'alice', 'bob', '1');
    expect(code).toBe(64);
    expect(stderr).toContain('got neither');
  });

  test('error: the node refuses', async () => {
    const { submit } = node;
    node.submit = async () => [
      { accepted: false, code: 'BALANCE', message: 'balance: expected 5, got 3' },
    ];
    const { code, stderr } = await run('transfer', 'alice', 'bob', '1', '--dev');
    node.submit = submit;
    expect(code).toBe(1);
    expect(stderr).toBe(
      'hpb: the node refuses the transaction: balance: expected 5, got 3 (BALANCE)\n',
    );
  });
});

describe('a key file', () => {
  const key = join(folder, 'alice.key');
  const passphrase = join(folder, 'passphrase');
  beforeAll(() => {
    writeFileSync(passphrase, 'correct horse\n', { mode: 0o600 });
  });

  test('signs', async () => {
    const { publicKey } = await createKeyFile({ path: key, passphrase: 'correct horse' });
    const args = ['transfer', 'alice', 'bob', '1', '--key', key, '--passphrase-file', passphrase];
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(await signerOf(sent())).toBe(publicKey);
  });

  test('error: a file that is not there', async () => {
    const args = ['--key', join(folder, 'none'), '--passphrase-file', passphrase];
    const { code } = await run('transfer', 'alice', 'bob', '1', ...args);
    expect(code).toBe(2);
  });
});

describe('vote', () => {
  test('sorted, none twice', async () => {
    const { code } = await run('vote', 'alice', 'bravo', 'alpha', 'bravo', '--dev');
    expect(code).toBe(0);
    const [operation] = sent().transaction.operations;
    expect(operation).toMatchObject({ type: 'voteProducers', producers: ['alpha', 'bravo'] });
  });

  test('--none withdraws', async () => {
    expect((await run('vote', 'alice', '--none', '--dev')).code).toBe(0);
    expect(sent().transaction.operations[0]).toMatchObject({ producers: [] });
  });

  test('error: neither producers nor --none, and both', async () => {
    expect((await run('vote', 'alice', '--dev')).code).toBe(64);
    expect((await run('vote', 'alice', 'alpha', '--none', '--dev')).code).toBe(64);
  });
});

describe('account', () => {
  const owner = publicKeyOf(devSecret('hpb', 'account/carol'));

  test('create opens one, and pays for it', async () => {
    const args = ['account', 'create', 'carol', '10', '--creator', 'alice', '--owner', owner];
    const { code } = await run(...args, '--dev');
    expect(code).toBe(0);
    const { fee, operations } = sent().transaction;
    expect(operations[0]).toMatchObject({ type: 'createAccount', balance: 1_000_000_000n });
    expect(fee).toBe(1000n + BigInt(sent().bytes.length) + 50_000n);
  });

  test('stake, unstake, register', async () => {
    expect((await run('account', 'stake', 'alice', '7', '--dev')).code).toBe(0);
    expect(sent().transaction.operations[0]).toMatchObject({ type: 'stake', amount: 700_000_000n });
    expect((await run('account', 'unstake', 'alice', '7', '--dev')).code).toBe(0);
    expect(sent().transaction.operations[0]).toMatchObject({ type: 'unstake' });
    const register = ['account', 'register', 'alice', '--signing-key', owner, '--dev'];
    expect((await run(...register)).code).toBe(0);
    expect(sent().transaction.operations[0]).toMatchObject({ signingKey: owner });
  });

  test('error: a key that is none', async () => {
    const args = ['account', 'register', 'alice', '--signing-key', '02ab', '--dev'];
    const { code, stderr } = await run(...args);
    expect(code).toBe(64);
    expect(stderr).toContain('--signing-key: expected a compressed key');
  });
});

describe('amounts', () => {
  test.each([
    ['0', 0n, '0'],
    ['1', 100_000_000n, '1'],
    ['5.25', 525_000_000n, '5.25'],
    ['0.00000001', 1n, '0.00000001'],
    ['184467440737.09551615', 2n ** 64n - 1n, '184,467,440,737.09551615'],
  ])('%s', (text, units, shown) => {
    expect(parseAmount(text, 'amount')).toBe(units);
    expect(formatAmount(units)).toBe(shown);
  });

  test.each(['', '.', '1.', '.5', '1,5', '+1', ' 1', '184467440737.09551616'])(
    'error: "%s"',
    (text) => {
      expect(() => parseAmount(text, 'amount')).toThrow('amount: expected GXN');
    },
  );
});
