// SPDX-License-Identifier: Apache-2.0
// One operation as a transaction: made, signed, handed in, followed.

import { randomInt } from 'node:crypto';
import {
  type Operation,
  ProtocolError,
  type SignedTransaction,
  type Transaction,
  transactionBytes,
} from '../../node/protocol/index.ts';
import { ApiClient } from '../api-client.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { formatAmount } from './amount.ts';
import { followTransaction, type Stage, type Status, statusText } from './follow.ts';
import { openSigner, type SignerOptions } from './signer.ts';

/** Options of all commands that send a transaction. */
export interface SendOptions extends SignerOptions {
  readonly url: string;
  /** How far to follow it. */
  readonly wait: Stage;
  readonly timeout: number;
  readonly json: boolean;
}

/** How long a transaction stays valid that nobody includes. */
const LIFE_SECONDS = 300;

/** What a command prints with --json. */
export interface Sent {
  readonly id: string;
  readonly fee: string;
  readonly status: Status;
}

/**
 * Does `operation` in the name of `account`, who pays the fee.
 *
 * @throws {CliError} `USAGE` where the operation is malformed, `FAILED` with the node's reason,
 *   `UNAVAILABLE`, `INPUT` for the key.
 */
export async function sendOperation(
  account: string,
  operation: Operation,
  options: SendOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = new ApiClient(options.url);
  try {
    const sign = await openSigner(account, options, terminal);
    const { transaction, signed } = await make(client, account, operation, sign);
    const status = await followTransaction({
      url: client.url,
      id: signed.id,
      until: options.wait,
      timeoutSeconds: options.timeout,
      terminal,
      start: () => submit(client, signed),
    });
    const sent: Sent = { id: signed.id, fee: String(transaction.fee), status };
    const text = `${sent.id}\n${statusText(status)}, fee ${formatAmount(transaction.fee)} GXN\n`;
    await terminal.stdout.write(options.json ? `${JSON.stringify(sent)}\n` : text);
    return EXIT.OK;
  } finally {
    client.close();
  }
}

async function make(
  client: ApiClient,
  account: string,
  operation: Operation,
  sign: (transaction: Transaction) => SignedTransaction,
) {
  const status = await client.get('status', '/status');
  const { final, fees } = status;
  const life = Math.min(LIFE_SECONDS, status.maxTransactionLifeSeconds - 1);
  const free: Transaction = {
    chainId: status.chainId,
    refHeight: final.height,
    refPrefix: Buffer.from(final.id.slice(0, 8), 'hex').readUInt32LE(),
    expiry: Math.floor(status.time / 1000) + life,
    nonce: randomInt(2 ** 32),
    account,
    fee: 0n,
    operations: [operation],
  };
  try {
    const bytes = BigInt(transactionBytes(free, 1));
    const opened = operation.type === 'createAccount' ? BigInt(fees.createAccount) : 0n;
    const fee = BigInt(fees.perTransaction) + BigInt(fees.perByte) * bytes + opened;
    const transaction = { ...free, fee };
    return { transaction, signed: sign(transaction) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new CliError(EXIT.USAGE, error.message, { cause: error });
  }
}

async function submit(client: ApiClient, { bytes }: SignedTransaction): Promise<void> {
  const { verdicts } = await client.submit(bytes, 'all');
  const [verdict] = verdicts;
  if (verdict?.accepted) return;
  const reason = verdict ? `${verdict.message} (${verdict.code})` : 'no verdict';
  throw new CliError(EXIT.FAILED, `the node refuses the transaction: ${reason}`);
}
