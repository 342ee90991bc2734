// SPDX-License-Identifier: Apache-2.0
// Whose key signs: one from a file, or one of a development network, which everybody knows.

import { devSecret } from '../../node/genesis/index.ts';
import { KeyFileError, openKeyFile } from '../../node/keys/index.ts';
import {
  type SignedTransaction,
  signTransaction,
  type Transaction,
} from '../../node/protocol/index.ts';
import { CliError, EXIT } from '../exit.ts';
import { getPassphrase, type PassphraseOptions } from '../keys/passphrase.ts';
import type { Terminal } from '../terminal.ts';

/** Options of commands that sign. */
export interface SignerOptions extends PassphraseOptions {
  /** A key file. */
  readonly key?: string;
  /** The key that a development network gave the account. */
  readonly dev: boolean;
  /** Of that network. */
  readonly seed: string;
}

/** Signs, and forgets the key. */
export type Signer = (transaction: Transaction) => SignedTransaction;

/** @throws {CliError} `USAGE` for none or both, `INPUT` when the file does not open. */
export async function openSigner(
  account: string,
  options: SignerOptions,
  terminal: Terminal,
): Promise<Signer> {
  const { key, dev, seed } = options;
  if ((key === undefined) !== dev) {
    const got = key === undefined ? 'neither' : 'both';
    throw new CliError(EXIT.USAGE, `expected --key <file> or --dev, got ${got}`);
  }
  if (dev) {
    const secret = devSecret(seed, `account/${account}`);
    return (transaction) => signTransaction(transaction, [secret]);
  }
  const passphrase = await getPassphrase(options, terminal);
  try {
    const { secret } = await openKeyFile({ path: key!, passphrase });
    return (transaction) => {
      const signed = signTransaction(transaction, [secret]);
      secret.fill(0);
      return signed;
    };
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new CliError(EXIT.INPUT, error.message, { cause: error });
  }
}
