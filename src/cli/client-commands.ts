// SPDX-License-Identifier: Apache-2.0
// The commands that ask a node, their options and their help.

import { type Command, Option } from 'commander';
import {
  ACCOUNT_HELP,
  type AccountOptions,
  accountCreateCommand,
  accountHistoryCommand,
  accountRegisterCommand,
  accountShowCommand,
  accountStakeCommand,
  type CreateOptions,
  type RegisterOptions,
} from './account/command.ts';
import { DEFAULT_URL } from './api-client.ts';
import type { ExitCode } from './exit.ts';
import { LOAD_HELP, type LoadOptions, loadCommand } from './load/command.ts';
import { number } from './number-option.ts';
import { STATUS_HELP, type StatusOptions, statusCommand } from './status/command.ts';
import type { Terminal } from './terminal.ts';
import { TRANSFER_HELP, type TransferOptions, transferCommand } from './transfer/command.ts';
import { TX_HELP, type TxOptions, txCommand } from './tx/command.ts';
import { STAGES } from './tx/follow.ts';
import type { SendOptions } from './tx/send.ts';
import { VOTE_HELP, type VoteOptions, voteCommand } from './vote/command.ts';

/** Options of every command that asks a node. */
function asking(command: Command): Command {
  return command
    .option('--url <url>', 'API of the node', DEFAULT_URL)
    .option('--json', 'JSON on standard output', false);
}

const timeout = () =>
  new Option('--timeout <seconds>', 'how long to wait')
    .argParser(number(1, 86_400, false))
    .default(60);

/** Options of every command that sends a transaction. */
function sending(command: Command): Command {
  return asking(command)
    .option('--key <file>', 'key file of the account')
    .option('--passphrase-file <file>', 'where the passphrase of the key is')
    .option('--dev', 'key of the account in a development network', false)
    .option('--seed <seed>', 'of the development network', 'hpb')
    .addOption(
      new Option('--wait <stage>', 'how far to follow it').choices(STAGES).default('final'),
    )
    .addOption(timeout());
}

/** Adds the commands; `finish` gets the exit code of the one that ran. */
export function addClientCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  asking(program.command('status').description('a node, its chain, its accelerator'))
    .addHelpText('after', STATUS_HELP)
    .action(async (options: StatusOptions) => finish(await statusCommand(options, terminal)));

  addAccountCommands(program, terminal, finish);

  sending(program.command('transfer').description('send an amount'))
    .argument('<from>', 'account that pays')
    .argument('<to>', 'account that gets it')
    .argument('<amount>', 'GXN, up to 8 decimals')
    .option('--memo <text>', 'at most 64 bytes', '')
    .addHelpText('after', TRANSFER_HELP)
    .action(async (from: string, to: string, amount: string, options: TransferOptions) =>
      finish(await transferCommand(from, to, amount, options, terminal)),
    );

  sending(program.command('vote').description('vote for producers'))
    .argument('<account>', 'who votes')
    .argument('[producers...]', 'up to 30 of them')
    .option('--none', 'withdraw all votes', false)
    .addHelpText('after', VOTE_HELP)
    .action(async (account: string, producers: string[], options: VoteOptions) =>
      finish(await voteCommand(account, producers, options, terminal)),
    );

  asking(program.command('tx').description('a transaction and how far it has come'))
    .argument('<id>', '64 hexadecimal digits')
    .addOption(new Option('--wait <stage>', 'follow it so far').choices(STAGES))
    .addOption(timeout())
    .addHelpText('after', TX_HELP)
    .action(async (id: string, options: TxOptions) =>
      finish(await txCommand(id, options, terminal)),
    );

  asking(program.command('load').description('put load on a network and measure it'))
    .requiredOption('--rate <per second>', 'transfers a second', number(0.1, 1e6, false))
    .requiredOption('--seconds <seconds>', 'for how long', number(0.1, 864_000, false))
    .option('--users <count>', 'accounts that send: user1 to userN', number(2, 10_000, true), 16)
    .option('--seed <seed>', 'of the development network', 'hpb')
    .option('--settle <seconds>', 'wait for what is not final yet', number(0, 86_400, false), 60)
    .addHelpText('after', LOAD_HELP)
    .action(async (options: LoadOptions) => finish(await loadCommand(options, terminal)));
}

function addAccountCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const account = program
    .command('account')
    .description('accounts: what they have, what happened to them, opening one')
    .addHelpText('after', ACCOUNT_HELP);
  asking(account.command('show').description('balance, stake, authorities and votes'))
    .argument('<name>', 'of the account')
    .addHelpText('after', ACCOUNT_HELP)
    .action(async (name: string, options: AccountOptions) =>
      finish(await accountShowCommand(name, options, terminal)),
    );
  asking(account.command('history').description('what happened, latest first'))
    .argument('<name>', 'of the account')
    .option('--limit <entries>', 'at most so many', number(1, 100, true), 20)
    .option('--before <position>', 'go on from there')
    .addHelpText('after', ACCOUNT_HELP)
    .action(async (name: string, options: AccountOptions) =>
      finish(await accountHistoryCommand(name, options, terminal)),
    );
  sending(account.command('create').description('open an account'))
    .argument('<name>', '3 to 32 characters')
    .argument('<balance>', 'first balance, GXN')
    .requiredOption('--creator <account>', 'who pays')
    .requiredOption('--owner <key>', 'public key that may change everything')
    .option('--active <key>', 'public key for everyday use (default: the same)')
    .addHelpText('after', ACCOUNT_HELP)
    .action(async (name: string, balance: string, options: CreateOptions) =>
      finish(await accountCreateCommand(name, balance, options, terminal)),
    );
  for (const type of ['stake', 'unstake'] as const) {
    const description = type === 'stake' ? 'balance to stake' : 'stake to balance, after a delay';
    sending(account.command(type).description(description))
      .argument('<name>', 'of the account')
      .argument('<amount>', 'GXN')
      .addHelpText('after', ACCOUNT_HELP)
      .action(async (name: string, amount: string, options: SendOptions) =>
        finish(await accountStakeCommand(type, name, amount, options, terminal)),
      );
  }
  sending(account.command('register').description('stand for election as a producer'))
    .argument('<name>', 'of the account')
    .requiredOption('--signing-key <key>', 'public key that signs blocks')
    .addHelpText('after', ACCOUNT_HELP)
    .action(async (name: string, options: RegisterOptions) =>
      finish(await accountRegisterCommand(name, options, terminal)),
    );
}
