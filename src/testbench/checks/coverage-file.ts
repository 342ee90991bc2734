// SPDX-License-Identifier: Apache-2.0
/**
 * Files of functional coverage, build/coverage/functional/*.json: one for each test file, merged when read.
 *
 * `{"version":1,"groups":[{"name","file","points":[{"name","bins":[{"name","hits","goal"}]}],
 * "crosses":[{"name","points":[names],"bins":[..]}]}]}`
 *
 * Who writes them without this library may leave out a goal, which is 1 then, crosses, and the points of a cross.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CheckError } from './check-error.ts';

export interface BinCount {
  readonly name: string;
  hits: number;
  readonly goal: number;
}

export interface PointCount {
  readonly name: string;
  readonly bins: readonly BinCount[];
}

export interface CrossCount extends PointCount {
  /** The points' names; a bin's name joins those of their bins with ` x `. */
  readonly points: readonly string[];
}

export interface GroupCount {
  readonly name: string;
  /** The file that it belongs to, relative to the project. */
  readonly file: string;
  readonly points: readonly PointCount[];
  readonly crosses: readonly CrossCount[];
}

export interface FunctionalCoverage {
  readonly version: 1;
  readonly groups: readonly GroupCount[];
}

/** Where the files are, relative to the project. */
export const FUNCTIONAL_FOLDER = 'build/coverage/functional';

/** A file larger than this is not one of ours. */
const MAX_BYTES = 64 << 20;

/** Writes the counts of one test file, in place of what it wrote before. @param name - without folder. */
export function writeCoverageFile(root: string, name: string, groups: readonly GroupCount[]): void {
  const folder = join(root, FUNCTIONAL_FOLDER);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const document: FunctionalCoverage = { version: 1, groups };
  // Whoever reads meanwhile sees the old file or the new one.
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(document));
  renameSync(`${path}.${process.pid}`, path);
}

/**
 * Reads and merges all files: groups of one name and file are one, hits are added, goals the highest.
 *
 * @param since - files older than this moment are of another run, and left out; ms as of Date.now().
 * @throws {CheckError} for a file that is none of these, with what was expected and found.
 */
export function readFunctionalCoverage(root: string, since = 0): FunctionalCoverage {
  const folder = join(root, FUNCTIONAL_FOLDER);
  if (!existsSync(folder)) return { version: 1, groups: [] };
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).mtimeMs >= since);
  return mergeCoverage(paths.map((path) => parseCoverage(readFileSync(path), path)));
}

/** Adds up the counts of several runs. */
export function mergeCoverage(documents: readonly FunctionalCoverage[]): FunctionalCoverage {
  const groups = new Map<string, GroupCount>();
  for (const group of documents.flatMap((document) => document.groups)) {
    const key = JSON.stringify([group.name, group.file]);
    const before = groups.get(key);
    groups.set(key, {
      name: group.name,
      file: group.file,
      points: mergePoints([...(before?.points ?? []), ...group.points]),
      crosses: mergePoints([...(before?.crosses ?? []), ...group.crosses]),
    });
  }
  return { version: 1, groups: [...groups.values()] };
}

function mergePoints<P extends PointCount>(points: readonly P[]): P[] {
  const merged = new Map<string, P>();
  for (const point of points) {
    const bins = new Map<string, BinCount>();
    for (const bin of [...(merged.get(point.name)?.bins ?? []), ...point.bins]) {
      const before = bins.get(bin.name);
      const hits = (before?.hits ?? 0) + bin.hits;
      bins.set(bin.name, { name: bin.name, hits, goal: Math.max(before?.goal ?? 0, bin.goal) });
    }
    merged.set(point.name, { ...point, bins: [...bins.values()] });
  }
  return [...merged.values()];
}

/**
 * Reads one file's text.
 *
 * @param path - for messages.
 * @throws {CheckError} when it is not of this form.
 */
export function parseCoverage(bytes: Uint8Array, path: string): FunctionalCoverage {
  if (bytes.length > MAX_BYTES) {
    throw new CheckError(`${path}: expected at most ${MAX_BYTES} bytes, got ${bytes.length}`);
  }
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CheckError(`${path}: expected JSON, got ${(error as Error).message}`);
  }
  const at = (where: string) => `${path}: ${where}`;
  const { version, groups } = object(document, at('document'));
  if (version !== 1) {
    throw new CheckError(`${at('version')}: expected 1, got ${JSON.stringify(version)}`);
  }
  return {
    version,
    groups: array(groups, at('groups')).map((value, i) => {
      const where = at(`groups[${i}]`);
      const { name, file, points, crosses } = object(value, where);
      return {
        name: text(name, `${where}.name`),
        file: text(file, `${where}.file`),
        points: array(points, `${where}.points`).map((each, j) =>
          point(each, `${where}.points[${j}]`),
        ),
        crosses: array(crosses ?? [], `${where}.crosses`).map((each, j) => {
          const here = `${where}.crosses[${j}]`;
          const names = array(object(each, here).points ?? [], `${here}.points`);
          return { ...point(each, here), points: names.map((p) => text(p, `${here}.points`)) };
        }),
      };
    }),
  };
}

function point(value: unknown, where: string): PointCount {
  const { name, bins } = object(value, where);
  return {
    name: text(name, `${where}.name`),
    bins: array(bins, `${where}.bins`).map((each, i) => {
      const here = `${where}.bins[${i}]`;
      const bin = object(each, here);
      return {
        name: text(bin.name, `${here}.name`),
        hits: count(bin.hits, `${here}.hits`),
        goal: count(bin.goal ?? 1, `${here}.goal`),
      };
    }),
  };
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new CheckError(`${where}: expected an object, got ${JSON.stringify(value)?.slice(0, 60)}`);
}

function array(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CheckError(`${where}: expected an array, got ${JSON.stringify(value)?.slice(0, 60)}`);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new CheckError(`${where}: expected a string, got ${JSON.stringify(value)?.slice(0, 60)}`);
}

function count(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  const got = JSON.stringify(value)?.slice(0, 60);
  throw new CheckError(`${where}: expected an integer from 0 on, got ${got}`);
}
