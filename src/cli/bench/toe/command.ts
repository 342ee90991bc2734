// SPDX-License-Identifier: Apache-2.0
// `hpb bench toe`: TCP of the system beside that of two emulated cards, in one run.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccelError, type Accelerator, openAccelerator, SimDevice } from '../../../driver/index.ts';
import { unavailability } from '../../backends.ts';
import { CliError, EXIT, type ExitCode } from '../../exit.ts';
import { formatNumber, formatTable } from '../../format.ts';
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
  const cyclesOf = ({ device }: Accelerator) =>
    device instanceof SimDevice ? device.simCounters().cycles : 0;
  return {
    transport: 'card',
    ends: {
      client: cards[0]!.transport,
      server: cards[1]!.transport,
      cycles: () => cards.reduce((sum, card) => sum + cyclesOf(card), 0),
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
  const wallHead = ['', 'connections/s', 'messages/s', 'bytes/s'];
  const cycleHead = ['', 'a connection', 'a message', 'a byte'];
  return [
    `TCP: ${what}; all bytes as expected\n\n`,
    'On this machine (wall clock; both ends in one process):\n',
    formatTable([wallHead, ...wall]),
    ...(cycles.length === 0
      ? []
      : [
          '\nCycles both cards were simulated for, waiting included:\n',
          formatTable([cycleHead, ...cycles]),
        ]),
  ].join('');
}
