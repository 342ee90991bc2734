// SPDX-License-Identifier: Apache-2.0
// Coverage in numbers: of each module, and what its unit asks for.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HdlError } from '../errors.ts';
import type { Target } from '../target.ts';
import type { FunctionalGroup } from './functional.ts';
import type { CoveragePoint } from './points.ts';

export const METRICS = ['line', 'branch', 'toggle'] as const;
export type Metric = (typeof METRICS)[number];

export interface Share {
  readonly hit: number;
  readonly total: number;
}

/** The coverage of one module. */
export interface ModuleCoverage extends Readonly<Record<Metric, Share>> {
  readonly name: string;
  readonly file: string;
  /** How often each line ran that can; by line number. */
  readonly lines: ReadonlyMap<number, number>;
  readonly points: readonly CoveragePoint[];
}

/** Percent that a unit asks for. */
export type Thresholds = Partial<Record<Metric | 'functional', number>>;

/** Something that is below what its unit asks for. */
export interface Miss {
  readonly name: string;
  readonly metric: Metric | 'functional';
  /** Percent. */
  readonly expected: number;
  readonly got: number;
}

/** Sums up the points of a module's file. */
export function summarize(
  name: string,
  file: string,
  all: readonly CoveragePoint[],
): ModuleCoverage {
  const points = all.filter((point) => point.file === file);
  const lines = new Map<number, number>();
  for (const { kind, lines: own, hits } of points) {
    if (kind === 'line' || kind === 'branch') {
      for (const line of own) lines.set(line, Math.max(lines.get(line) ?? 0, hits));
    }
  }
  const share = (kind: Metric): Share => {
    const own = points.filter((point) => point.kind === kind);
    return { hit: own.filter(({ isCovered }) => isCovered).length, total: own.length };
  };
  return {
    name,
    file,
    lines,
    points,
    line: { hit: [...lines.values()].filter((hits) => hits > 0).length, total: lines.size },
    branch: share('branch'),
    toggle: share('toggle'),
  };
}

/** The bins of functional coverage that reached their goal. */
export function functionalShare(groups: readonly FunctionalGroup[]): Share {
  const bins = groups.flatMap(({ points }) => points.flatMap((point) => point.bins));
  return { hit: bins.filter(({ hits, goal }) => hits >= goal).length, total: bins.length };
}

/** Percent; what has nothing to cover is covered. */
export function percent({ hit, total }: Share): number {
  return total === 0 ? 100 : (100 * hit) / total;
}

const limits = z.strictObject({
  line: z.number().min(0).max(100).optional(),
  branch: z.number().min(0).max(100).optional(),
  toggle: z.number().min(0).max(100).optional(),
});
const schema = limits.extend({
  functional: z.number().min(0).max(100).optional(),
  modules: z.record(z.string(), limits).default({}),
});

/**
 * What a target's unit asks for: coverage.json in the module's folder, percent for each of its modules, with
 * exceptions by name in `modules`. Nothing without that file.
 *
 * @throws {HdlError} `HDL_ARGUMENT` when it is not what it should be.
 */
export function readThresholds({ root, file, name }: Target): Thresholds {
  const path = join(file, '../coverage.json');
  if (!existsSync(join(root, path))) return {};
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch (error) {
    throw new HdlError('HDL_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
  const { success, data, error } = schema.safeParse(json);
  if (!success) throw new HdlError('HDL_ARGUMENT', `${path}: ${z.prettifyError(error)}`);
  const { modules, ...all } = data;
  const merged = { ...all, ...modules[name] };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** What a module misses of its unit's thresholds. */
export function findMisses(module: ModuleCoverage, thresholds: Thresholds): Miss[] {
  return METRICS.flatMap((metric) => {
    const expected = thresholds[metric];
    const got = percent(module[metric]);
    if (expected === undefined || got >= expected) return [];
    return [{ name: module.name, metric, expected, got }];
  });
}
