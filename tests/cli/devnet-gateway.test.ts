// SPDX-License-Identifier: Apache-2.0
// The relay between cards on a hub and this machine, with a card of the test.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { cardHost, GATEWAY, type Place } from '../../src/cli/devnet/cards.ts';
import { Gateway } from '../../src/cli/devnet/gateway.ts';
import { portsFrom } from '../../src/cli/devnet/ports.ts';
import { type Accelerator, openAccelerator, type TransportSocket } from '../../src/driver/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-gateway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open: { close(): Promise<void> }[] = [];

let card: Accelerator;
let gateway: Gateway;
/** A port of the card, and one of this machine. */
let ports: { readonly card: number; readonly machine: number };

beforeEach(async () => {
  const hub = mkdtempSync(join(folder, 'hub-'));
  const [first = 0, second = 0] = await portsFrom(0, 2);
  ports = { card: first, machine: second };
  const { ip, mac } = cardHost(0);
  const places: Place[] = [{ port: first, card: { ip, mac } }, { port: second }];
  gateway = await Gateway.open(hub, places);
  card = await openAccelerator({ kind: 'verilator', link: `hub:${hub}`, ip: `${ip}/24`, mac });
  open.push(card, gateway);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Everything that a socket says until it ends. */
async function all(socket: Socket | TransportSocket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts);
}

const BYTES = randomBytes(60_000);

test('who connects to 127.0.0.1 speaks with the card: bytes both ways, an end, and an answer behind it', async () => {
  const server = card.transport.createServer({ allowHalfOpen: true }, (socket) => {
    expect(socket.remoteAddress).toBe(GATEWAY.ip);
    void all(socket).then((heard) => socket.end(hash(heard)));
  });
  server.listen(ports.card);
  await once(server, 'listening');
  const client = connect({ port: ports.card, host: '127.0.0.1', allowHalfOpen: true });
  client.end(BYTES);
  expect((await all(client)).toString()).toBe(hash(BYTES));
  while (gateway.connections > 0) await delay(10);
});

test("what a card sends to the gateway's address reaches 127.0.0.1", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void all(socket).then((heard) => socket.end(hash(heard)));
  });
  server.listen(ports.machine, '127.0.0.1');
  await once(server, 'listening');
  const to = { host: GATEWAY.ip, port: ports.machine, allowHalfOpen: true };
  const client = card.transport.createConnection(to);
  client.end(BYTES);
  expect((await all(client)).toString()).toBe(hash(BYTES));
  server.close();
});

test('a reset on one side is one on the other, and where nobody listens it comes at once', async () => {
  const refused = connect(ports.card, '127.0.0.1');
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  const server = card.transport.createServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  server.listen(ports.card);
  await once(server, 'listening');
  const client = connect(ports.card, '127.0.0.1');
  client.write('x');
  const [reset] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(reset.code).toBe('ECONNRESET');
  const stranger = card.transport.createConnection({ host: GATEWAY.ip, port: ports.machine });
  const [none] = (await once(stranger, 'error')) as [NodeJS.ErrnoException];
  expect(none.code).toBe('ECONNRESET');
});

test('error: a port that is taken; closed, it is free again', async () => {
  const hub = mkdtempSync(join(folder, 'hub-'));
  const again = Gateway.open(hub, [{ port: ports.card, card: cardHost(1) }, { port: 9 }]);
  await expect(again).rejects.toThrow(/EADDRINUSE/);
  await gateway.close();
  const server = createServer().listen(ports.card, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
