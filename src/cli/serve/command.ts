// SPDX-License-Identifier: Apache-2.0
// `hpb serve`: classic services on the card's TCP or the system's, until it is told to stop.

import type { Command } from 'commander';
import { Option } from 'commander';
import {
  AccelError,
  type Accelerator,
  type AcceleratorOptions,
  CardTransport,
  forwardsOf,
  openAccelerator,
  type TransportServer,
} from '../../driver/index.ts';
import { LOCAL_NAMES, unavailability } from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { readCardCounts } from './card-counts.ts';
import { fileServer } from './files.ts';
import { checkOptions, parsePort, parseWeb, type ServeOptions } from './options.ts';
import { chargen, discard, echo, type Service } from './services.ts';
import { readBusiest } from './sessions.ts';
import { readyText, type Summary, summaryText } from './summary.ts';
import { Tally } from './tally.ts';

const HELP = `
With --accel verilator the emulated card is a host of its own on the network of --link: tap:NAME, a TAP
interface of this machine; passt, which carries its connections over sockets of this machine and needs no
root; hub:DIR, other cards. Without it the services listen on this machine, at 127.0.0.1 unless --host says
otherwise.
passt,forward=8080:80 leads port 8080 of this machine, at 127.0.0.1, to port 80 of the card; ADDRESS/8080:80
at another of its addresses, 0.0.0.0 at all; forward= may come again. From the card this machine's own
127.0.0.1 is its --gateway, by default the first address of its network. passt:SOCKET is a passt that runs
(--socket SOCKET --tcp-ports 8080:80 --address and --gateway as here); it takes --gateway.
Ctrl-C ends it with a summary: connections and bytes of each service, the busiest connections that are
open, counters of the card.

Exit code: 0 stopped by Ctrl-C or SIGTERM, 1 the card, its link or a port failed, 2 the folder cannot be
read, 64 wrong usage, 69 the backend does not work here.

Examples:
  hpb serve --echo 7007 --http 8080:site
  hpb serve --accel verilator --link tap:hpb0 --ip 10.77.0.2/24 --echo 7 --http 80:site
  hpb serve --accel verilator --link passt,forward=8080:80 --ip 10.77.0.2/24 --http 80:site
  hpb serve --accel verilator --link hub:/tmp/hub --ip 10.77.0.3/24 --discard 9 \\
    --pcap card.pcap --impair loss=0.05,seed=1
`;

/** A service that listens. */
interface Running {
  readonly name: string;
  readonly server: TransportServer;
  readonly tally: Tally;
  readonly port: number;
}

/** Serves until Ctrl-C, then prints what was done. */
export async function serveCommand(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  checkOptions(options);
  const services = await servicesOf(options);
  const accelerator = await open(options);
  const started = performance.now();
  try {
    const failure = new Failure();
    const running: Running[] = [];
    for (const [name, port, service] of services) {
      running.push(await listen(accelerator, options, name, port, service, failure));
    }
    const { transport } = accelerator;
    const forwards = options.link === undefined ? [] : forwardsOf(options.link);
    const ready = {
      ready: true,
      accel: options.accel,
      transport: transport.backend,
      address: options.host ?? transport.host,
      ...(transport instanceof CardTransport && { mac: transport.mac, link: options.link! }),
      services: running.map(({ name, port }) => ({ name, port })),
      ...(forwards.length > 0 && { forwards }),
    };
    await terminal.stdout.write(options.json ? `${JSON.stringify(ready)}\n` : readyText(ready));
    const error = await Promise.race([interrupted(terminal), failure.happened]);
    const open = running.map(({ name, tally }) => ({ name, sockets: tally.sockets }));
    const sessions = await readBusiest(open);
    const card = await readCardCounts(accelerator);
    const summary: Summary = {
      seconds: (performance.now() - started) / 1000,
      services: running.map(({ name, port, tally }) => ({ name, port, ...tally.counts })),
      sessions,
      ...(card && { card }),
    };
    await accelerator.close();
    const text = options.json ? `${JSON.stringify({ summary })}\n` : summaryText(summary);
    await print(text, terminal);
    if (error) throw new CliError(EXIT.FAILED, error.message, { cause: error });
    return EXIT.OK;
  } finally {
    await accelerator.close();
  }
}

/** After Ctrl-C the terminal's own way would refuse to write. */
async function print(text: string, { stdout, interrupt }: Terminal): Promise<void> {
  if (!interrupt.aborted) return stdout.write(text);
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

/** The first thing that went wrong while serving. */
class Failure {
  happen!: (error: Error) => void;
  readonly happened = new Promise<Error>((resolve) => {
    this.happen = resolve;
  });
}

function interrupted({ interrupt }: Terminal): Promise<undefined> {
  return new Promise((resolve) => {
    if (interrupt.aborted) resolve(undefined);
    else interrupt.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

type Planned = readonly [name: string, port: number, service: Service];

async function servicesOf(options: ServeOptions): Promise<Planned[]> {
  const planned: Planned[] = [];
  if (options.echo !== undefined) planned.push(['echo', options.echo, echo]);
  if (options.discard !== undefined) planned.push(['discard', options.discard, discard]);
  if (options.chargen !== undefined) planned.push(['chargen', options.chargen, chargen]);
  if (options.http) {
    const web = await fileServer(options.http.folder);
    const service: Service = (socket) => {
      web.emit('connection', socket);
    };
    planned.push(['http', options.http.port, service]);
  }
  return planned;
}

function listen(
  { transport }: Accelerator,
  { host }: ServeOptions,
  name: string,
  port: number,
  service: Service,
  failure: Failure,
): Promise<Running> {
  const tally = new Tally();
  // An answer goes on when the peer has said all it has to say.
  const allowHalfOpen = name === 'echo' || name === 'http';
  const server = transport.createServer({ allowHalfOpen }, (socket) => {
    tally.add(socket);
    service(socket);
  });
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(new CliError(EXIT.FAILED, `${name}: ${error.message}`, { cause: error }));
      failure.happen(error);
    });
    server.listen({ port, host: host ?? transport.host }, () => {
      const bound = server.address() as { port: number };
      resolve({ name, server, tally, port: bound.port });
    });
  });
}

/** @throws {CliError} `UNAVAILABLE`, `USAGE`. */
async function open(options: ServeOptions): Promise<Accelerator> {
  try {
    return await openAccelerator(backendOf(options));
  } catch (error) {
    if (!(error instanceof AccelError)) throw error;
    if (error.code === 'ACCEL_ARGUMENT') {
      throw new CliError(EXIT.USAGE, `--${error.message}`, { cause: error });
    }
    const message = `${options.accel} does not work here: ${unavailability(options.accel, error)}`;
    throw new CliError(EXIT.UNAVAILABLE, message, { cause: error });
  }
}

function backendOf(options: ServeOptions): AcceleratorOptions {
  const { accel, link, ip, mac, gateway, pcap, impair } = options;
  if (accel !== 'verilator') return { kind: accel, threads: 1 };
  return {
    kind: 'verilator',
    link: link!,
    ip: ip!,
    ...(mac !== undefined && { mac }),
    ...(gateway !== undefined && { gateway }),
    ...(pcap !== undefined && { pcap }),
    ...(impair !== undefined && { impair }),
  };
}

/** Adds `serve`; `finish` gets its exit code. */
export function addServeCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('serve')
    .description('classic services over TCP, on the card or on software')
    .addOption(
      new Option('--accel <backend>', 'who carries the connections')
        .choices(LOCAL_NAMES)
        .default('software'),
    )
    .option('--host <address>', 'address of this machine to listen at (not the card)')
    .option('--link <link>', 'the card: tap:NAME, passt[:SOCKET], passt,forward=8080:80 or hub:DIR')
    .option('--ip <address/prefix>', "the card's address, as 10.77.0.2/24")
    .option('--mac <address>', "the card's hardware address (default: random)")
    .option('--gateway <address>', 'the card: router for other networks')
    .option('--pcap <file>', 'the card: record frames, for Wireshark')
    .option('--impair <what>', 'the card: loss=0.05,reorder=0.1,seed=1 and the like')
    .option('--echo <port>', 'send everything back', parsePort)
    .option('--discard <port>', 'throw everything away', parsePort)
    .option('--chargen <port>', 'send characters without end', parsePort)
    .option('--http <port:folder>', 'the files of a folder', parseWeb)
    .option('--json', 'JSON Lines: one when it is ready, one with the summary', false)
    .addHelpText('after', HELP)
    .action(async (options: ServeOptions) => {
      finish(await serveCommand(options, terminal));
    });
}
