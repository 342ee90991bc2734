// SPDX-License-Identifier: Apache-2.0
// Programs of others on a transport, unmodified: http, fastify, ws.

import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { seededRandom } from '../../helpers/random.ts';
import { serve, type World } from '../helpers/world.ts';

/** Holds a backend to what programs of others expect of sockets. */
export function transportApplications(name: string, open: () => Promise<World>): void {
  describe(`${name}: programs of others`, () => {
    let world: World;
    let agent: http.Agent;
    beforeAll(async () => {
      world = await open();
      agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
      // As its types have it a Duplex will do.
      agent.createConnection = ((options: { host: string; port: number }) =>
        world.client.createConnection(options)) as typeof agent.createConnection;
    });
    afterEach(() => world.check?.());
    afterAll(async () => {
      agent?.destroy();
      await world?.close();
    });

    /** Serves HTTP at a free port of the transport. */
    async function serveHttp(server: http.Server) {
      const listening = await serve(world.server, { allowHalfOpen: true }, (socket) => {
        server.emit('connection', socket);
      });
      return { ...listening, host: world.server.host };
    }

    async function ask(
      options: http.RequestOptions,
      body?: string | Uint8Array,
    ): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
      const request = http.request({ agent, ...options });
      request.end(body);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      return {
        status: response.statusCode!,
        headers: response.headers,
        body: await text(response),
      };
    }

    test('http: requests that share connections, bodies both ways', async () => {
      const remote = new Set<string>();
      const server = http.createServer((request, response) => {
        remote.add(`${request.socket.remoteAddress}:${request.socket.remotePort}`);
        text(request).then((body) => {
          response.setHeader('X-Path', request.url!);
          response.end(`${request.method} ${body.length} ${body.slice(0, 5)}`);
        });
      });
      const { server: port_, port, host } = await serveHttp(server);
      const big = 'x'.repeat(300_000);
      for (let i = 0; i < 3; i++) {
        const answers = await Promise.all(
          ['', 'hello', big].map((body, n) =>
            ask({ host, port, method: 'POST', path: `/${n}` }, body),
          ),
        );
        expect(answers.map(({ body }) => body)).toEqual([
          'POST 0 ',
          'POST 5 hello',
          'POST 300000 xxxxx',
        ]);
        expect(answers.map(({ headers }) => headers['x-path'])).toEqual(['/0', '/1', '/2']);
      }
      expect(remote.size).toBeLessThanOrEqual(4);
      expect([...remote][0]).toContain(`${world.client.host}:`);
      port_.close();
    });

    test('http: a chunked answer, and one that ends with the connection', async () => {
      const server = http.createServer((request, response) => {
        if (request.url === '/close') response.shouldKeepAlive = false;
        for (let i = 0; i < 50; i++) response.write(`${i},`);
        response.end();
      });
      const { server: port_, port, host } = await serveHttp(server);
      const expected = Array.from({ length: 50 }, (_, i) => `${i},`).join('');
      for (const path of ['/', '/close']) {
        const { body } = await ask({ host, port, path });
        expect(body).toBe(expected);
      }
      port_.close();
    });

    test('http: an answer to who has said all it has to say', async () => {
      const server = http.createServer((request, response) => {
        setImmediate(() => response.end(`late ${request.url}`));
      });
      Object.assign(server, { httpAllowHalfOpen: true });
      const { server: port_, port, host } = await serveHttp(server);
      const socket = world.client.createConnection({ host, port });
      socket.end('GET /half HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK[\s\S]*late \/half/);
      port_.close();
    });

    test('http: what is no request is answered 400, and the connection closed', async () => {
      const server = http.createServer();
      const { server: port_, port, host } = await serveHttp(server);
      const socket = world.client.createConnection({ host, port });
      // Wrong in its last byte: who closes with bytes unread resets.
      socket.write('GET / HTTP/1.1\r\nContent-Length: x');
      expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
      port_.close();
    });

    test('fastify', async () => {
      const app = Fastify();
      app.get('/users/:id', async (request) => ({ id: (request.params as { id: string }).id }));
      app.post('/sum', async (request) => ({
        sum: (request.body as number[]).reduce((a, b) => a + b, 0),
      }));
      await app.ready();
      const { server: port_, port, host } = await serveHttp(app.server);
      expect(JSON.parse((await ask({ host, port, path: '/users/7' })).body)).toEqual({ id: '7' });
      const headers = { 'content-type': 'application/json' };
      const sum = await ask({ host, port, path: '/sum', method: 'POST', headers }, '[1,2,3]');
      expect(JSON.parse(sum.body)).toEqual({ sum: 6 });
      expect((await ask({ host, port, path: '/none' })).status).toBe(404);
      port_.close();
      await app.close();
    });

    test('ws: messages both ways, in order, small and large, then a close', async () => {
      const server = http.createServer();
      const sockets = new WebSocketServer({ server });
      sockets.on('connection', (socket) => {
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      });
      const { server: port_, port, host } = await serveHttp(server);
      const client = new WebSocket(`ws://${host}:${port}/`, { agent });
      const echoed: Buffer[] = [];
      client.on('message', (data) => echoed.push(data as Buffer));
      await once(client, 'open');
      const random = seededRandom('ws');
      const sent = [1, 126, 70_000, 5].map((length) => Buffer.from(random.bytes(length)));
      for (const message of sent) client.send(message);
      while (echoed.length < sent.length) await once(client, 'message');
      expect(echoed.every((data, i) => data.equals(sent[i]!))).toBe(true);
      client.close(1000, 'done');
      const [code, reason] = await once(client, 'close');
      expect([code, String(reason)]).toEqual([1000, 'done']);
      port_.close();
    });
  });
}
