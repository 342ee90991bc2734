// SPDX-License-Identifier: Apache-2.0
// `hpb load`: the transfers it makes, how it follows them, what it reports.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from '../../src/cli/api-client.ts';
import type { ApiEvent } from '../../src/cli/api-events.ts';
import { generate } from '../../src/cli/load/generator.ts';
import { Tracker } from '../../src/cli/load/tracker.ts';
import { Transfers } from '../../src/cli/load/transfers.ts';
import { openAccelerator } from '../../src/driver/index.ts';
import { DEFAULT_LIMITS } from '../../src/node/api/limits.ts';
import { devSecret } from '../../src/node/genesis/index.ts';
import {
  decodeTransaction,
  publicKeyAt,
  publicKeyOf,
  writeRecoverRecord,
} from '../../src/node/protocol/index.ts';
import { idOf } from '../node/api/helpers/fake-node.ts';
import { moveByItself, runClient, startNode } from './helpers/client.ts';

const senders = ['user1', 'user2', 'user3'].map((name) => ({
  name,
  secret: devSecret('hpb', `account/${name}`),
}));

describe('transfers', () => {
  const make = (nonce: number) =>
    new Transfers({
      chainId: idOf('chain'),
      senders,
      fees: { perTransaction: 1000n, perByte: 10n },
      nonce,
    });
  const reference = { height: 7, id: idOf('block'), expiry: 1_760_000_600 };

  test('each is canonical, differs from the others, and is signed by its sender', async () => {
    const transfers = make(2 ** 32 - 2);
    const { bytes, ids } = transfers.make(7, reference);
    const size = transfers.transferBytes;
    const decoded = ids.map((_, i) => decodeTransaction(bytes.subarray(i * size, (i + 1) * size)));
    expect(decoded.map(({ id }) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(7);
    const nonces = decoded.map(({ transaction }) => transaction.nonce);
    expect(nonces).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1, 2, 3, 4]);
    expect(decoded[4]!.transaction).toMatchObject({
      chainId: idOf('chain'),
      refHeight: 7,
      refPrefix: Buffer.from(idOf('block'), 'hex').readUInt32LE(),
      expiry: reference.expiry,
      fee: 1000n + 10n * BigInt(size),
      account: 'user2',
      operations: [{ type: 'transfer', from: 'user2', to: 'user3', amount: 1n }],
    });
    const records = new Uint8Array(7 * 104);
    decoded.forEach(({ id, signatures }, i) => {
      writeRecoverRecord(records, i, { id, signature: signatures[0]! });
    });
    const accelerator = await openAccelerator({ kind: 'native', threads: 1 });
    const { keys } = await accelerator.signatures.recoverBatch(records);
    decoded.forEach((_, i) => {
      expect(publicKeyAt(keys, i)).toBe(publicKeyOf(senders[i % 3]!.secret));
    });
    await accelerator.close();
    transfers.close();
  });
});

describe('generator', () => {
  test('after a stall no request is larger than a node takes, and none is left out', async () => {
    const transfers = new Transfers({
      chainId: idOf('chain'),
      senders,
      fees: { perTransaction: 1000n, perByte: 10n },
      nonce: 0,
    });
    const requests: { readonly count: number; readonly bytes: number }[] = [];
    const client = {
      async submit(bytes: Uint8Array) {
        const count = bytes.length / transfers.transferBytes;
        requests.push({ count, bytes: bytes.length });
        return { accepted: count, verdicts: [] };
      },
    } as unknown as ApiClient;
    const tracker = new Tracker();
    let time = 0;
    const offered = await generate({
      clients: [client],
      transfers,
      tracker,
      rate: 1000,
      seconds: 44,
      reference: () => ({ height: 7, id: idOf('block'), expiry: 1_760_000_600 }),
      // A process that is stopped for 43 seconds.
      now: () => {
        time = requests.length === 1 ? 43_000 : time + 100;
        return time;
      },
      signal: new AbortController().signal,
    });
    transfers.close();
    expect(Math.max(...requests.map(({ count }) => count))).toBe(DEFAULT_LIMITS.submitTransactions);
    for (const { bytes } of requests) expect(bytes).toBeLessThanOrEqual(DEFAULT_LIMITS.submitBytes);
    expect(offered).toMatchObject({ offered: 44_000, accepted: 44_000, unsent: 0, failures: 0 });
    expect(tracker.underWay).toBe(44_000);
  });
});

describe('tracker', () => {
  const block = (name: string, height: number, transactions: readonly string[]): ApiEvent => ({
    type: 'block',
    block: { height, id: name },
    transactions,
  });
  const confirmed = (name: string, height: number, count: number): ApiEvent => ({
    type: 'confirmed',
    block: { height, id: name },
    count,
    needed: 3,
  });
  const final = (height: number): ApiEvent => ({ type: 'final', block: { height, id: 'x' } });

  test('latency counts from when a transfer was due', () => {
    const tracker = new Tracker();
    for (let i = 0; i < 100; i++) tracker.sent(`t${i}`, i * 10);
    const ids = Array.from({ length: 100 }, (_, i) => `t${i}`);
    tracker.handle(block('b', 1, [...ids, 'of somebody else']), 2000);
    tracker.handle(confirmed('b', 1, 2), 2050);
    tracker.handle(confirmed('b', 1, 3), 2100);
    tracker.handle(final(1), 5000);
    const { included, confirmed: by, final: last } = tracker.stages;
    expect([included.count, by.count, last.count, tracker.underWay]).toEqual([100, 100, 100, 0]);
    expect(included.p50).toBeCloseTo(1500, -1.5);
    expect(included.p99).toBeCloseTo(1990, -1.5);
    expect(by.p50).toBeCloseTo(1600, -1.5);
    expect(last.p99).toBeCloseTo(4990, -1.5);
    expect([last.first, last.last]).toEqual([5000, 5000]);
  });

  test('finality takes every block below along, confirmed or not', () => {
    const tracker = new Tracker();
    tracker.sent('a', 0);
    tracker.sent('b', 0);
    tracker.sent('c', 0);
    tracker.handle(block('1', 1, ['a']), 10);
    tracker.handle(block('2', 2, ['b']), 20);
    tracker.handle(block('3', 3, ['c']), 30);
    tracker.handle(final(2), 40);
    expect(tracker.stages.final.count).toBe(2);
    expect(tracker.stages.confirmed.count).toBe(2);
    expect(tracker.underWay).toBe(1);
  });

  test('a block that is undone gives its transfers back; they are included once', () => {
    const tracker = new Tracker();
    tracker.sent('a', 0);
    tracker.handle(block('1', 1, ['a']), 10);
    tracker.handle({ type: 'reverted', block: { height: 1, id: '1' } }, 15);
    tracker.handle(final(1), 16);
    expect(tracker.stages.final.count).toBe(0);
    tracker.handle(block('1b', 1, ['a']), 20);
    tracker.handle(final(1), 30);
    expect(tracker.stages.included).toMatchObject({ count: 1, last: 10 });
    expect(tracker.stages.final.count).toBe(1);
    expect(tracker.reverted).toBe(1);
  });

  test('refused and dropped transfers are counted once, lost events too', () => {
    const tracker = new Tracker();
    for (const id of ['a', 'b', 'c']) tracker.sent(id, 0);
    tracker.refuse('a');
    tracker.refuse('a');
    const transactions = [
      { id: 'b', reason: 'expired' },
      { id: 'of somebody else', reason: 'expired' },
    ];
    tracker.handle({ type: 'dropped', transactions }, 1);
    tracker.handle({ type: 'lost', count: 4 }, 1);
    expect(tracker).toMatchObject({ refused: 1, dropped: 1, lost: 4, underWay: 1 });
  });
});

describe('command', async () => {
  const { node, api } = await startNode({ requestsPerSecond: 100_000 });
  beforeAll(() => {
    for (const name of ['user1', 'user2']) {
      node.accounts.set(name, { ...node.account('alice')!, name });
    }
    moveByItself(node);
  });
  afterAll(() => api.close());
  const load = (...args: string[]) =>
    runClient(['load', '--users', '2', '--url', api.url, ...args]);

  test('every transfer that was due becomes final', async () => {
    const { code, stdout } = await load('--rate', '400', '--seconds', '0.5', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      rate: 400,
      offered: { count: 200, perSecond: 400 },
      accepted: 200,
      included: { count: 200 },
      confirmed: { count: 200 },
      final: { count: 200 },
      refused: 0,
      unfinished: 0,
      unsent: 0,
      lostEvents: 0,
    });
    expect(node.finalized).toBe(200);
    expect(report.final.p99Seconds).toBeGreaterThanOrEqual(report.included.p50Seconds);
  });

  test('for people: a table', async () => {
    const { code, stdout } = await load('--rate', '50', '--seconds', '0.2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +transfers +a second +p50 +p99\noffered +10 +50\nincluded +10 /);
    expect(stdout).toMatch(/^confirmed by 3 +10 /m);
    expect(stdout).toContain('The generator took ');
  });

  test('what the node refuses is counted, with its reason, and ends with code 1', async () => {
    const { submit } = node;
    node.submit = async (transactions) =>
      transactions.map(() => ({ accepted: false, code: 'POOL_FULL', message: 'pool: full' }));
    const { code, stdout } = await load('--rate', '100', '--seconds', '0.2', '--json');
    node.submit = submit;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      refused: 20,
      unfinished: 0,
      failure: 'POOL_FULL: pool: full',
      final: { count: 0, p50Seconds: null },
    });
  });

  test('Ctrl-C prints what has been measured', async () => {
    const controller = new AbortController();
    const args = ['load', '--users', '2', '--url', api.url, '--rate', '100', '--seconds', '600'];
    const running = runClient([...args, '--json'], controller.signal);
    await expect.poll(() => node.pool.size + node.included).toBeGreaterThan(0);
    controller.abort();
    expect((await running).code).toBe(130);
  });

  test('error: accounts that are not there', async () => {
    const { code, stderr } = await load('--rate', '1', '--seconds', '1', '--users', '3');
    expect(code).toBe(1);
    expect(stderr).toContain('expected accounts user1 to user3; no user3');
  });

  test.each([
    ['--rate', 'x'],
    ['--rate', '0'],
    ['--seconds', '-1'],
    ['--users', '1.5'],
  ])('error: %s %s', async (option, value) => {
    const { code, stderr } = await load('--rate', '1', '--seconds', '1', `${option}=${value}`);
    expect(code).toBe(64);
    expect(stderr).toContain(`got ${value}`);
  });
});
