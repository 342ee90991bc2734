// SPDX-License-Identifier: Apache-2.0
/** The simulations of the current test, for what happens when it ends: src/testbench/vitest.ts. */
import type { Profile } from './profile.ts';
import type { Simulation, Snapshot } from './simulation.ts';

/** Most simulations of one test that a report is about. */
const MAX_SNAPSHOTS = 8;

/** A simulation of the current test, open or closed. */
interface Noted {
  readonly simulation: WeakRef<Simulation>;
  readonly key: string;
  /** Cycles it had made when it was closed. */
  cycle: number;
  /** What it was like when it was closed. */
  snapshot: Snapshot | undefined;
}

let noted: Noted[] = [];
let profiles: Profile[] = [];
let buildMs = 0;
/** Builds under way, and when the first of them began. */
let builds = 0;
let buildStart = 0;
let deadline = 0;
/** Whether anybody will ask what simulations were like when they were closed. */
let isWatched = false;

/** Begins a test: forgets the simulations that are closed. */
export function beginTest(): void {
  isWatched = true;
  noted = noted.filter(({ simulation }) => simulation.deref()?.isClosed === false);
}

/** Remembers a simulation while it is in use. */
export function noteSimulation(simulation: Simulation): void {
  noted.push({
    simulation: new WeakRef(simulation),
    key: simulation.key,
    cycle: 0,
    snapshot: undefined,
  });
  if (!isWatched && noted.length > 64) noted = noted.filter((one) => one.simulation.deref());
  simulation.setDeadline(deadline);
}

/** The simulations that are open, oldest first. */
export function openSimulations(): Simulation[] {
  return noted.flatMap(({ simulation }) => {
    const found = simulation.deref();
    return found && !found.isClosed ? [found] : [];
  });
}

/** Remembers what a simulation was like, just before it is closed. */
export function noteClosed(simulation: Simulation): void {
  profiles.push(simulation.profile());
  if (!isWatched) return;
  const entry = noted.find((one) => one.simulation.deref() === simulation);
  if (!entry) return;
  entry.cycle = simulation.cycle;
  entry.snapshot = simulation.snapshot();
  // A test that goes through thousands of simulations is not to keep them all.
  const old = noted.filter(({ snapshot }) => snapshot).at(-MAX_SNAPSHOTS - 1);
  if (old) old.snapshot = undefined;
}

/** The current test's simulations as they are, or were when they were closed; the last few. */
export function snapshots(): Snapshot[] {
  return noted
    .flatMap(({ simulation, snapshot }) => snapshot ?? openSnapshot(simulation.deref()) ?? [])
    .slice(-MAX_SNAPSHOTS);
}

function openSnapshot(simulation: Simulation | undefined): Snapshot | undefined {
  return simulation && !simulation.isClosed ? simulation.snapshot() : undefined;
}

/** Cycles of the simulations but for those in `skip`, by their keys. */
export function cyclesByKey(skip: readonly Simulation[]): Record<string, number> {
  const cycles: Record<string, number> = {};
  for (const { simulation, key, cycle } of noted) {
    const open = simulation.deref();
    if (open && skip.includes(open)) continue;
    cycles[key] = open && !open.isClosed ? open.cycle : cycle;
  }
  return cycles;
}

/** The profiles noted since the last call. */
export function takeProfiles(): Profile[] {
  const taken = profiles;
  profiles = [];
  return taken;
}

/** Runs what builds a model; the time in which at least one is built is noted. */
export async function noteBuild<T>(build: () => Promise<T>): Promise<T> {
  if (builds++ === 0) buildStart = performance.now();
  try {
    return await build();
  } finally {
    if (--builds === 0) buildMs += performance.now() - buildStart;
  }
}

/** ms noted since the last call. */
export function takeBuildTime(): number {
  const taken = buildMs;
  buildMs = 0;
  return taken;
}

/** Long runs of all simulations stop at this moment of process.hrtime in ns; 0 for never. */
export function setDeadline(ns: number): void {
  deadline = ns;
  for (const simulation of openSimulations()) simulation.setDeadline(ns);
}
