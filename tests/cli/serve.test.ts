// SPDX-License-Identifier: Apache-2.0
// `hpb serve`: classic services, files, a summary; here on the system's TCP.

import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Summary, summaryText } from '../../src/cli/serve/summary.ts';
import { HPB, hpb } from './helpers/hpb.ts';

let folder: string;
const big = Buffer.alloc(3_000_000, 'all work and no play ');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hpb-serve-'));
  const site = join(folder, 'site');
  await mkdir(join(site, 'deep', 'ä b'), { recursive: true });
  await mkdir(join(folder, 'site-secret'));
  await Promise.all([
    writeFile(join(site, 'index.html'), '<h1>here</h1>'),
    writeFile(join(site, 'big.bin'), big),
    writeFile(join(site, 'empty.txt'), ''),
    writeFile(join(site, '.hidden'), 'hidden'),
    writeFile(join(site, 'deep', 'ä b', 'index.html'), 'deep'),
    writeFile(join(folder, 'secret.txt'), 'secret'),
    writeFile(join(folder, 'site-secret', 'x.txt'), 'secret'),
    symlink('../secret.txt', join(site, 'link.txt')),
    symlink('..', join(site, 'up')),
    symlink('big.bin', join(site, 'inside.bin')),
  ]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A server as a process, stopped with Ctrl-C. */
async function serve(...args: string[]) {
  const child = hpb(['serve', '--json', ...args], { stderr: 'pipe' });
  let out = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (out.includes('\n')) resolve(out.split('\n')[0]!);
    });
    child.then((result) => reject(new Error(`it ended: ${result.stderr}`)), reject);
  });
  const first = JSON.parse(await ready) as {
    accel: string;
    transport: string;
    address: string;
    services: { name: string; port: number }[];
  };
  return {
    ready: first,
    port: (name: string) => first.services.find((service) => service.name === name)!.port,
    stop: async () => {
      child.kill('SIGINT');
      const { exitCode } = await child;
      const { summary } = JSON.parse(out.trim().split('\n').at(-1)!) as { summary: Summary };
      return { exitCode, summary };
    },
  };
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** A request whose path goes out as it is written. */
async function get(port: number, path: string, options: http.RequestOptions = {}) {
  const request = http.request({ port, path, host: '127.0.0.1', ...options });
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: await buffer(response),
  };
}

describe('services', () => {
  test('echo, discard and chargen do what their RFCs say, and are counted', async () => {
    const all = ['--echo', '0', '--discard', '0', '--chargen', '0', '--accel', 'software'];
    const it = await serve(...all);
    expect(it.ready).toMatchObject({
      ready: true,
      accel: 'software',
      transport: 'node:net',
      address: '127.0.0.1',
    });
    const echo = await connectTo(it.port('echo'));
    echo.end(big);
    expect((await buffer(echo)).equals(big)).toBe(true);

    const discard = await connectTo(it.port('discard'));
    discard.end(big);
    expect((await buffer(discard)).length).toBe(0);

    const chargen = await connectTo(it.port('chargen'));
    let received = '';
    chargen.setEncoding('latin1');
    for await (const chunk of chargen) {
      received += chunk;
      if (received.length > 200_000) break;
    }
    const lines = received.split('\r\n');
    expect(lines[0]).toBe(
      ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg',
    );
    expect(lines[1]).toBe(`${lines[0]!.slice(1)}h`);
    expect(lines[95]).toBe(lines[0]);
    expect(lines.slice(0, -1).every((line) => line.length === 72)).toBe(true);

    const { exitCode, summary } = await it.stop();
    expect(exitCode).toBe(0);
    const [e, d, c] = summary.services;
    expect(e).toMatchObject({ name: 'echo', connections: 1, bytesIn: big.length });
    expect(e!.bytesOut).toBe(big.length);
    expect(d).toMatchObject({ name: 'discard', bytesIn: big.length, bytesOut: 0, open: 0 });
    expect(c!.bytesOut).toBeGreaterThan(200_000);
  });

  test('for people: connections that are open, with what a card counts of them', () => {
    const tcp = {
      state: 'CLOSE-WAIT',
      segmentsIn: 12,
      segmentsOut: 34,
      payloadIn: 100,
      payloadOut: 5000,
      retransmitted: 3,
      duplicateAcks: 1,
      outOfOrder: 1,
      unacceptable: 2,
      noRoom: 4,
    } as const;
    const open = { service: 'echo', peer: '10.77.0.1:40000', bytesIn: 100, bytesOut: 5000 };
    const shown = (...sessions: Summary['sessions']) =>
      summaryText({ seconds: 1, services: [], sessions }).replaceAll(/ {2,}/g, '  ');
    expect(shown()).not.toContain('still open, the busiest');
    expect(shown(open)).toContain(
      'the busiest\n  peer  bytes in  bytes out\necho  10.77.0.1:40000  100  5,000\n',
    );
    expect(shown({ ...open, tcp }, open)).toContain(
      `state  segments in  segments out  sent again  dropped
echo  10.77.0.1:40000  100  5,000  CLOSE-WAIT  12  34  3  6
echo  10.77.0.1:40000  100  5,000\n`,
    );
  });

  test('for people: where it listens, a table of what was done', async () => {
    const child = hpb(['serve', '--accel', 'native', '--echo', '0']);
    let out = '';
    child.stdout!.on('data', (chunk) => {
      out += chunk;
    });
    while (!/echo +127\.0\.0\.1:\d+\n/.test(out)) await once(child.stdout!, 'data');
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(out)![1]);
    const socket = await connectTo(port);
    socket.end('hello');
    expect(await text(socket)).toBe('hello');
    child.kill('SIGINT');
    const { exitCode, stdout } = await child;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ready: TCP by node:net\n {2}echo +127\.0\.0\.1:\d+\nserved for /);
    expect(stdout).toMatch(/connections +still open +bytes in +bytes out +errors\n/);
    expect(stdout).toMatch(/echo +1 +0 +5 +5 +0\n/);
  });
});

describe('http', () => {
  test('files, folders, types, what has not changed', async () => {
    const it = await serve('--http', `0:${join(folder, 'site')}`);
    const port = it.port('http');
    const index = await get(port, '/');
    expect([index.status, String(index.body)]).toEqual([200, '<h1>here</h1>']);
    expect(index.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': '13',
      'x-content-type-options': 'nosniff',
    });
    const file = await get(port, '/big.bin?x=1');
    expect(file.body.equals(big)).toBe(true);
    expect((await get(port, '/inside.bin')).body.length).toBe(big.length);
    expect((await get(port, '/empty.txt')).status).toBe(200);
    const head = await get(port, '/big.bin', { method: 'HEAD' });
    expect([head.body.length, head.headers['content-length']]).toEqual([0, String(big.length)]);
    const moved = await get(port, '/deep/%C3%A4%20b');
    expect([moved.status, moved.headers.location]).toEqual([301, '/deep/%C3%A4%20b/']);
    expect(String((await get(port, '/deep/%C3%A4%20b/')).body)).toBe('deep');
    const since = { 'If-Modified-Since': String(index.headers['last-modified']) };
    expect((await get(port, '/', { headers: since })).status).toBe(304);
    expect((await get(port, '/deep/')).status).toBe(404);
    const post = await get(port, '/', { method: 'POST' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
    const half = await connectTo(port);
    half.end('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await buffer(half)).subarray(-big.length).equals(big)).toBe(true);
    const { summary } = await it.stop();
    expect(summary.services[0]!.bytesOut).toBeGreaterThan(2 * big.length);
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/deep/../../secret.txt',
    '/../site-secret/x.txt',
    '/link.txt',
    '/up/secret.txt',
    '/up/',
    '/.hidden',
    '/..\\secret.txt',
    '/big.bin/',
    '/big.bin/../../secret.txt',
    '//secret.txt',
    '/%00',
    '/%',
    '/index.html%00.txt',
  ])('%s leads nowhere', async (path) => {
    const it = await escapes;
    const { status, body } = await get(it.port('http'), path);
    expect([400, 404]).toContain(status);
    expect(String(body)).not.toContain('secret');
  });

  let escapes: ReturnType<typeof serve>;
  beforeAll(() => {
    escapes = serve('--http', `0:${join(folder, 'site')}`);
  });
  afterAll(async () => {
    await (await escapes).stop();
  });

  test('//host leads to no other host', async () => {
    const it = await escapes;
    const { status, headers } = await get(it.port('http'), '//deep');
    expect([status, headers.location]).toEqual([301, '/deep/']);
  });
});

describe('error', () => {
  test.each<[string[], number, RegExp]>([
    [[], 64, /nothing to serve: expected some of --echo, --discard, --chargen, --http/],
    [['--echo', '70000'], 64, /port from 0 to 65535, got "70000"/],
    [['--echo', 'seven'], 64, /got "seven"/],
    [['--echo', '7', '--discard', '7'], 64, /port 7: expected one service, got two/],
    [['--http', 'site'], 64, /port and a folder, as 80:site; got "site"/],
    [['--http', '80:/no/such/folder'], 2, /cannot read the folder \/no\/such\/folder: ENOENT/],
    [['--http', `80:${HPB}`], 2, /expected a folder, got .*hpb\.js/],
    [['--echo', '7', '--ip', '10.0.0.1/24'], 64, /--ip: only with --accel verilator/],
    [['--echo', '7', '--accel', 'native', '--link', 'passt'], 64, /--link: only with/],
    [['--echo', '7', '--accel', 'gpu'], 64, /'gpu' is invalid/],
    [['--echo', '7', '--accel', 'verilator'], 64, /expected --link and --ip/],
    [['--echo', '7', '--accel', 'verilator', '--link', 'passt'], 64, /expected --link and --ip/],
    [
      ['--echo', '7', '--accel', 'verilator', '--link', 'hub:x', '--ip', '10.0.0.1'],
      64,
      /--ip: expected an IPv4 address and a prefix/,
    ],
    [
      [
        '--echo',
        '7',
        '--accel',
        'verilator',
        '--link',
        'hub:x',
        '--ip',
        '10.0.0.1/8',
        '--mac',
        'x',
      ],
      64,
      /--mac: expected six bytes/,
    ],
  ])('%j', async (args, code, message) => {
    const { stderr, stdout, exitCode } = await hpb(['serve', ...args]);
    expect(String(stderr)).toMatch(message);
    expect([stdout, exitCode]).toEqual(['', code]);
  });

  test('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { stderr, exitCode } = await hpb(['serve', '--echo', String(port)]);
    expect(stderr).toContain(`echo: listen EADDRINUSE: address already in use 127.0.0.1:${port}`);
    expect(exitCode).toBe(1);
    taken.close();
  });

  test('--help has examples', async () => {
    const { stdout, exitCode } = await hpb(['serve', '--help']);
    expect(stdout).toMatch(/Examples:\n {2}hpb serve --echo/);
    expect(stdout).toContain('--link tap:hpb0 --ip 10.77.0.2/24');
    expect(exitCode).toBe(0);
  });
});
