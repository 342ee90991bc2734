// SPDX-License-Identifier: Apache-2.0
// The card's driver and a card that misbehaves: on doubles of the card.

import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { ToeField } from '../../../src/driver/generated/registers.ts';
import type { TransportSocket } from '../../../src/driver/index.ts';
import { CardTransport } from '../../../src/driver/transport/card/transport.ts';
import { ToeDouble, type ToeDoubleOptions, type ToeFault } from '../double/toe-device.ts';
import { ToeNetwork } from '../double/toe-network.ts';
import { seededRandom } from '../helpers/random.ts';
import { doublesOfTest, openDoubles } from './helpers/double-world.ts';
import { closed, pair, read, readAll, serve, until } from './helpers/world.ts';

const open = doublesOfTest();

/** The errors with which both ends of a connection end. */
function ends(...sockets: TransportSocket[]): Promise<(string | undefined)[]> {
  return Promise.all(
    sockets.map(async (socket) => {
      let code: string | undefined;
      socket.on('error', (error: Error & { code?: string }) => {
        code = error.code;
      });
      socket.resume();
      await closed(socket);
      return code;
    }),
  );
}

describe('writes that the card refuses', () => {
  test('are tried again until they are taken, in order', async () => {
    const it = await open();
    const { client, server } = await pair(it);
    it.cards[0].inject('refuseWrite', 25);
    const bytes = seededRandom('refused').bytes(300_000);
    client.end(bytes);
    expect((await readAll(server)).equals(Buffer.from(bytes))).toBe(true);
    await it.settled();
  });

  test('of many connections that share too little memory, all get through', async () => {
    const it = await open({ pool: 8_000, receiveLimit: 2_000 });
    const { server, port } = await serve(it.server, {}, (socket) => socket.pipe(socket));
    const random = seededRandom('shared');
    const messages = Array.from({ length: 20 }, () => random.bytes(20_000));
    const echoes = await Promise.all(
      messages.map(async (message) => {
        const socket = await it.client.connect({ host: it.server.host, port });
        socket.end(message);
        return readAll(socket);
      }),
    );
    expect(echoes.every((echo, i) => echo.equals(messages[i]!))).toBe(true);
    server.close();
    await it.settled();
  });
});

describe('a window', () => {
  test('closes while nobody reads: the card keeps what arrived, the host no more than it must', async () => {
    const it = await open({ receiveLimit: 10_000 });
    const { client, server } = await pair(it);
    client.write(new Uint8Array(200_000));
    const end = [...it.cards[1].ends.values()][0]!;
    await until(() => end.unread === 10_000, 'the window is closed');
    const before = server.readableLength;
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(end.unread).toBe(10_000);
    expect(server.readableLength).toBe(before);
    // What a stream holds at most, and the reads that were under way.
    expect(before).toBeLessThanOrEqual(16_384 + 2 * 32_768);
    expect((await read(server, 200_000)).length).toBe(200_000);
    client.destroy();
    server.destroy();
    await it.settled();
  });
});

describe('resets', () => {
  test('deliver what arrived before, then ECONNRESET', async () => {
    const it = await open();
    const { client, server } = await pair(it);
    const chunks: Buffer[] = [];
    server.on('data', (chunk) => chunks.push(chunk));
    const end = [...it.cards[1].ends.values()][0]!;
    client.write('l');
    while (end.unread === 0) await new Promise((resolve) => setImmediate(resolve));
    it.network.resetAll(it.cards[0]);
    expect(await ends(client, server)).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(String(Buffer.concat(chunks))).toBe('l');
    await it.settled();
  });

  test('at any moment of any connection leave no session and no slot behind', async () => {
    const random = seededRandom('any moment');
    const it = await open({ late: 4, sessions: 16, receiveLimit: 4_000, pool: 30_000 });
    const { server, port } = await serve(it.server, {}, (socket) => {
      socket.pipe(socket);
    });
    for (let round = 0; round < 60; round++) {
      const sockets = Array.from({ length: 1 + random.below(4) }, () => {
        const socket = it.client.createConnection({ host: it.server.host, port });
        socket.write(random.bytes(1 + random.below(20_000)));
        if (random.below(2)) socket.resume();
        if (random.below(3) === 0) socket.end();
        return socket;
      });
      const turns = random.below(40);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      const how = random.below(4);
      if (how === 0) it.network.resetAll(it.cards[random.below(2)]!);
      for (const socket of sockets) {
        if (how === 1) socket.destroy();
        else if (how === 2) socket.resetAndDestroy();
        else socket.end();
        socket.resume();
      }
      await Promise.all(sockets.map(closed));
      await it.check!();
    }
    await it.settled();
    server.close();
    await until(() => it.client.sessions + it.server.sessions === 0, 'the driver forgot them');
    // All slots are there: as many bytes as ever get through.
    const { client, server: other } = await pair(it);
    client.end(new Uint8Array(100_000));
    expect((await readAll(other)).length).toBe(100_000);
  });
});

describe('what the card says and cannot be true', () => {
  const lies: ToeFault[] = [
    'wrongNumber',
    'wrongId',
    'unknownStatus',
    'unknownSession',
    'farReceived',
    'farAcknowledged',
    'beginsTwice',
  ];
  test.each(lies)('%s: quarantine, all connections end with it', async (lie) => {
    const it = await open();
    const { client, server } = await pair(it);
    const idle = await pair(it);
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const liar = lie === 'farReceived' || lie === 'beginsTwice' || lie === 'unknownSession' ? 1 : 0;
    it.cards[liar].inject(lie);
    client.write('a word');
    const [mine, other] = liar === 0 ? [client, idle.client] : [server, idle.server];
    expect(await ends(mine, other)).toEqual(['ACCEL_QUARANTINED', 'ACCEL_QUARANTINED']);
    const transport = liar === 0 ? it.client : it.server;
    await expect(transport.connect({ host: '10.77.0.9', port: 1 })).rejects.toMatchObject({
      code: 'ACCEL_QUARANTINED',
    });
    await expect(transport.listen({ port: 0 }, () => {})).rejects.toMatchObject({
      code: 'ACCEL_QUARANTINED',
    });
    expect(warned).toHaveBeenCalledOnce();
    expect(transport.connections).toBe(0);
    warned.mockRestore();
  });

  test('a session whose bytes have no beginning is reset and counted; others live', async () => {
    const it = await open();
    const { client, server } = await pair(it);
    const { server: listening, port } = await serve(it.server, {}, () => {
      throw new Error('nobody should hear of it');
    });
    it.cards[1].inject('torn');
    const torn = it.client.createConnection({ host: it.server.host, port });
    expect(await ends(torn)).toEqual(['ECONNRESET']);
    expect(it.server.incidents.torn).toBe(1);
    client.write('here');
    expect(String(await read(server, 4))).toBe('here');
    listening.close();
    client.destroy();
    server.destroy();
    await it.settled();
  });
});

describe('a card that fails', () => {
  test.each([
    ['it hangs', 'hang', 'ACCEL_TIMEOUT'],
    ['it loses an answer', 'dropCompletion', 'ACCEL_TIMEOUT'],
    ['its registers are gone', 'dead', 'ACCEL_DEVICE'],
  ] as const)('%s: bounded, everybody is told', async (_, fault, code) => {
    const it = await open({}, { timeout: 100_000, pollInterval: 10_000 });
    const { client } = await pair(it);
    const web = await serve(it.client, {}, () => {});
    const failure = once(web.server, 'error');
    it.cards[0].inject(fault);
    client.write('anybody there');
    expect(await ends(client)).toEqual([code]);
    expect((await failure)[0]).toMatchObject({ code });
    expect(web.server.listening).toBe(false);
    expect(() => it.client.createConnection({ host: it.server.host, port: 1 })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test.each([
    ['STATUS_COMPLETION_LOST', 2 ** 9],
    ['STATUS_FAULT', 2 ** ToeField.STATUS_FAULT.shift],
  ])('%s is its end', async (_, bit) => {
    const it = await open();
    const { client } = await pair(it);
    it.cards[0].error(bit);
    expect(await ends(client)).toEqual(['ACCEL_DEVICE']);
  });

  test('a transfer that the bus refused ends its connection alone', async () => {
    const it = await open();
    const { client, server } = await pair(it);
    const other = await pair(it);
    it.cards[0].inject('busError');
    client.write('lost');
    expect((await ends(client, server))[0]).toBe('EIO');
    it.cards[1].inject('busError');
    const third = await pair(it);
    third.client.write('lost, too');
    expect((await ends(third.server, third.client))[0]).toBe('EIO');
    other.client.write('fine');
    expect(String(await read(other.server, 4))).toBe('fine');
    other.client.destroy();
    other.server.destroy();
    await it.settled();
  });

  test('a lost interrupt is found, with answers due and without', async () => {
    const it = await open({}, { pollInterval: 5_000, idleLookMs: 20 });
    const { client, server } = await pair(it);
    it.cards[0].inject('loseInterrupt');
    it.cards[1].inject('loseInterrupt');
    client.write('asked');
    expect(String(await read(server, 5))).toBe('asked');
    client.write('again');
    expect(String(await read(server, 5))).toBe('again');
    expect(it.client.incidents.lostInterrupts + it.server.incidents.lostInterrupts).toBeGreaterThan(
      0,
    );
    client.destroy();
    server.destroy();
    await it.settled();
  });

  test('an event that never comes is noticed, though nothing is due', async () => {
    const it = await open({}, { idleLookMs: 20 });
    const { client, server } = await pair(it);
    // The options of the connection are set by then.
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    it.cards[1].inject('dropCompletion');
    client.write('told to nobody');
    expect(await ends(server)).toEqual(['ACCEL_DEVICE']);
  });

  test('a device closed behind the driver is ACCEL_CLOSED', async () => {
    const it = await open();
    const { client } = await pair(it);
    await it.cards[0].close();
    expect(await ends(client)).toEqual(['ACCEL_CLOSED']);
  });

  test("what a user's listener throws is an uncaught exception, no fault of the card", async () => {
    const it = await open();
    const { client, server } = await pair(it);
    const thrown = new Error('of the user');
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
    server.on('data', () => {
      server.removeAllListeners('data');
      throw thrown;
    });
    client.write('boom');
    expect(await caught).toBe(thrown);
    for (const listener of listeners) process.on('uncaughtException', listener);
    client.write('after');
    server.resume();
    const { client: next, server: there } = await pair(it);
    next.write('works');
    expect(String(await read(there, 5))).toBe('works');
    for (const socket of [client, server, next, there]) socket.destroy();
    await it.settled();
  });
});

describe('opening', () => {
  test('nobody there is ETIMEDOUT, no way there is ENETUNREACH, IPv6 is EAFNOSUPPORT', async () => {
    const it = await open();
    const attempt = (host: string) => it.client.connect({ host, port: 80 });
    await expect(attempt('10.77.0.99')).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      syscall: 'connect',
      address: '10.77.0.99',
      port: 80,
    });
    it.cards[0].inject('unreachable');
    await expect(attempt('10.77.0.98')).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
    for (const host of ['10.78.0.1', '127.0.0.1', '224.0.0.1', '10.77.0.1', '10.77.0.255']) {
      await expect(attempt(host)).rejects.toMatchObject({ code: 'ENETUNREACH', address: host });
    }
    await expect(attempt('::1')).rejects.toMatchObject({ code: 'EAFNOSUPPORT' });
    await it.settled();
  });

  test('a card without a session left says so, and takes connections when it has', async () => {
    const it = await open({ sessions: 4 });
    const { server, port } = await serve(it.server, {}, (socket) => socket.resume());
    const { host } = it.server;
    const four = await Promise.all(
      Array.from({ length: 4 }, () => it.client.connect({ host, port })),
    );
    await expect(it.client.connect({ host, port })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
    for (const socket of four) socket.destroy();
    await it.settled();
    const fifth = await it.client.connect({ host, port });
    fifth.destroy();
    server.close();
    await it.settled();
  });

  test('numbers of sessions are used again and again', async () => {
    const it = await open({ sessions: 2 });
    const { server, port } = await serve(it.server, {}, (socket) => socket.pipe(socket));
    for (let i = 0; i < 100; i++) {
      const socket = await it.client.connect({ host: it.server.host, port });
      socket.end(`message ${i}`);
      expect(String(await readAll(socket))).toBe(`message ${i}`);
      await it.settled();
    }
    server.close();
  });

  test('keys are random, addresses as given', async () => {
    const random = seededRandom('keys');
    const network = new ToeNetwork(random);
    const keys = new Set<string>();
    for (const mac of ['02:00:00:00:00:07', undefined, undefined]) {
      const device = new ToeDouble(network, random, { ip: '10.1.2.3' });
      const options = { ip: '10.1.2.3/16', gateway: '10.1.0.1', ...(mac && { mac }) };
      const transport = await CardTransport.open(device, options);
      const register = (offset: number) => device.register(0x2000 + offset);
      const words = Array.from({ length: 8 }, (_, i) => register(0x130 + 4 * i));
      keys.add(words.slice(0, 4).join()).add(words.slice(4).join());
      expect([register(0x10c), register(0x110), register(0x114)]).toEqual([
        0x0a01_0203, 16, 0x0a01_0001,
      ]);
      const high = register(0x108)!;
      if (mac) expect([high, register(0x104), transport.mac]).toEqual([0x0200, 7, mac]);
      else expect(high & 0x0300).toBe(0x0200);
      await transport.close();
      expect(register(0x100)).toBe(0);
      await device.close();
    }
    expect(keys.size).toBe(6);
  });

  test.each([
    [{ ip: '10.0.0.1' }, /ip: expected .* as 10.77.0.2\/24; got "10.0.0.1"/],
    [{ ip: '10.0.0.256/24' }, /got "10.0.0.256\/24"/],
    [{ ip: '10.0.0.1/33' }, /prefix of 1 to 32/],
    [{ ip: '10.0.0.0/24' }, /address of a host, got 10.0.0.0\/24/],
    [{ ip: '10.0.0.255/24' }, /address of a host/],
    [{ ip: '127.0.0.1/8' }, /address of a host/],
    [{ ip: '224.0.0.1/24' }, /address of a host/],
    [{ ip: '10.0.0.1/24', gateway: '10.0.1.1' }, /within 10.0.0.1\/24, got "10.0.1.1"/],
    [{ ip: '10.0.0.1/24', gateway: '10.0.0.1' }, /another address/],
    [{ ip: '10.0.0.1/24', mac: '2:0:0:0:0:1' }, /mac: expected six bytes/],
    [{ ip: '10.0.0.1/24', mac: '01:00:00:00:00:01' }, /no group's/],
    [{ ip: '10.0.0.1/24', slots: 0 }, /slots: expected an integer from 1 to 128, got 0/],
    [{ ip: '10.0.0.1/24', slotBytes: 1_001 }, /multiple of 8, got 1001/],
    [{ ip: '10.0.0.1/24', sendLimit: 2 ** 20 }, /sendLimit: .* got 1048576/],
  ])('error: %j', async (options, message) => {
    const random = seededRandom('options');
    const device = new ToeDouble(new ToeNetwork(random), random, { ip: '10.0.0.1' });
    await expect(CardTransport.open(device, options)).rejects.toMatchObject({
      code: 'ACCEL_ARGUMENT',
      message: expect.stringMatching(message),
    });
    await device.close();
  });
});

test('faults in any mixture: every connection ends, no byte is wrong', async () => {
  const random = seededRandom('mixture');
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  for (let round = 0; round < 10; round++) {
    const small: Partial<ToeDoubleOptions> = {
      late: random.below(6),
      receiveLimit: 1_000 + random.below(20_000),
      pool: 10_000 + random.below(50_000),
      ringLog2Max: 3 + random.below(3),
    };
    const it = await openDoubles(small, {
      slots: 1 + random.below(3),
      slotBytes: 512 + 8 * random.below(500),
      timeout: 200_000,
      pollInterval: 10_000,
      idleLookMs: 20,
    });
    const bytes = random.bytes(20_000);
    const { server, port } = await serve(it.server, {}, (socket) => socket.pipe(socket));
    // A card that is gone answers no segment: its peers would find out when they have sent enough in vain.
    server.on('error', () => it.network.resetAll(it.cards[0]));
    const faults: ToeFault[] = [
      'refuseWrite',
      'loseInterrupt',
      'busError',
      'dropCompletion',
      'farReceived',
      'wrongId',
      'torn',
    ];
    for (let i = 0; i < 2; i++) {
      const fault = faults[random.below(faults.length)]!;
      setTimeout(() => it.cards[random.below(2)]!.inject(fault, 1 + random.below(3)), 2);
    }
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = it.client.createConnection({ host: it.server.host, port });
        const got: Buffer[] = [];
        socket.on('data', (chunk) => got.push(chunk));
        socket.end(bytes);
        await closed(socket);
        const all = Buffer.concat(got);
        expect(all.equals(Buffer.from(bytes.subarray(0, all.length)))).toBe(true);
      }),
    );
    await it.close();
  }
  warned.mockRestore();
});
