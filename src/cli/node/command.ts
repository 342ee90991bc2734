// SPDX-License-Identifier: Apache-2.0
// `hpb node`: one node, until it is told to stop.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { pino } from 'pino';
import { AccelError, openAccelerator } from '../../driver/index.ts';
import {
  ConfigError,
  DEFAULT_PEER_HOST,
  type NodeConfig,
  openNodeKey,
  readConfig,
  SETTINGS,
  servicesOf,
} from '../../node/config/index.ts';
import { ConsensusError } from '../../node/consensus/index.ts';
import { GenesisError, parseGenesis } from '../../node/genesis/index.ts';
import { KeyFileError, openKeyFile } from '../../node/keys/index.ts';
import { LedgerError } from '../../node/ledger/index.ts';
import { openNode, type RunningNode } from '../../node/node.ts';
import type { OpenEngine } from '../../node/signatures/index.ts';
import { requireBackend } from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { packageVersion } from '../info.ts';
import { getPassphrase } from '../keys/passphrase.ts';
import type { Terminal } from '../terminal.ts';

/** Options of `hpb node` besides those of its configuration. */
export interface NodeCommandOptions {
  readonly config?: string;
  readonly json: boolean;
  /** Stop when standard input ends: whoever started the node is gone. */
  readonly untilStdinEnds: boolean;
}

const HELP = `
Settings come from --config, a JSON file, then from the environment, then from the flags above.
In the file they are nested: {"genesis":"genesis.json","data":"data","api":{"port":8480}}.
Keys and their variables:
${SETTINGS.map(({ key, variable }) => `  ${key.padEnd(26)}${variable}`).join('\n')}

With a link and an address, or --offload sigverify,transport, peers connect to the card itself; --offload
transport leaves the signatures to libsecp256k1. What a card does not do, this machine does.

The API listens on this machine only, unless told otherwise. The log goes to standard error, JSON.
With --json the line that says where the node listens is JSON, too.

Exit code: 0 stopped by Ctrl-C or SIGTERM, 1 it failed, 2 a file could not be used,
64 wrong usage or configuration, 69 the backend does not work here.

Examples:
  hpb node --genesis genesis.json --data data
  hpb node --config node.json --accel verilator --producer alice --producer-key alice.key
  hpb node --config node.json --accel verilator --link tap:hpb0 --ip 10.77.0.2/24
  hpb node --config node.json --accel verilator --offload transport --link passt --ip 10.77.0.2/24
`;

/** Runs a node until Ctrl-C. */
export async function nodeCommand(
  options: NodeCommandOptions,
  flags: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = explainedSync(() =>
    readConfig({
      ...(options.config !== undefined && { file: options.config }),
      environment: process.env,
      flags,
    }),
  );
  const node = await explained(() => startNode(config, terminal));
  const { services } = node.view.accelerator();
  const ready = {
    ready: true,
    api: node.api.url,
    peers: node.network.port,
    nodeKey: node.network.nodeKey,
    accel: config.accel,
    services,
    ...(config.card && { link: config.card.link, ip: config.card.ip }),
  };
  const where = config.card ? ` at ${config.card.ip} on the card` : '';
  const text = `ready: API and status page ${ready.api}, peers on port ${ready.peers}${where}, signatures by ${services.signatures}\n`;
  try {
    await terminal.stdout.write(options.json ? `${JSON.stringify(ready)}\n` : text);
    await stopped(terminal, options.untilStdinEnds);
  } finally {
    await node.close();
  }
  return EXIT.OK;
}

/** Opens a node as configured. */
export async function startNode(config: NodeConfig, terminal: Terminal): Promise<RunningNode> {
  const { producer, reporter, accel, threads, record, device, spill, peers, api, pool } = config;
  const genesis = parseGenesis(readFileSync(config.genesis, 'utf8'));
  const nodeSecret = await openNodeKey(join(config.data, 'node.key'));
  const signer = async (of: {
    account: string;
    key: string;
    passphraseFile?: string | undefined;
  }) => {
    const { account, key, passphraseFile } = of;
    const from = passphraseFile === undefined ? {} : { passphraseFile };
    const passphrase = await getPassphrase(from, terminal);
    const { secret } = await openKeyFile({ path: key, passphrase });
    return { account, secret };
  };
  const producing = producer && (await signer(producer));
  const reporting = reporter && (await signer(reporter));
  const network = config.card;
  const leavesSignatures = network !== undefined && !servicesOf(config).includes('sigverify');
  const signaturesBy = leavesSignatures ? ('native' as const) : undefined;
  const backend = { threads, record, device, network, signaturesBy };
  const accelerator = await requireBackend(accel, backend);
  // A card has an address of its own; the default is this machine's.
  const isDefault = peers.host === DEFAULT_PEER_HOST;
  const host = config.card && isDefault ? accelerator.transport.host : peers.host;
  return openNode({
    genesis,
    dataPath: config.data,
    name: config.name,
    version: packageVersion(),
    accelerator,
    openStandIn: () => openStandIn(spill),
    spill: spill !== 'off',
    nodeSecret,
    listen: { host, port: peers.port },
    peers: peers.connect,
    outbound: peers.outbound,
    allowPrivate: peers.private,
    exempt: peers.exempt,
    api,
    ...(producing && { producer: producing }),
    ...(reporting && { reporter: reporting }),
    pool: { maxBytes: pool.megabytes * 1024 * 1024 },
    log: pino({ level: config.log }, pino.destination({ dest: 2, sync: false })),
  });
}

/** Native, where it works, unless told otherwise. */
async function openStandIn(spill: NodeConfig['spill']): Promise<OpenEngine> {
  if (spill !== 'software') {
    try {
      return await openAccelerator({ kind: 'native' });
    } catch (error) {
      if (spill === 'native' || !(error instanceof AccelError)) throw error;
    }
  }
  return openAccelerator({ kind: 'software' });
}

function stopped({ interrupt, stdin }: Terminal, untilStdinEnds: boolean): Promise<void> {
  return new Promise((resolve) => {
    // Something has to keep the process alive: sockets and timers of a node do not.
    const alive = setInterval(() => {}, 60_000);
    const stop = () => {
      clearInterval(alive);
      stdin.destroy(); // an open pipe would keep the process alive, too
      resolve();
    };
    if (interrupt.aborted) stop();
    interrupt.addEventListener('abort', stop, { once: true });
    if (!untilStdinEnds) return;
    stdin.once('end', stop);
    stdin.once('error', stop);
    stdin.resume();
  });
}

/** Errors of what a user gave as the command's. */
async function explained<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explain(error);
  }
}

function explainedSync<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CliError) return error;
  const as = (exit: ExitCode) => new CliError(exit, error.message, { cause: error });
  if (error instanceof ConfigError) return as(EXIT.USAGE);
  if (error instanceof GenesisError || error instanceof KeyFileError) return as(EXIT.INPUT);
  if (error instanceof LedgerError || error instanceof ConsensusError) return as(EXIT.INPUT);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES') return as(EXIT.INPUT);
  if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL') return as(EXIT.FAILED);
  return error;
}

/** Adds `node`; `finish` gets its exit code. */
export function addNodeCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('node')
    .description('run a node of a network')
    .option('--config <file>', 'settings, JSON');
  const keys = new Map<string, string>();
  for (const { key, flag, form, help } of SETTINGS) {
    const option = command.createOption(flag, help);
    if (form === 'list') {
      option.argParser((value: string, before: string[] = []) => [...before, value]);
    } else if (form === 'number') {
      option.argParser((value: string) => {
        if (/^\d+$/.test(value)) return Number(value);
        throw new InvalidArgumentError(`Expected an integer, got ${value}.`);
      });
    }
    command.addOption(option);
    keys.set(option.attributeName(), key);
  }
  command
    .option('--json', 'say where it listens as JSON', false)
    .addOption(
      command.createOption('--until-stdin-ends', 'stop when standard input ends').default(false),
    )
    .addHelpText('after', HELP)
    .action(async (options: NodeCommandOptions & Readonly<Record<string, unknown>>) => {
      const flags: Record<string, unknown> = {};
      for (const [attribute, key] of keys) {
        if (options[attribute] !== undefined) flags[key] = options[attribute];
      }
      finish(await nodeCommand(options, flags, terminal));
    });
}
