// SPDX-License-Identifier: Apache-2.0
// From turns to figures. Each row stands for itself: it says what was measured, and where.

import { arch, availableParallelism } from 'node:os';
import { type BackendName, SimDevice } from '../../driver/index.ts';
import { packageVersion, processorName } from '../info.ts';
import type { DriverCost } from './driver-cost.ts';
import type { CardWork, Contestant, Turn } from './measure.ts';
import { type Operation, WORKLOAD_SEED, type Workload } from './workload.ts';

/**
 * Clock of projected figures: no place-and-route result of the whole card exists yet, so this is an
 * assumption and is labelled as one.
 */
export const PROJECTION_CLOCK = { clockMHz: 200, clockSource: 'assumed' } as const;

/** Cycles at a stated clock: what the design would do on a board. */
export interface Projection {
  readonly clockMHz: number;
  /** `assumed`, or the tool that placed and routed the design. */
  readonly clockSource: string;
  readonly engines: number;
  readonly perSecond: number;
}

/** Figures of one backend; what only the card has is null elsewhere. */
export interface BenchRow {
  readonly backend: BackendName;
  readonly operation: Operation;
  /** Threads behind `wallPerSecond`. */
  readonly threads: number;
  /** Wall clock: signatures a second of this backend with all its threads; median of the rounds. */
  readonly wallPerSecond: number;
  /** Wall clock: the same measured with one thread. */
  readonly wallPerSecondPerThread: number;
  /** Wall clock: both as multiples of the software backend's, median of the rounds; null without it. */
  readonly ratioToSoftware: number | null;
  readonly ratioToSoftwarePerThread: number | null;
  /** Wall clock: least and most of the rounds, all threads. */
  readonly wallPerSecondRange: readonly [number, number];
  /** Wall clock: cycles simulated a second. */
  readonly simulatedCyclesPerSecond: number | null;
  /** Design: cycles with a job inside, per signature; filling and draining included. */
  readonly cyclesPerSignature: number | null;
  /** Design: part of the multiplier's slots that were used, 0 to 1. */
  readonly multiplierUtilisation: number | null;
  readonly multiplicationsPerSignature: number | null;
  /** Design at a stated clock. */
  readonly projected: Projection | null;
  /** Wall clock: cost of everything around the model. */
  readonly driverCost: readonly DriverCost[] | null;
  readonly workload: {
    readonly signatures: number;
    readonly corrupted: number;
    readonly seed: string;
    readonly rounds: number;
  };
  readonly machine: {
    readonly processor: string;
    readonly processors: number;
    readonly arch: string;
    readonly node: string;
    readonly version: string;
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const rate = ({ signatures, seconds }: Turn) => signatures / seconds;
const medianRate = ({ turns }: Contestant) => median(turns.map(rate));

/** Median of the rounds' ratios: both sides of a ratio saw the same round. */
function medianRatio(one: Contestant, other: Contestant | undefined): number | null {
  if (!other) return null;
  return median(one.turns.map((turn, round) => rate(turn) / rate(other.turns[round]!)));
}

/** Figures of the card alone. */
function cardFigures(contestant: Contestant) {
  const { turns, accelerator } = contestant;
  const works = turns.flatMap(({ card }) => (card ? [card] : []));
  const { device } = accelerator;
  if (!device || works.length === 0) {
    return {
      simulatedCyclesPerSecond: null,
      cyclesPerSignature: null,
      multiplierUtilisation: null,
      multiplicationsPerSignature: null,
      projected: null,
    };
  }
  const { engines, multiplierInterval } = device.capabilities.sigverify;
  const total = (key: keyof CardWork) => works.reduce((sum, work) => sum + work[key], 0);
  const signatures = turns.reduce((sum, turn) => sum + turn.signatures, 0);
  const seconds = turns.reduce((sum, turn) => sum + turn.seconds, 0);
  const cyclesPerSignature = total('busyCycles') / signatures;
  const perSecond = (1e6 * PROJECTION_CLOCK.clockMHz) / cyclesPerSignature;
  return {
    // Whatever is behind PCI Express, this process does not simulate it.
    simulatedCyclesPerSecond: device instanceof SimDevice ? total('cycles') / seconds : null,
    cyclesPerSignature,
    multiplierUtilisation:
      (total('multiplications') * multiplierInterval) / (total('busyCycles') * engines),
    multiplicationsPerSignature: total('multiplications') / signatures,
    projected: { ...PROJECTION_CLOCK, engines, perSecond },
  };
}

/** One row per backend, in the order of the contestants. */
export function makeRows(
  contestants: readonly Contestant[],
  workload: Workload,
  costs: readonly DriverCost[],
): BenchRow[] {
  const backends = [...new Set(contestants.map(({ backend }) => backend))];
  const pick = (backend: string) => {
    const own = contestants.filter((contestant) => contestant.backend === backend);
    return { single: own[0]!, machine: own.at(-1)! };
  };
  const software = backends.includes('software') ? pick('software') : undefined;
  return backends.map((backend) => {
    const { single, machine } = pick(backend);
    const rates = machine.turns.map(rate);
    const wallPerSecond = medianRate(machine);
    const wallPerSecondPerThread = medianRate(single);
    return {
      backend,
      operation: workload.operation,
      threads: machine.threads,
      wallPerSecond,
      wallPerSecondPerThread,
      ratioToSoftware: medianRatio(machine, software?.machine),
      ratioToSoftwarePerThread: medianRatio(single, software?.single),
      wallPerSecondRange: [Math.min(...rates), Math.max(...rates)],
      ...cardFigures(machine),
      driverCost:
        machine.accelerator.device instanceof SimDevice && costs.length > 0 ? costs : null,
      workload: {
        signatures: workload.count,
        corrupted: workload.corrupted.reduce((sum, value) => sum + value, 0),
        seed: WORKLOAD_SEED,
        rounds: machine.turns.length,
      },
      machine: {
        processor: processorName(),
        processors: availableParallelism(),
        arch: arch(),
        node: process.versions.node,
        version: packageVersion(),
      },
    };
  });
}
