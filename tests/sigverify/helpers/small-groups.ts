/**
 * Small groups on curves y^2 = x^3 + b over secp256k1's field, as libsecp256k1's exhaustive tests use them.
 *
 * The additions and doublings of the engine do not know b, so they are the same on all these curves, and
 * on a small group all pairs of points can be tried: equal and opposite ones are as common as any others.
 */
import { invert, mod, N, P } from './scalars.ts';

export interface Affine {
  readonly x: bigint;
  readonly y: bigint;
}

/** A point, or undefined for infinity. */
export type MaybePoint = Affine | undefined;

/** Adds two points of a curve y^2 = x^3 + b. */
export function addAffine(a: MaybePoint, b: MaybePoint): MaybePoint {
  if (!a) return b;
  if (!b) return a;
  if (a.x === b.x && a.y !== b.y) return undefined;
  if (a.x === b.x && a.y === 0n) return undefined;
  const slope =
    a.x === b.x ? 3n * a.x * a.x * invert(2n * a.y, P) : (b.y - a.y) * invert(mod(b.x - a.x, P), P);
  const x = mod(slope * slope - a.x - b.x, P);
  return { x, y: mod(slope * (a.x - x) - a.y, P) };
}

/** k times a point. */
export function multiplyAffine(k: bigint, point: MaybePoint): MaybePoint {
  let sum: MaybePoint;
  for (let rest = k, power = point; rest > 0n; rest >>= 1n, power = addAffine(power, power)) {
    if (rest & 1n) sum = addAffine(sum, power);
  }
  return sum;
}

/** A cyclic group of points, or the product of two of the same order; element 0 is infinity. */
export class SmallGroup {
  readonly b: bigint;
  /** Order of the cyclic groups; element i is i mod cyclic times the first base, the rest the second. */
  readonly cyclic: number;
  readonly points: readonly MaybePoint[];

  constructor(b: bigint, cyclic: number, points: readonly MaybePoint[]) {
    this.b = b;
    this.cyclic = cyclic;
    this.points = points;
  }

  get order(): number {
    return this.points.length;
  }

  /** Elements other than infinity. */
  get elements(): number[] {
    return Array.from({ length: this.order - 1 }, (_, i) => i + 1);
  }

  add(i: number, j: number): number {
    const { cyclic } = this;
    const second = Math.floor(i / cyclic) + Math.floor(j / cyclic);
    return (((i % cyclic) + j) % cyclic) + cyclic * (second % (this.order / cyclic));
  }

  negate(i: number): number {
    const { cyclic } = this;
    const second = (cyclic - Math.floor(i / cyclic)) % cyclic;
    return ((cyclic - (i % cyclic)) % cyclic) + (this.order > cyclic ? cyclic * second : 0);
  }

  double(i: number, times = 1): number {
    return times === 0 ? i : this.double(this.add(i, i), times - 1);
  }
}

/** Points tried before a curve counts as one without the points looked for. */
const TRIES = 100;

/**
 * Points on y^2 = x^3 + b: a cyclic group, or the product of two.
 *
 * @param cyclic - order of each cyclic group, a power of a prime.
 * @throws {Error} when the curve has none.
 */
export function smallGroup(b: bigint, cyclic: number, rank: 1 | 2 = 1): SmallGroup {
  const order = curveOrder(b);
  const m = BigInt(cyclic);
  let prime = 2n;
  while (m % prime !== 0n) prime++;
  let cofactor = order;
  while (cofactor % prime === 0n) cofactor /= prime;
  let x = 0n;
  const find = (isFit: (point: Affine) => boolean): Affine => {
    for (let i = 0; i < TRIES; i++) {
      const start = pointFrom(b, x);
      x = start.x + 1n;
      let point = multiplyAffine(cofactor, start);
      while (multiplyAffine(m, point)) point = multiplyAffine(prime, point);
      if (point && multiplyAffine(m / prime, point) && isFit(point)) return point;
    }
    throw new Error(`y^2 = x^3 + ${b} has no ${rank} x ${cyclic} points`);
  };
  const line = (base: MaybePoint): MaybePoint[] => {
    const points: MaybePoint[] = [undefined];
    while (points.length < cyclic) points.push(addAffine(points.at(-1), base));
    return points;
  };
  const first = line(find(() => true));
  if (rank === 1) return new SmallGroup(b, cyclic, first);
  const second = line(find((other) => first.every((point) => point?.x !== other.x)));
  const points = second.flatMap((high) => first.map((low) => addAffine(low, high)));
  return new SmallGroup(b, cyclic, points);
}

/** The point with the smallest x from `from` up, and its even y. */
function pointFrom(b: bigint, from: bigint): Affine {
  for (let x = from; ; x++) {
    const square = mod(x ** 3n + b, P);
    const y = power(square, (P + 1n) / 4n);
    if ((y * y) % P === square) return { x, y: y & 1n ? P - y : y };
  }
}

/** Points of y^2 = x^3 + b: the one of the six twists' orders that takes a point to infinity. */
function curveOrder(b: bigint): bigint {
  const trace = P + 1n - N;
  // 4 p = trace^2 + 3 v^2
  const v = squareRoot((4n * P - trace * trace) / 3n);
  const traces = [trace, (trace + 3n * v) / 2n, (trace - 3n * v) / 2n];
  const orders = traces.flatMap((t) => [P + 1n - t, P + 1n + t]);
  // A point may have a small order; two of them leave one candidate.
  const points = [pointFrom(b, 1n), pointFrom(b, 100n)];
  const fits = orders.filter((order) => points.every((point) => !multiplyAffine(order, point)));
  if (fits.length !== 1) throw new Error(`y^2 = x^3 + ${b}: ${fits.length} possible orders`);
  return fits[0] as bigint;
}

function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (let next = (root + square / root) / 2n; next < root; next = (root + square / root) / 2n) {
    root = next;
  }
  return root;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}
