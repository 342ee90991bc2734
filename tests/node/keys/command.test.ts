// SPDX-License-Identifier: Apache-2.0
// hpb keys, as a command on streams.

import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CliError } from '../../../src/cli/exit.ts';
import { addKeysCommands } from '../../../src/cli/keys/command.ts';
import { Output, type Terminal } from '../../../src/cli/terminal.ts';

let folder: string;
let key: string;
let phrase: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpb-keys-'));
  key = join(folder, 'a.key');
  phrase = join(folder, 'passphrase');
  writeFileSync(phrase, 'correct horse\nignored\n', { mode: 0o600 });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `hpb keys ...`; `typed` is what somebody types at a terminal. */
async function keys(args: readonly string[], typed?: string) {
  const controller = new AbortController();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const raw: boolean[] = [];
  const terminal: Terminal = {
    stdin: Object.assign(stdin, {
      isTTY: typed !== undefined,
      setRawMode: (on: boolean) => raw.push(on),
    }),
    stdout: new Output(stdout, controller.signal),
    stderr,
    interrupt: controller.signal,
  };
  // Each line when it is asked for: a person waits for the prompt.
  const lines = typed?.match(/[^\r]*\r|[^\r]+$/g) ?? [];
  stderr.on('data', (text: Buffer) => {
    if (text.toString().endsWith(': ')) setImmediate(() => stdin.write(lines.shift() ?? '\u0003'));
  });
  const program = new Command('hpb').exitOverride();
  program.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  let code: number | undefined;
  addKeysCommands(program, terminal, (value) => {
    code = value;
  });
  const error = await program.parseAsync(['keys', ...args], { from: 'user' }).then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof CliError) code = error.exitCode;
  return {
    code,
    message: error instanceof Error ? error.message : '',
    stdout: String(stdout.read() ?? ''),
    raw,
  };
}

test('new writes a file, show says whose it is', async () => {
  const made = await keys(['new', key, '--passphrase-file', phrase, '--json']);
  expect(made.code).toBe(0);
  const { publicKey, file } = JSON.parse(made.stdout);
  expect(file).toBe(key);
  expect(publicKey).toMatch(/^0[23][0-9a-f]{64}$/);
  expect((await keys(['show', key])).stdout).toBe(`${publicKey}\n`);
  const verified = await keys(['show', key, '--verify', '--passphrase-file', phrase, '--json']);
  expect(JSON.parse(verified.stdout)).toEqual({ file: key, publicKey });
});

test('the passphrase comes from HPB_PASSPHRASE where no file is named', async () => {
  vi.stubEnv('HPB_PASSPHRASE', 'correct horse');
  expect((await keys(['new', key])).code).toBe(0);
  vi.stubEnv('HPB_PASSPHRASE', 'wrong');
  const wrong = await keys(['show', key, '--verify']);
  expect(wrong).toMatchObject({ code: 2, message: expect.stringContaining('wrong passphrase') });
  expect((await keys(['show', key, '--verify', '--passphrase-file', phrase])).code).toBe(0);
});

test('at a terminal it is asked for twice, without an echo', async () => {
  const made = await keys(['new', key], 'secreX\u007ft\rsecret\r');
  expect(made.code).toBe(0);
  expect(made.raw).toEqual([true, false, true, false]);
  expect((await keys(['show', key, '--verify'], 'secret\r')).code).toBe(0);
});

test('two that differ, none, and Ctrl-C make no file', async () => {
  expect(await keys(['new', key], 'one\rtwo\r')).toMatchObject({
    code: 2,
    message: expect.stringMatching(/differ/),
  });
  expect(await keys(['new', key], '\r')).toMatchObject({ code: 2 });
  expect(await keys(['new', key], 'half\u0003')).toMatchObject({ code: 130, raw: [true, false] });
  expect(await keys(['new', key])).toMatchObject({ code: 2 });
  expect(existsSync(key)).toBe(false);
});

test('a passphrase file that others can read, or that is not there, is refused', async () => {
  chmodSync(phrase, 0o644);
  const open = await keys(['new', key, '--passphrase-file', phrase]);
  expect(open).toMatchObject({ code: 2, message: expect.stringContaining('0600') });
  const missing = await keys(['new', key, '--passphrase-file', join(folder, 'missing')]);
  expect(missing.code).toBe(2);
  expect(existsSync(key)).toBe(false);
});

test('an existing file is left alone', async () => {
  writeFileSync(key, 'something');
  const { code, message } = await keys(['new', key, '--passphrase-file', phrase]);
  expect(code).toBe(74);
  expect(message).toContain('there already');
});

test('no message holds the passphrase', async () => {
  vi.stubEnv('HPB_PASSPHRASE', 'hunter2');
  writeFileSync(key, '{}', { mode: 0o600 });
  for (const args of [
    ['show', key, '--verify'],
    ['new', key],
  ]) {
    const { message, code } = await keys(args);
    expect(code).not.toBe(0);
    expect(message).not.toContain('hunter2');
  }
});
