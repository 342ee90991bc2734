// SPDX-License-Identifier: Apache-2.0
// REST, /health, /metrics and /openapi.json over HTTP, against a fake node.

import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWERS } from '../../../src/node/api/answers.ts';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { FakeNode, idOf } from './helpers/fake-node.ts';
import { concatenated, fakeTransfer } from './helpers/transactions.ts';

const node = new FakeNode();
const metrics = new Registry();
new Counter({ name: 'hpb_test_total', help: 'a counter', registers: [metrics] }).inc(3);
let api: ApiServer;

beforeAll(async () => {
  api = await openApi({ node, metrics, limits: { requestsPerSecond: 10_000, pageSize: 10 } });
  await node.submit([fakeTransfer(1).bytes, fakeTransfer(2).bytes]);
  for (let i = 0; i < 15; i++) node.produce();
  node.confirm(15);
  node.finalize(3);
});
afterAll(() => api.close());

async function get(path: string, init?: RequestInit) {
  const response = await fetch(`${api.url}${path}`, init);
  const body = (await response.json()) as Record<string, never>;
  return { status: response.status, body: body as Record<string, unknown> };
}

const errorOf = (body: Record<string, unknown>) =>
  body.error as { readonly code: string; readonly message: string };

function postBytes(bytes: Uint8Array, query = '') {
  return get(`/v1/transactions${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Uint8Array.from(bytes),
  });
}

describe('default', () => {
  test('listens on 127.0.0.1', () => {
    expect(api.host).toBe('127.0.0.1');
    expect(api.url).toBe(`http://127.0.0.1:${api.port}`);
  });

  test.each([
    ['status', '/status'],
    ['block', '/blocks/1'],
    ['block', '/blocks/head'],
    ['block', '/blocks/1?transactions=full'],
    ['blocks', '/blocks?limit=3'],
    ['transaction', `/transactions/${fakeTransfer(1).id}`],
    ['transactionStatus', `/transactions/${fakeTransfer(1).id}/status`],
    ['account', '/accounts/alice'],
    ['accountHistory', '/accounts/alice/history'],
    ['producers', '/producers'],
    ['schedule', '/schedule?limit=5'],
    ['peers', '/peers'],
    ['accelerator', '/accelerator'],
    ['figures', '/figures'],
  ] as const)('%s at %s answers as described', async (name, path) => {
    const { status, body } = await get(`/v1${path}`);
    expect(status).toBe(200);
    ANSWERS[name].parse(body);
  });

  test('amounts are decimal strings, whatever their size', async () => {
    const { body } = await get('/v1/accounts/alice');
    expect(body.balance).toBe('123456789012345678');
  });

  test('a block by height, by id, and by name is the same block', async () => {
    const { body } = await get('/v1/blocks/3');
    expect((await get(`/v1/blocks/${body.id}`)).body).toEqual(body);
    expect((await get('/v1/blocks/final')).body).toEqual(body);
    expect(body.confirmations).toEqual({ count: 0, needed: 3, final: true });
  });

  test('pages of blocks join without a gap', async () => {
    const heights: number[] = [];
    let before = '';
    for (;;) {
      const { body } = await get(`/v1/blocks?limit=4${before}`);
      const blocks = body.blocks as { height: number }[];
      if (blocks.length === 0) break;
      heights.push(...blocks.map(({ height }) => height));
      before = `&before=${heights.at(-1)}`;
    }
    expect(heights).toEqual(Array.from({ length: 15 }, (_, i) => 15 - i));
  });

  test('a transaction says where it is', async () => {
    const { id } = fakeTransfer(1);
    const { body } = await get(`/v1/transactions/${id}`);
    expect(body.status).toMatchObject({ state: 'final', block: { height: 1 }, index: 0 });
    expect(body.transaction).toMatchObject({ account: 'alice', fee: '1256' });
  });

  test('/health is 200 while the node is well, else 503', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, body: { ok: true } });
    node.healthy = false;
    expect(await get('/health')).toMatchObject({ status: 503, body: { ok: false } });
    node.healthy = true;
  });

  test('/metrics shows the registry', async () => {
    const response = await fetch(`${api.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('hpb_test_total 3');
  });

  test('/openapi.json describes every route with its answer', async () => {
    const { body } = await get('/openapi.json');
    const paths = body.paths as Record<string, Record<string, { responses: object }>>;
    expect(Object.keys(paths).sort()).toEqual([
      '/v1/accelerator',
      '/v1/accounts/{name}',
      '/v1/accounts/{name}/history',
      '/v1/blocks',
      '/v1/blocks/{at}',
      '/v1/figures',
      '/v1/peers',
      '/v1/producers',
      '/v1/schedule',
      '/v1/status',
      '/v1/transactions',
      '/v1/transactions/{id}',
      '/v1/transactions/{id}/status',
    ]);
    expect(paths['/v1/transactions']?.post).toHaveProperty([
      'requestBody',
      'content',
      'application/octet-stream',
    ]);
    const answer = paths['/v1/blocks/{at}']?.get?.responses as Record<string, object>;
    expect(answer['200']).toHaveProperty('content.application/json.schema.properties.stateRoot');
    expect(JSON.stringify(paths['/v1/blocks'])).toContain('"maximum":10');
  });
});

describe('submit', () => {
  test('bytes, one transaction after the other', async () => {
    const transactions = [fakeTransfer(10), fakeTransfer(11, 'memo'), fakeTransfer(10)];
    const { status, body } = await postBytes(concatenated(transactions));
    expect(status).toBe(200);
    expect(ANSWERS.submit.parse(body)).toEqual({
      accepted: 3,
      verdicts: [
        { index: 0, accepted: true, id: transactions[0]!.id, known: false },
        { index: 1, accepted: true, id: transactions[1]!.id, known: false },
        { index: 2, accepted: true, id: transactions[0]!.id, known: true },
      ],
    });
  });

  test('hexadecimal in JSON', async () => {
    const transactions = [20, 21].map((n) => Buffer.from(fakeTransfer(n).bytes).toString('hex'));
    const { body } = await get('/v1/transactions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transactions }),
    });
    expect(body.accepted).toBe(2);
  });

  test('verdicts=refused names only what was refused, by its place', async () => {
    const bytes = concatenated([fakeTransfer(30), fakeTransfer(31)]);
    bytes[256 + 96] = 99; // type of the operation
    const { body } = await postBytes(bytes, '?verdicts=refused');
    expect(body).toMatchObject({ accepted: 1, verdicts: [{ index: 1, accepted: false }] });
  });

  test.each([
    ['nothing', new Uint8Array(0), 400, 'expected a transaction, got 0 bytes'],
    ['a cut transaction', fakeTransfer(1).bytes.subarray(0, 255), 400, 'offset 0: '],
    ['a head of nonsense', new Uint8Array(300).fill(0xff), 400, 'offset 0: '],
    ['more than the limit', new Uint8Array(5 * 1024 * 1024), 413, 'Request body is too large'],
  ])('error: %s', async (_, bytes, status, message) => {
    const answer = await postBytes(bytes);
    expect(answer.status).toBe(status);
    expect(errorOf(answer.body).message).toContain(message);
  });
});

describe('error', () => {
  test.each([
    ['/v1/blocks/99', 404, 'block: expected a height from 1 to 15, got 99'],
    [`/v1/blocks/${idOf('no')}`, 404, 'block: expected a block on the chain, got '],
    ['/v1/blocks/-1', 400, 'at: expected a height, an id or head or final, got "-1"'],
    ['/v1/blocks?limit=11', 400, 'limit: expected at most 10, got "11"'],
    ['/v1/blocks?limit=x', 400, 'limit: expected an integer, got "x"'],
    ['/v1/blocks?limit=0', 400, 'limit: expected at least 1, got "0"'],
    ['/v1/blocks?page=1', 400, 'expected nothing called "page"'],
    ['/v1/transactions/00', 400, 'id: expected 64 hexadecimal digits, lower case, got "00"'],
    [`/v1/transactions/${idOf('no')}`, 404, 'transaction: expected one in the pool'],
    ['/v1/accounts/nobody', 404, 'account: expected one on the chain, got nobody'],
    ['/v1/accounts/%20', 400, 'name: expected 3 to 32 letters'],
    ['/v1/blocks/1?transactions=all', 400, 'transactions: expected one of none, ids, full, got'],
    ['/v1/nothing', 404, 'see /openapi.json'],
  ])('%s', async (path, status, message) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(errorOf(answer.body).message).toContain(message);
  });

  test('a node that fails is not explained to strangers', async () => {
    const broken = new FakeNode();
    broken.producers = () => {
      throw new Error('secret path /var/lib');
    };
    const other = await openApi({ node: broken, metrics });
    const response = await fetch(`${other.url}/v1/producers`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    await other.close();
  });

  test('more requests than the limit are refused until the second is over', async () => {
    const other = await openApi({ node, metrics, limits: { requestsPerSecond: 5 } });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) statuses.push((await fetch(`${other.url}/v1/peers`)).status);
    expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
    expect(statuses).toContain(429);
    expect((await fetch(`${other.url}/health`)).status).toBe(200);
    await other.close();
  });

  test('a port in use is an error, and leaves nothing behind', async () => {
    const before = node.subscribers;
    await expect(openApi({ node, metrics, port: api.port })).rejects.toThrow('EADDRINUSE');
    expect(node.subscribers).toBe(before);
  });
});
