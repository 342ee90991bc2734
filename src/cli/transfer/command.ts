// SPDX-License-Identifier: Apache-2.0
// `hpb transfer`: sends an amount and waits until it is final.

import type { ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { parseAmount } from '../tx/amount.ts';
import { type SendOptions, sendOperation } from '../tx/send.ts';

/** Options of `hpb transfer`. */
export interface TransferOptions extends SendOptions {
  /** At most 64 bytes of UTF-8. */
  readonly memo: string;
}

/** Help of every command that sends a transaction. */
export const SEND_HELP = `
The key is that of --key, a file made by hpb keys new, or with --dev the one that everybody knows
of an account of a development network.

Exit code: 0 the transaction has come as far as --wait says, 1 it was refused or dropped or took
too long, 2 the key could not be read, 64 wrong usage, 69 no node answers, 130 Ctrl-C.
`;

export const TRANSFER_HELP = `${SEND_HELP}
Examples:
  hpb transfer user1 user2 5.25 --dev --memo "for the tea"
  hpb transfer alice bob 1000 --key alice.key --wait included --json | jq -r .id
`;

/** Sends an amount from one account to another. */
export async function transferCommand(
  from: string,
  to: string,
  amount: string,
  options: TransferOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const operation = {
    type: 'transfer',
    from,
    to,
    amount: parseAmount(amount, 'amount'),
    memo: new TextEncoder().encode(options.memo),
  } as const;
  return sendOperation(from, operation, options, terminal);
}
