// SPDX-License-Identifier: Apache-2.0
// `hpb bench toe`: TCP of the system beside that of two emulated cards, in one run.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccelError, type Accelerator, openAccelerator, SimDevice } from '../../../driver/index.ts';
import { unavailability } from '../../backends.ts';
import { CliError, EXIT, type ExitCode } from '../../exit.ts';
import { formatNumber, formatShare, formatTable } from '../../format.ts';
import type { Terminal } from '../../terminal.ts';
import { type Ends, measureEnds, type ToeTurn, type ToeWorkload } from './measure.ts';

/** Options of `hpb bench toe`. */
export interface ToeBenchOptions extends ToeWorkload {
  readonly json: boolean;
}

/** Figures of one backend. */
export interface ToeRow {
  readonly transport: 'node:net' | 'card';
  /** Wall clock, on this machine: both ends in one process. */
  readonly wall: {
    readonly connectionsPerSecond: number;
    readonly messagesPerSecond: number;
    readonly bytesPerSecond: number;
  };
  /** Cycles that both cards together were simulated for; waiting for each other and the host included. */
  readonly cycles: {
    readonly perConnection: number;
    readonly perMessage: number;
    readonly perByte: number;
  } | null;
  /** Shares of the wall clock, 0 to 1: a card simulated, frames included; Node's event loop at work. */
  readonly shares: {
    readonly [Part in keyof ToeTurn]: { readonly card: number | null; readonly loop: number };
  };
  readonly workload: ToeWorkload;
}

interface Contestant {
  readonly transport: ToeRow['transport'];
  readonly ends: Ends;
  close(): Promise<void>;
}

async function openSystem(): Promise<Contestant> {
  const accelerator = await openAccelerator({ kind: 'software', threads: 1 });
  const { transport } = accelerator;
  return {
    transport: 'node:net',
    ends: { client: transport, server: transport },
    close: () => accelerator.close(),
  };
}

async function openCards(): Promise<Contestant> {
  const folder = await mkdtemp(join(tmpdir(), 'hpb-bench-'));
  const cards: Accelerator[] = [];
  const close = async () => {
    await Promise.all(cards.map((card) => card.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const ip of ['10.77.0.1/24', '10.77.0.2/24']) {
      cards.push(await openAccelerator({ kind: 'verilator', link: `hub:${folder}`, ip }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const countersOf = () =>
    cards.flatMap(({ device }) => (device instanceof SimDevice ? [device.simCounters()] : []));
  return {
    transport: 'card',
    ends: {
      client: cards[0]!.transport,
      server: cards[1]!.transport,
      cards: () => {
        const all = countersOf();
        return {
          cycles: all.reduce((sum, { cycles }) => sum + cycles, 0),
          awakeNs: all.reduce((sum, { awakeNs }) => sum + awakeNs, 0) / all.length,
        };
      },
    },
    close,
  };
}

function rowOf(
  transport: ToeRow['transport'],
  { connections, messages, bytes }: ToeTurn,
  workload: ToeWorkload,
): ToeRow {
  const rate = ({ count, seconds }: ToeTurn['bytes']) => count / seconds;
  const each = ({ count, cycles = 0 }: ToeTurn['bytes']) => cycles / count;
  const sharesOf = ({ awake, loop }: ToeTurn['bytes']) => ({ card: awake ?? null, loop });
  return {
    transport,
    wall: {
      connectionsPerSecond: rate(connections),
      messagesPerSecond: rate(messages),
      bytesPerSecond: rate(bytes),
    },
    cycles:
      bytes.cycles === undefined
        ? null
        : { perConnection: each(connections), perMessage: each(messages), perByte: each(bytes) },
    shares: {
      connections: sharesOf(connections),
      messages: sharesOf(messages),
      bytes: sharesOf(bytes),
    },
    workload,
  };
}

/** Runs the benchmark and prints it. */
export async function toeBenchCommand(
  { json, ...workload }: ToeBenchOptions,
  { stdout, stderr, interrupt }: Terminal,
): Promise<ExitCode> {
  const rows: ToeRow[] = [];
  for (const open of [openSystem, openCards]) {
    let contestant: Contestant;
    try {
      contestant = await open();
    } catch (error) {
      if (!(error instanceof AccelError)) throw error;
      const why = unavailability('verilator', error);
      stderr.write(`hpb bench: not measured: the card does not work here: ${why}\n`);
      continue;
    }
    try {
      const turn = await measureEnds(contestant.ends, workload, interrupt);
      rows.push(rowOf(contestant.transport, turn, workload));
    } catch (error) {
      if (interrupt.aborted) throw new CliError(EXIT.INTERRUPTED, 'interrupted', { cause: error });
      if (error instanceof AccelError) throw new CliError(EXIT.FAILED, error.message);
      throw error;
    } finally {
      await contestant.close();
    }
  }
  await stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : toeText(rows));
  return EXIT.OK;
}

/** Tables for people: wall clock and cycles never share one. */
function toeText(rows: readonly ToeRow[]): string {
  const { workload } = rows[0]!;
  const { connections, messages, bytes } = workload;
  const what = `${formatNumber(connections)} connections, ${formatNumber(messages)} messages of 64 bytes and back, ${formatNumber(bytes)} bytes one way`;
  const wall = rows.map(({ transport, wall: w }) => [
    transport,
    ...[w.connectionsPerSecond, w.messagesPerSecond, w.bytesPerSecond].map(formatNumber),
  ]);
  const cycles = rows.flatMap(({ transport, cycles: c }) =>
    c ? [[transport, ...[c.perConnection, c.perMessage, c.perByte].map(formatNumber)]] : [],
  );
  const shares = rows.flatMap(
    ({ transport, shares: { connections: c, messages: m, bytes: b } }) => {
      const all = [c, m, b];
      const loop = [
        `${transport}: Node's event loop`,
        ...all.map((part) => formatShare(part.loop)),
      ];
      const card = [`${transport}: either card`, ...all.map((part) => formatShare(part.card ?? 0))];
      return b.card === null ? [loop] : [card, loop];
    },
  );
  const wallHead = ['', 'connections/s', 'messages/s', 'bytes/s'];
  const cycleHead = ['', 'a connection', 'a message', 'a byte'];
  return [
    `TCP: ${what}; all bytes as expected\n\n`,
    'On this machine (wall clock; both ends in one process):\n',
    formatTable([wallHead, ...wall]),
    '\nAt work for this share of the wall clock (a card: its model and its frames):\n',
    formatTable([['', 'connections', 'messages', 'bytes'], ...shares]),
    ...(cycles.length === 0
      ? []
      : [
          '\nCycles both cards were simulated for, waiting included:\n',
          formatTable([cycleHead, ...cycles]),
        ]),
  ].join('');
}
