// SPDX-License-Identifier: Apache-2.0
// `hpb serve` on the card, as a process; the client is a card of its own on the same hub.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makePasst } from '../../sim/toe/linux/passt.ts';
import type { Summary } from '../../src/cli/serve/summary.ts';
import { openAccelerator } from '../../src/driver/index.ts';
import { HPB, hpb } from './helpers/hpb.ts';

test('echo and http on the card; the summary has the counters of the card and its link', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hpb-serve-card-'));
  await writeFile(join(folder, 'index.html'), 'from the card');
  const link = `hub:${join(folder, 'hub')}`;
  const pcap = join(folder, 'card.pcap');
  const where = ['--link', link, '--ip', '10.77.0.2/24', '--mac', '02:00:00:00:00:02'];
  const what = ['--echo', '7', '--http', `80:${folder}`, '--pcap', pcap, '--json'];
  const child = hpb(['serve', '--accel', 'verilator', ...where, ...what]);
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  while (!out.includes('\n')) await once(child.stdout!, 'data');
  expect(JSON.parse(out)).toEqual({
    ready: true,
    accel: 'verilator',
    transport: 'card',
    address: '10.77.0.2',
    mac: '02:00:00:00:00:02',
    link,
    services: [
      { name: 'echo', port: 7 },
      { name: 'http', port: 80 },
    ],
  });

  const client = await openAccelerator({ kind: 'verilator', link, ip: '10.77.0.1/24' });
  const { transport } = client;
  const socket = await transport.connect({ host: '10.77.0.2', port: 7 });
  const message = 'x'.repeat(20_000);
  socket.end(message);
  expect(await text(socket)).toBe(message);
  const request = http.get({
    host: '10.77.0.2',
    createConnection: () => transport.createConnection({ host: '10.77.0.2', port: 80 }) as never,
  });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(await text(response)).toBe('from the card');
  // One that is open when Ctrl-C comes
  const lasting = await transport.connect({ host: '10.77.0.2', port: 7 });
  lasting.write('y'.repeat(100));
  let echoed = 0;
  while (echoed < 100) echoed += ((await once(lasting, 'data')) as [Buffer])[0].length;

  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect([exitCode, stderr]).toEqual([0, '']);
  const { summary } = JSON.parse(out.trim().split('\n').at(-1)!) as { summary: Summary };
  expect(summary.services[0]).toMatchObject({ bytesIn: 20_100, bytesOut: 20_100, connections: 2 });
  const echoes = summary.sessions.filter(({ service }) => service === 'echo');
  expect(echoes).toMatchObject([
    {
      peer: `10.77.0.1:${lasting.localPort}`,
      bytesIn: 100,
      bytesOut: 100,
      tcp: { state: 'ESTABLISHED' },
    },
  ]);
  // More where the machine was too busy to acknowledge in time
  expect(echoes[0]!.tcp!.payloadIn).toBeGreaterThanOrEqual(100);
  expect(echoes[0]!.tcp!.segmentsOut).toBeGreaterThanOrEqual(2);
  await client.close();
  expect(summary.services[1]).toMatchObject({ name: 'http', connections: 1 });
  expect(summary.card!.engine.RX_SEGMENTS).toBeGreaterThan(14);
  expect(summary.card!.link.framesIn).toBeGreaterThan(14);
  // Nanosecond stamps: 0xa1b23c4d, in the order of this machine.
  expect((await readFile(pcap)).subarray(0, 4).toString('hex')).toBe('4d3cb2a1');
  await rm(folder, { recursive: true, force: true });
});

test('error: a link that is not there says what to do', async () => {
  const card = ['--accel', 'verilator', '--link', 'wire:x', '--ip', '10.77.0.2/24'];
  const { stderr, exitCode } = await hpb(['serve', ...card, '--echo', '7']);
  expect(stderr).toMatch(/^hpb: verilator does not work here: .*wire:x/);
  expect(exitCode).toBe(69);
});

test('behind passt a port of this machine leads to the card, no root needed; the ready line says so', async (context) => {
  const found = await execa('passt', ['--version'], { reject: false });
  if (found.exitCode !== 0) context.skip('no passt: src/scripts/setup network');
  const folder = await mkdtemp(join(tmpdir(), 'hpb-serve-passt-'));
  const body = randomBytes(300_000);
  await writeFile(join(folder, 'file.bin'), body);
  const { shift } = await makePasst();
  const [port, echo] = [80 + shift, 7 + shift];
  const link = `passt,forward=${port}:80,forward=0.0.0.0/${echo}:7`;
  const where = ['--link', link, '--ip', '10.77.0.2/24', '--mac', '02:00:00:00:00:02'];
  const what = ['--http', `80:${folder}`, '--echo', '7', '--discard', '9'];
  const child = hpb(['serve', '--accel', 'verilator', ...where, ...what]);
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  while (!out.includes(':80')) await once(child.stdout!, 'data');
  expect(out).toBe(`ready: TCP by the card, 02:00:00:00:00:02 on ${link}
  echo     10.77.0.2:7, from here 0.0.0.0:${echo}
  discard  10.77.0.2:9
  http     10.77.0.2:80, from here 127.0.0.1:${port}
`);
  const response = await fetch(`http://127.0.0.1:${port}/file.bin`);
  expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);

  // The same ports again are refused, by passt and so by the command.
  const second = await hpb(['serve', '--accel', 'verilator', ...where, ...what]);
  expect(second.stderr).toMatch(/^hpb: verilator does not work here: link passt: .*bind/);
  expect(second.exitCode).toBe(69);

  child.kill('SIGINT');
  expect((await child).exitCode).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

/** Why a user namespace cannot have a TAP interface here, if it cannot. */
function refusal(): string | undefined {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    const script = 'ip tuntap add hpb0 mode tap';
    execFileSync('unshare', ['-Urn', 'sh', '-c', script], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no TAP interface in a namespace, or no curl: ${(error as Error).message}`;
  }
}

test('curl gets a file from the card over the TCP of Linux, and nothing outside of the folder', async (context) => {
  const why = refusal();
  if (why !== undefined) context.skip(why);
  const folder = await mkdtemp(join(tmpdir(), 'hpb-serve-tap-'));
  await writeFile(join(folder, 'file.bin'), randomBytes(300_000));
  const script = `
    set -e
    ip tuntap add hpb0 mode tap
    ip addr add 10.77.0.1/24 dev hpb0
    ip link set hpb0 up
    "$NODE" "$HPB" serve --accel verilator --link tap:hpb0 --ip 10.77.0.2/24 --http "80:$SITE" --json > "$SITE.out" &
    while ! grep -q ready "$SITE.out"; do kill -0 $!; sleep 0.1; done
    curl --silent --show-error http://10.77.0.2/file.bin | cmp - "$SITE/file.bin"
    curl --silent --path-as-is --write-out '%{http_code}' http://10.77.0.2/../hpb-serve-tap.out
    kill -INT $!
    wait $!`;
  const env = { NODE: process.execPath, HPB, SITE: folder };
  const { stdout, stderr, exitCode } = await execa('unshare', ['-Urn', 'sh', '-c', script], {
    env,
    reject: false,
  });
  expect({ stderr, exitCode, stdout }).toEqual({
    stderr: '',
    exitCode: 0,
    stdout: 'not found\n404',
  });
  const [, line] = (await readFile(`${folder}.out`, 'utf8')).trim().split('\n');
  const { summary } = JSON.parse(line!) as { summary: Summary };
  expect(summary.services[0]!.bytesOut).toBeGreaterThan(300_000);
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}.out`, { force: true });
});
