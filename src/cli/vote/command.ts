// SPDX-License-Identifier: Apache-2.0
// `hpb vote`: replaces an account's votes for producers.

import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { SEND_HELP } from '../transfer/command.ts';
import { type SendOptions, sendOperation } from '../tx/send.ts';

/** Options of `hpb vote`. */
export interface VoteOptions extends SendOptions {
  /** Withdraw all votes. */
  readonly none: boolean;
}

export const VOTE_HELP = `
An account's votes weigh as much as its stake; these replace the ones it has cast before.
${SEND_HELP}
Examples:
  hpb vote user1 producer1 producer2 --dev
  hpb vote alice --none --key alice.key
`;

/** Votes for up to 30 producers, or for none. */
export async function voteCommand(
  account: string,
  producers: readonly string[],
  options: VoteOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if ((producers.length === 0) !== options.none) {
    const got = options.none ? 'both' : 'neither';
    throw new CliError(EXIT.USAGE, `expected producers or --none, got ${got}`);
  }
  const chosen = [...new Set(producers)].sort();
  const operation = { type: 'voteProducers', account, producers: chosen } as const;
  return sendOperation(account, operation, options, terminal);
}
