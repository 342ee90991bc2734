// SPDX-License-Identifier: Apache-2.0
// Functional coverage: what tests say they want to have seen, and how often they saw it.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HdlError } from '../errors.ts';

/** Where tests write it, relative to the project. */
export const FUNCTIONAL_FOLDER = 'build/coverage/functional';

const count = z.number().int().nonnegative();
const point = z.object({
  name: z.string(),
  bins: z.array(z.object({ name: z.string(), hits: count, goal: count.optional() })),
});
const schema = z.object({
  version: z.literal(1),
  groups: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      points: z.array(point).default([]),
      crosses: z.array(point).default([]),
    }),
  ),
});

/** A coverage point or a cross of several. */
export interface FunctionalPoint {
  readonly name: string;
  readonly isCross: boolean;
  readonly bins: readonly FunctionalBin[];
}

export interface FunctionalBin {
  readonly name: string;
  readonly hits: number;
  /** Hits from which on it counts as covered. */
  readonly goal: number;
}

export interface FunctionalGroup {
  readonly name: string;
  /** Whose it is: a test's or a module's file. */
  readonly file: string;
  readonly points: readonly FunctionalPoint[];
}

/**
 * Reads and merges what tests wrote.
 *
 * @param since - files older than this moment are of another run, and left out; ms as of Date.now().
 * @throws {HdlError} `HDL_ARGUMENT` when a file is not what it should be.
 */
export function readFunctional(root: string, since = 0): FunctionalGroup[] {
  const folder = join(root, FUNCTIONAL_FOLDER);
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).mtimeMs >= since);
  return mergeGroups(paths.flatMap((path) => readGroups(path)));
}

function readGroups(path: string): FunctionalGroup[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new HdlError('HDL_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
  const { success, data, error } = schema.safeParse(json);
  if (!success) throw new HdlError('HDL_ARGUMENT', `${path}: ${z.prettifyError(error)}`);
  return data.groups.map(({ name, file, points, crosses }) => {
    const read = (isCross: boolean) => (each: z.infer<typeof point>) => ({
      name: each.name,
      isCross,
      bins: each.bins.map((bin) => ({ ...bin, goal: bin.goal ?? 1 })),
    });
    return { name, file, points: [...points.map(read(false)), ...crosses.map(read(true))] };
  });
}

/** The same group of several tests, or runs, is one: hits add up. */
export function mergeGroups(groups: readonly FunctionalGroup[]): FunctionalGroup[] {
  return mergeBy(
    groups,
    ({ file, name }) => `${file}\n${name}`,
    (same) => ({
      ...same[0]!,
      points: mergeBy(
        same.flatMap(({ points }) => points),
        ({ name, isCross }) => `${isCross} ${name}`,
        (points) => ({
          ...points[0]!,
          bins: mergeBy(
            points.flatMap(({ bins }) => bins),
            ({ name }) => name,
            (bins) => ({
              name: bins[0]!.name,
              hits: bins.reduce((sum, { hits }) => sum + hits, 0),
              goal: Math.max(...bins.map(({ goal }) => goal)),
            }),
          ),
        }),
      ),
    }),
  );
}

function mergeBy<T>(
  items: readonly T[],
  key: (item: T) => string,
  merge: (same: readonly T[]) => T,
): T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const same = groups.get(name);
    if (same) same.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()].map(merge);
}
