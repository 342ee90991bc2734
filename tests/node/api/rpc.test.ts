// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 by the book, over HTTP.

import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { FakeNode } from './helpers/fake-node.ts';
import { fakeTransfer } from './helpers/transactions.ts';

const node = new FakeNode();
let api: ApiServer;

beforeAll(async () => {
  const limits = { requestsPerSecond: 10_000, batchCalls: 5 };
  api = await openApi({ node, metrics: new Registry(), limits });
  for (let i = 0; i < 3; i++) node.produce();
});
afterAll(() => api.close());

async function post(body: string) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${api.url}/rpc`, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? undefined : JSON.parse(text) };
}

const call = async (message: unknown) => (await post(JSON.stringify(message))).answer;
const head = { jsonrpc: '2.0', id: 1 };

describe('default', () => {
  test('named parameters', async () => {
    const answer = await call({ ...head, method: 'block', params: { at: 2 } });
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: 1, result: { height: 2 } });
  });

  test('positional parameters, in the order of the description', async () => {
    const answer = await call({ ...head, id: 'x', method: 'block', params: [3, 'none'] });
    expect(answer).toMatchObject({ id: 'x', result: { height: 3 } });
    expect(answer.result).not.toHaveProperty('transactions');
  });

  test('no parameters', async () => {
    const answer = await call({ ...head, id: null, method: 'status' });
    expect(answer).toMatchObject({ id: null, result: { head: { height: 3 } } });
  });

  test('a batch is answered in its order, notifications left out', async () => {
    const answers = await call([
      { ...head, method: 'block', params: [1] },
      { jsonrpc: '2.0', method: 'block', params: [1] },
      { ...head, id: 2, method: 'no' },
      7,
    ]);
    expect(
      answers.map(({ id, error }: { id: unknown; error?: { code: number } }) => [id, error?.code]),
    ).toEqual([
      [1, undefined],
      [2, -32601],
      [null, -32600],
    ]);
  });

  test('notifications only: no answer at all', async () => {
    const note = { jsonrpc: '2.0', method: 'status' };
    expect(await post(JSON.stringify(note))).toEqual({ status: 204, answer: undefined });
    expect(await post(JSON.stringify([note, note]))).toEqual({ status: 204, answer: undefined });
  });

  test('submit takes transactions in hexadecimal', async () => {
    const transaction = fakeTransfer(1);
    const hex = Buffer.from(transaction.bytes).toString('hex');
    const { result } = await call({ ...head, method: 'submit', params: [[hex]] });
    expect(result).toMatchObject({ accepted: 1, verdicts: [{ id: transaction.id }] });
  });
});

describe('error', () => {
  test.each([
    ['no JSON', '{"jsonrpc', -32700, 'expected JSON'],
    ['an empty batch', '[]', -32600, 'batch: expected 1 to 5 calls, got 0'],
    ['a batch too long', '[1,1,1,1,1,1]', -32600, 'batch: expected 1 to 5 calls, got 6'],
    ['a number', '1', -32600, 'request: expected an object, got 1'],
    ['no version', '{"id":1,"method":"status"}', -32600, 'jsonrpc: expected "2.0", got nothing'],
    ['an id that is none', '{"jsonrpc":"2.0","id":{},"method":"status"}', -32600, 'id: expected'],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32600, 'method: expected a string, got nothing'],
    [
      'params of no kind',
      '{"jsonrpc":"2.0","id":1,"method":"status","params":1}',
      -32600,
      'params: expected an object or an array, got 1',
    ],
    [
      'an unknown method',
      '{"jsonrpc":"2.0","id":1,"method":"rpc.on"}',
      -32601,
      'method: expected one of status, block,',
    ],
    [
      'a subscription without a WebSocket',
      '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":["blocks"]}',
      -32601,
      'method: expected one of',
    ],
    [
      'a wrong parameter',
      '{"jsonrpc":"2.0","id":1,"method":"block","params":{"at":true}}',
      -32602,
      'at: expected a height, an id or head or final, got true',
    ],
    [
      'too many parameters',
      '{"jsonrpc":"2.0","id":1,"method":"status","params":[1]}',
      -32602,
      'params: expected at most 0 (), got 1',
    ],
    [
      'nothing found',
      '{"jsonrpc":"2.0","id":1,"method":"block","params":[9]}',
      -32000,
      'block: expected a height from 1 to 3, got 9',
    ],
  ])('%s', async (_, body, code, message) => {
    const { status, answer } = await post(body);
    expect(status).toBe(200);
    expect(answer.error.code).toBe(code);
    expect(answer.error.message).toContain(message);
  });

  test('a body beyond the limit is refused before it is read', async () => {
    const { status, answer } = await post(JSON.stringify('x'.repeat(300 * 1024)));
    expect(status).toBe(413);
    expect(answer.error.code).toBe('too_large');
  });

  test('another content type', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' };
    expect((await fetch(`${api.url}/rpc`, init)).status).toBe(415);
  });
});
