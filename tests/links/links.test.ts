/** The links of native/links, each through link_pipe: what goes in comes out, and what is wrong is said. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testRandom } from '../../src/testbench/index.ts';
import { arpRequest, frameOf, PIPE, Pipe } from './pipe.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'links-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const random = testRandom('links');
const payload = () => random.bytes(random.int(46, 1500));

describe('hub', () => {
  test('a frame for all comes to all others, one for a known address to its port alone', async () => {
    const hub = `hub:${dir}/hub`;
    const [a, b, c] = [await Pipe.open(hub), await Pipe.open(hub), await Pipe.open(hub)];
    const hello = frameOf('all', 2, payload());
    b.send(hello);
    expect(await a.receive(1)).toEqual([hello]);
    expect(await c.receive(1)).toEqual([hello]);
    const answers = Array.from({ length: 200 }, () => frameOf(2, 1, payload()));
    a.send(...answers);
    expect(await b.receive(200)).toEqual(answers);
    a.send(frameOf('all', 1, payload()));
    await c.receive(2); // the next that c sees is that one
    expect((await Promise.all([a.end(), b.end(), c.end()])).map((n) => n.received)).toEqual([
      1, 201, 2,
    ]);
    expect(readdirSync(`${dir}/hub`)).toEqual(['lock']);
  });

  test('a port that is killed is forgotten, and the others go on', async () => {
    const hub = `hub:${dir}/hub`;
    const [a, b] = [await Pipe.open(hub), await Pipe.open(hub)];
    b.send(frameOf('all', 2, payload()));
    await a.receive(1);
    b.process.kill('SIGKILL');
    await b.exit();
    a.send(frameOf(2, 1, payload()), frameOf('all', 1, payload()));
    const c = await Pipe.open(hub);
    const ports = readdirSync(`${dir}/hub`).filter((name) => name.startsWith('port-'));
    expect(ports.sort()).toEqual([a, c].map(({ process: { pid } }) => `port-${pid}-0`).sort());
    const frame = frameOf('all', 3, payload());
    c.send(frame);
    expect((await a.receive(2))[1]).toEqual(frame);
    await Promise.all([a.end(), c.end()]);
  });
});

test('pcap: frames of both directions with stamps in nanoseconds', async () => {
  const hub = `hub:${dir}/hub`;
  const file = `${dir}/frames.pcap`;
  const a = await Pipe.open(hub, ['--pcap', file]);
  const b = await Pipe.open(hub);
  const frames = [frameOf('all', 1, payload()), frameOf('all', 2, payload())];
  // Milliseconds between which each frame passed
  const times = [Date.now()];
  a.send(frames[0]!);
  await b.receive(1);
  times.push(Date.now());
  b.send(frames[1]!);
  await a.receive(1);
  times.push(Date.now());
  await Promise.all([a.end(), b.end()]);
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number) => view.getUint32(at, true);
  expect([word(0), word(4), word(16), word(20)]).toEqual([0xa1b23c4d, 0x40002, 65535, 1]);
  let at = 24;
  for (const [i, frame] of frames.entries()) {
    expect(word(at + 4)).toBeLessThan(1_000_000_000);
    const stamp = word(at) * 1000 + word(at + 4) / 1e6;
    expect(stamp).toBeGreaterThanOrEqual(times[i]!);
    expect(stamp).toBeLessThanOrEqual(times[i + 1]! + 1);
    expect([word(at + 8), word(at + 12)]).toEqual([frame.length, frame.length]);
    expect(bytes.subarray(at + 16, at + 16 + frame.length)).toEqual(frame);
    at += 16 + frame.length;
  }
  expect(at).toBe(bytes.length);
});

describe('impairment', () => {
  const COUNT = 400;
  /** Numbered frames; the number stands twice, so that one flipped bit does not hide it. */
  const numbered = Array.from({ length: COUNT }, (_, i) => {
    const number = Buffer.alloc(60);
    for (let at = 0; at < 60; at += 4) number.writeUInt32BE(i, at);
    return frameOf('all', 1, number);
  });
  const different = (a: Buffer, b: Buffer) =>
    a.reduce((sum, byte, i) => sum + ((byte ^ b[i]!).toString(2).match(/1/g)?.length ?? 0), 0);
  /** Bits that differ from the frame that it was. */
  const nearest = (frame: Buffer) => {
    const number = frame.readUInt32BE(14);
    const bits = [number, frame.readUInt32BE(18), frame.readUInt32BE(22)]
      .filter((i) => i < COUNT)
      .map((i) => ({ i, bits: different(frame, numbered[i]!) }));
    return bits.reduce((best, one) => (one.bits < best.bits ? one : best));
  };

  async function through(settings: string) {
    const hub = mkdtempSync(join(dir, 'hub-'));
    const to = await Pipe.open(`hub:${hub}`);
    const from = await Pipe.open(`hub:${hub}`, ['--impair', settings]);
    from.send(...numbered);
    const counters = await from.end();
    expect(counters).toMatchObject({ frames: COUNT, dropped: 0 });
    const frames = await to.receive(counters.sent);
    await to.end();
    expect(frames.length).toBe(COUNT - counters.lost + counters.duplicated);
    return { counters, frames, seen: frames.map((frame) => nearest(frame)) };
  }

  test('loss, duplication and corruption are as often as told, and the same with the same seed', async () => {
    const settings = 'loss=0.1,duplicate=0.05,corrupt=0.2,seed=';
    const [one, same, other] = [
      await through(`${settings}7`),
      await through(`${settings}7`),
      await through(`${settings}8`),
    ];
    expect(same.frames).toEqual(one.frames);
    expect(other.frames).not.toEqual(one.frames);
    const { lost, duplicated, corrupted, reordered } = one.counters;
    expect(lost).toBeGreaterThan(15);
    expect(lost).toBeLessThan(75);
    expect(duplicated).toBeGreaterThan(4);
    expect(duplicated).toBeLessThan(45);
    expect(reordered).toBe(0);
    // Each frame is whole, or differs in one bit
    expect(one.seen.every(({ bits }) => bits <= 1)).toBe(true);
    const harmed = new Set(one.seen.filter(({ bits }) => bits === 1).map(({ i }) => i));
    expect(harmed.size).toBe(corrupted);
    expect(corrupted).toBeGreaterThan(35);
    // in any part of it
    const bytes = one.frames.map((frame, at) => {
      const whole = numbered[one.seen[at]!.i]!;
      return frame.findIndex((byte, i) => byte !== whole[i]);
    });
    expect(Math.max(...bytes)).toBeGreaterThan(60);
    expect(bytes.some((byte) => byte >= 0 && byte < 14)).toBe(true);
    expect(one.seen.map(({ i }) => i)).toEqual(one.seen.map(({ i }) => i).sort((a, b) => a - b));
    expect(new Set(one.seen.map(({ i }) => i)).size).toBe(COUNT - lost);
  });

  test('reordered frames come later, all come', async () => {
    const { seen, counters } = await through('reorder=0.1,reorder_ms=40,seed=3');
    const order = seen.map(({ i }) => i);
    const sorted = [...order].sort((a, b) => a - b);
    expect(sorted).toEqual(numbered.map((_, i) => i));
    expect(order).not.toEqual(sorted);
    expect(counters.reordered).toBeGreaterThan(10);
  });

  test('a delay holds every frame back', async () => {
    const to = await Pipe.open(`hub:${dir}/hub`);
    const from = await Pipe.open(`hub:${dir}/hub`, ['--impair', 'delay_ms=2000']);
    from.send(numbered[0]!);
    await sleep(150);
    expect(to.frames).toEqual([]);
    await to.receive(1);
    await Promise.all([to.end(), from.end()]);
  });

  test.for([
    ['loss=1.5', 'impairment loss: expected a number from 0 to 1, got "1.5"'],
    ['loss=', 'impairment loss: expected a number from 0 to 1, got ""'],
    ['loss=0x1', 'impairment loss: expected a number from 0 to 1, got "0x1"'],
    ['loss=0,loss=0', 'impairment loss: expected once, got twice'],
    ['delay_ms=60001', 'impairment delay_ms: expected a number from 0 to 60000, got "60001"'],
    ['seed=-1', 'impairment seed: expected an integer from 0 to 2^64 - 1, got "-1"'],
    ['lose=1', 'got "lose=1"'],
    ['', 'got ""'],
  ] as const)('error: %s', async ([settings, message]) => {
    const { errors, code } = await new Pipe([PIPE, `hub:${dir}/h`, '--impair', settings]).exit();
    expect(errors).toContain(message);
    expect(code).toBe(1);
  });
});

describe('passt', () => {
  /** Something that listens as passt does. */
  async function listen(): Promise<{ path: string; client: Promise<Socket>; close: () => void }> {
    const path = `${dir}/passt.socket`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const client = new Promise<Socket>((resolve) => server.once('connection', resolve));
    return { path, client, close: () => server.close() };
  }

  test('frames go both ways behind their length, however the stream is cut', async () => {
    const { path, client, close } = await listen();
    const pipe = await Pipe.open(`passt:${path}`);
    const socket = await client;
    const frames = Array.from({ length: 50 }, () => frameOf(1, 2, payload()));
    const stream = Buffer.concat(
      frames.flatMap((frame) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(frame.length);
        return [length, frame];
      }),
    );
    const back: Buffer[] = [];
    socket.on('data', (bytes) => back.push(bytes));
    for (let at = 0; at < stream.length; ) {
      const end = at + (random.chance(0.7) ? random.int(1, 5) : random.int(1, 3000));
      socket.write(stream.subarray(at, end));
      await sleep(random.chance(0.2) ? 1 : 0);
      at = end;
    }
    expect(await pipe.receive(50)).toEqual(frames);
    pipe.send(...frames);
    while (Buffer.concat(back).length < stream.length) await sleep(5);
    expect(Buffer.concat(back)).toEqual(stream);
    await pipe.end();
    close();
  });

  test('padding behind an IPv4 packet stays here: some passts drop it for that', async () => {
    const { path, client, close } = await listen();
    const pipe = await Pipe.open(`passt:${path}`);
    const socket = await client;
    let heard = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
    });
    // Total length, bytes of the frame, those that are heard; 0 and 70 are lies.
    const cases = [
      [40, 60, 54],
      [46, 60, 60],
      [1500, 1514, 1514],
      [0, 60, 34],
      [70, 60, 60],
      [40, 30, 30],
    ] as const;
    const frames = cases.map(([total, length]) => {
      const frame = Buffer.from(random.bytes(length));
      frame.writeUInt16BE(0x800, 12);
      frame.writeUInt16BE(total, 16);
      return frame;
    });
    pipe.send(...frames);
    const expected = frames.flatMap((frame, i) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(cases[i]![2]);
      return [length, frame.subarray(0, cases[i]![2])];
    });
    const all = Buffer.concat(expected);
    await expect.poll(() => heard.length).toBe(all.length);
    expect(heard).toEqual(all);
    await pipe.end();
    close();
  });

  test.for([
    { bytes: [0, 1, 0, 0, 9], message: 'expected a frame of at most 65535 bytes, got 65536' },
    { bytes: [], message: 'it closed the connection' },
  ])('error: $message', async ({ bytes, message }) => {
    const { path, client, close } = await listen();
    const pipe = await Pipe.open(`passt:${path}`);
    (await client).end(Buffer.from(bytes));
    expect(await pipe.exit()).toEqual({ code: 1, errors: `ready\nlink passt: ${message}\n` });
    close();
  });

  test('error: nobody listens, passt is not there', async () => {
    const missing = await new Pipe([PIPE, `passt:${dir}/no.socket`]).exit();
    expect(missing.errors).toContain('No such file or directory; start it first: passt');
    const absent = await new Pipe([PIPE, 'passt'], { PATH: dir }).exit();
    expect(absent.errors).toContain('install it: apt-get install passt');
    expect([missing.code, absent.code]).toEqual([1, 1]);
  });

  test.for([
    ['forward=0:80', 'forward: expected a number from 1 to 65535, got "0:80"'],
    ['forward=80:65536', 'forward: expected a number from 1 to 65535, got "80:65536"'],
    ['forward=8080:', 'forward: expected a number from 1 to 65535, got "8080:"'],
    ['forward=8080:80:1', 'forward: expected a number from 1 to 65535, got "8080:80:1"'],
    ['forward=+80', 'forward: expected a number from 1 to 65535, got "+80"'],
    ['forward=host/80', 'forward: expected an IPv4 address, got "host"'],
    ['address=10.0.0.256', 'address: expected an IPv4 address, got "10.0.0.256"'],
    ['gateway=', 'gateway: expected an IPv4 address, got ""'],
    ['prefix=33', 'prefix: expected a number from 1 to 32, got "33"'],
    ['mac=02:00:00:00:00:0g', 'mac: expected six bytes, as 02:00:00:00:00:01, got "02:00:'],
    ['mac=02:00:00:00:00:01', 'mac: expected an address and a gateway, too'],
    ['prefix=8,prefix=8', 'prefix: expected once, got twice'],
    ['forwards=80', 'each with = and a value, got "forwards=80"'],
    ['80', 'each with = and a value, got "80"'],
    ['forward=80,', 'each with = and a value, got ""'],
    ['socket=', 'each with = and a value, got "socket="'],
    ['forward=80:8,socket=x,y=1', 'start it with --tcp-ports 127.0.0.1/80:8'],
    [`socket=${'x'.repeat(108)}`, 'of at most 107 bytes, got 108'],
    [Array(65).fill('forward=80').join(), 'forward: expected at most 64, got 65'],
  ])('error: passt,%s', async ([options, message]) => {
    const { errors, code } = await new Pipe([PIPE, `passt,${options}`]).exit();
    expect(errors).toContain('link passt');
    expect(errors).toContain(message);
    expect(code).toBe(1);
  });

  /** A card that is told to passt. */
  const STATION = 'mac=02:00:00:00:00:07,address=10.99.0.2,prefix=24,gateway=10.99.0.1';

  test('a passt that runs is told the hardware address of the card, by an ARP request', async () => {
    const { path, client, close } = await listen();
    const pipe = new Pipe([PIPE, `passt,${STATION},socket=${path}`]);
    const socket = await client;
    let heard = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
    });
    await expect.poll(() => heard.length).toBe(64);
    expect(heard.readUInt32BE()).toBe(60);
    expect(heard.subarray(4)).toEqual(arpRequest(7, [10, 99, 0, 2], [10, 99, 0, 1]));
    // Not ready before the answer, whatever else comes
    const say = (frame: Uint8Array) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      socket.write(Buffer.concat([length, frame]));
    };
    say(frameOf('all', 1, new Uint8Array(50)));
    say(arpRequest(1, [10, 99, 0, 1], [10, 99, 0, 2]));
    await sleep(50);
    expect(pipe.errors).toBe('');
    const answer = Buffer.from(arpRequest(1, [10, 99, 0, 1], [10, 99, 0, 2]));
    answer[21] = 2;
    say(answer);
    await pipe.ready();
    const { sent, received } = await pipe.end();
    expect({ sent, received }).toEqual({ sent: 0, received: 0 });
    close();
  });

  test('a passt that is started opens ports of this host, or says why it cannot', async (context) => {
    const found = await execa('passt', ['--version'], { reject: false });
    if (found.exitCode !== 0) context.skip('passt is not installed: apt-get install passt');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const link = `passt,${STATION},forward=${port}:80`;
    const { errors, code } = await new Pipe([PIPE, link]).exit();
    expect(errors).toMatch(new RegExp(`^link passt: it closed the connection; .*\\b${port}\\b`));
    expect(code).toBe(1);
    taken.close();

    await expectSyn(link, port);
  });

  test('a passt that was started by somebody else leads its ports to the card', async (context) => {
    const found = await execa('passt', ['--version'], { reject: false });
    if (found.exitCode !== 0) context.skip('passt is not installed: apt-get install passt');
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    // As root it becomes nobody, who may write where everybody may.
    chmodSync(dir, 0o777);
    const path = `${dir}/passt.socket`;
    const card = ['--address', '10.99.0.2', '--netmask', '24', '--gateway', '10.99.0.1'];
    const ports = ['--tcp-ports', `127.0.0.1/${port}:80`];
    const words = ['--foreground', '--one-off', '--socket', path, ...card, ...ports];
    const passt = execa('passt', words, { reject: false });
    await expect.poll(() => existsSync(path)).toBe(true);
    await expectSyn(`passt,${STATION},socket=${path}`, port);
    await passt; // its client is gone
  });

  /** Who connects to a port of this host is a SYN to the card: its hardware address, address and port. */
  async function expectSyn(link: string, port: number): Promise<void> {
    const pipe = await Pipe.open(link);
    const client = connect(port, '127.0.0.1');
    client.on('error', () => {});
    const isSyn = (frame: Buffer) => frame.readUInt16BE(12) === 0x800 && frame[23] === 6;
    while (!pipe.frames.some(isSyn)) await pipe.receive(pipe.frames.length + 1);
    const syn = pipe.frames.find(isSyn)!;
    expect([...syn.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 7]);
    expect([...syn.subarray(26, 34)]).toEqual([10, 99, 0, 1, 10, 99, 0, 2]);
    expect(syn.readUInt16BE(36)).toBe(80);
    client.destroy();
    await pipe.end();
  }

  test('passt itself answers for its gateway', async (context) => {
    const found = await execa('passt', ['--version'], { reject: false });
    if (found.exitCode !== 0) context.skip('passt is not installed: apt-get install passt');
    const addresses = ['--address', '10.99.0.2', '--netmask', '24', '--gateway', '10.99.0.1'];
    const pipe = await Pipe.open('passt', ['--', ...addresses]);
    pipe.send(arpRequest(7, [10, 99, 0, 2], [10, 99, 0, 1]));
    const isAnswer = (frame: Buffer) => frame.readUInt16BE(12) === 0x806 && frame[21] === 2;
    while (!pipe.frames.some(isAnswer)) await pipe.receive(pipe.frames.length + 1);
    const answer = pipe.frames.find(isAnswer)!;
    expect([...answer.subarray(0, 6)]).toEqual([2, 0, 0, 0, 0, 7]);
    expect([...answer.subarray(28, 32)]).toEqual([10, 99, 0, 1]);
    await pipe.end();
  });
});

describe('tap', () => {
  test('the kernel of a namespace of its own answers for its address', async (context) => {
    const setup = 'ip tuntap add mode tap name hpb0 && ip address add 10.77.0.1/24 dev hpb0';
    const works = await execa('unshare', ['-Urn', 'sh', '-c', setup], { reject: false });
    if (works.exitCode !== 0) context.skip(`no TAP in a namespace here: ${works.stderr}`);
    const command = `${setup} && ip link set hpb0 up && exec ${PIPE} tap:hpb0`;
    const pipe = new Pipe(['unshare', '-Urn', 'sh', '-c', command]);
    await pipe.ready();
    pipe.send(arpRequest(7, [10, 77, 0, 2], [10, 77, 0, 1]));
    const isAnswer = (frame: Buffer) => frame.readUInt16BE(12) === 0x806 && frame[21] === 2;
    while (!pipe.frames.some(isAnswer)) await pipe.receive(pipe.frames.length + 1);
    expect([...pipe.frames.find(isAnswer)!.subarray(28, 32)]).toEqual([10, 77, 0, 1]);
    await pipe.end();
  });

  test('error: a name that no interface can have', async () => {
    const { errors, code } = await new Pipe([PIPE, 'tap:much-too-long-a-name']).exit();
    expect(errors).toContain('expected an interface name of 1 to 15 printable characters');
    expect(code).toBe(1);
  });
});

test.for(['', 'hub', 'hub:', 'tap', 'tap:', 'tap,x', 'hub,x', 'passt:', 'passt,', 'wire:x'])(
  'error: the link "%s" is none',
  async (link) => {
    const { errors, code } = await new Pipe([PIPE, link]).exit();
    expect(errors).toContain(
      `tap:NAME, passt, passt:SOCKET, passt,forward=8080:80 or hub:DIRECTORY, got "${link}"`,
    );
    expect(code).toBe(1);
  },
);
