// SPDX-License-Identifier: Apache-2.0
// Anything may come: it is answered with an error of the caller's, never with one of the node's.

import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { testRandom } from '../../../src/testbench/random.ts';
import { FakeNode } from './helpers/fake-node.ts';
import { TestSocket } from './helpers/socket.ts';
import { fakeTransfer } from './helpers/transactions.ts';

const random = testRandom('api fuzz');
const node = new FakeNode();
let api: ApiServer;

beforeAll(async () => {
  const limits = { requestsPerSecond: 100_000, messagesPerSecond: 100_000 };
  api = await openApi({ node, metrics: new Registry(), limits });
  node.produce();
});
afterAll(() => api.close());

const METHODS = [
  ...['status', 'block', 'blocks', 'transaction', 'transactionStatus', 'submit', 'account'],
  ...['accountHistory', 'producers', 'schedule', 'peers', 'accelerator', 'figures'],
  ...['subscribe', 'unsubscribe', '__proto__', 'constructor', ''],
];
const KEYS = ['at', 'id', 'ids', 'limit', 'name', 'topic', 'transactions', '__proto__', 'length'];

/** Some JSON, seldom of any sense. */
function anything(depth = 3): unknown {
  const kind = random.int(depth > 0 ? 10 : 7);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick([0, -1, 1, 1.5, 1e308, 2 ** 53, -(2 ** 63), 20]);
    case 3:
      return random.pick(['', 'head', 'alice', '2.0', 'a'.repeat(64), '\u0000', '\ud800', '1e9']);
    case 4:
      return Buffer.from(random.bytes(random.int(40))).toString('hex');
    case 5:
      return Buffer.from(random.bytes(random.int(20))).toString('latin1');
    case 6:
      return random.pick(METHODS);
    case 7:
      return Array.from({ length: random.int(4) }, () => anything(depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.int(4) }, () => [random.pick(KEYS), anything(depth - 1)]),
      );
  }
}

/** A call that is almost one. */
function call(id: number): unknown {
  const message: Record<string, unknown> = {
    jsonrpc: '2.0',
    id,
    method: random.pick(METHODS),
    params: anything(),
  };
  if (random.chance(0.2)) message[random.pick(['jsonrpc', 'id', 'method', 'params'])] = anything();
  return random.chance(0.1) ? [message, anything()] : message;
}

test('JSON-RPC: calls, broken calls, and what is no JSON', async () => {
  for (let i = 0; i < 400; i++) {
    let body = JSON.stringify(call(i));
    if (random.chance(0.2)) body = body.slice(0, random.int(body.length));
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api.url}/rpc`, { method: 'POST', headers, body });
    expect([200, 204, 400]).toContain(response.status);
    expect(await response.text(), body).not.toContain('-32603');
  }
});

test('transactions: bytes of all kinds, and true ones with bits flipped', async () => {
  for (let i = 0; i < 200; i++) {
    const bytes = random.chance(0.3)
      ? random.bytes(random.int(600))
      : fakeTransfer(i).bytes.slice();
    for (let flips = random.int(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.int(bytes.length)]! ^= 1 << random.int(8);
    }
    const response = await fetch(`${api.url}/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Uint8Array.from(bytes),
    });
    expect([200, 400]).toContain(response.status);
  }
});

test('paths and queries', async () => {
  const paths = [
    'blocks',
    'transactions',
    'accounts',
    'producers',
    'figures',
    'nothing',
    '%ff',
    '..',
  ];
  for (let i = 0; i < 300; i++) {
    const tail = encodeURIComponent(String(anything(0)).replaceAll('\ud800', ''));
    const query = `${random.pick(KEYS)}=${random.pick(['', '1', tail])}`;
    const path = `/v1/${random.pick(paths)}/${random.chance(0.5) ? tail : ''}?${query}`;
    const response = await fetch(api.url + path);
    expect([path, response.status < 500]).toEqual([path, true]);
    await response.text();
  }
});

test('WebSocket messages', async () => {
  const socket = await TestSocket.open(api.url);
  for (let i = 0; i < 300; i++) socket.socket.send(JSON.stringify(call(-i - 1)));
  const { result } = await socket.call('status');
  expect(result).toHaveProperty('head');
  socket.socket.terminate();
  await expect.poll(() => api.watched).toBe(0);
});
