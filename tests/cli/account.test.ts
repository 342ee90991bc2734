// SPDX-License-Identifier: Apache-2.0
// `hpb account`, `hpb status`, `hpb tx`: what they show, for people and for programs.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWERS } from '../../src/node/api/answers.ts';
import { idOf } from '../node/api/helpers/fake-node.ts';
import { fakeTransfer } from '../node/api/helpers/transactions.ts';
import { runClient, startNode } from './helpers/client.ts';

const { node, api, run } = await startNode();
const transfer = fakeTransfer(1, 'tea');
const second = fakeTransfer(2);
beforeAll(async () => {
  await node.submit([transfer.bytes, second.bytes]);
  node.produce();
  for (let i = 0; i < 3; i++) node.confirm();
  node.produce();
});
afterAll(() => api.close());

describe('account show', () => {
  test('amounts in GXN, authorities, votes', async () => {
    const { code, stdout } = await run('account', 'show', 'alice');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^balance {2,}1,234,567,890\.12345678 GXN$/m);
    expect(stdout).toMatch(/^stake {2,}5 GXN$/m);
    expect(stdout).toMatch(/^unstaking {2,}0\.00000007 GXN on 2025-10-09 08:53 UTC$/m);
    expect(stdout).toMatch(/^owner {2,}1 of 02[0-9a-f]{64} \(1\)$/m);
    expect(stdout).toMatch(/^votes for {2,}alpha, bravo$/m);
  });

  test('--json is what the API answers', async () => {
    const { stdout } = await run('account', 'show', 'alice', '--json');
    expect(ANSWERS.account.parse(JSON.parse(stdout)).balance).toBe('123456789012345678');
  });

  test('an account that is not there', async () => {
    const { code, stdout, stderr } = await run('account', 'show', 'nobody');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('hpb: account: expected one on the chain, got nobody\n');
  });
});

describe('account history', () => {
  test('latest first, in pages', async () => {
    const { code, stdout } = await run('account', 'history', 'alice', '--limit', '1');
    expect(code).toBe(0);
    const line = `1:1  ${second.id}  transfer from alice to bob amount 1,000,000,000.00000002 GXN`;
    expect(stdout).toBe(`${line} memo -\n`);
    const older = await run('account', 'history', 'alice', '--before', '1:1', '--json');
    expect(JSON.parse(older.stdout).entries).toMatchObject([{ position: '1:0', id: transfer.id }]);
  });
});

describe('status', () => {
  test('says what matters in a column', async () => {
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^health {2,}well$/m);
    expect(stdout).toMatch(/^head {2,}2 by \w+, 0 ms ago$/m);
    expect(stdout).toMatch(/^final {2,}0, 2 blocks behind$/m);
    expect(stdout).toMatch(/^spill {2,}40 to native in 1 episode$/m);
  });

  test('before the first block it says when slot 0 is', async () => {
    const young = await startNode();
    try {
      expect((await young.run('status')).stdout).toMatch(
        /^head {2,}no block yet, slot 0 0 ms ago$/m,
      );
      young.node.time -= 10_237;
      expect((await young.run('status')).stdout).toMatch(
        /^head {2,}no block yet, slot 0 in 10\.2 s$/m,
      );
    } finally {
      await young.api.close();
    }
  });

  test('what the card carries', async () => {
    const { stdout } = await run('status');
    expect(stdout).toMatch(/^accelerator {2,}signatures verilator, transport verilator/m);
    expect(stdout).toMatch(
      /^card {2,}10\.77\.0\.2, 3 sessions, 345,678 bytes in, 234,567 out, 2 segments sent again$/m,
    );
  });

  test('code 1 when the node is not well, and why', async () => {
    node.healthy = false;
    const { code, stdout } = await run('status');
    node.healthy = true;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^health {2,}head: head is 40 slots old$/m);
  });

  test('--json', async () => {
    const { stdout } = await run('status', '--json');
    expect(ANSWERS.status.parse(JSON.parse(stdout)).chainName).toBe('devnet');
  });
});

describe('tx', () => {
  test('a transaction and how far it has come', async () => {
    const { code, stdout } = await run('tx', transfer.id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^status {2,}confirmed 3\/3 in block 1$/m);
    expect(stdout).toMatch(/^fee {2,}0\.00001256 GXN$/m);
    expect(stdout).toContain(
      'transfer from alice to bob amount 1,000,000,000.00000001 GXN memo 746561',
    );
  });

  test('--wait follows it', async () => {
    const waiting = run('tx', transfer.id, '--wait', 'final', '--json');
    await expect.poll(() => api.watched).toBe(1);
    node.finalize(1);
    const { code, stdout } = await waiting;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).status.state).toBe('final');
  });

  test('--timeout ends it with how far it is', async () => {
    const id = idOf('never');
    const { code, stderr } = await run('tx', id, '--wait', 'seen', '--timeout', '1');
    expect(code).toBe(1);
    expect(stderr).toBe('hpb: not seen after 1 s: unknown\n');
  });

  test('error: an id that is none, one that nobody knows', async () => {
    expect((await run('tx', 'abc')).stderr).toContain('id: expected 64 hexadecimal digits');
    expect((await run('tx', 'abc')).code).toBe(64);
    expect((await run('tx', idOf('unknown'))).code).toBe(1);
  });
});

describe('error: no node', () => {
  test.each([
    ['status'],
    ['account', 'show', 'alice'],
    ['tx', idOf('x')],
    ['tx', idOf('x'), '--wait', 'final'],
    ['transfer', 'alice', 'bob', '1', '--dev'],
    ['load', '--rate', '1', '--seconds', '1'],
  ])('%s %s', async (...args) => {
    const given = args.filter((word) => word !== undefined);
    const { code, stderr } = await runClient([...given, '--url', 'http://127.0.0.1:1']);
    expect(code).toBe(69);
    expect(stderr).toContain('hpb: no node answers at http://127.0.0.1:1: ');
  });

  test('a URL that is none', async () => {
    const { code, stderr } = await runClient(['status', '--url', 'localhost']);
    expect(code).toBe(64);
    expect(stderr).toContain(
      '--url: expected an http URL like http://127.0.0.1:8480, got localhost',
    );
  });
});

describe('help', () => {
  test.each([
    [['status']],
    [['account', 'show']],
    [['account', 'create']],
    [['transfer']],
    [['vote']],
    [['tx']],
    [['load']],
  ])('%j has an example and exit codes', async (command) => {
    const { code, stdout } = await runClient([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}hpb /);
    expect(stdout).toContain('Exit code: 0 ');
    expect(stdout).toContain('--json');
    expect(stdout).toContain('http://127.0.0.1:8480');
  });
});
