// SPDX-License-Identifier: Apache-2.0
// `hpb keys`: makes key files and shows whose they are.

import type { Command } from 'commander';
import { createKeyFile, KeyFileError, openKeyFile, readPublicKey } from '../../node/keys/index.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { getPassphrase, type PassphraseOptions } from './passphrase.ts';

/** Options of `hpb keys new` and `hpb keys show`. */
export interface KeysOptions extends PassphraseOptions {
  readonly json: boolean;
  /** Open the file, which proves that it holds the key it says. */
  readonly verify?: boolean;
}

/** Makes a key and writes it to a file that nobody else can read. */
export async function keysNewCommand(
  file: string,
  options: KeysOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const passphrase = await getPassphrase(options, terminal, true);
  const { publicKey, secret } = await explained(createKeyFile({ path: file, passphrase }));
  secret.fill(0);
  await print({ file, publicKey }, options, terminal);
  return EXIT.OK;
}

/** Shows the public key of a key file. */
export async function keysShowCommand(
  file: string,
  options: KeysOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  let publicKey: string;
  if (options.verify) {
    await explained(readPublicKey(file));
    const passphrase = await getPassphrase(options, terminal);
    const pair = await explained(openKeyFile({ path: file, passphrase }));
    pair.secret.fill(0);
    publicKey = pair.publicKey;
  } else {
    publicKey = await explained(readPublicKey(file));
  }
  await print({ file, publicKey }, options, terminal);
  return EXIT.OK;
}

async function print(
  key: { readonly file: string; readonly publicKey: string },
  { json }: KeysOptions,
  { stdout }: Terminal,
): Promise<void> {
  await stdout.write(json ? `${JSON.stringify(key)}\n` : `${key.publicKey}\n`);
}

/** Errors of key files as the command's. */
async function explained<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    const exit = error.code === 'KEY_EXISTS' || error.code === 'KEY_IO' ? EXIT.OUTPUT : EXIT.INPUT;
    throw new CliError(exit, error.message, { cause: error });
  }
}

const HELP = `
The passphrase is the first line of --passphrase-file, else HPB_PASSPHRASE, else it is asked for.
A key file has mode 0600; one that others may read is refused.

Exit code: 0 done, 2 the file or the passphrase could not be used, 74 the file could not be written
or is there already.

Examples:
  hpb keys new producer.key
  hpb keys show producer.key --json | jq -r .publicKey
  hpb keys show producer.key --verify --passphrase-file /run/secrets/passphrase
`;

/** Adds `keys` with its commands; `finish` gets the exit code of the one that ran. */
export function addKeysCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const keys = program.command('keys').description('key files, encrypted with a passphrase');
  keys
    .command('new')
    .description('make a key and write it to a file')
    .argument('<file>', 'a file that does not exist yet')
    .option('--passphrase-file <file>', 'where the passphrase is')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .action(async (file: string, options: KeysOptions) => {
      finish(await keysNewCommand(file, options, terminal));
    });
  keys
    .command('show')
    .description('show the public key of a file')
    .argument('<file>', 'a key file')
    .option('--verify', 'open the file with its passphrase: is it the key it says?', false)
    .option('--passphrase-file <file>', 'where the passphrase is')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .action(async (file: string, options: KeysOptions) => {
      finish(await keysShowCommand(file, options, terminal));
    });
}
