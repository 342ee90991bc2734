// SPDX-License-Identifier: Apache-2.0
// `hpb devnet`: a whole network on this machine, each node a process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AccelError } from '../../driver/index.ts';
import { DEFAULT_API_PORT } from '../../node/api/limits.ts';
import { CARD_SERVICES, type CardService } from '../../node/config/index.ts';
import { type AccelName, isCard, LOCAL_NAMES, unavailability } from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { announce } from './announce.ts';
import { needsGateway } from './cards.ts';
import { Child } from './child.ts';
import { type DevnetNode, prepareFolder } from './folder.ts';
import { Gateway } from './gateway.ts';
import { portsFrom } from './ports.ts';

/** Options of `hpb devnet`. */
export interface DevnetOptions {
  readonly nodes?: number;
  readonly accel: readonly AccelName[];
  readonly offload?: readonly CardService[];
  readonly folder?: string;
  readonly users: number;
  readonly seed: string;
  readonly kind: 'dpos' | 'poa';
  readonly slotMs: number;
  readonly apiPort: number;
  readonly peerPort?: number;
  readonly restart: boolean;
  readonly log: string;
  readonly json: boolean;
}

const NODES = 4;
/** Ports of peers are so far above those of the APIs. */
const PEER_PORTS = 100;
/** A node that is started again ends no sooner than this, or it is given up. */
const RESTART_MS = 2_000;

const HELP = `
Node i produces for account producer<i>. Keys follow from --seed and protect nothing; accounts user1 to
userN have something to send (see hpb load, and --dev of hpb transfer). Without --folder the network lives
in a folder for the time being, which goes with it; one with a name is taken up again.

With verilator among --accel the peers' sessions of those nodes run on their cards, which a hub joins; between
them and nodes without a card a gateway relays, with a card of its own. --offload sigverify leaves the sessions
to this machine, --offload transport the signatures to libsecp256k1.

Ctrl-C stops all nodes. When one of them fails all are stopped, unless --restart is given.

Exit code: 0 stopped by Ctrl-C, 1 a node failed, 2 the folder could not be used, 64 wrong usage.

Examples:
  hpb devnet
  hpb devnet --accel native,software,verilator
  hpb devnet --nodes 4 --accel verilator --offload transport
  hpb devnet --nodes 7 --folder net --json
`;

/** Runs a network until Ctrl-C. */
export async function devnetCommand(options: DevnetOptions, terminal: Terminal): Promise<ExitCode> {
  const count = options.nodes ?? (options.accel.length > 1 ? options.accel.length : NODES);
  const accels = Array.from({ length: count }, (_, i) => options.accel[i % options.accel.length]!);
  const offload = offloadOf(options, accels);
  const temporary = options.folder === undefined;
  const folder = resolve(options.folder ?? mkdtempSync(join(tmpdir(), 'hpb-devnet-')));
  // Sockets have short paths, folders may have long ones.
  const hub = offload.includes('transport') ? mkdtempSync(join(tmpdir(), 'hpb-cards-')) : undefined;
  let failed = false;
  try {
    const apiPorts = await portsFrom(options.apiPort, count);
    const peerBase = options.peerPort ?? (options.apiPort === 0 ? 0 : options.apiPort + PEER_PORTS);
    const nodes = await prepareFolder({
      folder,
      accels,
      offload,
      ...(hub !== undefined && { hub }),
      users: options.users,
      seed: options.seed,
      kind: options.kind,
      slotMilliseconds: options.slotMs,
      apiPorts,
      peerPorts: await portsFrom(peerBase, count),
      log: options.log,
    });
    const gateway = await openGateway(hub, nodes);
    failed = true;
    const network = new Devnet(nodes, gateway, options.restart, terminal);
    try {
      const { json } = options;
      const ready = () =>
        announce({ folder, hub, gateway, children: network.children }, json, terminal);
      await network.run(ready);
      failed = false;
    } finally {
      await network.stop();
      await gateway?.close();
    }
  } finally {
    if (hub !== undefined) rmSync(hub, { recursive: true, force: true });
    if (temporary && !failed) rmSync(folder, { recursive: true, force: true });
    else if (failed) terminal.stderr.write(`hpb devnet: logs are in ${folder}\n`);
  }
  return EXIT.OK;
}

/** Joins nodes on the hub and nodes at this machine, where there are both. @throws {CliError} */
async function openGateway(
  hub: string | undefined,
  nodes: readonly DevnetNode[],
): Promise<Gateway | undefined> {
  const places = nodes.map(({ place }) => place);
  if (hub === undefined || !needsGateway(places)) return undefined;
  try {
    return await Gateway.open(hub, places);
  } catch (error) {
    const unavailable = error instanceof AccelError;
    const why = unavailable ? unavailability('verilator', error) : (error as Error).message;
    const message = `the gateway between cards and this machine does not open: ${why}`;
    throw new CliError(unavailable ? EXIT.UNAVAILABLE : EXIT.FAILED, message, { cause: error });
  }
}

/** What the cards do. @throws {CliError} `USAGE` where it was asked for and there is no card. */
function offloadOf(
  { offload, accel }: DevnetOptions,
  accels: readonly AccelName[],
): readonly CardService[] {
  const cards = accels.filter(isCard).length;
  if (offload !== undefined && cards === 0) {
    const got = `got --accel ${accel.join(',')}`;
    throw new CliError(EXIT.USAGE, `--offload ${offload.join(',')}: expected a card, ${got}`);
  }
  return cards === 0 ? [] : (offload ?? CARD_SERVICES);
}

/** The processes of a network. */
class Devnet {
  readonly children: Child[];
  readonly #gateway: Gateway | undefined;
  readonly #restart: boolean;
  readonly #terminal: Terminal;
  #stopping = false;

  constructor(
    nodes: readonly DevnetNode[],
    gateway: Gateway | undefined,
    restart: boolean,
    terminal: Terminal,
  ) {
    this.#gateway = gateway;
    this.#restart = restart;
    this.#terminal = terminal;
    this.children = nodes.map((node) => new Child(node));
  }

  /** Until Ctrl-C, or a node fails. @throws {CliError} `FAILED`. */
  async run(onReady: () => Promise<void>): Promise<void> {
    const { interrupt } = this.#terminal;
    const interrupted = new Promise<'interrupted'>((done) => {
      if (interrupt.aborted) done('interrupted');
      interrupt.addEventListener('abort', () => done('interrupted'), { once: true });
    });
    const ends = this.children.map((_, i) => this.#watch(i));
    const failure = Promise.all(this.#gateway ? [...ends, this.#gateway.lost] : ends);
    const ready = Promise.all(this.children.map((child) => child.ready));
    failure.catch(() => {});
    ready.catch(() => {});
    const first = await Promise.race([ready, interrupted, failure]);
    if (first === 'interrupted') return;
    await onReady();
    await Promise.race([interrupted, failure]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.children.map((child) => child.stop()));
  }

  /** Follows a node; starts it again, if that is wanted. */
  async #watch(at: number): Promise<void> {
    for (;;) {
      const child = this.children[at]!;
      const began = performance.now();
      const { code, signal } = await child.ended;
      if (this.#stopping) return;
      const how = signal ?? `code ${code}`;
      const { name } = child.node;
      // One that ends by itself so soon would do so again.
      const hopeless = signal === null && performance.now() - began < RESTART_MS;
      if (!this.#restart || hopeless) {
        throw new CliError(EXIT.FAILED, `${name} ended with ${how}:\n${child.tail()}`);
      }
      this.#terminal.stderr.write(`hpb devnet: ${name} ended with ${how}, starting it again\n`);
      this.children[at] = new Child(child.node);
    }
  }
}

function integer(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected an integer from ${low} to ${high}, got ${text}.`);
  };
}

function accelList(text: string): AccelName[] {
  return text.split(',').map((each) => {
    const name = each.trim();
    if ((LOCAL_NAMES as readonly string[]).includes(name)) return name as AccelName;
    const expected = `some of ${LOCAL_NAMES.join(',')}, separated by commas`;
    throw new InvalidArgumentError(`Expected ${expected}; got ${JSON.stringify(name)}.`);
  });
}

function serviceList(text: string): CardService[] {
  const names = text.split(',').map((each) => each.trim());
  const known = names.every((name) => (CARD_SERVICES as readonly string[]).includes(name));
  if (known && new Set(names).size === names.length) return names as CardService[];
  const expected = `some of ${CARD_SERVICES.join(',')}, each once`;
  throw new InvalidArgumentError(`Expected ${expected}; got ${JSON.stringify(text)}.`);
}

/** Adds `devnet`; `finish` gets its exit code. */
export function addDevnetCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('devnet')
    .description('run a network of several nodes on this machine')
    .option('--nodes <count>', `nodes, each with a producer (${NODES})`, integer(1, 64))
    .option('--accel <list>', 'backends, by commas, for the nodes in turn', accelList, ['native'])
    .option(
      '--offload <services>',
      `what cards do, the rest is this machine's (${CARD_SERVICES.join(',')})`,
      serviceList,
    )
    .option('--folder <path>', 'where the network is kept')
    .option('--users <count>', 'accounts with a balance: user1, ..', integer(0, 10_000), 16)
    .option('--seed <seed>', 'keys follow from it', 'hpb')
    .addOption(
      new Option('--kind <consensus>', 'consensus').choices(['dpos', 'poa']).default('dpos'),
    )
    .option('--slot-ms <milliseconds>', 'length of a slot', integer(50, 600_000), 3000)
    .option(
      '--api-port <port>',
      'of the first node; 0 for free ones',
      integer(0, 65_000),
      DEFAULT_API_PORT,
    )
    .option('--peer-port <port>', 'of the first node; 0 for free ones', integer(0, 65_000))
    .option('--restart', 'start a node again that ended', false)
    .option('--log <level>', 'of the logs of the nodes', 'info')
    .option('--json', 'say where the nodes listen as JSON', false)
    .addHelpText('after', HELP)
    .action(async (options: DevnetOptions) => finish(await devnetCommand(options, terminal)));
}
