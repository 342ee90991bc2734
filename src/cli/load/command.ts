// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../node/api/answers.ts';
import { devSecret } from '../../node/genesis/index.ts';
import { ApiClient } from '../api-client.ts';
import { type ApiEvent, ApiEvents } from '../api-events.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { formatNumber } from '../format.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { generate } from './generator.ts';
import { isComplete, loadReport, loadText } from './report.ts';
import { Tracker } from './tracker.ts';
import { type Reference, type Sender, Transfers } from './transfers.ts';

/** Options of `hpb load`. */
export interface LoadOptions {
  /** Transfers a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Nodes, by commas; events come from the first. */
  readonly url: string;
  /** Accounts user1 to userN of a development network. */
  readonly users: number;
  /** Of the development network: its keys follow from it. */
  readonly seed: string;
  /** How long to wait, at the end, for what is not final yet. */
  readonly settle: number;
  readonly json: boolean;
}

export const LOAD_HELP = `
Sends transfers between the accounts user1 to userN of a development network at a fixed rate, whatever
the node does (open loop), and follows each of them. Latency counts from when a transfer was due.
The keys of such a network follow from its seed and protect nothing; never use it elsewhere.

Exit code: 0 every transfer is final, 1 some are not, 64 wrong usage, 69 no node answers,
130 Ctrl-C (what has been measured is printed).

Examples:
  hpb load --rate 1000 --seconds 60
  hpb load --rate 8000 --seconds 60 --json | jq '.final'
  hpb load --rate 2000 --seconds 30 --url http://127.0.0.1:8480,http://127.0.0.1:8481
`;

/** Lets a transfer wait in the pool for a while, but not for ever. */
const LIFE_SECONDS = 600;
const SETTLE_POLL_MS = 50;

type Status = Answer<'status'>;

/** Puts load on a node and says what became of it. */
export async function loadCommand(options: LoadOptions, terminal: Terminal): Promise<ExitCode> {
  const clients = options.url.split(',').map((url) => new ApiClient(url.trim()));
  const close: (() => void)[] = clients.map((client) => () => client.close());
  try {
    const { status, transfers } = await prepareTransfers(clients[0]!, options);
    close.push(() => transfers.close());
    return await run({ options, terminal, clients, transfers, status, close });
  } finally {
    for (const each of close) each();
  }
}

/**
 * Transfers between the users of a development network; they are to be closed.
 *
 * @throws {CliError} `FAILED` where it lacks such a user.
 */
export async function prepareTransfers(
  client: ApiClient,
  options: Pick<LoadOptions, 'users' | 'seed'>,
): Promise<{ readonly status: Status; readonly transfers: Transfers }> {
  const status = await client.get('status', '/status');
  const senders = await findSenders(client, options);
  const transfers = new Transfers({
    chainId: status.chainId,
    senders,
    fees: {
      perTransaction: BigInt(status.fees.perTransaction),
      perByte: BigInt(status.fees.perByte),
    },
    nonce: randomInt(2 ** 32),
  });
  return { status, transfers };
}

async function findSenders(
  client: ApiClient,
  { users, seed }: Pick<LoadOptions, 'users' | 'seed'>,
): Promise<Sender[]> {
  const senders: Sender[] = [];
  for (let i = 1; i <= users; i++) {
    const name = `user${i}`;
    if (!(await client.find('account', `/accounts/${name}`))) {
      const hint = 'start the network with more users, or give fewer with --users';
      throw new CliError(
        EXIT.FAILED,
        `expected accounts user1 to user${users}; no ${name}: ${hint}`,
      );
    }
    senders.push({ name, secret: devSecret(seed, `account/${name}`) });
  }
  return senders;
}

interface Run {
  readonly options: LoadOptions;
  readonly terminal: Terminal;
  readonly clients: readonly ApiClient[];
  readonly transfers: Transfers;
  readonly status: Status;
  readonly close: (() => void)[];
}

async function run({
  options,
  terminal,
  clients,
  transfers,
  status,
  close,
}: Run): Promise<ExitCode> {
  const { interrupt, stderr } = terminal;
  const tracker = new Tracker();
  const now = () => performance.now();
  const progress = new Progress(stderr);
  // The node's clock, not this machine's: blocks are dated by it.
  const skew = status.time - now();
  const life = Math.min(LIFE_SECONDS, status.maxTransactionLifeSeconds);
  let final = status.final;
  const reference = (): Reference => {
    const expiry = Math.floor((now() + skew) / 1000) + life - 1;
    return { height: final.height, id: final.id, expiry };
  };
  const stop = new AbortController();
  let ended: string | undefined;
  const onEvent = (event: ApiEvent) => {
    if (event.type === 'final') final = event.block;
    tracker.handle(event, now());
    progress.update(() => progressText(tracker));
  };
  const onEnd = (reason: string) => {
    ended = reason;
    stop.abort();
  };
  const events = await ApiEvents.open({ url: clients[0]!.url, onEvent, onEnd });
  close.push(() => events.close());
  await events.subscribe({ topic: 'blocks', detail: 'ids' });
  await events.subscribe({ topic: 'finality' });
  await events.subscribe({ topic: 'pool' });

  const { rate, seconds } = options;
  const signal = AbortSignal.any([interrupt, stop.signal]);
  const before = process.cpuUsage();
  const begun = now();
  const offered = await generate({
    clients,
    transfers,
    tracker,
    rate,
    seconds,
    reference,
    now,
    signal,
  });
  const { user, system } = process.cpuUsage(before);
  const generatorShare = (user + system) / 1000 / (now() - begun);

  const deadline = now() + options.settle * 1000;
  while (tracker.underWay > 0 && now() < deadline && !signal.aborted) {
    progress.update(() => progressText(tracker));
    await delay(SETTLE_POLL_MS, undefined, { signal }).catch(() => {});
  }
  progress.clear();
  const report = loadReport({
    url: clients.map(({ url }) => url),
    rate,
    slotSeconds: status.slotMilliseconds / 1000,
    confirmationsNeeded: status.confirmations,
    offered,
    tracker,
    generatorShare,
  });
  if (ended !== undefined) stderr.write(`hpb load: the node ended the connection: ${ended}\n`);
  await terminal.stdout.write(options.json ? `${JSON.stringify(report)}\n` : loadText(report));
  if (interrupt.aborted) return EXIT.INTERRUPTED;
  if (ended !== undefined) return EXIT.UNAVAILABLE;
  return isComplete(report) ? EXIT.OK : EXIT.FAILED;
}

function progressText(tracker: Tracker): string {
  const { included, final } = tracker.stages;
  const counts = [
    `${formatNumber(included.count)} included`,
    `${formatNumber(final.count)} final`,
    `${formatNumber(tracker.underWay)} under way`,
  ];
  return counts.join(', ');
}
