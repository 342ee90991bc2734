// SPDX-License-Identifier: Apache-2.0

/** Which positions of a stream have been seen; positions are small integers, 0 the first. */
export class Ranges {
  readonly #ranges: [number, number][] = [];

  /** [from, to) */
  add(from: number, to: number): void {
    if (to <= from) return;
    let at = this.#ranges.findIndex(([, end]) => end >= from);
    if (at < 0) at = this.#ranges.length;
    let [low, high] = [from, to];
    let last = at;
    for (; last < this.#ranges.length && this.#ranges[last]![0] <= to; last++) {
      low = Math.min(low, this.#ranges[last]![0]);
      high = Math.max(high, this.#ranges[last]![1]);
    }
    this.#ranges.splice(at, last - at, [low, high]);
  }

  /** Where the first gap behind `from` begins. */
  endOf(from: number): number {
    const found = this.#ranges.find(([low, high]) => low <= from && high > from);
    return found ? found[1] : from;
  }

  covers(from: number, to: number): boolean {
    return this.#ranges.some(([low, high]) => low <= from && high >= to);
  }
}
