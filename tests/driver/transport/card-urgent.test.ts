// SPDX-License-Identifier: Apache-2.0
// Urgent data of the card's sockets, on doubles of the card.

import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { seededRandom } from '../helpers/random.ts';
import { doublesOfTest } from './helpers/double-world.ts';
import { closed, pair, read, serve } from './helpers/world.ts';

const open = doublesOfTest();

test('the peer is told where it ends; the bytes come as they would', async () => {
  const it = await open();
  const { client, server } = await pair(it);
  const positions: number[] = [];
  server.on('urgent', (position: number) => positions.push(position));
  client.write('hello ');
  client.writeUrgent!('stop');
  client.write(' bye');
  expect(String(await read(server, 14))).toBe('hello stop bye');
  expect(positions).toEqual([10]);
  client.writeUrgent!(new Uint8Array(5));
  await once(server, 'urgent');
  expect(positions).toEqual([10, 19]);
  client.destroy();
  server.destroy();
  await it.settled();
});

test('told ahead of bytes that a closed window holds back', async () => {
  const it = await open({ receiveLimit: 10_000 }, { sendLimit: 20_000 });
  const { client, server } = await pair(it);
  client.write(new Uint8Array(200_000));
  while (!client.writableNeedDrain) client.write('more');
  const written = client.bytesWritten;
  const told = new Promise((resolve) => {
    server.on('urgent', (position: number) => {
      if (position === written + 4) resolve(server.bytesRead);
    });
  });
  client.writeUrgent!('stop');
  // As far ahead as the pointer reaches; further as bytes go
  expect((await once(server, 'urgent'))[0]).toBeLessThan(written);
  const bytes = await read(server, written + 4);
  expect(bytes.subarray(-4).toString()).toBe('stop');
  expect(await told).toBeLessThan(written);
  client.destroy();
  server.destroy();
  await it.settled();
});

test('random streams: no byte is lost or moved; whoever listens last heard the last end', async () => {
  const random = seededRandom('urgent');
  const it = await open(
    { late: 5, receiveLimit: 3_000, pool: 20_000 },
    { slotBytes: 512, slots: 2 },
  );
  for (let round = 0; round < 4; round++) {
    const { client, server } = await pair(it);
    it.cards[0].inject('refuseWrite', random.below(10));
    const sent: Uint8Array[] = [];
    let [length, end] = [0, 0];
    let heard = 0;
    server.on('urgent', (position: number) => {
      expect(position).toBeGreaterThan(heard);
      heard = position;
    });
    for (let i = 0; i < 40; i++) {
      const bytes = random.bytes(1 + random.below(i % 10 === 0 ? 100_000 : 300));
      sent.push(bytes);
      length += bytes.length;
      if (random.below(3) > 0) client.write(bytes);
      else {
        client.writeUrgent!(bytes);
        end = length;
      }
    }
    const received = await read(server, length);
    expect(received.equals(Buffer.concat(sent))).toBe(true);
    while (heard < end) await once(server, 'urgent');
    expect(heard).toBe(end);
    client.destroy();
    server.destroy();
    await Promise.all([closed(client), closed(server)]);
  }
  await it.settled();
});

test('before the connection stands it waits; without a byte, and behind the end, it is an error', async () => {
  const it = await open();
  const { server: listening, port } = await serve(it.server, {}, (socket) => {
    socket.on('urgent', (position: number) => socket.end(`urgent to ${position}`));
    socket.resume();
  });
  const socket = it.client.createConnection({ host: it.server.host, port });
  expect(() => socket.writeUrgent('')).toThrow(expect.objectContaining({ code: 'ACCEL_ARGUMENT' }));
  socket.writeUrgent('early', () => {});
  expect(String(await read(socket, 11))).toBe('urgent to 5');
  socket.end();
  const error = once(socket, 'error');
  socket.writeUrgent('late');
  expect((await error)[0]).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
  listening.close();
  await it.settled();
});

test('a pointer further than any window: quarantine', async () => {
  const it = await open();
  const { client, server } = await pair(it);
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  it.cards[1].inject('farUrgent');
  const error = once(server, 'error');
  client.writeUrgent!('far');
  expect((await error)[0]).toMatchObject({ code: 'ACCEL_QUARANTINED' });
  warned.mockRestore();
});
