// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { nativeLibrary } from '../../driver/paths.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { type CheckOptions, checkCommand } from './check.ts';

const SERVE_HELP = `
The card runs in a process of its own and is a PCI function over vfio-user: --accel pcie drives it as it
drives a board. One client at a time; each finds the card freshly powered on. Whoever may open the socket
may use the card.

Exit code: 0 stopped by Ctrl-C or SIGTERM, 69 it does not start.

Examples:
  hpb card serve --socket /tmp/card.sock
  hpb verify --accel pcie --device vfio-user:/tmp/card.sock signatures.jsonl
`;

const CHECK_HELP = `
Stops at the first step that fails and says what was expected and what came; docs/porting.md says what
each step needs of a board. The card is reset, nobody else may use it meanwhile.

Exit code: 0 all steps went well, 1 one failed, 69 the card does not open, 130 Ctrl-C.

Examples:
  hpb card check --device 0000:01:00.0
  hpb card check --accel verilator
`;

/** Options of `hpb card serve`. */
export interface ServeOptions {
  readonly socket: string;
  readonly library?: string;
}

/** Adds the commands; `finish` gets the exit code of the one that ran. */
export function addCardCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const card = program.command('card').description('a card by itself');
  addCheckCommand(card, terminal, finish);
  card
    .command('serve')
    .description('present the emulated card to other processes, over vfio-user')
    .requiredOption('--socket <path>', 'Unix socket to make')
    .option('--library <path>', 'another build of the emulated card')
    .addHelpText('after', SERVE_HELP)
    .action(async (options: ServeOptions) => finish(await serveCommand(options, terminal)));
}

function addCheckCommand(
  card: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  card
    .command('check')
    .description('try a card step by step: registers, clock, interrupt, DMA, signatures')
    .addOption(
      new Option('--accel <backend>', 'which card').choices(['verilator', 'pcie']).default('pcie'),
    )
    .option('--device <address>', 'card of pcie: 0000:01:00.0, or vfio-user:PATH')
    .option('--library <path>', 'another build of the emulated card')
    .addHelpText('after', CHECK_HELP)
    .action(async (options: CheckOptions) => finish(await checkCommand(options, terminal)));
}

/** Runs the card's process until Ctrl-C. */
export async function serveCommand(
  { socket, library = nativeLibrary('libhpbcard.so') }: ServeOptions,
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  const server = nativeLibrary('hpb_card_server');
  for (const path of [server, library]) {
    if (existsSync(path)) continue;
    throw new CliError(EXIT.UNAVAILABLE, `${path} is missing: run \`make build\``);
  }
  const child = execa(server, [library, socket], {
    stdin: 'pipe', // whose end is the card's, too
    stdout: 'pipe',
    stderr: 'inherit',
    reject: false,
  });
  const stop = () => child.kill('SIGTERM');
  interrupt.addEventListener('abort', stop, { once: true });
  if (interrupt.aborted) stop();
  for await (const line of child) {
    if (line === 'ready') await stdout.write(`ready: --accel pcie --device vfio-user:${socket}\n`);
  }
  const { exitCode, signal } = await child;
  interrupt.removeEventListener('abort', stop);
  if (interrupt.aborted || exitCode === 0) return EXIT.OK;
  const how = signal === undefined ? `code ${exitCode}` : signal;
  throw new CliError(EXIT.UNAVAILABLE, `the card's process ended (${how})`);
}
