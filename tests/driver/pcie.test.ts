// SPDX-License-Identifier: Apache-2.0
// The pcie device: the same driver on a card in another process, and whatever can be wrong with it.

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Block, CardRegister, MAP_HASH } from '../../src/driver/generated/registers.ts';
import {
  attachAccelerator,
  openAccelerator,
  PcieDevice,
  RecordingReader,
  replayOnDevice,
  SimDevice,
} from '../../src/driver/index.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';
import { batchMaker, outcome } from './helpers/card.ts';
import { type CardServer, startCardServer } from './helpers/card-server.ts';
import { SEED, seededRandom } from './helpers/random.ts';
import {
  COMMAND,
  goodConfig,
  type Misbehaviour,
  message,
  startServer,
  words,
} from './helpers/vfio-user-server.ts';

console.info(`SEED=${SEED}`);

const { SCRATCH, IRQ_CAUSE, IRQ_MASK, IRQ_SET, MAGIC, MAP_HASH_LO, MAP_HASH_HI } = CardRegister;
const random = seededRandom('pcie');
const makeBatch = batchMaker(random);
const cleanups: (() => Promise<unknown> | undefined)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(): Promise<CardServer> {
  const server = await startCardServer();
  cleanups.push(() => server.close());
  return server;
}

async function open(device: string, answerTimeout = 60_000): Promise<PcieDevice> {
  const opened = await PcieDevice.open({ device, answerTimeout });
  cleanups.push(() => opened.close());
  return opened;
}

describe('a card in another process', () => {
  test('registers keep what is written, in order; others answer all ones', async () => {
    const device = await open((await serve()).device);
    expect(device.capabilities.engines.sigverify).toBe(true);
    for (let i = 0; i < 500; i++) device.write32(SCRATCH, i);
    expect(await device.read32(SCRATCH)).toBe(499);
    expect(await device.read32(0xfffc)).toBe(0xffff_ffff);
    expect(() => device.write32(2, 0)).toThrow('a multiple of 4');
    await expect(device.read32(0x10000)).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT' });
  });

  test('however many writes there are, as long as somebody takes them', async () => {
    const device = await open((await serve()).device);
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 400; i++) device.write32(SCRATCH, round * 400 + i);
      expect(await device.read32(SCRATCH)).toBe(round * 400 + 399);
    }
  });

  test('an interrupt ends a wait, one while nobody waits the next, time ends one, too', async () => {
    const device = await open((await serve()).device);
    device.write32(IRQ_MASK, 1);
    const waiting = device.waitIrq();
    device.write32(IRQ_SET, 1);
    expect(await waiting).toBe('interrupt');
    device.write32(IRQ_CAUSE, 1);
    device.write32(IRQ_SET, 1);
    await device.read32(IRQ_CAUSE);
    expect(await device.waitIrq()).toBe('interrupt');
    const until = device.now() + 3e6;
    expect(await device.waitIrq(until)).toBe('timeout');
    expect(device.now()).toBeGreaterThanOrEqual(until);
    const last = device.waitIrq();
    await device.close();
    expect(await last).toBe('closed');
  });

  test('memory is zeroed, page by page, and reached by the card alone where it was given', async () => {
    const device = await open((await serve()).device);
    const [first, second] = [device.alloc(100), device.alloc(5000)];
    expect(first.address % 4096n).toBe(0n);
    expect(second.address - first.address).toBeGreaterThanOrEqual(8192n);
    expect(second.bytes).toEqual(new Uint8Array(5000));
    expect(() => device.alloc(0)).toThrow('from 1');
  });

  test('a client that goes leaves no trace for the next one', async () => {
    const { device: address } = await serve();
    const first = await PcieDevice.open({ device: address });
    first.write32(SCRATCH, 77);
    expect(await first.read32(SCRATCH)).toBe(77);
    await first.close();
    const next = await reopen(address);
    expect(await next.read32(SCRATCH)).toBe(0);
  });

  test('error: a card in use is told at once', async () => {
    const { device: address } = await serve();
    await open(address);
    await expect(PcieDevice.open({ device: address })).rejects.toMatchObject({
      code: 'ACCEL_UNAVAILABLE',
      message: expect.stringContaining('serves somebody else'),
    });
  });

  test('a socket left behind by a process that died is taken over', async () => {
    const first = await serve();
    const ended = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    await ended;
    const second = await startCardServer(CARD_DOUBLE, first.socket);
    cleanups.push(() => second.close());
    expect(await (await open(second.device)).read32(MAGIC)).toBe(0x4342_5048);
  });

  test('a run on it, recorded, is the same on the card in this process', async () => {
    const { device } = await serve();
    const folder = mkdtempSync(join(tmpdir(), 'hpb-pcie-'));
    cleanups.push(async () => rmSync(folder, { recursive: true }));
    const record = join(folder, 'run');
    const accelerator = await openAccelerator({ kind: 'pcie', device, record });
    const batches = [3, 50, 1, 8].map(makeBatch);
    const answers = batches.map((b) => outcome(b, accelerator.signatures.verifyBatch(b.records)));
    expect(await Promise.all(answers)).toEqual(['ok', 'ok', 'ok', 'ok']);
    await accelerator.close();
    const card = await SimDevice.open({ library: CARD_DOUBLE });
    cleanups.push(() => card.close());
    const result = await replayOnDevice(new RecordingReader(record), card);
    expect(result).toMatchObject({ recorded: 'pcie', compared: 4, records: 62, notes: [] });
    expect(result).not.toHaveProperty('difference');
  });
});

/** Opens a card that another client has just let go of. */
async function reopen(address: string): Promise<PcieDevice> {
  for (;;) {
    try {
      return await open(address);
    } catch (error) {
      if (!String(error).includes('serves somebody else')) throw error;
    }
  }
}

describe('a process that fails', () => {
  const code = { code: 'ACCEL_DEVICE' };

  test('killed: what is under way ends with an error that says so, and so does what follows', async () => {
    const server = await serve();
    const device = await open(server.device);
    const { signatures } = await attachAccelerator(device, { timeout: 1e12, pollInterval: 1e12 });
    const before = makeBatch(3);
    expect(await outcome(before, signatures.verifyBatch(before.records))).toBe('ok');
    server.process.kill('SIGSTOP'); // so that nothing is answered before it dies
    const under = [
      signatures.verifyBatch(makeBatch(9).records),
      signatures.verifyBatch(makeBatch(2).records),
    ];
    const ends = Promise.allSettled(under);
    server.process.kill('SIGKILL');
    for (const end of await ends) {
      expect(end).toMatchObject({
        status: 'rejected',
        reason: { ...code, message: expect.stringContaining('the process behind the card') },
      });
    }
    await expect(signatures.verifyBatch(makeBatch(1).records)).rejects.toMatchObject(code);
    expect(() => device.write32(SCRATCH, 1)).not.toThrow();
    expect(() => device.alloc(4096)).toThrow('the process behind the card');
    await expect(device.read32(SCRATCH)).rejects.toMatchObject(code);
  });

  test('killed while somebody waits without an end: the wait ends', async () => {
    const server = await serve();
    const device = await open(server.device);
    const waiting = device.waitIrq();
    server.process.kill('SIGKILL');
    expect(await waiting).toBe('interrupt');
    await expect(device.read32(SCRATCH)).rejects.toThrow('closed the connection');
  });

  test('hanging: an error within the time limit, and closing does not wait for it either', async () => {
    const server = await serve();
    const device = await open(server.device, 2_000);
    const { signatures } = await attachAccelerator(device, { pollInterval: 10e6, timeout: 1e12 });
    server.process.kill('SIGSTOP');
    await expect(signatures.verifyBatch(makeBatch(5).records)).rejects.toMatchObject({
      ...code,
      message: expect.stringContaining('no answer to REGION_READ within 2000 ms'),
    });
    await device.close();
  });

  test('hanging while it is closed: the end comes within the time limit', async () => {
    const server = await serve();
    const device = await open(server.device, 1_000);
    server.process.kill('SIGSTOP');
    await device.close();
  });

  test('hanging while it is written to: writes do not wait, memory of them is bounded', async () => {
    const server = await serve();
    const device = await open(server.device, 60_000);
    server.process.kill('SIGSTOP');
    for (let i = 0; i < 100_000; i++) device.write32(SCRATCH, i);
    await expect(device.read32(SCRATCH)).rejects.toThrow('does not take messages');
  });
});

describe('a process that does not keep to the protocol', () => {
  const on =
    (
      command: keyof typeof COMMAND,
      act: (request: Parameters<Misbehaviour>[0]) => void,
    ): Misbehaviour =>
    (request) => {
      if (request.command !== COMMAND[command]) return false;
      act(request);
      return true;
    };

  const twice: Misbehaviour = (request) => {
    if (request.command === COMMAND.getInfo) request.reply(words(16, 3, 9, 5));
    return false;
  };

  test.each<[string, Misbehaviour, RegExp]>([
    ['no answer at all', () => true, /no answer to VERSION within 500 ms: the other side hangs/],
    ['another version', on('version', (r) => r.reply(words(1))), /vfio-user 1\.0 is spoken there/],
    ['a newer minor', on('version', (r) => r.reply(words(0x90000))), /0\.9 is spoken there/],
    ['a short version', on('version', (r) => r.reply(Buffer.alloc(1))), /1 bytes in the reply/],
    [
      'a refused version',
      on('version', (r) => r.reply(undefined, { error: 22 })),
      /was refused: Inv/,
    ],
    ['the end', on('getInfo', (r) => r.end()), /closed the connection/],
    ['no PCI device', on('getInfo', (r) => r.reply(words(16, 1, 9, 5))), /no PCI device/],
    ['few regions', on('getInfo', (r) => r.reply(words(16, 3, 2, 5))), /no PCI device/],
    ['half an answer', on('getInfo', (r) => r.raw(words(4, 32))), /no answer to DEVICE_GET_INFO/],
    ['a size of 3', on('getInfo', (r) => r.raw(words(4, 3, 1, 0))), /malformed message: 3 bytes/],
    [
      'a size of 4 GiB',
      on('getInfo', (r) => r.raw(words(4, 2 ** 32 - 1, 1, 0))),
      /4294967295 bytes/,
    ],
    ['noise', on('getInfo', (r) => r.raw(Buffer.from(random.bytes(4096)))), /malformed|asks for/],
    ['another id', on('getInfo', (r) => r.reply(words(16, 3, 9, 5), { id: 999 })), /not asked/],
    ['another command', on('getInfo', (r) => r.reply(words(0), { command: 5 })), /not asked/],
    ['a command', on('getInfo', (r) => r.raw(message(1, 11, 0, words(0)))), /asks for command 11/],
    ['two answers', twice, /not asked/],
    [
      'a refused reset',
      on('reset', (r) => r.reply(undefined, { error: 5 })),
      /DEVICE_RESET was refused/,
    ],
    ['no vectors', on('getIrqInfo', (r) => r.reply(words(16, 1, 2, 0))), /no MSI-X vector/],
    [
      'a refused interrupt',
      on('setIrqs', (r) => r.reply(undefined, { error: 1 })),
      /SET_IRQS was ref/,
    ],
    ['too much', on('regionRead', (r) => r.reply(Buffer.alloc(64))), /64 bytes in the reply/],
    [
      'other registers',
      on('regionRead', (r) => r.reply(Buffer.alloc(16 + r.payload.readUInt32LE(12)))),
      /other registers than were asked/,
    ],
  ])('error: %s', async (_name, misbehave, expected) => {
    const server = await startServer(misbehave);
    cleanups.push(() => server.close());
    const { device } = server;
    await expect(PcieDevice.open({ device, answerTimeout: 500 })).rejects.toMatchObject({
      code: 'ACCEL_UNAVAILABLE',
      message: expect.stringMatching(expected),
    });
  });

  test('error: memory that the other side does not take', async () => {
    const registers = (offset: number) => CARD[offset] ?? 0;
    const refuse = on('dmaMap', (r) => r.reply(undefined, { error: 12 }));
    const server = await startServer(refuse, undefined, registers);
    cleanups.push(() => server.close());
    const device = await open(server.device);
    device.alloc(4096);
    await expect(device.read32(SCRATCH)).rejects.toThrow(
      'DMA_MAP was refused: Cannot allocate memory',
    );
    expect(() => device.alloc(4096)).toThrow('DMA_MAP was refused');
  });
});

/** Identity of a card. */
const CARD: Readonly<Record<number, number>> = {
  [Block.CARD + MAGIC]: 0x4342_5048,
  [Block.CARD + MAP_HASH_LO]: Number(MAP_HASH & 0xffff_ffffn),
  [Block.CARD + MAP_HASH_HI]: Number(MAP_HASH >> 32n),
};

describe('another device', () => {
  async function refusal(config: Buffer, registers?: (offset: number) => number, bars?: number[]) {
    const server = await startServer(() => false, config, registers, bars);
    cleanups.push(() => server.close());
    return PcieDevice.open({ device: server.device }).then(
      () => 'opened',
      (error) => `${error.code} ${error.message}`,
    );
  }
  const changed = (change: (config: Buffer) => void) => {
    const config = goodConfig();
    change(config);
    return config;
  };

  test('error: each is told from a card of this project, with what it is', async () => {
    expect(await refusal(Buffer.alloc(256, 0xff))).toContain('does not answer: vendor ffff');
    expect(await refusal(changed((c) => c.writeUInt8(1, 0x0e)))).toContain('1af4:10ff is a bridge');
    expect(await refusal(changed((c) => c.writeUInt8(5, 0x40)))).toContain('has no MSI-X');
    expect(await refusal(changed((c) => c.writeUInt16LE(0, 6)))).toContain('has no MSI-X');
    // A list that goes round ends nevertheless.
    expect(await refusal(changed((c) => c.set([5, 0x40], 0x40)))).toContain('has no MSI-X');
    const small = [4096, 0, 0, 0, 0, 0, 0, 256, 0];
    expect(await refusal(goodConfig(), undefined, small)).toContain('BAR 0 has 4096 bytes');
    expect(await refusal(goodConfig(), () => 0xffff_ffff)).toContain('no hpb card: expected magic');
    expect(await refusal(goodConfig())).toContain('no hpb card: expected magic 43425048, got 0');
    const old = (offset: number) => (offset === MAP_HASH_LO ? 1 : (CARD[offset] ?? 0));
    expect(await refusal(goodConfig(), old)).toContain('build both from the same sources');
    expect(await refusal(goodConfig(), (offset) => CARD[offset] ?? 0)).toBe('opened');
  });
});

describe('the server', () => {
  async function connect(server: CardServer): Promise<Socket> {
    const socket = createConnection(server.socket);
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  }
  const ended = (socket: Socket) =>
    new Promise((resolve) => {
      socket.resume();
      socket.once('close', resolve);
    });

  test.each<[string, Buffer]>([
    ['noise', Buffer.from(random.bytes(4096))],
    ['a size of 3', words(1 << 16, 3, 0, 0)],
    ['a size of 4 GiB', words(1 << 16, 2 ** 32 - 1, 0, 0)],
    ['a reply', message(1, COMMAND.version, 1, words(0))],
    ['registers before the version', message(1, COMMAND.regionRead, 0, words(0, 0, 0, 4))],
    ['another version', message(1, COMMAND.version, 0, words(7))],
  ])('error: a client that sends %s is let go, and the next one served', async (_name, bytes) => {
    const server = await serve();
    const socket = await connect(server);
    socket.write(bytes);
    await ended(socket);
    const device = await reopen(server.device);
    expect(await device.read32(MAGIC)).toBe(0x4342_5048);
  });

  test.each<[string, number, Buffer, number]>([
    ['an unknown command', 99, Buffer.alloc(0), 95],
    ['region 9', COMMAND.getRegionInfo, words(32, 0, 9, 0, 0, 0, 0, 0), 22],
    ['half a structure', COMMAND.getRegionInfo, words(32), 22],
    ['a read behind BAR 0', COMMAND.regionRead, words(0x10000, 0, 0, 4), 22],
    ['a read far behind it', COMMAND.regionRead, words(0xffff_fffc, 0xffff_ffff, 0, 4), 22],
    ['a read of 2 bytes', COMMAND.regionRead, words(0, 0, 0, 2), 22],
    ['a read that is askew', COMMAND.regionRead, words(2, 0, 0, 4), 22],
    ['a read of 4 GiB', COMMAND.regionRead, words(0, 0, 7, 0xffff_ffff), 22],
    ['a write without data', COMMAND.regionWrite, words(0, 0, 0, 4), 22],
    ['memory without a file', COMMAND.dmaMap, words(32, 3, 0, 0, 0, 1, 4096, 0), 95],
    ['memory that was not given taken', 3, words(24, 0, 0, 0, 4096, 0), 2],
    ['interrupts of another kind', COMMAND.setIrqs, words(20, 36, 0, 0, 1), 22],
    ['two interrupts', COMMAND.setIrqs, words(20, 36, 2, 0, 2), 22],
  ])('error: %s is refused', async (_name, command, payload, errno) => {
    const server = await serve();
    const socket = await connect(server);
    const got = new Promise<Buffer>((resolve) => {
      let data = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        data = Buffer.concat([data, chunk]);
        const first = data.length >= 16 ? data.readUInt32LE(4) : 16;
        if (data.length >= first + 16) resolve(data.subarray(first));
      });
    });
    socket.write(message(1, COMMAND.version, 0, words(0x10000)));
    socket.write(message(2, command, 0, payload));
    const reply = await got;
    expect(reply.readUInt16LE(0)).toBe(2);
    expect(reply.readUInt32LE(4)).toBe(16);
    expect([reply.readUInt32LE(8), reply.readUInt32LE(12)]).toEqual([33, errno]);
    socket.destroy();
  });
});

describe('the kernel', () => {
  const address = '0000:01:00.0';
  const pci = `sys/bus/pci/devices/${address}`;

  /** A machine as far as its files tell; links end in `@`. */
  function machine(files: readonly string[]): string {
    const root = mkdtempSync(join(tmpdir(), 'hpb-root-'));
    cleanups.push(async () => rmSync(root, { recursive: true }));
    for (const file of files) {
      const [path, target] = file.split('@') as [string, string | undefined];
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (target === undefined) writeFileSync(join(root, path), '');
      else symlinkSync(target, join(root, path));
    }
    return root;
  }
  const bound = [`${pci}/iommu_group@../../kernel/iommu_groups/7`, `${pci}/driver@../vfio-pci`];

  test.each<[string, string[], RegExp]>([
    ['no such function', [], /no PCI function 0000:01:00\.0 here; lspci -D/],
    ['no IOMMU', [`${pci}/vendor`], /no IOMMU group: switch the IOMMU on .*intel_iommu=on/],
    [
      'no driver',
      [`${pci}/iommu_group@groups/7`],
      /bound to no driver, not to vfio-pci; as root: modprobe vfio-pci; echo vfio-pci > /,
    ],
    [
      'another driver',
      [`${pci}/iommu_group@groups/7`, `${pci}/driver@../xdma`],
      /bound to xdma, not to vfio-pci; .*echo 0000:01:00\.0 > .*driver\/unbind/,
    ],
    ['no VFIO', bound, /dev\/vfio\/vfio is missing: load the driver \(as root: modprobe vfio-pci/],
    ['something else there', [...bound, 'dev/vfio/vfio'], /is no VFIO of version 0 \(answer -1\)/],
  ])('error: %s', async (_name, files, expected) => {
    const root = machine(files);
    await expect(PcieDevice.open({ device: address, root })).rejects.toMatchObject({
      code: 'ACCEL_UNAVAILABLE',
      message: expect.stringMatching(expected),
    });
  });

  test.each(['', '01:00.0', '0000:01:00.9', '0000:01:00.0x', '../../etc', 'vfio-user:'])(
    'error: %j is no address',
    async (device) => {
      await expect(PcieDevice.open({ device })).rejects.toThrow(
        /expected a PCI address like|socket path: expected/,
      );
    },
  );
});
