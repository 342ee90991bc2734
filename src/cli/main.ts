// SPDX-License-Identifier: Apache-2.0
// `hpb`: the commands, their options and their help.

import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ACCEL_NAMES, type AccelName } from './backends.ts';
import { type BenchOptions, benchCommand } from './bench/command.ts';
import { type ToeBenchOptions, toeBenchCommand } from './bench/toe/command.ts';
import { addCardCommands } from './card/command.ts';
import { addClientCommands } from './client-commands.ts';
import { addDevnetCommand } from './devnet/command.ts';
import { CliError, EXIT } from './exit.ts';
import { addGenesisCommands } from './genesis/command.ts';
import { addHdlCommands } from './hdl/command.ts';
import { infoCommand, packageVersion } from './info.ts';
import { addKeysCommands } from './keys/command.ts';
import { addNodeCommand } from './node/command.ts';
import { number } from './number-option.ts';
import { addReplayCommand } from './replay/command.ts';
import { addServeCommand } from './serve/command.ts';
import { type Terminal, withTerminal } from './terminal.ts';
import { type VerifyOptions, verifyCommand } from './verify/command.ts';

const VERIFY_HELP = `
Input, one JSON object a line:
  id          string or number, given back unchanged
  digest      32 bytes, or message: any bytes, hashed with SHA-256
  signature   64 bytes r then s; with "encoding":"der" a DER signature
  publicKey   33 or 65 bytes, SEC 1 (for verify)
  recovery    0 to 3 (for recover)
Bytes are hexadecimal without 0x. A line is at most 1 MiB; blank lines are skipped.

Output, one JSON object a line, in the order of the input:
  {"id","valid","reason"}          verify, and a recover that found no key
  {"id","publicKey"}               recover
  {"id","error":{"code","message"}}  a malformed line; the others are still answered

Exit code: 0 all lines answered, 1 the backend failed, 2 the input could not be read,
64 wrong usage, 69 the backend does not work here, 74 the output could not be written,
130 Ctrl-C.

Examples:
  hpb verify --accel native signatures.jsonl > answers.jsonl
  zcat block.jsonl.gz | hpb verify --op recover --accel verilator - | jq .publicKey
`;

const BENCH_HELP = `
Takes turns between the backends, checks every answer and ends with code 1 on a wrong one.
Wall-clock figures say what happens on this machine, cycle figures what the design does;
projected figures are cycles at a stated clock, and say where that clock comes from.

Examples:
  hpb bench sigverify
  hpb bench sigverify --accel software,verilator --count 2000 --json | jq '.[].wallPerSecond'
`;

const TOE_HELP = `
Both ends are in this process: the system's TCP on its loopback, the card's as two emulated cards on a
hub. Wall-clock figures say what happens on this machine. Cycles are those for which the two cards were
simulated, waiting for one another and for the host included.

Examples:
  hpb bench toe
  hpb bench toe --connections 50 --messages 100 --bytes 1000000 --json | jq '.[].wall'
`;

const INFO_HELP = `
Examples:
  hpb info
  hpb info --json | jq '.backends[] | select(.available) | .backend'
`;

function parseAccelList(value: string): AccelName[] {
  const names = value.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(ACCEL_NAMES as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(
        `Expected some of ${ACCEL_NAMES.join(',')}, separated by commas; got ${JSON.stringify(name)}.`,
      );
    }
  }
  return [...new Set(names)] as AccelName[];
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!/^\d+$/.test(value) || count < 1 || count > 1_000_000) {
    throw new InvalidArgumentError(`Expected an integer from 1 to 1000000, got ${value}.`);
  }
  return count;
}

const operation = () =>
  new Option('--op <operation>', 'what to do').choices(['verify', 'recover']).default('verify');

/** The commands; `finish` gets the exit code of the one that ran. */
function makeProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command('hpb')
    .description(
      'A blockchain node on an accelerator card, emulated or real, or on software; and the card.',
    )
    .version(packageVersion(), '-V, --version')
    .showHelpAfterError('(add --help for all options)')
    .exitOverride();

  program
    .command('verify')
    .description('answer signatures, JSON Lines in and out')
    .addArgument(new Argument('[file]', 'input, - for standard input').default('-'))
    .addOption(
      new Option('--accel <backend>', 'who does the arithmetic')
        .choices(ACCEL_NAMES)
        .default('software'),
    )
    .addOption(operation())
    .option('--allow-high-s', 'accept s above n/2', false)
    .option('--device <address>', 'card of pcie: 0000:01:00.0, or vfio-user:PATH')
    .option('--record <file>', 'record the run of a card, for hpb replay')
    .addHelpText('after', VERIFY_HELP)
    .action(async (file: string, options: VerifyOptions) => {
      finish(await verifyCommand(file, options, terminal));
    });

  const bench = program.command('bench').description('measure backends against one another');
  bench
    .command('sigverify')
    .description('signatures per second of all backends, in one run')
    .option('--accel <list>', 'backends, by commas (default: all that work here)', parseAccelList)
    .option('--device <address>', 'card of pcie: 0000:01:00.0, or vfio-user:PATH')
    .option(
      '--count <signatures>',
      'different signatures, each asked in every round',
      parseCount,
      512,
    )
    .addOption(operation())
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', BENCH_HELP)
    .action(async (options: BenchOptions) => {
      finish(await benchCommand(options, terminal));
    });

  bench
    .command('toe')
    .description("TCP of the system beside the card's, in one run")
    .option('--connections <count>', 'connections opened and closed', number(1, 1_000_000), 200)
    .option('--messages <count>', 'messages of 64 bytes and back', number(1, 1_000_000), 500)
    .option('--bytes <count>', 'bytes one way', number(1, 1_000_000_000), 2_000_000)
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', TOE_HELP)
    .action(async (options: ToeBenchOptions) => {
      finish(await toeBenchCommand(options, terminal));
    });

  program
    .command('info')
    .description('versions, backends that work here and why others do not, the card')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', INFO_HELP)
    .action(async ({ json }: { json: boolean }) => {
      finish(await infoCommand(json, terminal));
    });

  addCardCommands(program, terminal, finish);
  addReplayCommand(program, terminal, finish);
  addHdlCommands(program, terminal, finish);
  addServeCommand(program, terminal, finish);
  addNodeCommand(program, terminal, finish);
  addDevnetCommand(program, terminal, finish);
  addKeysCommands(program, terminal, finish);
  addGenesisCommands(program, terminal, finish);
  addClientCommands(program, terminal, finish);
  return program;
}

/**
 * Runs `hpb`. After Ctrl-C it ends the process: output that nobody reads would keep it alive.
 *
 * @param argv - arguments after the command's own name.
 * @returns the exit code, one of `EXIT`.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const code = await withTerminal((terminal) => run(argv, terminal));
  if (code === EXIT.INTERRUPTED) process.exit(code);
  return code;
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.OK;
  const program = makeProgram(terminal, (value) => {
    code = value;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
    if (!(error instanceof CliError)) throw error;
    if (error.exitCode !== EXIT.PIPE) terminal.stderr.write(`hpb: ${error.message}\n`);
    return error.exitCode;
  }
}
