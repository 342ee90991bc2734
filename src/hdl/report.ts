// SPDX-License-Identifier: Apache-2.0
// What the other commands kept, joined by module: nothing is measured here.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HdlError } from './errors.ts';
import type { FmaxEntry } from './fmax.ts';
import type { ProofEntry } from './formal.ts';
import { type HistoryEntry, newestEntries, readHistory } from './history.ts';
import type { MutateEntry } from './mutate.ts';
import type { ProfileEntry } from './profile.ts';
import { campaignKey, type RegressEntry } from './regress.ts';
import { revisionOf } from './revision.ts';
import { storeRoot } from './store.ts';
import type { SynthEntry } from './synth.ts';
import type { Target } from './target.ts';

/** A result, and whether the sources are still what they were. */
export interface Dated<T> {
  readonly entry: T;
  readonly isCurrent: boolean;
}

/** Parts of a whole, as coverage counts them. */
export interface Share {
  readonly hit: number;
  readonly total: number;
}

/** Coverage of one module, of build/coverage/coverage.json (`hpb hdl cover`). */
export interface CoverageOf {
  readonly line: Share;
  readonly branch: Share;
  readonly toggle: Share;
}

/** All that is known of a module. */
export interface ModuleReport {
  readonly name: string;
  readonly file: string;
  readonly unit: string;
  /** Test files that simulate it. */
  readonly tests: readonly string[];
  readonly regress: ReadonlyArray<Dated<RegressEntry>>;
  readonly coverage: CoverageOf | null;
  readonly mutation: Dated<MutateEntry> | null;
  readonly proofs: ReadonlyArray<Dated<ProofEntry>>;
  /** With default parameters, by family. */
  readonly resources: ReadonlyArray<Dated<SynthEntry>>;
  /** Every set of parameters and device that was measured. */
  readonly fmax: ReadonlyArray<Dated<FmaxEntry>>;
  readonly profile: Dated<ProfileEntry> | null;
}

/**
 * Joins what is kept of each module; the newest of everything.
 *
 * @throws {HdlError} `HDL_ARGUMENT` when a file of results is not what it should be.
 */
export async function collectReport(
  targets: readonly Target[],
  signal?: AbortSignal,
): Promise<ModuleReport[]> {
  const store = storeRoot();
  const kept = {
    synth: byFamily(readHistory<SynthEntry>(store, 'synth')),
    fmax: byDevice(readHistory<FmaxEntry>(store, 'fmax')),
    formal: newestEntries(readHistory<ProofEntry>(store, 'formal')),
    mutate: newestEntries(readHistory<MutateEntry>(store, 'mutate')),
    profile: newestEntries(readHistory<ProfileEntry>(store, 'profile')),
    regress: newestEntries(readHistory<RegressEntry>(store, 'regress')),
  };
  const coverage = readCoverage(store);
  const campaign = kept.regress.length > 0 ? campaignKey(store) : '';
  return Promise.all(
    targets.map(async (target): Promise<ModuleReport> => {
      const { sources } = await revisionOf(target, signal);
      const dated = <T extends HistoryEntry>(entry: T): Dated<T> => ({
        entry,
        isCurrent: entry.revision.sources === sources,
      });
      const own = <T extends HistoryEntry>(entries: readonly T[]): Array<Dated<T>> =>
        entries.filter(({ file, name }) => file === target.file && name === target.name).map(dated);
      const plain = ({ entry }: Dated<HistoryEntry>) => Object.keys(entry.parameters).length === 0;
      return {
        name: target.name,
        file: target.file,
        unit: target.unit ?? '',
        tests: target.tests,
        regress: kept.regress
          .filter(({ file }) => target.tests.includes(file))
          .map((entry) => ({ entry, isCurrent: entry.revision.sources === campaign })),
        coverage: coverage.get(target.file) ?? null,
        mutation: own(kept.mutate).at(-1) ?? null,
        proofs: own(kept.formal),
        resources: own(kept.synth).filter(plain),
        fmax: own(kept.fmax),
        profile: own(kept.profile).at(-1) ?? null,
      };
    }),
  );
}

function byFamily(entries: readonly SynthEntry[]): SynthEntry[] {
  const families = [...new Set(entries.map(({ family }) => family))];
  return families.flatMap((name) => newestEntries(entries.filter(({ family }) => family === name)));
}

function byDevice(entries: readonly FmaxEntry[]): FmaxEntry[] {
  const devices = [...new Set(entries.map(({ device }) => device))];
  return devices.flatMap((name) => newestEntries(entries.filter(({ device }) => device === name)));
}

/** Coverage by file; none when nothing was measured. */
function readCoverage(store: string): Map<string, CoverageOf> {
  const path = join(store, 'build/coverage/coverage.json');
  if (!existsSync(path)) return new Map();
  const wrong = (got: string) =>
    new HdlError('HDL_ARGUMENT', `${path}: expected coverage, got ${got}`);
  let value: { version?: unknown; modules?: unknown };
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (value.version !== 1 || !Array.isArray(value.modules)) throw wrong(`version ${value.version}`);
  const modules = value.modules as Array<CoverageOf & { file: string }>;
  for (const { file, line, branch, toggle } of modules) {
    const isShare = (share: Share | undefined) =>
      typeof share?.hit === 'number' && typeof share.total === 'number';
    if (![line, branch, toggle].every(isShare)) throw wrong(`no shares for ${file}`);
  }
  return new Map(modules.map((module) => [module.file, module]));
}
