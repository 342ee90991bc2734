// SPDX-License-Identifier: Apache-2.0
// Emulated cards on a hub: what only a card with all its engines can show.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import {
  type Accelerator,
  type CardTransport,
  openAccelerator,
  readToeCounters,
} from '../../../src/driver/index.ts';
import { packageRoot } from '../../../src/driver/paths.ts';
import { batchMaker, outcome } from '../helpers/card.ts';
import { seededRandom } from '../helpers/random.ts';
import { openCards } from './helpers/card-world.ts';
import { closed, pair, read, readAll, serve, until } from './helpers/world.ts';

test('signatures and TCP share a card', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hpb-shared-'));
  const open = (ip: string) =>
    openAccelerator({
      kind: 'verilator',
      link: `hub:${folder}`,
      ip,
      mac: `02:00:00:00:00:0${ip[8]}`,
    });
  const cards: Accelerator[] = [await open('10.77.0.1/24'), await open('10.77.0.2/24')];
  const [client, server] = cards as [Accelerator, Accelerator];
  expect(server.transport.backend).toBe('card');
  expect((server.transport as CardTransport).mac).toBe('02:00:00:00:00:02');
  const random = seededRandom('shared card');
  const makeBatch = batchMaker(random);
  const echo = await serve(server.transport, { allowHalfOpen: true }, (s) => s.pipe(s));
  const bytes = random.bytes(60_000);
  const { host } = server.transport;
  const [echoes, answers] = await Promise.all([
    Promise.all(
      [0, 1].map(async () => {
        const socket = await client.transport.connect({ host, port: echo.port });
        socket.end(bytes);
        return readAll(socket);
      }),
    ),
    Promise.all(
      cards.flatMap((card) =>
        [7, 20, 1].map((size) => {
          const batch = makeBatch(size);
          return outcome(batch, card.signatures.verifyBatch(batch.records));
        }),
      ),
    ),
  ]);
  expect(echoes.map((back) => back.equals(Buffer.from(bytes)))).toEqual([true, true]);
  expect(new Set(answers)).toEqual(new Set(['ok']));
  const counters = await readToeCounters(server.device!);
  expect(counters.TX_SEGMENTS).toBeGreaterThan(80);
  expect(counters.FAULT_BUS).toBe(0);
  await Promise.all(cards.map((card) => card.close()));
  await rm(folder, { recursive: true, force: true });
});

test('connections reset at any moment leave no session, buffer or node on the card', async () => {
  const it = await openCards();
  const random = seededRandom('aborts');
  const { server, port } = await serve(it.server, {}, (socket) => socket.pipe(socket));
  const before = await readToeCounters(it.devices[0]);
  for (let round = 0; round < 12; round++) {
    const sockets = Array.from({ length: 1 + random.below(5) }, () => {
      const socket = it.client.createConnection({ host: it.server.host, port });
      socket.write(random.bytes(1 + random.below(9_000)));
      if (random.below(2)) socket.resume();
      return socket;
    });
    const turns = random.below(30);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of sockets) {
      // One that is being connected is reset when it is.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    await Promise.all(sockets.map(closed));
  }
  let left: Record<string, number> = {};
  const empty = async () => {
    const sides = await Promise.all(it.devices.map((device) => readToeCounters(device)));
    left =
      sides.find(
        (side) =>
          side.IN_USE !== 0 ||
          side.FREE_BUFFERS !== before.FREE_BUFFERS ||
          side.FREE_NODES !== before.FREE_NODES,
      ) ?? {};
    return Object.keys(left).length === 0;
  };
  const end = Date.now() + 120_000;
  while (!(await empty()) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(left).toEqual({});
  await until(() => it.client.sessions + it.server.sessions === 0, 'the driver forgot them');
  server.close();
  await it.close();
});

test('urgent data: the other card tells where it ends, the bytes stay in the stream', async () => {
  const it = await openCards();
  const { client, server } = await pair(it);
  const positions: number[] = [];
  server.on('urgent', (position: number) => positions.push(position));
  client.write('hello ');
  client.writeUrgent!('stop');
  client.write(' bye');
  expect(String(await read(server, 14))).toBe('hello stop bye');
  await until(() => positions.length > 0, 'the peer heard of urgent bytes');
  expect(positions).toEqual([10]);
  const bytes = seededRandom('urgent').bytes(100_000);
  server.writeUrgent!(bytes);
  const told: number[] = [];
  client.on('urgent', (position: number) => told.push(position));
  expect((await read(client, bytes.length)).equals(Buffer.from(bytes))).toBe(true);
  await until(() => told.at(-1) === bytes.length, 'the pointer reached the end');
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  client.destroy();
  server.destroy();
  await it.close();
});

test('what the card counts of a connection: what it sent and dropped, and its state', async () => {
  const it = await openCards({ impair: 'duplicate=0.5,seed=3' });
  const { client, server } = await pair(it);
  const bytes = seededRandom('counted').bytes(50_000);
  client.write(bytes);
  await read(server, bytes.length);
  const { tcp, bytesRead } = await server.counters();
  expect(bytesRead).toBe(bytes.length);
  // What comes twice is payload twice, and not acceptable the second time
  expect(tcp!.payloadIn).toBeGreaterThan(bytes.length);
  expect(tcp!.unacceptable).toBeGreaterThan(0);
  expect(tcp!.segmentsIn).toBeGreaterThan(bytes.length / 1460);
  expect(tcp!.state).toBe('ESTABLISHED');
  client.destroy();
  server.destroy();
  await it.close();
});

test('loss, disorder and duplicates on the link change no byte', async () => {
  const it = await openCards({ impair: 'loss=0.03,reorder=0.05,duplicate=0.01,seed=7' });
  const { server, port } = await serve(it.server, {}, (socket) => socket.pipe(socket));
  const bytes = seededRandom('weather').bytes(120_000);
  const socket = await it.client.connect({ host: it.server.host, port });
  socket.write(bytes);
  expect((await read(socket, bytes.length)).equals(Buffer.from(bytes))).toBe(true);
  expect(it.devices[0].linkCounters().lost + it.devices[1].linkCounters().lost).toBeGreaterThan(0);
  socket.destroy();
  server.close();
  await it.close();
});

test('nobody there: ETIMEDOUT would take minutes, so the attempt can be given up', async () => {
  const it = await openCards();
  const controller = new AbortController();
  const attempt = it.client.connect({ host: '10.77.0.99', port: 1, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(attempt).rejects.toMatchObject({ code: 'ACCEL_ABORTED' });
  expect(it.client.connections).toBe(0);
  await it.close();
});

test.each([
  ['a server keeps the process alive', 'server.listen(80)', 3],
  ['one that is let go does not', 'server.listen(80).unref()', 0],
  ['nor does a card of which nothing is wanted', '', 0],
])('%s; its end needs no close', async (_, what, code) => {
  const folder = await mkdtemp(join(tmpdir(), 'hpb-end-'));
  const script = `
    import { openAccelerator } from '${packageRoot()}/build/js/src/driver/index.js';
    const card = { kind: 'verilator', link: 'hub:${folder}', ip: '10.77.0.1/24' };
    const { transport } = await openAccelerator(card);
    const server = transport.createServer();
    ${what};
    setTimeout(() => process.exit(3), 5_000).unref();`;
  const args = ['--input-type=module', '--eval', script];
  const { exitCode, signal, stderr } = await execa(process.execPath, args, { reject: false });
  expect({ exitCode, signal, stderr }).toEqual({ exitCode: code, signal: undefined, stderr: '' });
  await rm(folder, { recursive: true, force: true });
});
