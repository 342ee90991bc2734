// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { CheckError } from './check-error.ts';
import { describeValue } from './describe-value.ts';

export interface ScoreboardOptions<T> {
  /** Named in messages. */
  readonly name: string;
  /** The current cycle: `() => sim.cycle`. */
  readonly cycle: () => number;
  /**
   * What must stay in order: items of one key do, items of different keys overtake each other. Unless
   * given, all items stay in order.
   */
  readonly key?: (item: T) => string | number;
  /** Equality; that of values, bytes by content, unless given. */
  readonly equal?: (expected: T, observed: T) => boolean;
  /** An item's text in messages. */
  readonly describe?: (item: T) => string;
  /** Most differences collected before {@link Scoreboard.observe} throws; 1 unless given. */
  readonly tolerate?: number;
}

/** An item, and the cycle in which it was expected or seen. */
export interface Entry<T> {
  readonly item: T;
  readonly cycle: number;
}

/** Two items that should have been equal; one side is missing where an item was lost or never expected. */
export interface Difference<T> {
  readonly expected: Entry<T> | undefined;
  readonly observed: Entry<T> | undefined;
}

/** Items kept to say of an unexpected one that it is a repetition. */
const MEMORY = 32;

/**
 * Compares what comes out of a module with what a model says must come out.
 *
 * @example
 * const board = new Scoreboard<Packet>({ name: 'router', cycle: () => sim.cycle, key: (p) => p.id });
 * board.expect(model(packet)); // when it goes in
 * board.observe(packet);       // when it comes out: throws at the first difference
 * board.finish();              // throws when something is missing
 */
export class Scoreboard<T> {
  readonly differences: Difference<T>[] = [];
  readonly #options: ScoreboardOptions<T>;
  readonly #expected = new Map<string | number, Entry<T>[]>();
  readonly #recent: Entry<T>[] = [];
  #matched = 0;

  constructor(options: ScoreboardOptions<T>) {
    this.#options = options;
  }

  /** Items that came as expected. */
  get matched(): number {
    return this.#matched;
  }

  /** Items expected and not seen yet. */
  get pending(): number {
    let count = 0;
    for (const queue of this.#expected.values()) count += queue.length;
    return count;
  }

  /** Says what must come. */
  expect(item: T): void {
    const key = this.#key(item);
    const entry = { item, cycle: this.#options.cycle() };
    const queue = this.#expected.get(key);
    if (queue) queue.push(entry);
    else this.#expected.set(key, [entry]);
  }

  /**
   * Says what came.
   *
   * @throws {CheckError} when it is not what was expected next, or nothing was.
   */
  observe(item: T): void {
    const observed = { item, cycle: this.#options.cycle() };
    const queue = this.#expected.get(this.#key(item));
    const expected = queue?.shift();
    if (expected && this.#equal(expected.item, item)) {
      this.#matched++;
      this.#recent.push(expected);
      if (this.#recent.length > MEMORY) this.#recent.shift();
      return;
    }
    this.differences.push({ expected, observed });
    if (this.differences.length < (this.#options.tolerate ?? 1)) return;
    throw new CheckError(this.#describeDifference(expected, observed, queue ?? []));
  }

  /**
   * Ends the comparison.
   *
   * @throws {CheckError} with all that is missing, and all that was different.
   */
  finish(): void {
    const missing = [...this.#expected.values()].flat().sort((a, b) => a.cycle - b.cycle);
    if (missing.length === 0 && this.differences.length === 0) return;
    const lines = [
      `${this.#options.name}: ${this.#matched} came as expected, ` +
        `${missing.length} are missing, ${this.differences.length} are different`,
      ...this.differences.map(({ expected, observed }) => {
        const got = observed ? this.#text(observed) : 'nothing';
        return `  expected ${expected ? this.#text(expected) : 'nothing'}, got ${got}`;
      }),
      ...missing.slice(0, MEMORY).map((entry) => `  missing ${this.#text(entry)}`),
      ...(missing.length > MEMORY ? [`  and ${missing.length - MEMORY} more`] : []),
    ];
    throw new CheckError(lines.join('\n'));
  }

  #describeDifference(
    expected: Entry<T> | undefined,
    observed: Entry<T>,
    rest: readonly Entry<T>[],
  ): string {
    const { name } = this.#options;
    const head = `${name}, cycle ${observed.cycle}: item ${this.#matched + 1}: `;
    const ahead = rest.findIndex(({ item }) => this.#equal(item, observed.item));
    const repeated = this.#recent.findLast(({ item }) => this.#equal(item, observed.item));
    const hint =
      ahead >= 0
        ? `\n  it was expected ${ahead + 1} later: lost, or overtaken`
        : repeated
          ? `\n  it came before, expected since cycle ${repeated.cycle}: repeated`
          : '';
    const wanted = expected ? this.#text(expected) : 'nothing';
    return `${head}expected ${wanted}, got ${this.#describe(observed.item)}${hint}`;
  }

  #text({ item, cycle }: Entry<T>): string {
    return `${this.#describe(item)} (cycle ${cycle})`;
  }

  #describe(item: T): string {
    return this.#options.describe?.(item) ?? describeValue(item);
  }

  #equal(expected: T, observed: T): boolean {
    return this.#options.equal?.(expected, observed) ?? isDeepStrictEqual(expected, observed);
  }

  #key(item: T): string | number {
    return this.#options.key?.(item) ?? '';
  }
}
