// SPDX-License-Identifier: Apache-2.0
/**
 * What the simulations of a run leave behind for the toolkit, if it asks for it in the environment.
 *
 * `HPB_RECORD=<folder>`: one line of JSON a simulation in `<folder>/<process>.jsonl`, when it ends.
 * `HPB_COVERAGE=<folder>`: models are built to count coverage, and write it there as `<name>.dat`; what they had
 * counted before the first cycle, when registers took their random values, as `<name>.dat.start`.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildKind } from './toolchain.ts';

/** One simulation that has ended. */
export interface RecordedSimulation {
  readonly module: string;
  /** Which simulation of it, in its test or its file: see waves.ts. */
  readonly key: string;
  /** Verilog files it was made of. */
  readonly files: readonly string[];
  readonly seed: number;
  readonly cycles: number;
  /** Absolute path of its waves, if they were recorded. */
  readonly waves: string | null;
  /** Absolute path of its coverage, if it was counted. */
  readonly coverage: string | null;
}

interface Recordable {
  readonly key: string;
  readonly description: { readonly name: string; readonly files: readonly string[] };
  readonly seed: number;
  readonly cycle: number;
  readonly wavesPath: string | undefined;
  writeCoverage(path: string): void;
}

/** What models are built for, unless the test says so itself. */
export function usualKind(): BuildKind {
  return process.env.HPB_COVERAGE ? 'coverage' : 'fast';
}

const recorded = new WeakSet<object>();
const coverageOf = new WeakMap<object, string>();
let count = 0;

/** Notes what a new simulation has counted before its first cycle. */
export function recordStart(simulation: Recordable, kind: BuildKind): void {
  const { HPB_COVERAGE: folder } = process.env;
  if (!folder || kind !== 'coverage') return;
  const path = join(folder, `${simulation.description.name}-${process.pid}-${count++}.dat`);
  coverageOf.set(simulation, path);
  simulation.writeCoverage(`${path}.start`);
}

/** Records a simulation, once; while it can still be read. */
export function recordSimulation(simulation: Recordable): void {
  const { HPB_RECORD: folder } = process.env;
  const coverage = coverageOf.get(simulation) ?? null;
  if (recorded.has(simulation) || !(folder || coverage)) return;
  recorded.add(simulation);
  const { key, description, seed, cycle: cycles, wavesPath } = simulation;
  if (coverage) simulation.writeCoverage(coverage);
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const { name: module, files } = description;
  const line: RecordedSimulation = {
    module,
    key,
    files,
    seed,
    cycles,
    waves: wavesPath ?? null,
    coverage,
  };
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`);
}
