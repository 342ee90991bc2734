// SPDX-License-Identifier: Apache-2.0
// `hpb tx`: a transaction and how far it has come.

import type { Answer } from '../../node/api/answers.ts';
import { isId } from '../../node/protocol/index.ts';
import { ApiClient } from '../api-client.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { fieldTable } from '../status/fields.ts';
import type { Terminal } from '../terminal.ts';
import { formatAmount } from './amount.ts';
import { followTransaction, type Stage, statusText } from './follow.ts';
import { operationText } from './operation-text.ts';

/** Options of `hpb tx`. */
export interface TxOptions {
  readonly url: string;
  readonly wait?: Stage;
  readonly timeout: number;
  readonly json: boolean;
}

export const TX_HELP = `
Exit code: 0 found (and, with --wait, come so far), 1 unknown, dropped or not so far in time,
64 wrong usage, 69 no node answers, 130 Ctrl-C.

Examples:
  hpb tx 7d0c0f…64 digits
  hpb tx 7d0c0f…64 digits --wait final --timeout 30 --json | jq .status
`;

/** Shows a transaction; with `wait`, follows it first. */
export async function txCommand(
  id: string,
  options: TxOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (!isId(id)) {
    throw new CliError(EXIT.USAGE, `id: expected 64 hexadecimal digits, lower case; got ${id}`);
  }
  const client = new ApiClient(options.url);
  try {
    const { wait, timeout } = options;
    if (wait) {
      const { url } = client;
      await followTransaction({ url, id, until: wait, timeoutSeconds: timeout, terminal });
    }
    const found = await client.get('transaction', `/transactions/${id}`);
    const text = options.json ? `${JSON.stringify(found)}\n` : transactionText(found);
    await terminal.stdout.write(text);
    return EXIT.OK;
  } finally {
    client.close();
  }
}

function transactionText({ id, bytes, status, transaction }: Answer<'transaction'>): string {
  const rows: [string, string][] = [['id', id]];
  if (status) rows.push(['status', statusText(status)]);
  if (transaction) {
    const { account, fee, expiry, operations } = transaction;
    rows.push(['account', String(account)], ['fee', `${formatAmount(BigInt(String(fee)))} GXN`]);
    rows.push(['expires', new Date(1000 * Number(expiry)).toISOString()]);
    rows.push(['size', `${bytes} bytes`]);
    for (const operation of operations as Record<string, unknown>[]) {
      rows.push(['operation', operationText(operation)]);
    }
  }
  return fieldTable(rows);
}
