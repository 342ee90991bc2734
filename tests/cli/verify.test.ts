// SPDX-License-Identifier: Apache-2.0
// `hpb verify` as a process: every flag, every exit code, streams.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { signRandom, signWrapped } from '../driver/helpers/material.ts';
import { SEED, seededRandom } from '../driver/helpers/random.ts';
import { type Answer, ask, HPB, hpb, parseLines } from './helpers/hpb.ts';
import { freshLine, lineOf, spoilt, toDer } from './helpers/lines.ts';

console.info(`SEED=${SEED}`);

const random = seededRandom('verify command');
const folder = mkdtempSync(join(tmpdir(), 'hpb-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pathOf = (name: string) => join(folder, name);

function writeLines(name: string, lines: readonly unknown[]): string {
  const path = pathOf(name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

describe('default', () => {
  const good = freshLine(random, 'good');
  const lines = [good, { ...spoilt(good), id: 'bad' }, freshLine(random, 3)];
  const answers = [
    { id: 'good', valid: true, reason: 'OK' },
    { id: 'bad', valid: false, reason: 'MISMATCH' },
    { id: 3, valid: true, reason: 'OK' },
  ];

  test.each(['software', 'native', 'verilator'])(
    '--accel %s gives the same output',
    async (accel) => {
      const path = writeLines('three.jsonl', lines);
      const { stdout, stderr, exitCode } = await hpb(['verify', '--accel', accel, path]);
      expect(parseLines(String(stdout))).toEqual(answers);
      expect(stderr).toContain(`3 lines answered by ${accel}: 2 valid, 1 invalid, 0 malformed`);
      expect(exitCode).toBe(0);
    },
  );

  test('standard input is the default, and -', async () => {
    expect((await ask(lines)).answers).toEqual(answers);
    expect((await ask(lines, ['-'])).answers).toEqual(answers);
  });

  test('software is the default backend', async () => {
    const { stderr } = await hpb(['verify', writeLines('one.jsonl', [good])]);
    expect(stderr).toContain('answered by software');
  });

  test('--op recover gives the key, as SEC 1 compressed', async () => {
    const signed = [signRandom(random), signWrapped(random, true)];
    const asked = signed.map((s, i) => {
      const { publicKey: _, ...line } = lineOf(s, i);
      return line;
    });
    const { answers: keys } = await ask(
      [...asked, { ...asked[0], id: 'x', signature: '00'.repeat(64) }],
      ['--op', 'recover'],
    );
    expect(keys).toEqual([
      ...signed.map((s, id) => ({ id, publicKey: s.key.toHex(true) })),
      { id: 'x', valid: false, reason: 'R_RANGE' },
    ]);
  });

  test('--allow-high-s decides about high s', async () => {
    const high = lineOf(signRandom(random, true), 1);
    expect((await ask([high])).answers).toEqual([{ id: 1, valid: false, reason: 'HIGH_S' }]);
    const allowed = await ask([high], ['--allow-high-s']);
    expect(allowed.answers).toEqual([{ id: 1, valid: true, reason: 'OK' }]);
  });

  test('compressed keys and DER signatures', async () => {
    const signed = signRandom(random);
    const line = lineOf(signed, 1);
    const { answers: both } = await ask([
      { ...line, publicKey: signed.key.toHex(true) },
      { ...line, encoding: 'der', signature: toDer(line.signature) },
    ]);
    expect(both.map(({ valid }) => valid)).toEqual([true, true]);
  });

  test('every malformed line gets an error, the others their answers', async () => {
    const {
      answers: mixed,
      exitCode,
      stderr,
    } = await ask([
      good,
      'nonsense',
      '',
      { ...good, id: 'x', digest: '0x00' },
      `${JSON.stringify(good)}\r`,
    ]);
    expect(mixed.map(({ id, valid, error }) => [id, valid ?? error?.code])).toEqual([
      ['good', true],
      [null, 'NOT_JSON'],
      ['x', 'NOT_HEX'],
      ['good', true],
    ]);
    expect(stderr).toContain('4 lines answered');
    expect(stderr).toContain('2 malformed, 1 blank line skipped');
    expect(exitCode).toBe(0);
  });

  test('no input, no output, exit code 0', async () => {
    const { answers: none, stderr, exitCode } = await ask([]);
    expect(none).toEqual([]);
    expect(stderr).toContain('0 lines answered');
    expect(exitCode).toBe(0);
  });
});

describe('published vectors', () => {
  interface Group {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly { tcId: number; msg: string; sig: string; result: string }[];
  }

  function read(file: string, extra: object) {
    const url = new URL(`../vectors/${file}`, import.meta.url);
    const { testGroups } = JSON.parse(readFileSync(url, 'utf8')) as { testGroups: Group[] };
    const cases = testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ tcId, msg, sig, result }) => ({
        expected: result === 'valid',
        line: {
          id: tcId,
          message: msg,
          signature: sig,
          publicKey: publicKey.uncompressed,
          ...extra,
        },
      })),
    );
    return { lines: cases.map(({ line }) => line), expected: cases.map((c) => c.expected) };
  }

  const accepted = (answers: readonly Answer[]) => answers.map(({ valid }) => valid === true);

  test.each(['native', 'verilator'])('Wycheproof, DER, on %s', async (accel) => {
    const { lines, expected } = read('ecdsa_secp256k1_sha256_bitcoin_test.json', {
      encoding: 'der',
    });
    const { answers } = await ask(lines, ['--accel', accel]);
    expect(accepted(answers)).toEqual(expected);
    expect(answers.every(({ error }) => error === undefined)).toBe(true);
  });

  test.each(['native', 'verilator'])('Wycheproof, r then s, on %s', async (accel) => {
    const { lines, expected } = read('ecdsa_secp256k1_sha256_p1363_test.json', {});
    const { answers } = await ask(lines, ['--accel', accel, '--allow-high-s']);
    expect(accepted(answers)).toEqual(expected);
  });
});

describe('behavior: streams', () => {
  test('answers come in the order of the lines, whatever they are', async () => {
    const signed = Array.from({ length: 4 }, (_, i) => freshLine(random, i));
    const lines = Array.from({ length: 1_500 }, (_, id) => {
      const line = { ...signed[random.below(signed.length)]!, id };
      const kind = random.below(4);
      return kind === 0 ? { id } : kind === 1 ? spoilt(line) : line;
    });
    const { answers } = await ask(lines);
    expect(answers.map(({ id }) => id)).toEqual(lines.map(({ id }) => id));
    const kinds = lines.map((line) => ('digest' in line ? 'answer' : 'error'));
    expect(answers.map(({ error }) => (error ? 'error' : 'answer'))).toEqual(kinds);
  });

  test('a line is answered while the next one has not come', async () => {
    const child = hpb(['verify', '--accel', 'native']);
    const output = createInterface({ input: child.stdout! });
    for (const id of [1, 2, 3]) {
      child.stdin!.write(`${JSON.stringify(freshLine(random, id))}\n`);
      const [answer] = await once(output, 'line');
      expect(JSON.parse(answer)).toEqual({ id, valid: true, reason: 'OK' });
    }
    child.stdin!.end();
    expect((await child).exitCode).toBe(0);
  });

  test('an input larger than its memory goes through', async () => {
    const short = `${JSON.stringify({ id: 1, signature: 'x'.repeat(400) })}\n`.repeat(600);
    const long = `${'y'.repeat(3_000_000)}\n`;
    const megabytes = 320;
    function* chunks() {
      for (let bytes = 0; bytes < megabytes * 1e6; bytes += short.length + long.length) {
        yield short;
        yield long;
      }
    }
    const child = hpb(['verify', '--accel', 'native'], { buffer: false });
    Readable.from(chunks()).pipe(child.stdin!);
    let peak = 0;
    const lines = createInterface({ input: child.stdout! });
    let count = 0;
    for await (const line of lines) {
      if (count++ % 601 !== 0) continue;
      const { error } = JSON.parse(line) as Answer;
      expect(['MISSING_FIELD', 'LINE_TOO_LONG']).toContain(error?.code);
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? peak);
      } catch {
        // It has ended.
      }
    }
    expect((await child).exitCode).toBe(0);
    expect(count).toBeGreaterThan(600 * 80);
    expect(peak / 1024).toBeGreaterThan(10);
    expect(peak / 1024).toBeLessThan(megabytes - 100);
  });

  test('nobody reads: reading stops, and Ctrl-C still ends it', async () => {
    let pulled = 0;
    function* endless() {
      const lines = `${JSON.stringify({ id: 'x'.repeat(500) })}\n`.repeat(100);
      for (;;) {
        pulled += lines.length;
        yield lines;
      }
    }
    // Not execa: it would read the output itself.
    const child = spawn(process.execPath, [HPB, 'verify', '--accel', 'native']);
    child.stdin.on('error', () => {});
    Readable.from(endless()).pipe(child.stdin);
    // Of its answers the first piece alone is taken: it has to be there before it can be told to go.
    await once(child.stdout, 'readable');
    let before = -1;
    while (before !== pulled || pulled === 0) {
      before = pulled;
      await delay(1_000);
    }
    expect(pulled).toBeLessThan(32e6);
    child.kill('SIGINT');
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(130);
  });

  test('Ctrl-C: whole lines so far, a report, exit code 130', async () => {
    const line = freshLine(random, 1);
    const path = writeLines('many.jsonl', Array<object>(20_000).fill(line));
    const child = hpb(['verify', '--accel', 'software', path]);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    const { stdout, stderr, exitCode } = await child;
    const answers = parseLines(String(stdout));
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThan(20_000);
    expect(String(stdout).endsWith('}\n')).toBe(true);
    expect(stderr).toContain('interrupted');
    expect(stderr).toContain(`${answers.length.toLocaleString('en-US')} lines answered`);
    expect(exitCode).toBe(130);
  });

  test('a reader that goes away ends it quietly, exit code 141', async () => {
    const line = freshLine(random, 1);
    const path = writeLines('more.jsonl', Array<object>(20_000).fill(line));
    const child = hpb(['verify', '--accel', 'native', path], { buffer: { stdout: false } });
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const { stderr, exitCode } = await child;
    expect(exitCode).toBe(141);
    expect(stderr).toBe('');
  });

  test('a full disk is told, exit code 74', async () => {
    const full = openSync('/dev/full', 'w');
    const path = writeLines('full.jsonl', Array<object>(3).fill(freshLine(random, 1)));
    const child = spawn(process.execPath, [HPB, 'verify', '--accel', 'native', path], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    const [exitCode] = await once(child, 'close');
    expect(stderr).toContain('cannot write the output: ENOSPC');
    expect(exitCode).toBe(74);
  });
});

describe('error: input that cannot be read, exit code 2', () => {
  test.each([
    ['a file that is not there', () => pathOf('missing.jsonl'), /cannot read .*ENOENT/],
    ['a folder', () => folder, /cannot read .*directory/],
  ])('%s', async (_, path, message) => {
    const { stdout, stderr, exitCode } = await hpb(['verify', '--accel', 'native', path()]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });

  test('an input that cannot be opened ends with code 2, however long the backend takes to open', async () => {
    const path = pathOf('socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const { stderr, exitCode } = await hpb(['verify', '--accel', 'verilator', path]);
    server.close();
    expect(stderr).toMatch(/cannot read .*ENXIO/);
    expect(exitCode).toBe(2);
  });
});
