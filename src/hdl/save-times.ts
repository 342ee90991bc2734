// SPDX-License-Identifier: Apache-2.0
// How long it takes from saving a file until it is simulated, and what that time goes into.

import type { BuildTimes } from '../testbench/build.ts';

/** All in ms of the clock on the wall. What runs beside each other counts in each. */
export interface SaveTimes {
  /** From saving to the first result of a test; null when there was none. */
  readonly first: number | null;
  /** From saving to the last result. */
  readonly all: number;
  /** While a linter ran. */
  readonly lint: number;
  /** While Verilator translated a model. */
  readonly verilate: number;
  /** While a model was compiled and linked. */
  readonly compile: number;
  /** While test files ran, and no model was built: Vitest's own time is in it. */
  readonly tests: number;
}

type Span = readonly [start: number, end: number];

/** Notes what happens after a save. Times in ms since 1970. */
export class SaveClock {
  readonly #savedAt: number;
  readonly #lints: Span[] = [];
  readonly #tests: Span[] = [];
  readonly #builds = new Map<string, BuildTimes>();
  #first: number | null = null;

  /** @param savedAt - ms since 1970. */
  constructor(savedAt: number) {
    this.#savedAt = savedAt;
  }

  lint(start: number, end: number): void {
    this.#lints.push([start, end]);
  }

  /** @param first - when the first test had a result. */
  test(start: number, end: number, first: number | null): void {
    this.#tests.push([start, end]);
    if (first !== null) this.#first = Math.min(this.#first ?? first, first);
  }

  /** Notes the builds of models; those from before the save do not count, nor does one that is told again. */
  built(library: string, times: BuildTimes): void {
    if (times.start >= this.#savedAt) this.#builds.set(library, times);
  }

  times(now: number = Date.now()): SaveTimes {
    const builds = [...this.#builds.values()];
    const whole = builds.map(({ start, end }): Span => [start, end]);
    const since = (time: number) => Math.max(0, Math.round(time - this.#savedAt));
    return {
      first: this.#first === null ? null : since(this.#first),
      all: since(now),
      lint: covered(this.#lints),
      verilate: covered(builds.map(({ start, verilated }): Span => [start, verilated])),
      compile: covered(builds.map(({ verilated, end }): Span => [verilated, end])),
      tests: covered([...this.#tests, ...whole]) - covered(whole),
    };
  }
}

/** How much time lies in at least one of the spans. */
export function covered(spans: readonly Span[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return total;
}
