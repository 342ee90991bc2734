/** sigv_core: point addition and doubling over all pairs of points of small groups, and of a key's table. */
import { Point } from '@noble/secp256k1';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MicrocodeEntry } from '../../hdl/sigverify/microcode/interpreter.js';
import { REASONS } from '../../hdl/sigverify/microcode/program.js';
import { testRandom } from '../../src/testbench/index.ts';
import {
  type CoreJob,
  type CoreResult,
  type CoreRunner,
  HALF_TABLE,
  openCore,
} from './helpers/core-runner.ts';
import { anyBelow, LAMBDA, mod, N, P } from './helpers/scalars.ts';
import { type Affine, type SmallGroup, smallGroup } from './helpers/small-groups.ts';

/** Entries of a list at most, less the one that sets the start. */
const STEPS = 126;

/** [b, order of the cyclic groups, how many]: all odd ones below 200 on curves with a small b. */
const GROUPS = [
  [4n, 3, 1],
  [2n, 3, 2],
  [6n, 7, 1],
  [6n, 7, 2],
  [2n, 13, 1],
  [2n, 169, 1],
  [4n, 199, 1],
] as const;

let core: CoreRunner;
beforeAll(async () => {
  core = await openCore();
});

/** A key, so that there is a table and a Z common to its points, and the parity of its y. */
const { x: keyX, y: keyY } = Point.BASE.multiply(anyBelow(testRandom('groups key'), N)).toAffine();
const KEY = { x: keyX, y: keyY, r: keyX, id: Number(keyY & 1n) };

/** A recovery, whose answer is the sum of the list in affine coordinates. Entries in the order of use. */
function sumJob(entries: readonly MicrocodeEntry[]): CoreJob {
  return { ...KEY, recovery: true, wraps: false, list: entries.toReversed() };
}

function verifyJob(entries: readonly MicrocodeEntry[], r: bigint, wraps = false): CoreJob {
  return { ...KEY, recovery: false, r, wraps, list: entries.toReversed() };
}

const pointResult = (point: Affine | undefined): CoreResult =>
  point ? { reason: REASONS.OK as number, point } : { reason: REASONS.INFINITY as number, point };

interface Case {
  readonly entries: readonly MicrocodeEntry[];
  readonly sum: Affine | undefined;
}

function expectSums(cases: readonly Case[], runner = core): void {
  const results = runner.run(cases.map(({ entries }) => sumJob(entries)));
  const wrong = cases.findIndex(
    ({ sum }, i) => JSON.stringify(show(results[i])) !== JSON.stringify(show(pointResult(sum))),
  );
  expect(wrong < 0 ? undefined : { ...cases[wrong], got: results[wrong] }).toBeUndefined();
  expect(results.length).toBe(cases.length);
}

const show = (result: CoreResult | undefined) =>
  result && [result.reason, `${result.point?.x}`, `${result.point?.y}`];

/** A group whose points, one of each two opposite ones, are in the table of G. */
class TabledGroup {
  readonly group: SmallGroup;
  readonly #places = new Map<number, number>();

  constructor(group: SmallGroup, runner = core) {
    this.group = group;
    for (const element of group.elements) {
      if (element <= group.negate(element)) this.#places.set(element, this.#places.size);
    }
    for (const [element, place] of this.#places) {
      const point = group.points[element] as Affine;
      // Both halves, where there is room
      const kinds = this.#fitsHalf ? [2, 3] : [2 + Math.floor(place / HALF_TABLE)];
      for (const kind of kinds) runner.writePoint(kind, place % HALF_TABLE, point);
    }
  }

  get #fitsHalf(): boolean {
    return this.#places.size <= HALF_TABLE;
  }

  /** The entry that adds an element; of either half of the table where it is in both. */
  entry(element: number, dbl = 0, half = 0): MicrocodeEntry {
    const opposite = this.group.negate(element);
    const place = this.#places.get(Math.min(element, opposite)) as number;
    const kind = 2 + (this.#fitsHalf ? half & 1 : Math.floor(place / HALF_TABLE));
    return { dbl, kind, neg: opposite < element, idx: place % HALF_TABLE };
  }

  /** A sum of elements, each doubled `dbl` times after it was added. */
  sum(...terms: readonly (readonly [element: number, dbl: number])[]): Case {
    const { group } = this;
    const entries = terms.map(([element, dbl], i) => this.entry(element, dbl, element + i));
    const sum = terms.reduce((so, [element, dbl]) => group.double(group.add(so, element), dbl), 0);
    return { entries, sum: group.points[sum] };
  }
}

/**
 * Lists that add every element to every element once: adding e again and again goes round the cosets of
 * what e generates. Only the ends are looked at; a wrong point on the way would not come back.
 */
function walks(tabled: TabledGroup): Case[] {
  const { group } = tabled;
  const cases: Case[] = [];
  let entries: MicrocodeEntry[] = [];
  let at = 0;
  const go = (step: number) => {
    entries.push(tabled.entry(step, 0, entries.length));
    at = group.add(at, step);
  };
  const end = () => {
    cases.push({ entries, sum: group.points[at] });
    entries = [];
    at = 0;
  };
  for (const step of group.elements) {
    const isVisited = Array<boolean>(group.order).fill(false);
    for (let start = 0; start < group.order; start++) {
      for (let from = start; !isVisited[from]; from = group.add(from, step)) {
        isVisited[from] = true;
        if (entries.length >= STEPS) end();
        if (at !== from) go(group.add(from, group.negate(at)));
        go(step);
      }
    }
  }
  end();
  return cases;
}

test('the groups are what they are called', () => {
  for (const [b, cyclic, rank] of GROUPS) {
    const group = smallGroup(b, cyclic, rank);
    expect(group.order).toBe(cyclic ** rank);
    const names = group.points.map((point) => `${point?.x} ${point?.y}`);
    expect(new Set(names).size).toBe(group.order);
    for (const point of group.points) {
      if (point) expect(mod(point.y ** 2n - point.x ** 3n, P)).toBe(b);
    }
    for (const element of group.elements) {
      expect(group.points[group.negate(element)]).toEqual({
        x: group.points[element]?.x,
        y: P - (group.points[element]?.y as bigint),
      });
    }
  }
});

describe.each(GROUPS.filter(([, cyclic, rank]) => cyclic ** rank <= 13))(
  'y^2 = x^3 + %s, cyclic order %i, rank %i',
  (b, cyclic, rank) => {
    let tabled: TabledGroup;
    let group: SmallGroup;
    beforeAll(() => {
      group = smallGroup(b, cyclic, rank);
      tabled = new TabledGroup(group);
    });

    test('2^d P + Q for all P and Q, and twice that', () => {
      const cases = group.elements.flatMap((p) =>
        group.elements.flatMap((q) =>
          [0, 1, 2, 3].map((d) => tabled.sum([p, d], [q, (p + q + d) % 2])),
        ),
      );
      expectSums(cases);
    });

    test('P + Q + R for all P and Q: after infinity and after a doubling it goes on', () => {
      const last = cyclic > 7 ? [1, 12] : group.elements;
      const cases = group.elements.flatMap((p) =>
        group.elements.flatMap((q) => last.map((r) => tabled.sum([p, 0], [q, 0], [r, 1], [p, 0]))),
      );
      expectSums(cases);
    });

    test('verify: OK for the x of the sum, or for it less n if that is meant; else MISMATCH', () => {
      const cases = group.elements.flatMap((p) =>
        group.elements.map((q) => tabled.sum([p, 1], [q, 0])),
      );
      const jobs = cases.flatMap(({ entries, sum }) => {
        const x = sum?.x ?? 1n;
        const less = mod(x - N, P);
        return [
          verifyJob(entries, x),
          verifyJob(entries, mod(x + 1n, P)),
          verifyJob(entries, less, true),
          verifyJob(entries, less, false),
        ];
      });
      const { OK, MISMATCH, INFINITY } = REASONS;
      const expected = cases.flatMap(({ sum }) =>
        sum ? [OK, MISMATCH, OK, MISMATCH] : Array(4).fill(INFINITY),
      );
      expect(core.run(jobs).map(({ reason }) => reason)).toEqual(expected);
    });
  },
);

describe.each(GROUPS)('y^2 = x^3 + %s, cyclic order %i, rank %i', (b, cyclic, rank) => {
  let tabled: TabledGroup;
  beforeAll(() => {
    tabled = new TabledGroup(smallGroup(b, cyclic, rank));
  });

  test('P + Q for all P and Q', () => {
    expectSums(walks(tabled));
  });

  test('each point doubled, once and many times', () => {
    const { elements } = tabled.group;
    expectSums(elements.flatMap((p) => [tabled.sum([p, 1]), tabled.sum([p, 130])]));
  });
});

test('a core with fewer contexts than its pipeline has room for, and a slow multiplier', async () => {
  const slow = await openCore(3, 10);
  const tabled = new TabledGroup(smallGroup(6n, 7), slow);
  const { elements } = tabled.group;
  expectSums(
    elements.flatMap((p) => elements.map((q) => tabled.sum([p, 1], [q, 0]))),
    slow,
  );
});

test('a job that ends early waits for its digits, so that the next one does not get them', async () => {
  const alone = await openCore(1);
  const three = Point.fromAffine({ x: KEY.x, y: KEY.y }).multiply(3n).toAffine();
  const entry = (idx: number): MicrocodeEntry => ({ dbl: 0, kind: 0, neg: false, idx });
  const good = verifyJob([entry(1)], three.x);
  const others = [entry(2), entry(3)];
  const jobs = [
    good,
    { ...verifyJob(others, three.x), x: 1n, y: 1n },
    good,
    { ...sumJob(others), r: 5n },
    good,
  ];
  const { OK, NOT_ON_CURVE, NOT_A_SQUARE } = REASONS;
  for (const late of [0, 4000, 12_000]) {
    const reasons = alone.run(jobs, { late }).map(({ reason }) => reason);
    expect(reasons).toEqual([OK, NOT_ON_CURVE, OK, NOT_A_SQUARE, OK]);
  }
});

describe("a key's table", () => {
  /** Scalars of the key, a + b lambda, to points of the true curve. */
  const known = new Map<bigint, Affine | undefined>();
  const key = Point.fromAffine({ x: KEY.x, y: KEY.y });
  const multiple = (a: number, b: number): Affine | undefined => {
    const scalar = mod(BigInt(a) + BigInt(b) * LAMBDA, N);
    if (!known.has(scalar)) {
      const point = key.multiplyUnsafe(scalar);
      known.set(scalar, point.is0() ? undefined : point.toAffine());
    }
    return known.get(scalar);
  };

  /** An odd multiple of Q (kinds 0 and 2) or of lambda Q (1 and 3). */
  interface Term {
    readonly kind: number;
    readonly digit: number;
    readonly dbl?: number;
  }
  const termsOf = (kinds: readonly number[]): Term[] =>
    kinds.flatMap((kind) =>
      [1, -1].flatMap((sign) =>
        Array.from({ length: 8 }, (_, i) => ({ kind, digit: sign * (2 * i + 1) })),
      ),
    );
  const sum = (...terms: readonly Term[]): Case => {
    let [a, b] = [0, 0];
    for (const { kind, digit, dbl = 0 } of terms) {
      if (kind % 2 === 0) a += digit;
      else b += digit;
      [a, b] = [a * 2 ** dbl, b * 2 ** dbl];
    }
    const entries = terms.map(({ kind, digit, dbl = 0 }) => {
      return { dbl, kind, neg: digit < 0, idx: (Math.abs(digit) - 1) / 2 };
    });
    return { entries, sum: multiple(a, b) };
  };
  const less = (term: Term): Term => ({ ...term, digit: -term.digit });

  beforeAll(() => {
    // The table of G holds the same multiples, so that points of both tables meet.
    for (let idx = 0; idx < 8; idx++) {
      core.writePoint(2, idx, multiple(2 * idx + 1, 0) as Affine);
      core.writePoint(3, idx, multiple(0, 2 * idx + 1) as Affine);
    }
  });

  test('all pairs of entries of both kinds and both signs', () => {
    const terms = termsOf([0, 1]);
    expectSums(terms.flatMap((p) => terms.map((q) => sum(p, q))));
  });

  test('each entry of either table on each entry, and off again', () => {
    const terms = termsOf([0, 1, 2, 3]);
    const half = terms.length / 2;
    expectSums(
      terms.flatMap((p) =>
        [terms.slice(0, half), terms.slice(half)].map((others) =>
          sum(p, ...others.flatMap((q) => [q, less(q)])),
        ),
      ),
    );
  });

  test('sums 2 P + Q that are equal or opposite to entries, with each entry on and off', () => {
    const cases = [0, 1].flatMap((kind) => {
      const terms = termsOf([kind]);
      return terms.flatMap((p) =>
        terms.map((q) => {
          const others = terms.map((term) => ({ ...term, kind: kind + (Math.abs(q.digit) & 2) }));
          return sum({ ...p, dbl: 1 }, q, ...others.flatMap((r) => [r, less(r)]));
        }),
      );
    });
    expectSums(cases);
  });
});
