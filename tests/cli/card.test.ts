// SPDX-License-Identifier: Apache-2.0
// `hpb card serve` and --accel pcie as processes.

import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CARD_DOUBLE } from '../driver/helpers/backends.ts';
import { seededRandom } from '../driver/helpers/random.ts';
import { hpb, parseLines } from './helpers/hpb.ts';
import { freshLine, spoilt } from './helpers/lines.ts';

const random = seededRandom('card command');
const folder = mkdtempSync(join(tmpdir(), 'hpb-serve-'));
const lines = join(folder, 'lines.jsonl');
const socket = join(folder, 'card.sock');
const pcie = ['--accel', 'pcie', '--device', `vfio-user:${socket}`];
const serve = (path: string) => hpb(['card', 'serve', '--socket', path, '--library', CARD_DOUBLE]);
let server: ReturnType<typeof serve>;

beforeAll(async () => {
  const good = freshLine(random, 'good');
  writeFileSync(lines, `${JSON.stringify(good)}\n${JSON.stringify(spoilt(good))}\n`);
  server = serve(socket);
  const [line] = await once(server.stdout!, 'data');
  expect(String(line)).toBe(`ready: --accel pcie --device vfio-user:${socket}\n`);
});

afterAll(async () => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('hpb verify and hpb bench run on it', async () => {
  const verified = await hpb(['verify', ...pcie, lines]);
  expect(parseLines(String(verified.stdout)).map(({ valid }) => valid)).toEqual([true, false]);
  expect(verified.stderr).toContain('2 lines answered by pcie: 1 valid, 1 invalid');
  expect(verified.exitCode).toBe(0);
  const args = ['bench', 'sigverify', ...pcie, '--count', '32', '--json'];
  const { stdout, exitCode } = await hpb(args);
  expect(exitCode).toBe(0);
  const [row] = JSON.parse(String(stdout));
  expect(row).toMatchObject({ backend: 'pcie', threads: 1, simulatedCyclesPerSecond: null });
  expect(row.wallPerSecond).toBeGreaterThan(0);
});

test.each([
  ['pcie', ['--device', `vfio-user:${socket}`]],
  ['verilator', ['--accel', 'verilator', '--library', CARD_DOUBLE]],
])('hpb card check goes through all steps on %s', async (_name, args) => {
  const { stdout, exitCode } = await hpb(['card', 'check', ...args]);
  const steps = String(stdout)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(steps).toEqual([
    'identity',
    'registers',
    'clock',
    'interrupt',
    'dma',
    'verify',
    'recover',
  ]);
  expect(exitCode).toBe(0);
});

test('error: a socket that is served already, a card that is not there, none named', async () => {
  const second = await serve(socket);
  expect(second.stderr).toContain('Address already in use');
  expect(second.exitCode).toBe(69);
  const nowhere = join(folder, 'nowhere');
  const missing = await hpb([
    'verify',
    '--accel',
    'pcie',
    '--device',
    `vfio-user:${nowhere}`,
    lines,
  ]);
  expect(missing.stderr).toContain(`hpb card serve --socket ${nowhere}`);
  expect(missing.exitCode).toBe(69);
  const unnamed = await hpb(['verify', '--accel', 'pcie', lines]);
  expect(unnamed.stderr).toContain('name the card with --device');
  expect(unnamed.exitCode).toBe(69);
  const other = await hpb(['verify', '--accel', 'native', '--device', 'x', lines]);
  expect(other.stderr).toContain('--device: native has no such option');
  expect(other.exitCode).toBe(64);
});

test('its end is the end of the card, however it comes', async () => {
  const path = join(folder, 'second.sock');
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
    const running = serve(path);
    await once(running.stdout!, 'data');
    running.kill(signal);
    // The card's process has the same standard error: both are gone when it ends.
    const { exitCode } = await running;
    expect(exitCode).toBe(signal === 'SIGKILL' ? undefined : 0);
    expect(existsSync(path)).toBe(false);
  }
});

test('--help has an example', async () => {
  const { stdout } = await hpb(['card', 'serve', '--help']);
  for (const word of ['--socket', '--library', 'Exit code']) expect(stdout).toContain(word);
  expect(stdout).toMatch(/Examples:\n {2}.*hpb card serve/);
});
