// SPDX-License-Identifier: Apache-2.0
// `hpb genesis`: makes what a network begins with, checks it and shows it.

import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Genesis, genesisToJson } from '../../node/genesis/index.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { composeGenesis } from './compose.ts';
import { readPlan } from './plan.ts';
import { accepted, RefusedGenesis, readGenesis } from './read.ts';
import { genesisText, releasesOf } from './text.ts';

/** Options of `hpb genesis new`. */
export interface NewOptions {
  readonly plan?: string;
  readonly json: boolean;
}

/** Options of `hpb genesis check` and `show`. */
export interface GenesisOptions {
  readonly json: boolean;
}

const CODES = `
Exit code: 0 done, 2 a file could not be read or no node would take what is in it, 64 wrong usage,
74 the file could not be written or is there already.
`;

const NEW_HELP = `
Everybody who joins the network needs this very file: the chain id is its hash. Of the supply,
crowdfunding has 36 %, early 10 %, founders 20 %, reserve 19 % and incentive 15 %, as the white paper has
it, with its lock-ups; producers and accounts have theirs out of crowdfunding, or as a plan says.
What is left belongs to hpb.crowdfunding, hpb.early and so on, and those to --fund-key. Fees and limits
are customary ones; change them in the file, before the network starts, and check it again.

A plan is JSON; flags replace its keys. Amounts are GXN, as text. Owners and actives are keys,
or authorities: {"threshold":2,"keys":[{"key":"02..","weight":1},..]}.
  name, fundKey, supply ("100000000")
  time               of slot 0, "2030-01-31T12:00:00Z" (now)
  consensus          "dpos" or "poa"
  slotMilliseconds   3000
  seats              producers that take turns (all)
  producers          [{account, signingKey, owner, active (owner), balance ("1000"), stake ("1000")}]
  accounts           [{name, owner, active (owner), balance, stake ("0"), allocation ("crowdfunding")}]
  funds              {"founders": {owner, active (owner)}, ..} instead of fundKey
${CODES}
Examples:
  hpb genesis new genesis.json --name harbour --fund-key $(hpb keys show fund.key) \\
    --producer alice:$(hpb keys show alice-signing.key):$(hpb keys show alice.key)
  hpb genesis new genesis.json --plan plan.json --time 2030-01-31T12:00:00Z --json | jq -r .chainId
`;

const CHECK_HELP = `
Prints the chain id, which has to be the same on all machines of a network.
An error names the key. With --json it is {"valid":false,"key","message"}, on standard output, too.
${CODES}
Examples:
  hpb genesis check genesis.json
  hpb genesis check genesis.json --json | jq -r 'select(.valid | not) | .key'
`;

const SHOW_HELP = `
K is how many confirmations make a block final: so many producers have to be there.
${CODES}
Examples:
  hpb genesis show genesis.json
  hpb genesis show genesis.json --json | jq '.releases[] | select(.account == "hpb.reserve")'
`;

/** Writes a genesis to a file that was not there. */
export async function genesisNewCommand(
  file: string,
  { plan, json }: NewOptions,
  flags: Readonly<Record<string, unknown>>,
  { stdout }: Terminal,
): Promise<ExitCode> {
  const sources = { flags, ...(plan !== undefined && { file: plan }) };
  const now = Math.floor(Date.now() / 1000) * 1000;
  const genesis = accepted(plan ?? 'plan', () => composeGenesis(readPlan(sources), now));
  write(file, `${JSON.stringify(genesisToJson(genesis), undefined, 2)}\n`);
  const { chainId } = genesis;
  await stdout.write(json ? `${JSON.stringify({ file, chainId })}\n` : `${chainId}\n`);
  return EXIT.OK;
}

function write(path: string, text: string): void {
  try {
    const file = openSync(path, 'wx', 0o644);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST' ? `${path} is there already; another genesis is another chain` : message;
    throw new CliError(EXIT.OUTPUT, why, { cause: error });
  }
}

/** Checks a genesis as a node does that starts with it. */
export async function genesisCheckCommand(
  file: string,
  { json }: GenesisOptions,
  { stdout }: Terminal,
): Promise<ExitCode> {
  try {
    const { chainId } = readGenesis(file);
    await stdout.write(json ? `${JSON.stringify({ valid: true, chainId })}\n` : `${chainId}\n`);
    return EXIT.OK;
  } catch (error) {
    if (json && error instanceof RefusedGenesis) {
      const { key, message } = error;
      await stdout.write(`${JSON.stringify({ valid: false, key, message })}\n`);
    }
    throw error;
  }
}

/** Shows what is in a genesis. */
export async function genesisShowCommand(
  file: string,
  { json }: GenesisOptions,
  { stdout }: Terminal,
): Promise<ExitCode> {
  const genesis = readGenesis(file);
  await stdout.write(json ? `${JSON.stringify(genesisJson(genesis))}\n` : genesisText(genesis));
  return EXIT.OK;
}

/** The complete genesis, and what follows from it. */
function genesisJson(genesis: Genesis) {
  const releases = releasesOf(genesis).map((each) => ({ ...each, amount: `${each.amount}` }));
  return { chainId: genesis.chainId, genesis: genesisToJson(genesis), releases };
}

/** A repeated flag of three parts, `producer:signingKey:owner`. */
function triples(first: string, second: string) {
  return (text: string, before: Readonly<Record<string, string>>[] = []) => {
    const parts = text.split(':');
    if (parts.length !== 3 || parts.includes('')) {
      throw new InvalidArgumentError(
        `Expected ${first}:${second}:owner, got ${JSON.stringify(text)}.`,
      );
    }
    const [one, two, owner] = parts as [string, string, string];
    return [...before, { [first]: one, [second]: two, owner }];
  };
}

function integer(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected an integer, got ${text}.`);
}

const KEYS: readonly [option: Option, key: string][] = [
  [new Option('--name <text>', 'of the chain, for people'), 'name'],
  [new Option('--time <when>', 'slot 0 begins, like 2030-01-31T12:00:00Z (now)'), 'time'],
  [new Option('--consensus <kind>', 'dpos (default) or poa').choices(['dpos', 'poa']), 'consensus'],
  [
    new Option('--slot-ms <milliseconds>', 'length of a slot (3000)').argParser(integer),
    'slotMilliseconds',
  ],
  [new Option('--seats <count>', 'producers that take turns (all)').argParser(integer), 'seats'],
  [new Option('--supply <gxn>', 'of all accounts together (100000000)'), 'supply'],
  [new Option('--fund-key <key>', 'public key of the five funds'), 'fundKey'],
  [
    new Option('--producer <account:key:owner>', 'signing key and owner; repeat it').argParser(
      triples('account', 'signingKey'),
    ),
    'producers',
  ],
  [
    new Option('--account <name:gxn:owner>', 'balance and owner; repeat it').argParser(
      triples('name', 'balance'),
    ),
    'accounts',
  ],
];

/** Adds `genesis` with its commands; `finish` gets the exit code of the one that ran. */
export function addGenesisCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const genesis = program.command('genesis').description('what a network of your own begins with');
  const make = genesis
    .command('new')
    .description('make a genesis and write it to a file')
    .argument('<file>', 'a file that does not exist yet')
    .option('--plan <file>', 'what the network is like, JSON');
  for (const [option] of KEYS) make.addOption(option);
  make
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', NEW_HELP)
    .action(async (file: string, options: NewOptions & Readonly<Record<string, unknown>>) => {
      const given = KEYS.map(([option, key]) => [key, options[option.attributeName()]] as const);
      const flags = Object.fromEntries(given.filter(([, value]) => value !== undefined));
      finish(await genesisNewCommand(file, options, flags, terminal));
    });
  genesis
    .command('check')
    .description('would a node take it? prints its chain id')
    .argument('<file>', 'a genesis')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', CHECK_HELP)
    .action(async (file: string, options: GenesisOptions) => {
      finish(await genesisCheckCommand(file, options, terminal));
    });
  genesis
    .command('show')
    .description('parameters, producers, allocation, lock-ups')
    .argument('<file>', 'a genesis')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', SHOW_HELP)
    .action(async (file: string, options: GenesisOptions) => {
      finish(await genesisShowCommand(file, options, terminal));
    });
}
