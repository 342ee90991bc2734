// SPDX-License-Identifier: Apache-2.0
// Where a passphrase comes from: a file, the environment, or whoever sits at the terminal.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { CliError, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

const MOST_BYTES = 4096;

/** Options of every command that opens a key. */
export interface PassphraseOptions {
  /** Its first line is the passphrase. */
  readonly passphraseFile?: string;
}

/**
 * The passphrase: of --passphrase-file, else HPB_PASSPHRASE, else asked for.
 *
 * @param twice - whether to ask a second time, for a new key.
 * @throws {CliError} `INPUT` when there is none; nothing of it is in the message.
 */
export async function getPassphrase(
  { passphraseFile }: PassphraseOptions,
  terminal: Terminal,
  twice = false,
): Promise<string> {
  if (passphraseFile !== undefined) return checkPassphrase(readFirstLine(passphraseFile));
  const { HPB_PASSPHRASE: variable } = process.env;
  if (variable !== undefined) return checkPassphrase(variable);
  if (!terminal.stdin.isTTY) {
    throw new CliError(
      EXIT.INPUT,
      'no passphrase: expected --passphrase-file, HPB_PASSPHRASE or a terminal',
    );
  }
  const passphrase = checkPassphrase(await ask('Passphrase: ', terminal));
  if (twice && (await ask('The same again: ', terminal)) !== passphrase) {
    throw new CliError(EXIT.INPUT, 'the two passphrases differ');
  }
  return passphrase;
}

function checkPassphrase(passphrase: string): string {
  if (passphrase === '') throw new CliError(EXIT.INPUT, 'expected a passphrase, got none');
  return passphrase;
}

/** A file of its owner alone; a pipe is as good. */
function readFirstLine(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const status = fstatSync(file);
      if (status.isFile() && (status.mode & 0o077) !== 0) {
        throw new Error('others may read it; expected mode 0600 (chmod 600)');
      }
      const bytes = Buffer.alloc(MOST_BYTES);
      let length = 0;
      for (let got = -1; got !== 0 && length < MOST_BYTES; length += got) {
        got = readSync(file, bytes, length, MOST_BYTES - length, null);
      }
      return bytes.toString('utf8', 0, length).split(/\r?\n/, 1)[0] ?? '';
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { message } = error as Error;
    throw new CliError(EXIT.INPUT, `cannot read the passphrase file ${path}: ${message}`);
  }
}

/** Asks without an echo. */
async function ask(prompt: string, { stdin, stderr, interrupt }: Terminal): Promise<string> {
  const input = stdin as ReadStream;
  stderr.write(prompt);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = '';
      const stop = () => {
        input.off('data', onData);
        input.off('end', onEnd);
        interrupt.removeEventListener('abort', onEnd);
        input.pause();
      };
      const onEnd = () => {
        stop();
        reject(new CliError(EXIT.INTERRUPTED, 'interrupted'));
      };
      const onData = (chunk: string) => {
        for (const character of chunk) {
          if (character === '\r' || character === '\n') {
            stop();
            resolve(text);
            return;
          }
          if (character === '\u0003' || character === '\u0004') return onEnd();
          if (character === '\u007f' || character === '\b') text = [...text].slice(0, -1).join('');
          else if (character >= ' ' && text.length < MOST_BYTES) text += character;
        }
      };
      input.on('data', onData);
      input.on('end', onEnd);
      interrupt.addEventListener('abort', onEnd, { once: true });
      input.resume();
    });
  } finally {
    input.setRawMode(false);
    stderr.write('\n');
  }
}
