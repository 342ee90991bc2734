/** The emulated card on its links: frames reach it and leave it, time passes, sleep costs nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCardLibrary } from '../../src/driver/device/library.ts';
import { SimDevice, type SimOptions } from '../../src/driver/device/sim-device.ts';
import { nativeLibrary } from '../../src/driver/paths.ts';
import { testRandom } from '../../src/testbench/index.ts';
import { arpReply, echoReply, echoRequest, openCard, readPcap, ticksOf } from './card.ts';
import { arpRequest, frameOf, Pipe } from './pipe.ts';

let dir: string;
let cards: SimDevice[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'card-links-'));
});
afterEach(async () => {
  await Promise.all(cards.map((card) => card.close()));
  cards = [];
  rmSync(dir, { recursive: true, force: true });
});

const random = testRandom('card-links');

async function cardAt(last: number, options: SimOptions): Promise<SimDevice> {
  const card = await openCard(last, options);
  cards.push(card);
  return card;
}

/** Waits for what a peer hears. */
async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}

/** A peer on the hub, 10.77.0.`last`, that the card at `to` has answered. */
async function peerOf(hub: string, last: number, to: number): Promise<Pipe> {
  const peer = await Pipe.open(hub);
  peer.send(arpRequest(last, [10, 77, 0, last], [10, 77, 0, to]));
  await until(() => peer.frames.some((frame) => arpReply(frame)?.ip[3] === to), 'an ARP answer');
  return peer;
}

const replies = (peer: Pipe, from: number) =>
  peer.frames.map(echoReply).filter((reply) => reply?.from === from);

/** Pings the card at 2 again and again: it keeps one ping at a time, and others may fill its place. */
async function pingUntilAnswered(peer: Pipe, from: number, number: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!replies(peer, 2).some((reply) => reply!.number === number)) {
    if (performance.now() > deadline) throw new Error('no answer');
    peer.send(echoRequest(from, 2, number, new Uint8Array(5)));
    await sleep(20);
  }
}

describe('hub', () => {
  test('a card answers ARP and pings of every length', async () => {
    const hub = `hub:${dir}/hub`;
    const card = await cardAt(2, { link: hub });
    const peer = await peerOf(hub, 7, 2);
    const answer = peer.frames.map(arpReply).find((reply) => reply !== undefined);
    expect(answer).toEqual({ mac: [2, 0, 0, 0, 10, 2], ip: [10, 77, 0, 2] });

    const lengths = [0, 1, 2, 17, 18, 19, 20, 21, 22, 23, 24, 25, 1471, 1472];
    lengths.push(...Array.from({ length: 20 }, () => random.int(26, 1470)));
    const data = lengths.map((length) => random.bytes(length));
    for (const [i, bytes] of data.entries()) {
      peer.send(echoRequest(7, 2, i, bytes));
      await until(() => replies(peer, 2).length > i, `the answer to ${bytes.length} bytes`);
    }
    expect(replies(peer, 2)).toEqual(
      data.map((bytes, number) => ({ from: 2, number, data: Buffer.from(bytes) })),
    );
    await peer.end();
    const counters = card.linkCounters();
    expect(counters).toMatchObject({ framesIn: 1 + data.length, framesOut: 1 + data.length });
    expect(counters).toMatchObject({ dropped: 0, lost: 0, duplicated: 0, corrupted: 0 });
    const bytes = 42 * lengths.length + lengths.reduce((sum, length) => sum + length, 0);
    expect(counters.bytesIn).toBe(60 + bytes);
  });

  test('two cards in one process share a hub with a peer', async () => {
    const hub = `hub:${dir}/hub`;
    await cardAt(2, { link: hub });
    await cardAt(3, { link: hub });
    const peer = await peerOf(hub, 7, 2);
    peer.send(arpRequest(7, [10, 77, 0, 7], [10, 77, 0, 3]));
    const frames = Array.from({ length: 40 }, (_, i) =>
      echoRequest(7, 2 + (i % 2), i, random.bytes(random.int(0, 1472))),
    );
    for (const frame of frames) {
      peer.send(frame);
      // One at a time: the card keeps one ping
      const number = frame.readUInt16BE(40);
      const to = 2 + (number % 2);
      await until(() => replies(peer, to).some((reply) => reply!.number === number), 'an answer');
    }
    for (const to of [2, 3]) {
      expect(replies(peer, to).map((reply) => reply!.number)).toEqual(
        Array.from({ length: 20 }, (_, i) => 2 * i + to - 2),
      );
    }
    await peer.end();
  });

  test('a peer that is killed in full flight is forgotten, the next one is answered', async () => {
    const hub = `hub:${dir}/hub`;
    const card = await cardAt(2, { link: hub });
    const first = await peerOf(hub, 7, 2);
    for (let i = 0; i < 200; i++) first.send(echoRequest(7, 2, i, random.bytes(1000)));
    await until(() => card.linkCounters().framesIn > 10, 'some frames');
    first.process.kill('SIGKILL');
    await first.exit();
    const second = await peerOf(hub, 8, 2);
    await pingUntilAnswered(second, 8, 1);
    await second.end();
  });

  test('frames of no use are survived: too short, too long, not IP, damaged', async () => {
    const hub = `hub:${dir}/hub`;
    const card = await cardAt(2, { link: hub });
    const peer = await peerOf(hub, 7, 2);
    for (let i = 0; i < 300; i++) {
      const good = echoRequest(7, 2, i, random.bytes(random.int(0, 1472)));
      good[random.int(0, good.length - 1)]! ^= 1 << random.int(0, 7);
      peer.send(random.chance(0.5) ? good : good.subarray(0, random.int(14, good.length)));
    }
    peer.send(frameOf('all', 7, random.bytes(9000)), frameOf('all', 7, random.bytes(1)));
    await pingUntilAnswered(peer, 7, 0x7777);
    expect(card.linkCounters().dropped).toBe(1);
    await peer.end();
  });
});

describe('recording and impairment', () => {
  /** Forty pings are there before a stepped card looks; what it recorded. */
  async function stepped(options: SimOptions): Promise<{ pcap: Buffer; counters: object }> {
    const hub = mkdtempSync(join(dir, 'hub-'));
    const file = join(hub, 'frames.pcap');
    const card = await cardAt(2, { mode: 'stepped', link: `hub:${hub}`, pcap: file, ...options });
    const peer = await Pipe.open(`hub:${hub}`);
    peer.send(arpRequest(7, [10, 77, 0, 7], [10, 77, 0, 2]));
    for (let i = 0; i < 40; i++) peer.send(echoRequest(7, 2, i, new Uint8Array(10 + i).fill(i)));
    await peer.end();
    card.step(100_000);
    const counters = card.linkCounters();
    await card.close();
    return { pcap: readFileSync(file), counters };
  }

  test('a stepped card repeats itself to the nanosecond', async () => {
    const options = { seed: 5n, stallPercent: 20, cyclesPerMs: 156_250 };
    const [one, same] = [await stepped(options), await stepped(options)];
    expect(same).toEqual(one);
    const frames = readPcap(one.pcap);
    expect(frames.filter(({ frame }) => echoReply(frame)).length).toBeGreaterThan(1);
    // Device time: less than the cycles that were run
    for (const [i, { at }] of frames.entries()) {
      expect(at).toBeGreaterThanOrEqual(frames[i - 1]?.at ?? 0n);
      expect(at).toBeLessThan((200_000n * 1_000_000n) / 156_250n);
    }
  });

  test('impairment is the same with the same seed, and both ways', async () => {
    const impair = 'loss=0.2,duplicate=0.1,corrupt=0.1,delay_ms=0.1,jitter_ms=0.2,seed=';
    const [one, same, other] = [
      await stepped({ impair: `${impair}7` }),
      await stepped({ impair: `${impair}7` }),
      await stepped({ impair: `${impair}8` }),
    ];
    expect(same).toEqual(one);
    expect(other.pcap).not.toEqual(one.pcap);
    const { lost, corrupted, framesIn } = one.counters as Record<string, number>;
    expect(lost).toBeGreaterThan(0);
    expect(corrupted).toBeGreaterThan(0);
    expect(framesIn).not.toBe(41);
  });

  test('a recording has every frame of a free card, with the stamps of the wall', async () => {
    const hub = `hub:${dir}/hub`;
    const file = `${dir}/frames.pcap`;
    const before = BigInt(Date.now()) * 1_000_000n;
    await cardAt(2, { link: hub, pcap: file });
    const peer = await peerOf(hub, 7, 2);
    const request = echoRequest(7, 2, 99, random.bytes(333));
    peer.send(request);
    await until(() => replies(peer, 2).length === 1, 'an answer');
    // It is on disk as soon as the card rests, whatever happens to the process then.
    await until(() => readPcap(readFileSync(file)).length === 4, 'four frames on disk');
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    const frames = readPcap(readFileSync(file));
    const [ask, , ping, pong] = frames.map(({ frame }) => frame);
    expect(ask!.readUInt16BE(12)).toBe(0x0806);
    expect(ping).toEqual(request);
    expect(pong).toEqual(peer.frames.find(echoReply));
    for (const [i, { at }] of frames.entries()) {
      expect(at).toBeGreaterThanOrEqual(frames[i - 1]?.at ?? before);
      expect(at).toBeLessThan(after);
    }
    await peer.end();
    const listed = await execa('tcpdump', ['-nn', '-r', file], { reject: false });
    if (!listed.failed)
      expect(listed.stdout).toMatch(/10\.77\.0\.2 > 10\.77\.0\.7: ICMP echo reply/);
  });

  test('a link that loses everything is silent, and says so in its counters', async () => {
    const hub = `hub:${dir}/hub`;
    const card = await cardAt(2, { link: hub, impair: 'loss=1' });
    const peer = await Pipe.open(hub);
    for (let i = 0; i < 30; i++) peer.send(arpRequest(7, [10, 77, 0, 7], [10, 77, 0, 2]));
    await until(() => card.linkCounters().lost === 30, 'thirty lost frames');
    expect(card.linkCounters()).toMatchObject({ framesIn: 0, framesOut: 0 });
    await peer.end();
    expect(peer.frames).toEqual([]);
  });
});

test('what is doubled is doubled on the way in and on the way out', async () => {
  const hub = `hub:${dir}/hub`;
  const card = await cardAt(2, { link: hub, impair: 'duplicate=1' });
  const peer = await peerOf(hub, 7, 2);
  await peer.receive(4);
  expect(card.linkCounters()).toMatchObject({ framesIn: 2, framesOut: 2, duplicated: 3 });
  await peer.end();
  expect(peer.frames.map(arpReply)).toEqual(
    Array(4).fill({ mac: [2, 0, 0, 0, 10, 2], ip: [10, 77, 0, 2] }),
  );
});

describe('time', () => {
  test('milliseconds of a free card follow the wall, asleep and at work', async () => {
    const hub = `hub:${dir}/hub`;
    const card = await cardAt(2, { link: hub });
    const peer = await peerOf(hub, 7, 2);
    // Between two moments each: before and after the card was asked
    const asked = async () => {
      const before = performance.now();
      const ticks = await ticksOf(card);
      return { before, ticks, after: performance.now() };
    };
    for (const isBusy of [false, true]) {
      const begin = await asked();
      for (let i = 0; i < 50; i++) {
        if (isBusy) peer.send(echoRequest(7, 2, i, random.bytes(1472)));
        await sleep(20);
      }
      const end = await asked();
      const ticks = end.ticks - begin.ticks;
      expect(ticks).toBeLessThanOrEqual(Math.ceil(end.after - begin.before) + 1);
      // At work on a machine that is too slow for it, the clock may fall behind.
      const least = isBusy ? 200 : Math.floor(end.before - begin.after) - 1;
      expect(ticks).toBeGreaterThanOrEqual(least);
    }
    await peer.end();
  });

  test('without a link, and stepped, they follow the cycles', async () => {
    const card = await SimDevice.open({ toe: true, mode: 'stepped', cyclesPerMs: 1000 });
    cards.push(card);
    const before = await ticksOf(card);
    card.step(50_000);
    expect((await ticksOf(card)) - before).toBe(50);
  });

  test('an alarm of a card that sleeps takes as long as it says', async () => {
    const card = await cardAt(2, { link: `hub:${dir}/hub`, cyclesPerMs: 1000 });
    await until(() => card.simCounters().sleeps > 0, 'sleep');
    const from = performance.now();
    expect(await card.waitIrq(card.now() + 300_000)).toBe('timeout');
    expect(performance.now() - from).toBeGreaterThan(250);
    // The same without a link: no time at all passes on the wall
    const alone = await SimDevice.open({ toe: true });
    cards.push(alone);
    const long = 3600 * 1000 * 250_000;
    expect(await alone.waitIrq(alone.now() + long)).toBe('timeout');
  });

  test('an idle card takes less than 2 % of a processor, and wakes seldom', async () => {
    const card = await cardAt(2, { link: `hub:${dir}/hub` });
    await until(() => card.simCounters().sleeps > 2, 'sleep');
    const usage = () => threadNanoseconds('hpb-card');
    const begin = { cpu: usage(), sleeps: card.simCounters().sleeps, at: performance.now() };
    await sleep(3000);
    const seconds = (performance.now() - begin.at) / 1000;
    expect((usage() - begin.cpu) / 1e9 / seconds).toBeLessThan(0.02);
    expect((card.simCounters().sleeps - begin.sleeps) / seconds).toBeLessThan(10);
  });
});

/** Processor time of all threads of this process with a name. */
function threadNanoseconds(name: string): number {
  const threads = readdirSync('/proc/self/task').map((id) => `/proc/self/task/${id}`);
  return threads
    .filter((thread) => readFileSync(`${thread}/comm`, 'utf8').trim() === name)
    .map((thread) => Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, time) => sum + time, 0);
}

describe('what cannot be', () => {
  test.for([
    [
      'wire:x',
      'expected tap:NAME, passt, passt:SOCKET, passt,forward=8080:80 or hub:DIRECTORY, got "wire:x"',
    ],
    ['tap:much-too-long-a-name', 'expected an interface name of 1 to 15 printable characters'],
    ['passt:/no/such.socket', 'cannot connect: No such file or directory; start it first: passt'],
    [`hub:/no/such/place`, 'cannot make the directory: No such file or directory'],
  ] as const)('error: the link %s', async ([link, message]) => {
    const opening = SimDevice.open({ toe: true, link });
    await expect(opening).rejects.toMatchObject({ code: 'ACCEL_UNAVAILABLE' });
    await expect(opening).rejects.toThrow(message);
  });

  test('error: an impairment that is none, a recording that cannot be written', async () => {
    const link = `hub:${dir}/hub`;
    await expect(SimDevice.open({ toe: true, link, impair: 'lose=1' })).rejects.toThrow(
      'each with = and a number, got "lose=1"',
    );
    await expect(
      SimDevice.open({ toe: true, link, pcap: `${dir}/no/frames.pcap` }),
    ).rejects.toMatchObject({
      code: 'ACCEL_UNAVAILABLE',
      message: `pcap ${dir}/no/frames.pcap: cannot write it: No such file or directory`,
    });
    // Nothing is left behind of a card that did not open
    expect(existsSync(`${dir}/hub`) ? readdirSync(`${dir}/hub`) : ['lock']).toEqual(['lock']);
  });

  test.for([
    [{ link: 'hub:x' }, 'link: expected toe, too'],
    [{ toe: true, pcap: 'x' }, 'pcap: expected a link, too'],
    [{ toe: true, impair: 'loss=1' }, 'impair: expected a link, too'],
    [{ toe: true, link: 'hub:a\0b' }, 'link: expected a text without NUL'],
  ] as const)('error: %s', async ([options, message]) => {
    const opening = SimDevice.open(options);
    await expect(opening).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT' });
    await expect(opening).rejects.toThrow(message);
  });

  test('error: a card without a MAC, a second link', () => {
    const text = new Uint8Array(64);
    const said = () => Buffer.from(text).toString().replace(/\0.*/s, '');
    const attach = (name: string, count: number) => {
      const { sync } = openCardLibrary(nativeLibrary(name));
      const out = new BigUint64Array(1);
      expect(sync.hpbcard_open(1, 1n, 1, 0, 1000, null, out)).toBe(0);
      const statuses = Array.from({ length: count }, () =>
        sync.hpbcard_attach(out[0]!, `hub:${dir}/hub`, null, null, text, text.length),
      );
      sync.hpbcard_close(out[0]!);
      return statuses;
    };
    expect(attach('libhpbcard.so', 1)).toEqual([6]);
    expect(attach('libhpbcard-toe.so', 2)).toEqual([0, 1]);
    expect(said()).toBe('a link is attached already');
  });
});

describe('the end', () => {
  test('a link that goes is told, and the card goes on without', async () => {
    const path = `${dir}/passt.socket`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const client = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const card = await cardAt(2, { link: `passt:${path}` });
    (await client).destroy();
    server.close();
    expect(await card.linkLost).toMatchObject({
      code: 'ACCEL_DEVICE',
      message: 'link passt: it closed the connection',
    });
    const before = await ticksOf(card);
    await until(() => card.simCounters().sleeps > 5, 'sleep');
    await sleep(50);
    expect(await ticksOf(card)).toBeGreaterThan(before);
  });

  test('close while frames fly', async () => {
    const hub = `hub:${dir}/hub`;
    const peer = await Pipe.open(hub);
    for (let round = 0; round < 5; round++) {
      const card = await openCard(2, { link: hub });
      let isOpen = true;
      const flood = (async () => {
        while (isOpen) {
          for (let i = 0; i < 20; i++) peer.send(echoRequest(7, 2, i, random.bytes(1472)));
          await sleep(1);
        }
      })();
      await until(() => card.linkCounters().framesIn > 100, 'frames');
      await card.close();
      isOpen = false;
      await flood;
    }
    await peer.end();
    expect(readdirSync(`${dir}/hub`)).toEqual(['lock']);
  });

  test('Ctrl-C while frames fly leaves nothing behind, and a whole recording', async () => {
    const hub = `hub:${dir}/hub`;
    const file = `${dir}/frames.pcap`;
    const child = spawn(process.execPath, ['tests/links/card-child.js', hub, file]);
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
    });
    child.stderr.pipe(process.stderr);
    await until(() => said.includes('ready'), 'the card');
    const peer = await peerOf(hub, 7, 2);
    const exit = once(child, 'exit');
    for (let i = 0; i < 500; i++) peer.send(echoRequest(7, 2, i, random.bytes(1000)));
    await until(() => replies(peer, 2).length > 5, 'answers');
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    await peer.end();
    expect(readdirSync(`${dir}/hub`)).toEqual(['lock']);
    expect(readPcap(readFileSync(file)).length).toBeGreaterThan(10);
  });
});

describe('tap', () => {
  const SETUP =
    'ip tuntap add mode tap name hpb0 && ip address add 10.77.0.1/24 dev hpb0 && ip link set hpb0 up';

  test("the kernel's TCP is refused, and a hundred sessions cost the card nothing", async (context) => {
    const works = await execa('unshare', ['-Urn', 'sh', '-c', SETUP], { reject: false });
    if (works.exitCode !== 0) context.skip(`no TAP in a namespace here: ${works.stderr}`);
    const command = `${SETUP} && exec ${process.execPath} tests/links/card-child.js tap:hpb0 ${dir}/frames.pcap 10.77.0.2`;
    const { stdout } = await execa('unshare', ['-Urn', 'sh', '-c', command], { timeout: 240_000 });
    expect(stdout.split('\n')).toEqual(['ready', 'ECONNREFUSED 100 idle']);
    const frames = readPcap(readFileSync(`${dir}/frames.pcap`)).map(({ frame }) => frame);
    const refused = frames.filter(
      (frame) =>
        frame.readUInt16BE(12) === 0x800 &&
        frame[23] === 6 &&
        [frame.readUInt16BE(34), frame.readUInt16BE(36)].includes(9),
    );
    expect(refused.map((frame) => frame[47])).toEqual([0x02, 0x14]); // SYN, RST ACK
  });
});
