// SPDX-License-Identifier: Apache-2.0
/** Functional coverage: has the test shown the module what it was meant to? */
import { CheckError } from './check-error.ts';
import type { BinCount, GroupCount } from './coverage-file.ts';
import { noteGroup } from './coverage-store.ts';

/** One kind of value: a name, and which values it holds. */
export interface Bin<T> {
  readonly name: string;
  readonly holds: (value: T) => boolean;
  /** Hits wanted; 1 unless given. */
  readonly goal?: number;
  /** A value that may never come: it fails the test, and does not count as a bin. */
  readonly isIllegal?: boolean;
}

/** Bins in any form: named values, or {@link Bin}s. */
export type Bins<T> = readonly (T & (string | number | boolean))[] | readonly Bin<T>[];

/** A bin for each range of numbers, both ends included: `ranges([0, 0], [1, 15], [16, 255])`. */
export function ranges(...bounds: readonly (readonly [number, number])[]): Bin<number | bigint>[] {
  return bounds.map(([low, high]) => ({
    name: low === high ? `${low}` : `${low}..${high}`,
    holds: (value) => value >= low && value <= high,
  }));
}

/** A value that may never come. */
export function illegal<T>(name: string, holds: (value: T) => boolean): Bin<T> {
  return { name, holds, isIllegal: true };
}

interface Point<S> {
  readonly name: string;
  readonly of: (sample: S) => unknown;
  readonly bins: readonly Bin<unknown>[];
  readonly counts: BinCount[];
}

interface Cross {
  readonly name: string;
  readonly points: readonly number[];
  /** Counts by the names of the bins; those left out have no entry. */
  readonly counts: ReadonlyMap<string, BinCount>;
}

/** Between the names of a cross's bins. */
const BY = ' x ';

/**
 * A group of points that are sampled together.
 *
 * Counts are written to build/coverage/functional after each test, without any call.
 *
 * @example
 * const cover = new CoverGroup<AxiTransaction>('bursts')
 *   .point('type', ({ burst }) => burst.type, ['FIXED', 'INCR', 'WRAP'])
 *   .point('beats', ({ burst }) => burst.beats, ranges([1, 1], [2, 15], [16, 256]))
 *   .cross('type by beats', ['type', 'beats'], { ignore: (type, beats) => type === 'WRAP' && beats === '1' });
 * new AxiMonitor(sim, 'm_axi', { onTransaction: (transaction) => cover.sample(transaction) });
 */
export class CoverGroup<S> {
  readonly name: string;
  /** The file that the group belongs to, as the report names it; the test's file unless given. */
  readonly file: string | undefined;
  readonly #points: Point<S>[] = [];
  readonly #crosses: Cross[] = [];
  #samples = 0;

  constructor(name: string, { file }: { file?: string } = {}) {
    this.name = name;
    this.file = file;
    noteGroup(this);
  }

  /** Samples so far. */
  get samples(): number {
    return this.#samples;
  }

  /** Hits that reached their goal, of all bins of points and crosses, 0 to 1. */
  get covered(): number {
    const { points, crosses } = this.count('');
    const bins = [...points, ...crosses].flatMap((each) => each.bins);
    return bins.filter(({ hits, goal }) => hits >= goal).length / Math.max(1, bins.length);
  }

  /**
   * Adds a point.
   *
   * @throws {CheckError} for a name given twice, or without bins.
   */
  point<T>(name: string, of: (sample: S) => T, bins: Bins<T>): this {
    const all = bins.map((bin) => toBin(bin as Bin<unknown> | string | number | boolean));
    this.#refuseTwice('points', [...this.#points.map((point) => point.name), name]);
    this.#refuseTwice(
      `bins of ${name}`,
      all.map((bin) => bin.name),
    );
    const counts = all
      .filter(({ isIllegal }) => !isIllegal)
      .map((bin) => ({ name: bin.name, hits: 0, goal: bin.goal ?? 1 }));
    if (counts.length === 0) throw new CheckError(`${this.name}: ${name} has no bins`);
    this.#points.push({ name, of, bins: all, counts });
    return this;
  }

  /**
   * Adds a cross: every combination of the points' bins is one of its own.
   *
   * @param ignore - combinations that cannot be, by the names of their bins.
   * @throws {CheckError} for a point that the group does not have.
   */
  cross(
    name: string,
    points: readonly string[],
    {
      ignore = () => false,
      goal = 1,
    }: { ignore?: (...bins: string[]) => boolean; goal?: number } = {},
  ): this {
    this.#refuseTwice('crosses', [...this.#crosses.map((cross) => cross.name), name]);
    const indices = points.map((point) => {
      const index = this.#points.findIndex((each) => each.name === point);
      if (index >= 0) return index;
      const names = this.#points.map((each) => each.name).join(', ');
      throw new CheckError(`${this.name}: expected points of ${names}, got ${point}`);
    });
    let combinations: string[][] = [[]];
    for (const index of indices) {
      const names = this.#points[index]?.counts.map((bin) => bin.name) ?? [];
      combinations = combinations.flatMap((head) => names.map((each) => [...head, each]));
    }
    const counts = new Map<string, BinCount>();
    for (const combination of combinations) {
      if (ignore(...combination)) continue;
      const key = combination.join(BY);
      counts.set(key, { name: key, hits: 0, goal });
    }
    this.#crosses.push({ name, points: indices, counts });
    return this;
  }

  /**
   * Counts a sample: of each point the first bin that holds its value. A value that no bin holds is left out.
   *
   * @throws {CheckError} for a value of an illegal bin.
   */
  sample(sample: S): void {
    this.#samples++;
    const hit = this.#points.map((point) => this.#hit(point, point.of(sample)));
    for (const { points, counts } of this.#crosses) {
      const names = points.map((index) => hit[index]);
      if (names.includes(undefined)) continue;
      const count = counts.get(names.join(BY));
      if (count) count.hits++;
    }
    noteGroup(this);
  }

  /** What has not reached its goal, one line each: `type: WRAP 0 of 1`. */
  holes(): string[] {
    const { points, crosses } = this.count('');
    return [...points, ...crosses].flatMap(({ name, bins }) =>
      bins
        .filter(({ hits, goal }) => hits < goal)
        .map((bin) => `${name}: ${bin.name} ${bin.hits} of ${bin.goal}`),
    );
  }

  /** @throws {CheckError} with what has not reached its goal. */
  expectFull(): void {
    const holes = this.holes();
    if (holes.length === 0) return;
    const percent = (this.covered * 100).toFixed(1);
    throw new CheckError(
      `${this.name}: ${percent} % after ${this.#samples} samples\n  ${holes.join('\n  ')}`,
    );
  }

  /** The counts as they are stored. @param file - of the test, where the group names none. */
  count(file: string): GroupCount {
    return {
      name: this.name,
      file: this.file ?? file,
      points: this.#points.map(({ name, counts }) => ({ name, bins: counts })),
      crosses: this.#crosses.map(({ name, points, counts }) => ({
        name,
        points: points.map((index) => this.#points[index]?.name ?? ''),
        bins: [...counts.values()],
      })),
    };
  }

  #hit(point: Point<S>, value: unknown): string | undefined {
    const bin = point.bins.find(({ holds }) => holds(value));
    if (bin === undefined) return undefined;
    if (bin.isIllegal) {
      throw new CheckError(`${this.name}: ${point.name} is ${String(value)}: ${bin.name}`);
    }
    const count = point.counts.find(({ name }) => name === bin.name);
    if (count) count.hits++;
    return bin.name;
  }

  #refuseTwice(what: string, names: readonly string[]): void {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) return;
    throw new CheckError(`${this.name}: expected ${what} with different names, got ${twice} twice`);
  }
}

function toBin(bin: Bin<unknown> | string | number | boolean): Bin<unknown> {
  if (typeof bin === 'object') return bin;
  return { name: String(bin), holds: (value) => value === bin };
}
