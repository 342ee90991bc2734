// SPDX-License-Identifier: Apache-2.0
// One contract, one suite: TCP as every backend must offer it.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Accelerator,
  Transport,
  TransportListener,
  TransportSocket,
} from '../../src/driver/index.ts';
import { BACKENDS } from './helpers/backends.ts';
import { seededRandom } from './helpers/random.ts';

const HOST = '127.0.0.1';

/** Both ends of a fresh connection. */
async function pair(transport: Transport): Promise<{
  client: TransportSocket;
  server: TransportSocket;
  listener: TransportListener;
}> {
  let accept!: (socket: TransportSocket) => void;
  const accepted = new Promise<TransportSocket>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen({ host: HOST, port: 0 }, accept);
  const client = await transport.connect({ host: HOST, port: listener.port });
  return { client, server: await accepted, listener };
}

/** Reads until so many bytes have come. */
async function read(socket: TransportSocket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks);
}

describe.each(BACKENDS.map((b) => ({ label: b.name, ...b })))('$label', ({ open }) => {
  let accelerator: Accelerator;
  let transport: Transport;
  beforeAll(async () => {
    accelerator = await open();
    transport = accelerator.transport;
  });
  afterAll(() => accelerator?.close());

  test('says who carries the bytes', () => {
    expect(transport.backend).toBe('node:net');
  });

  test('bytes arrive whole and in order, both ways at once', async () => {
    const { client, server, listener } = await pair(transport);
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
    client.destroy();
    server.destroy();
    await listener.close();
  });

  test('each end knows the addresses of both', async () => {
    const { client, server, listener } = await pair(transport);
    expect([server.remoteAddress, server.remotePort]).toEqual([HOST, client.localPort]);
    expect([client.remoteAddress, client.remotePort]).toEqual([HOST, listener.port]);
    client.destroy();
    server.destroy();
    await listener.close();
  });

  test('connects from a given address', async () => {
    const { listener, client, server } = await pair(transport);
    const accepted = { address: '' };
    const second = await transport.listen({ port: 0 }, (socket) => {
      accepted.address = socket.remoteAddress ?? '';
      socket.destroy();
    });
    const from = await transport.connect({
      host: HOST,
      port: second.port,
      localAddress: '127.0.0.9',
    });
    from.resume();
    await once(from, 'close');
    expect(accepted.address).toBe('127.0.0.9');
    client.destroy();
    server.destroy();
    await Promise.all([listener.close(), second.close()]);
  });

  test('an end is seen as an end, and closes the other side', async () => {
    const { client, server, listener } = await pair(transport);
    client.end('last words');
    expect((await read(server, 10)).toString()).toBe('last words');
    server.resume();
    await once(server, 'close');
    client.resume();
    if (!client.closed) await once(client, 'close');
    await listener.close();
  });

  test('behavior: a reset is ECONNRESET, and nobody has to listen for it', async () => {
    const { client, server, listener } = await pair(transport);
    const unheard = await pair(transport);
    const error = once(server, 'error').catch((caught) => [caught]);
    server.resume();
    client.resetAndDestroy();
    expect((await error)[0]).toMatchObject({ code: 'ECONNRESET' });
    unheard.server.resume();
    const closed = once(unheard.server, 'close').catch(() => {});
    unheard.client.resetAndDestroy();
    await closed;
    await Promise.all([listener.close(), unheard.listener.close()]);
  });

  test('a writer is held back by a reader that does not read', async () => {
    const { client, server, listener } = await pair(transport);
    const block = new Uint8Array(1 << 16);
    let writes = 0;
    while (client.write(block) || writes < 64) {
      writes += 1;
      if (writes > 1_000) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.writableNeedDrain).toBe(true);
    server.resume();
    await once(client, 'drain');
    client.destroy();
    server.destroy();
    await listener.close();
  });

  test('counts its connections', async () => {
    const own = await open();
    const { client, server } = await pair(own.transport);
    expect(own.transport.connections).toBe(2);
    const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    client.destroy();
    server.resume();
    await closed;
    expect(own.transport.connections).toBe(0);
    await own.close();
  });

  test('a closed port takes no connection, and lives on in those it took', async () => {
    const { client, server, listener } = await pair(transport);
    await listener.close();
    await listener.close();
    await expect(transport.connect({ host: HOST, port: listener.port })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    client.write('still here');
    expect((await read(server, 10)).toString()).toBe('still here');
    client.destroy();
    server.destroy();
  });

  test('error: a port in use, ports and hosts that are none, a signal', async () => {
    const listener = await transport.listen({ port: 0 }, (socket) => socket.destroy());
    const none = () => {};
    const { port } = listener;
    await expect(transport.listen({ port }, none)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const argument = { code: 'ACCEL_ARGUMENT' };
    for (const bad of [-1, 65536, 1.5, Number.NaN, '80' as unknown as number]) {
      await expect(transport.listen({ port: bad }, none)).rejects.toMatchObject(argument);
      await expect(transport.connect({ host: HOST, port: bad })).rejects.toMatchObject(argument);
    }
    await expect(transport.connect({ host: HOST, port: 0 })).rejects.toMatchObject(argument);
    await expect(transport.connect({ host: '', port: 1 })).rejects.toMatchObject(argument);
    const signal = AbortSignal.abort();
    await expect(transport.connect({ host: HOST, port, signal })).rejects.toMatchObject({
      code: 'ACCEL_ABORTED',
    });
    await listener.close();
  });

  test('closing the accelerator closes connections and ports', async () => {
    const own = await open();
    const { client, server, listener } = await pair(own.transport);
    const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
    client.resume();
    server.resume();
    await own.close();
    await closed;
    expect(own.transport.connections).toBe(0);
    const error = { code: 'ACCEL_CLOSED' };
    await expect(own.transport.listen({ port: 0 }, () => {})).rejects.toMatchObject(error);
    await expect(own.transport.connect({ host: HOST, port: listener.port })).rejects.toMatchObject(
      error,
    );
    await expect(transport.connect({ host: HOST, port: listener.port })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
