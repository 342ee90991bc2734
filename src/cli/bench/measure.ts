// SPDX-License-Identifier: Apache-2.0
// Measuring backends in turns, so that whatever else this machine does hits all of them alike.

import { availableParallelism } from 'node:os';
import { type Accelerator, SimDevice } from '../../driver/index.ts';
import { type AccelName, isCard, openBackend } from '../backends.ts';
import { askPart, type Workload } from './workload.ts';

/** Signatures of one call, and calls under way: enough that no backend waits for work. */
const BATCH = 256;
const IN_FLIGHT = 4;
/** Signatures before the first round: caches, just-in-time compilation, threads started. */
const WARM_UP = 64;
/** Rounds that are enough for a median. */
export const ROUNDS = 3;
/** Least duration of a backend's turn. */
const MIN_SECONDS = 0.6;

/** A backend with a number of threads. */
export interface Contestant {
  readonly backend: AccelName;
  /** Threads that compute: workers, or the one that runs the model. */
  readonly threads: number;
  readonly accelerator: Accelerator;
  readonly turns: Turn[];
}

/** What one backend did in one round. */
export interface Turn {
  readonly signatures: number;
  readonly seconds: number;
  readonly card?: CardWork;
}

/** What the card's and the simulation's counters say about a turn. */
export interface CardWork {
  /** Clock cycles that were simulated. */
  readonly cycles: number;
  /** Of these, with a job inside the signature engine. */
  readonly busyCycles: number;
  readonly multiplications: number;
}

/**
 * Opens a backend once with one thread and, where this machine has more, once with all of them.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE`.
 */
export async function openContestants(backend: AccelName, device?: string): Promise<Contestant[]> {
  const threads = isCard(backend) ? [1] : [...new Set([1, availableParallelism()])];
  const opened: Contestant[] = [];
  try {
    for (const count of threads) {
      const accelerator = await openBackend(backend, {
        threads: count,
        ...(backend === 'pcie' && { device }),
      });
      opened.push({ backend, threads: count, accelerator, turns: [] });
    }
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Closes all of them. */
export async function closeAll(contestants: readonly Contestant[]): Promise<void> {
  await Promise.all(contestants.map(({ accelerator }) => accelerator.close()));
}

/** Reads the counters of a card; `undefined` where there is none. */
export async function readCard({ device }: Accelerator): Promise<CardWork | undefined> {
  if (!device) return undefined;
  const { cycles, busyCycles, multiplications } = await device.counters();
  return {
    cycles: device instanceof SimDevice ? device.simCounters().cycles : Number(cycles),
    busyCycles: Number(busyCycles),
    multiplications: Number(multiplications),
  };
}

/** Difference of two readings. */
export function cardWork(before: CardWork, after: CardWork): CardWork {
  return {
    cycles: after.cycles - before.cycles,
    busyCycles: after.busyCycles - before.busyCycles,
    multiplications: after.multiplications - before.multiplications,
  };
}

/** Asks for a whole workload, over and over, until the time is up; several batches under way. */
async function takeTurn(
  accelerator: Accelerator,
  workload: Workload,
  signal: AbortSignal,
): Promise<Turn> {
  const before = await readCard(accelerator);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let signatures = 0;
  let next = 0;
  const runner = async () => {
    // Whole passes: every signature is asked equally often.
    while (signatures < workload.count || elapsed() < MIN_SECONDS || next !== 0) {
      signal.throwIfAborted();
      const from = next;
      const to = Math.min(from + BATCH, workload.count);
      next = to === workload.count ? 0 : to;
      signatures += to - from;
      await askPart(accelerator, workload, from, to);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, runner));
  const seconds = elapsed();
  const after = await readCard(accelerator);
  return { signatures, seconds, ...(before && after && { card: cardWork(before, after) }) };
}

/** Called before each turn. */
export type OnTurn = (round: number, contestant: Contestant) => void;

/**
 * Lets the backends take turns: warm-up, then rounds, each starting with another backend.
 *
 * @throws {CliError} at a wrong answer; the reason of `signal`.
 */
export async function runRounds(
  contestants: readonly Contestant[],
  workload: Workload,
  signal: AbortSignal,
  onTurn: OnTurn,
): Promise<void> {
  for (const contestant of contestants) {
    onTurn(0, contestant);
    const count = Math.min(WARM_UP * contestant.threads, workload.count);
    await askPart(contestant.accelerator, workload, 0, count);
  }
  for (let round = 1; round <= ROUNDS; round++) {
    for (let i = 0; i < contestants.length; i++) {
      const contestant = contestants[(i + round) % contestants.length]!;
      onTurn(round, contestant);
      contestant.turns.push(await takeTurn(contestant.accelerator, workload, signal));
    }
  }
}
