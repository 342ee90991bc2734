// SPDX-License-Identifier: Apache-2.0
// `hpb verify --record` and `hpb replay` as processes.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFrame } from '../../src/driver/device/recording/format.ts';
import { RecordingReader } from '../../src/driver/index.ts';
import { CARD_DOUBLE } from '../driver/helpers/backends.ts';
import { seededRandom } from '../driver/helpers/random.ts';
import { hpb } from './helpers/hpb.ts';
import { freshLine, spoilt } from './helpers/lines.ts';

const random = seededRandom('replay command');
const folder = mkdtempSync(join(tmpdir(), 'hpb-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lines = join(folder, 'lines.jsonl');
const recording = join(folder, 'run.hpbrec');

beforeAll(async () => {
  const good = freshLine(random, 'good');
  writeFileSync(lines, `${JSON.stringify(good)}\n${JSON.stringify(spoilt(good))}\n`);
  const { exitCode } = await hpb(['verify', '--accel', 'verilator', '--record', recording, lines]);
  expect(exitCode).toBe(0);
});

test.each(['verilator', 'software', 'native'])('a run is the same on %s', async (accel) => {
  const { stdout, exitCode } = await hpb(['replay', recording, '--accel', accel]);
  expect(stdout).toMatch(
    new RegExp(
      `^[0-9]+ accesses of verilator, repeated on ${accel}: 1 descriptor with 2 records compared\n` +
        'no difference\n$',
    ),
  );
  expect(exitCode).toBe(0);
});

test('--library is another build of the card; --json is for programs', async () => {
  const args = ['replay', recording, '--library', CARD_DOUBLE, '--json'];
  const { stdout, exitCode } = await hpb(args);
  expect(JSON.parse(String(stdout))).toMatchObject({
    backend: 'verilator',
    equal: true,
    complete: true,
    compared: 1,
    records: 2,
  });
  expect(exitCode).toBe(0);
});

test('a recording with another answer: the first difference, exit code 1', async () => {
  const reader = new RecordingReader(recording);
  const frames: Uint8Array[] = [];
  let completion = 0;
  for (const event of reader.events()) {
    if (event.type === 'completion') {
      completion = event.access;
      event.result[8 + 1] = 10; // the second record's reason
    }
    frames.push(encodeFrame(event, event.time));
  }
  reader.close();
  const wrong = join(folder, 'wrong.hpbrec');
  writeFileSync(wrong, Buffer.concat([readFileSync(recording).subarray(0, 32), ...frames]));
  for (const accel of ['verilator', 'software']) {
    const { stdout, exitCode } = await hpb(['replay', wrong, '--accel', accel]);
    expect(stdout).toContain(
      `first difference at access ${completion}: SIGVERIFY, descriptor 0 (id 1), record 1, ` +
        'REASON: recorded INFINITY, got MISMATCH\n',
    );
    expect(exitCode).toBe(1);
  }
});

test('error: a damaged file is 2, a file that is none is 2, an option that does not fit is 64', async () => {
  const bytes = readFileSync(recording);
  bytes[100]! ^= 1;
  const damaged = join(folder, 'damaged.hpbrec');
  writeFileSync(damaged, bytes);
  const outcomes = [
    [['replay', damaged], 2, /^hpb: the recording is damaged at byte \d+: /],
    [['replay', lines], 2, /begins with HPBRECRD/],
    [['replay', join(folder, 'none')], 2, /ENOENT/],
    [['replay', recording, '--accel', 'native', '--library', 'x'], 64, /--library: native has no/],
    [['verify', '--record', join(folder, 'x'), lines], 64, /--record: software has no such option/],
    [['verify', '--accel', 'verilator', '--record', join(folder, 'no/x'), lines], 64, /ENOENT/],
    [['replay', recording, '--library', join(folder, 'none.so')], 69, /none.so is missing/],
  ] as const;
  for (const [args, code, text] of outcomes) {
    const { stderr, exitCode } = await hpb(args);
    expect(stderr).toMatch(text);
    expect(exitCode, args.join(' ')).toBe(code);
  }
});

test('--help has an example', async () => {
  const { stdout } = await hpb(['replay', '--help']);
  for (const word of ['--accel', '--library', '--json', 'Exit code'])
    expect(stdout).toContain(word);
  expect(stdout).toMatch(/Examples:\n {2}.*hpb verify .*--record/);
});
