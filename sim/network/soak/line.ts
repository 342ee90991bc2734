// SPDX-License-Identifier: Apache-2.0

/** A straight line. */
export interface Line {
  /** Of y for each x. */
  readonly slope: number;
  readonly at: (x: number) => number;
}

/** The line of least squares; level where the points do not say otherwise. */
export function lineThrough(points: readonly (readonly [x: number, y: number])[]): Line {
  const count = Math.max(1, points.length);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let [above, below] = [0, 0];
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  const slope = below === 0 ? 0 : above / below;
  return { slope, at: (x) => meanY + slope * (x - meanX) };
}
