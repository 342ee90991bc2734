// SPDX-License-Identifier: Apache-2.0
// WebSocket subscriptions: what is pushed, in which order, and what happens to whoever does not read.

import { once } from 'node:events';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Outbox } from '../../../src/node/api/outbox.ts';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { TokenBucket } from '../../../src/node/api/token-bucket.ts';
import { FakeNode, idOf } from './helpers/fake-node.ts';
import { TestSocket } from './helpers/socket.ts';
import { fakeTransfer } from './helpers/transactions.ts';

const LIMITS = { watched: 10, subscriptions: 3, messageBytes: 4096, socketsPerAddress: 4 };
let node: FakeNode;
let api: ApiServer;
let socket: TestSocket;

beforeAll(async () => {
  node = new FakeNode();
  api = await openApi({ node, metrics: new Registry(), limits: LIMITS });
});
afterAll(() => api.close());
beforeEach(async () => {
  socket = await TestSocket.open(api.url);
  return () => socket.socket.terminate();
});

const states = (events: readonly { readonly [key: string]: unknown }[]) =>
  events.flatMap(({ statuses }) =>
    (statuses as { state: string; confirmations?: number }[]).map(({ state, confirmations }) =>
      confirmations === undefined ? state : `${state} ${confirmations}`,
    ),
  );

describe('default', () => {
  test('all methods work, too', async () => {
    node.produce();
    const { result } = await socket.call('block', { at: 'head' });
    expect(result).toMatchObject({ height: node.head.height });
  });

  test('blocks, with the ids of their transactions where asked', async () => {
    await socket.call('subscribe', { topic: 'blocks' });
    await socket.call('subscribe', { topic: 'blocks', detail: 'ids' });
    const transaction = fakeTransfer(1);
    await node.submit([transaction.bytes]);
    const block = node.produce();
    node.revert();
    const events = await socket.received(4);
    const { id } = block.signedHeader;
    expect(events.map(({ type }) => type)).toEqual(['block', 'block', 'reverted', 'reverted']);
    expect(events[0]).toMatchObject({ produced: false, block: { id, transactionCount: 1 } });
    expect(events[0]).not.toHaveProperty('transactions');
    expect(events[1]).toMatchObject({ block: { id }, transactions: [transaction.id] });
    node.produce();
  });

  test('finality', async () => {
    await socket.call('subscribe', ['finality']);
    node.produce();
    for (let i = 0; i < 3; i++) node.confirm();
    node.finalize();
    const events = await socket.received(5);
    expect(events.map(({ type, count }) => [type, count])).toEqual([
      ['confirmed', 1],
      ['confirmed', 2],
      ['confirmed', 3],
      ['justified', undefined],
      ['final', undefined],
    ]);
  });

  test('a transaction from unknown to final, back and forth', async () => {
    const transaction = fakeTransfer(2);
    const { result } = await socket.call('subscribe', {
      topic: 'transactions',
      ids: [transaction.id],
    });
    expect(result).toMatchObject({ statuses: [{ id: transaction.id, state: 'unknown' }] });
    await node.submit([transaction.bytes]);
    node.produce();
    node.revert();
    node.produce();
    for (let i = 0; i < 3; i++) node.confirm();
    node.finalize();
    const events = await socket.received(8);
    expect(states(events)).toEqual([
      'seen',
      'included 0',
      'seen',
      'included 0',
      'confirmed 1',
      'confirmed 2',
      'confirmed 3',
      'final 3',
    ]);
    expect(api.watched).toBe(0);
    node.produce();
    const { result: now } = await socket.call('transactionStatus', [transaction.id]);
    expect(now).toMatchObject({ state: 'final' });
    expect(socket.events.length).toBe(8);
  });

  test('a transaction whose block is being written is included, once; seen again if the disk refuses', async () => {
    const transaction = fakeTransfer(9);
    await socket.call('subscribe', { topic: 'transactions', ids: [transaction.id] });
    await node.submit([transaction.bytes]);
    node.write(false);
    node.write(true);
    node.confirm();
    const events = await socket.received(5);
    expect(states(events)).toEqual(['seen', 'included 0', 'seen', 'included 0', 'confirmed 1']);
  });

  test('who joins late is told where the transaction is, and hears the rest', async () => {
    const [first, second] = [fakeTransfer(3), fakeTransfer(4)];
    await node.submit([first.bytes, second.bytes]);
    node.produce(1);
    const ids = [first.id, second.id];
    const { result } = await socket.call('subscribe', { topic: 'transactions', ids });
    expect(states([result as never])).toEqual(['included 0', 'seen']);
    node.confirm();
    node.drop(second.id, 'expired');
    node.finalize();
    expect(states(await socket.received(3))).toEqual(['confirmed 1', 'dropped', 'final 1']);
    expect(api.watched).toBe(0);
  });

  test('several transactions of a block come in one message', async () => {
    const transactions = [5, 6, 7].map((n) => fakeTransfer(n));
    const ids = transactions.map(({ id }) => id);
    await socket.call('subscribe', { topic: 'transactions', ids });
    await node.submit(transactions.map(({ bytes }) => bytes));
    node.produce();
    const events = await socket.received(2);
    expect(events.map(({ statuses }) => (statuses as unknown[]).length)).toEqual([3, 3]);
  });

  test('the pool: what came in and what was dropped', async () => {
    await socket.call('subscribe', { topic: 'pool', detail: 'ids' });
    const transaction = fakeTransfer(8);
    await node.submit([transaction.bytes]);
    node.drop(transaction.id, 'expired');
    const { id } = transaction;
    expect(await socket.received(2)).toEqual([
      { type: 'seen', count: 1, ids: [id] },
      { type: 'dropped', transactions: [{ id, reason: 'expired' }] },
    ]);
  });

  test('unsubscribe ends it', async () => {
    const { result } = await socket.call('subscribe', { topic: 'blocks' });
    await socket.call('unsubscribe', result);
    node.produce();
    await socket.call('status');
    expect(socket.events).toEqual([]);
  });

  test('a connection that ends takes its subscriptions along', async () => {
    await socket.call('subscribe', { topic: 'transactions', ids: [idOf('nothing')] });
    expect(api.watched).toBe(1);
    socket.socket.close();
    await once(socket.socket, 'close');
    await expect.poll(() => api.watched).toBe(0);
  });
});

describe('error', () => {
  test.each([
    [{ topic: 'all' }, -32602, 'topic: expected one of blocks, finality, pool, transactions, got'],
    [{ topic: 'transactions' }, -32602, 'ids: expected those of the transactions, got nothing'],
    [{ topic: 'blocks', ids: [idOf('x')] }, -32602, 'ids: expected none for blocks, got 1'],
    [{ topic: 'transactions', ids: ['x'] }, -32602, 'ids.0: expected 64 hexadecimal digits'],
    [
      { topic: 'transactions', ids: Array.from({ length: 11 }, (_, i) => idOf(String(i))) },
      -32602,
      'ids: expected at most 10 entries',
    ],
  ])('subscribe %j', async (params, code, message) => {
    const { error } = await socket.call('subscribe', params);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(message);
  });

  test('transactions and subscriptions beyond the limits', async () => {
    const ids = (n: number, label: string) =>
      Array.from({ length: n }, (_, i) => idOf(`${label} ${i}`));
    await socket.call('subscribe', { topic: 'transactions', ids: ids(8, 'a') });
    const more = await socket.call('subscribe', { topic: 'transactions', ids: ids(3, 'b') });
    expect(more.error).toMatchObject({ code: -32002 });
    await socket.call('subscribe', { topic: 'blocks' });
    await socket.call('subscribe', { topic: 'blocks' });
    const third = await socket.call('subscribe', { topic: 'blocks' });
    expect(third.error?.message).toContain('expected at most 3 subscriptions');
  });

  test('a message too long ends the connection', async () => {
    socket.socket.send('x'.repeat(5000));
    const [code] = await once(socket.socket, 'close');
    expect(code).toBe(1009);
  });

  test('more messages than the budget end the connection', async () => {
    for (let i = 0; i < 200; i++) socket.socket.send('1');
    const [code, reason] = await once(socket.socket, 'close');
    expect(code).toBe(1008);
    expect(String(reason)).toBe('expected at most 50 messages a second');
  });

  test.each([
    ['/other', {}, 404],
    ['/rpc', { origin: 'http://elsewhere.example' }, 403],
  ])('an upgrade at %s with %j is refused', async (path, headers, status) => {
    const refused = new WebSocket(`${api.url.replace('http', 'ws')}${path}`, { headers });
    const [error] = await once(refused, 'error');
    expect((error as Error).message).toContain(String(status));
  });

  test('connections beyond the limit of an address are refused', async () => {
    const others = await Promise.all([1, 2, 3].map(() => TestSocket.open(api.url)));
    const refused = new WebSocket(`${api.url.replace('http', 'ws')}/rpc`);
    const [error] = await once(refused, 'error');
    expect((error as Error).message).toContain('503');
    for (const other of others) other.socket.terminate();
    await expect.poll(() => api.subscribers).toBe(1);
  });
});

describe('behavior: bounds', () => {
  test('a full outbox loses events and says how many', () => {
    const sent: string[] = [];
    const sink = { bufferedAmount: 0, send: (text: string) => void sent.push(text) };
    const outbox = new Outbox(sink, 100);
    const event = (n: number) => outbox.event('1', JSON.stringify({ n }));
    event(1);
    sink.bufferedAmount = 99;
    event(2);
    event(3);
    sink.bufferedAmount = 0;
    event(4);
    const events = sent.map((text) => JSON.parse(text).params.event);
    expect(events).toEqual([{ n: 1 }, { type: 'lost', count: 2 }, { n: 4 }]);
  });

  test('an event larger than the bound is sent when nothing waits', () => {
    const sent: string[] = [];
    const sink = { bufferedAmount: 0, send: (text: string) => void sent.push(text) };
    new Outbox(sink, 10).event('1', JSON.stringify('x'.repeat(100)));
    expect(sent.length).toBe(1);
  });

  test('a subscriber that reads nothing loses events, and learns how many', async () => {
    const limits = { queueBytes: 256 * 1024 };
    const slowNode = new FakeNode();
    const slowApi = await openApi({ node: slowNode, metrics: new Registry(), limits });
    const slow = await TestSocket.open(slowApi.url);
    await slow.call('subscribe', { topic: 'blocks', detail: 'ids' });
    await slowNode.submit(Array.from({ length: 500 }, (_, i) => fakeTransfer(i).bytes));
    slow.socket.pause();
    for (let i = 0; i < 200; i++) {
      slowNode.produce();
      slowNode.revert();
    }
    slow.socket.resume();
    await slow.call('status'); // everything that waited has come before its answer
    const kept = slow.events.length;
    slowNode.produce();
    const [lost] = (await slow.received(kept + 2)).slice(-2);
    // 34 kB an event: what does not fit is gone, whatever the system's own buffers hold.
    expect(kept).toBeLessThan(200);
    expect(lost).toEqual({ type: 'lost', count: 400 - kept });
    slow.socket.terminate();
    await slowApi.close();
  });

  test('a subscriber that gives no sign of life is cut off', async () => {
    const limits = { heartbeatMilliseconds: 40 };
    const silentApi = await openApi({ node: new FakeNode(), metrics: new Registry(), limits });
    const silent = await TestSocket.open(silentApi.url);
    silent.socket.pause();
    await expect.poll(() => silentApi.subscribers, { timeout: 10_000 }).toBe(0);
    silent.socket.terminate();
    await silentApi.close();
  });

  test('a budget refills with time, up to twice its rate', () => {
    let now = 0;
    const bucket = new TokenBucket(2, () => now);
    const taken = () => {
      let count = 0;
      while (bucket.take()) count++;
      return count;
    };
    expect(taken()).toBe(4);
    now += 500;
    expect(taken()).toBe(1);
    now += 60_000;
    expect(taken()).toBe(4);
  });
});
