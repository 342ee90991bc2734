// SPDX-License-Identifier: Apache-2.0
// One contract, one suite: TCP as every backend must offer it.

import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TransportSocket } from '../../../../src/driver/index.ts';
import { seededRandom } from '../../helpers/random.ts';
import { closed, pair, read, readAll, serve, until, type World } from '../helpers/world.ts';

/** What is expected of a backend. */
export interface Backend {
  readonly name: string;
  readonly backend: 'node:net' | 'card';
  open(): Promise<World>;
}

const immediate = () => new Promise((resolve) => setImmediate(resolve));

/** Holds a backend to the contract of `Transport`. */
export function transportConformance({ name, backend, open }: Backend): void {
  describe(name, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterEach(() => world.check?.());
    afterAll(() => world?.close());

    describe('the bytes', () => {
      test('says who carries them', () => {
        expect([world.client.backend, world.server.backend]).toEqual([backend, backend]);
      });

      test('arrive whole and in order, both ways at once', async () => {
        const { client, server, listener } = await pair(world);
        const random = seededRandom('transport');
        const there = Array.from({ length: 40 }, () => random.bytes(1 + random.below(30_000)));
        const back = random.bytes(500_000);
        for (const bytes of there) client.write(bytes);
        server.write(back);
        const expected = Buffer.concat(there);
        const [atServer, atClient] = await Promise.all([
          read(server, expected.length),
          read(client, back.length),
        ]);
        expect(atServer.equals(expected)).toBe(true);
        expect(atClient.equals(back)).toBe(true);
        expect(server.bytesRead).toBe(expected.length);
        expect([client.bytesWritten, server.bytesWritten]).toEqual([expected.length, back.length]);
        client.destroy();
        server.destroy();
        await listener.close();
      });

      test('are counted; what a card counts of segments, too', async () => {
        const { client, server, listener } = await pair(world);
        client.write(new Uint8Array(3_000));
        await read(server, 3_000);
        server.write('back');
        await read(client, 4);
        const [atClient, atServer] = await Promise.all([client.counters(), server.counters()]);
        expect(atClient).toMatchObject({ bytesRead: 4, bytesWritten: 3_000 });
        expect(atServer).toMatchObject({ bytesRead: 3_000, bytesWritten: 4 });
        if (backend === 'card') {
          const states = [atClient.tcp!.state, atServer.tcp!.state];
          expect(states).toEqual(['ESTABLISHED', 'ESTABLISHED']);
          // More where the machine was too busy to acknowledge in time
          expect(atClient.tcp!.payloadIn).toBeGreaterThanOrEqual(4);
          expect(atServer.tcp!.payloadOut).toBeGreaterThanOrEqual(4);
          expect(atServer.tcp!.payloadIn).toBeGreaterThanOrEqual(3_000);
        } else {
          expect([atClient.tcp, atServer.tcp]).toEqual([undefined, undefined]);
          expect(client.writeUrgent).toBeUndefined();
        }
        client.destroy();
        server.destroy();
        expect(await client.counters()).toEqual({ bytesRead: 4, bytesWritten: 3_000 });
        await listener.close();
      });

      test('in pieces of a byte, strings and empty writes', async () => {
        const { client, server, listener } = await pair(world);
        client.write('');
        for (const letter of 'one letter at a time, ä too') client.write(letter);
        client.end('!', 'utf8');
        expect(String(await readAll(server))).toBe('one letter at a time, ä too!');
        expect(client.bytesWritten).toBe(Buffer.byteLength('one letter at a time, ä too!'));
        await Promise.all([closed(server), closed(client)]);
        await listener.close();
      });

      test('on many connections at once', async () => {
        const { server, port } = await serve(world.server, {}, (socket) => socket.pipe(socket));
        const random = seededRandom('many');
        const messages = Array.from({ length: 40 }, () => random.bytes(1 + random.below(5_000)));
        const echoes = await Promise.all(
          messages.map(async (message) => {
            const socket = await world.client.connect({ host: world.server.host, port });
            socket.end(message);
            return readAll(socket);
          }),
        );
        expect(echoes.map((echo, i) => echo.equals(messages[i]!))).toEqual(
          messages.map(() => true),
        );
        server.close();
      });

      test('through a pipeline, to the last', async () => {
        const { client, server, listener } = await pair(world);
        const bytes = seededRandom('pipeline').bytes(300_000);
        const [received] = await Promise.all([
          readAll(server),
          pipeline([bytes.subarray(0, 200_000), bytes.subarray(200_000)], client),
        ]);
        expect(received.equals(bytes)).toBe(true);
        await listener.close();
      });
    });

    describe('backpressure', () => {
      test('a writer is held back by a reader that does not read', async () => {
        const { client, server, listener } = await pair(world);
        const block = new Uint8Array(1 << 16);
        let writes = 0;
        while (client.write(block) || writes < 64) {
          writes += 1;
          if (writes > 1_000) break;
          await immediate();
        }
        expect(client.writableNeedDrain).toBe(true);
        server.resume();
        await once(client, 'drain');
        client.destroy();
        server.destroy();
        await listener.close();
      });

      test('what a paused reader left comes whole when it reads again', async () => {
        const { client, server, listener } = await pair(world);
        const bytes = seededRandom('paused').bytes(2_000_000);
        client.end(bytes);
        const got: Buffer[] = [];
        server.on('data', (chunk: Buffer) => {
          got.push(chunk);
          if (got.length % 3 === 0) {
            server.pause();
            setTimeout(() => server.resume(), 1);
          }
        });
        await once(server, 'end');
        expect(Buffer.concat(got).equals(bytes)).toBe(true);
        await Promise.all([closed(server), closed(client)]);
        await listener.close();
      });
    });

    describe('addresses', () => {
      test('each end knows those of both', async () => {
        const { client, server, listener } = await pair(world);
        const { host } = world.server;
        expect([server.localAddress, server.localPort]).toEqual([host, listener.port]);
        expect([server.remoteAddress, server.remotePort]).toEqual([
          client.localAddress,
          client.localPort,
        ]);
        expect([client.remoteAddress, client.remotePort]).toEqual([host, listener.port]);
        expect(client.remoteFamily).toBe('IPv4');
        expect(client.address()).toMatchObject({ port: client.localPort, family: 'IPv4' });
        expect(listener.address).toBe(host);
        client.destroy();
        server.destroy();
        await listener.close();
      });

      test('a socket that connects becomes one that is connected', async () => {
        const { server, port } = await serve(world.server, {}, (socket) => socket.end('hello'));
        const socket = world.client.createConnection({ host: world.server.host, port });
        expect(socket.connecting).toBe(true);
        socket.write('before the connection stands');
        const order: string[] = [];
        for (const name of ['connect', 'ready', 'data', 'end', 'close']) {
          socket.on(name, () => order.push(name));
        }
        await closed(socket);
        expect(socket.connecting).toBe(false);
        expect([...new Set(order)]).toEqual(['connect', 'ready', 'data', 'end', 'close']);
        server.close();
      });
    });

    describe('ends', () => {
      test('an end is seen as an end, and closes the other side', async () => {
        const { client, server, listener } = await pair(world);
        client.end('last words');
        expect((await read(server, 10)).toString()).toBe('last words');
        server.resume();
        await once(server, 'close');
        client.resume();
        await closed(client);
        await listener.close();
      });

      test('half of a connection stays open where that is wanted', async () => {
        let accept!: (socket: TransportSocket) => void;
        const accepted = new Promise<TransportSocket>((resolve) => {
          accept = resolve;
        });
        const { server, port } = await serve(world.server, { allowHalfOpen: true }, accept);
        const client = world.client.createConnection({ host: world.server.host, port });
        client.end('question');
        const socket = await accepted;
        expect(String(await readAll(socket))).toBe('question');
        expect(socket.writable).toBe(true);
        const answer = seededRandom('answer').bytes(100_000);
        socket.end(answer);
        expect((await readAll(client)).equals(Buffer.from(answer))).toBe(true);
        await Promise.all([closed(client), closed(socket)]);
        server.close();
      });

      test('a server tells when it is closed: behind its last connection', async () => {
        const { server, port } = await serve(world.server, {}, (socket) => socket.resume());
        const socket = await world.client.connect({ host: world.server.host, port });
        const count = () =>
          new Promise((resolve) => server.getConnections((_, connections) => resolve(connections)));
        while ((await count()) === 0) await immediate();
        let isClosed = false;
        server.close(() => {
          isClosed = true;
        });
        expect(server.listening).toBe(false);
        for (let i = 0; i < 20; i++) await immediate();
        expect(isClosed).toBe(false);
        socket.end();
        socket.resume();
        await until(() => isClosed, 'the server is closed');
        expect(await new Promise((resolve) => server.close(resolve))).toMatchObject({
          code: 'ERR_SERVER_NOT_RUNNING',
        });
      });

      test('behavior: a reset is ECONNRESET, and nobody has to listen for it', async () => {
        const { client, server, listener } = await pair(world);
        const unheard = await pair(world);
        const error = once(server, 'error').catch((caught) => [caught]);
        const hadError = new Promise((resolve) => server.once('close', resolve));
        server.resume();
        client.resetAndDestroy();
        expect((await error)[0]).toMatchObject({
          code: 'ECONNRESET',
          syscall: 'read',
          errno: -104,
          message: 'read ECONNRESET',
        });
        expect(await hadError).toBe(true);
        unheard.server.resume();
        const gone = closed(unheard.server);
        unheard.client.resetAndDestroy();
        await gone;
        await Promise.all([listener.close(), unheard.listener.close()]);
      });

      test('writing to a connection that was reset fails, and ends it', async () => {
        const { client, server, listener } = await pair(world);
        client.resetAndDestroy();
        const gone = closed(server);
        let failed: Error | undefined;
        server.on('error', (error: Error) => {
          failed = error;
        });
        while (!server.destroyed) {
          server.write('into the void');
          await immediate();
        }
        await gone;
        expect(['ECONNRESET', 'EPIPE']).toContain((failed as { code?: string } | undefined)?.code);
        await listener.close();
      });

      test('a write behind the end is an error of the stream', async () => {
        const { client, server, listener } = await pair(world);
        client.end();
        const error = once(client, 'error');
        client.write('too late');
        expect((await error)[0]).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
        server.resume();
        await closed(server);
        await listener.close();
      });

      test('destroyed with an error: this end tells it, the other sees an end', async () => {
        const { client, server, listener } = await pair(world);
        const own = new Error('enough');
        const error = once(client, 'error');
        client.destroy(own);
        expect((await error)[0]).toBe(own);
        server.resume();
        await closed(server);
        await listener.close();
      });

      test('silence is told, and ends nothing', async () => {
        const { client, server, listener } = await pair(world);
        client.setTimeout(20);
        await once(client, 'timeout');
        expect(client.destroyed).toBe(false);
        client.setTimeout(0);
        client.write('still here');
        expect(String(await read(server, 10))).toBe('still here');
        client.destroy();
        server.destroy();
        await listener.close();
      });

      test('settings can be set at any time', async () => {
        const { client, server, listener } = await pair(world);
        for (const socket of [client, server]) {
          socket.setNoDelay().setKeepAlive(true, 10_000).setNoDelay(false).setKeepAlive(false);
          expect(socket.unref()).toBe(socket);
          expect(socket.ref()).toBe(socket);
        }
        client.write('x');
        expect(String(await read(server, 1))).toBe('x');
        client.destroy();
        server.destroy();
        await listener.close();
      });
    });

    describe('connections and ports', () => {
      test('are counted', async () => {
        const own = await open();
        const { client, server } = await pair(own);
        const count = () =>
          own.client === own.server
            ? own.client.connections
            : own.client.connections + own.server.connections;
        expect(count()).toBe(2);
        const gone = Promise.all([closed(client), closed(server)]);
        client.destroy();
        server.resume();
        await gone;
        expect(count()).toBe(0);
        await own.close();
      });

      test('a closed port takes no connection, and lives on in those it took', async () => {
        const { client, server, listener } = await pair(world);
        await listener.close();
        await listener.close();
        const refused = world.client.connect({ host: world.server.host, port: listener.port });
        await expect(refused).rejects.toMatchObject({
          code: 'ECONNREFUSED',
          syscall: 'connect',
          errno: -111,
          address: world.server.host,
          port: listener.port,
          message: `connect ECONNREFUSED ${world.server.host}:${listener.port}`,
        });
        client.write('still here');
        expect((await read(server, 10)).toString()).toBe('still here');
        client.destroy();
        server.destroy();
      });

      test('a port can be taken again at once', async () => {
        const first = await world.server.listen({ port: 0 }, (socket) => socket.destroy());
        await first.close();
        const again = await world.server.listen({ port: first.port }, (socket) => socket.end('2'));
        const { host } = world.server;
        const socket = await world.client.connect({ host, port: first.port });
        expect(String(await readAll(socket))).toBe('2');
        await again.close();
      });

      test('error: a port in use, as node:net says it', async () => {
        const listener = await world.server.listen({ port: 0 }, (socket) => socket.destroy());
        const { port } = listener;
        const { host } = world.server;
        const expected = {
          code: 'EADDRINUSE',
          syscall: 'listen',
          errno: -98,
          address: host,
          port,
          message: `listen EADDRINUSE: address already in use ${host}:${port}`,
        };
        await expect(world.server.listen({ port }, () => {})).rejects.toMatchObject(expected);
        const server = world.server.createServer();
        const error = once(server, 'error');
        server.listen(port, host);
        expect((await error)[0]).toMatchObject(expected);
        await listener.close();
      });

      test('error: an address that is not its own', async () => {
        const elsewhere = { host: '192.0.2.7', port: 0 };
        await expect(world.server.listen(elsewhere, () => {})).rejects.toMatchObject({
          code: 'EADDRNOTAVAIL',
          syscall: 'listen',
          address: '192.0.2.7',
        });
        const { host } = world.server;
        await expect(
          world.client.connect({ host, port: 9, localAddress: '192.0.2.7' }),
        ).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
      });

      test('error: ports and hosts that are none, names that nobody has, a signal', async () => {
        const { client, server } = world;
        const { host } = server;
        const argument = { code: 'ACCEL_ARGUMENT' };
        for (const bad of [-1, 65536, 1.5, Number.NaN, '80' as unknown as number]) {
          await expect(server.listen({ port: bad }, () => {})).rejects.toMatchObject(argument);
          await expect(client.connect({ host, port: bad })).rejects.toMatchObject(argument);
        }
        await expect(client.connect({ host, port: 0 })).rejects.toMatchObject(argument);
        await expect(client.connect({ host: '', port: 1 })).rejects.toMatchObject(argument);
        await expect(
          client.connect({ host: 'no-such-host.invalid', port: 1 }),
        ).rejects.toMatchObject({ syscall: 'getaddrinfo' });
        const aborted = client.connect({ host, port: 9, signal: AbortSignal.abort() });
        await expect(aborted).rejects.toMatchObject({ code: 'ACCEL_ABORTED' });
      });

      test('a connection that is given up while it is being made leaves nothing', async () => {
        const { server, port } = await serve(world.server, {}, (socket) => socket.resume());
        const before = world.client.connections;
        for (let i = 0; i < 20; i++) {
          const controller = new AbortController();
          const { host } = world.server;
          const attempt = world.client.connect({ host, port, signal: controller.signal });
          for (let turns = 0; turns < i % 5; turns++) await immediate();
          controller.abort();
          await attempt.then(
            (socket) => socket.destroy(),
            (error) => expect(error.code).toBe('ACCEL_ABORTED'),
          );
        }
        await until(() => world.client.connections === before, 'all are gone');
        server.close();
      });

      test('closing the transport closes connections and ports', async () => {
        const own = await open();
        const { client, server, listener } = await pair(own);
        const gone = Promise.all([closed(client), closed(server)]);
        client.resume();
        server.resume();
        const host = own.server.host;
        await own.close();
        await gone;
        expect([own.client.connections, own.server.connections]).toEqual([0, 0]);
        const error = { code: 'ACCEL_CLOSED' };
        await expect(own.server.listen({ port: 0 }, () => {})).rejects.toMatchObject(error);
        const late = own.client.connect({ host, port: listener.port });
        await expect(late).rejects.toMatchObject(error);
        expect(() => own.server.createServer()).toThrow(expect.objectContaining(error));
      });
    });
  });
}
