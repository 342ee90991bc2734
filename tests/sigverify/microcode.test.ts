/** The microprogram, run on bigints by its interpreter, against @noble: verify, recover, every label. */
import { Point } from '@noble/secp256k1';
import { describe, expect, test } from 'vitest';
import { Assembler } from '../../hdl/sigverify/microcode/assembler.js';
import { WIDTH } from '../../hdl/sigverify/microcode/instruction.js';
import {
  interpret,
  type MicrocodeEntry,
  type MicrocodeJob,
} from '../../hdl/sigverify/microcode/interpreter.js';
import { program, REASONS } from '../../hdl/sigverify/microcode/program.js';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import { anyBelow, type Entry, LAMBDA, listOf, mod, N, P, splitLambda } from './helpers/scalars.ts';

const WINDOWS = { q: 5, g: 10 };
const G = Point.BASE;

const generatorPoints = new Map<string, { x: bigint; y: bigint }>();
const generator = (hi: number, idx: number) => {
  const name = `${hi} ${idx}`;
  const known = generatorPoints.get(name);
  if (known) return known;
  const scalar = mod(BigInt(2 * idx + 1) << BigInt(128 * hi), N);
  const point = G.multiply(scalar).toAffine();
  generatorPoints.set(name, point);
  return point;
};

const entryOf = ({ dbl, kind, digit }: Entry): MicrocodeEntry => ({
  dbl,
  kind,
  neg: digit < 0,
  idx: (Math.abs(digit) - 1) / 2,
});

/** The digit list of u1 G + u2 Q. */
function listFor(u1: bigint, u2: bigint): MicrocodeEntry[] {
  const [k1, k2] = splitLambda(u2);
  const scalars = [k1, k2, BigInt.asUintN(128, u1), u1 >> 128n];
  return listOf(scalars, WINDOWS).map(entryOf);
}

/** u1 G + u2 Q by @noble; undefined at infinity. */
function sum(u1: bigint, u2: bigint, q: Point): { x: bigint; y: bigint } | undefined {
  const point = G.multiplyUnsafe(u1).add(q.multiplyUnsafe(u2));
  return point.is0() ? undefined : point.toAffine();
}

const NO_JOB = { recovery: false, x: 0n, y: 0n, r: 1n, id: 0, wraps: false };

function verify(u1: bigint, u2: bigint, q: Point, changes: Partial<MicrocodeJob> = {}) {
  const r = mod(sum(u1, u2, q)?.x ?? 1n, N);
  const job = { ...NO_JOB, ...q.toAffine(), r, wraps: r < P - N, ...changes };
  return interpret(job, listFor(u1, u2), generator);
}

/** Recovery from the point R itself: x = r or r + n, parity from the recovery id. */
function recover(u1: bigint, u2: bigint, point: Point) {
  const { x, y } = point.toAffine();
  const id = Number(y & 1n) | (x >= N ? 2 : 0);
  const r = mod(x, N);
  return interpret(
    { ...NO_JOB, recovery: true, r, id, wraps: r < P - N },
    listFor(u1, u2),
    generator,
  );
}

const anyKey = (random: Random) => G.multiply(anyBelow(random, N));

/** A point with x at or above n, the one case in which r + n is meant. */
function wrappedPoint(odd: boolean): Point {
  for (let x = N; ; x++) {
    const bytes = Buffer.from(x.toString(16).padStart(64, '0'), 'hex');
    try {
      return Point.fromBytes(Uint8Array.of(odd ? 3 : 2, ...bytes));
    } catch {
      // No point has this x.
    }
  }
}

/** Scalars at which digits, halves of the split or the sums themselves are unusual. */
const SPECIAL: readonly bigint[] = [
  ...[0n, 1n, 2n, N - 1n, (N >> 1n) + 1n, LAMBDA, N - LAMBDA, mod(LAMBDA * LAMBDA, N)],
  ...[2n ** 128n - 1n, 2n ** 128n],
];

describe('answers', () => {
  test('40 verifies give OK, and MISMATCH for another r', () => {
    const random = testRandom('microcode verify');
    for (let i = 0; i < 40; i++) {
      const [u1, u2] = [anyBelow(random, N), anyBelow(random, N)];
      const q = anyKey(random);
      expect(verify(u1, u2, q).reason).toBe(REASONS.OK);
      expect(verify(u1, u2, q, { r: anyBelow(random, N) }).reason).toBe(REASONS.MISMATCH);
    }
  });

  test('20 recoveries give the point', () => {
    const random = testRandom('microcode recover');
    for (let i = 0; i < 20; i++) {
      const [u1, u2] = [anyBelow(random, N), anyBelow(random, N)];
      const point = anyKey(random);
      const { reason, x, y } = recover(u1, u2, point);
      expect({ reason, x, y }).toEqual({ reason: REASONS.OK, ...sum(u1, u2, point) });
    }
  });

  test('special scalars in all pairs, for keys among which are G, -G and 2^128 G', () => {
    const random = testRandom('microcode special');
    const keys = [G, G.negate(), G.multiply(2n ** 128n), anyKey(random)];
    for (const [i, u1] of SPECIAL.entries()) {
      for (const [j, u2] of SPECIAL.entries()) {
        const q = keys[(i + j) % keys.length] as Point;
        const expected = sum(u1, u2, q) ? REASONS.OK : REASONS.INFINITY;
        expect({ u1, u2, reason: verify(u1, u2, q).reason }).toEqual({ u1, u2, reason: expected });
      }
    }
  });

  test('u1 G and u2 Q equal or opposite: doubled, or infinity', () => {
    const random = testRandom('microcode opposite');
    for (let i = 0; i < 10; i++) {
      const [d, u2] = [anyBelow(random, N), anyBelow(random, N)];
      const q = G.multiply(d);
      expect(verify(mod(u2 * d, N), u2, q).reason).toBe(REASONS.OK);
      expect(verify(mod(-u2 * d, N), u2, q).reason).toBe(REASONS.INFINITY);
      expect(recover(mod(-u2 * d, N), u2, q).reason).toBe(REASONS.INFINITY);
    }
  });

  test('x of n and above: r + n counts if it is below p, and not otherwise', () => {
    for (const odd of [false, true]) {
      const point = wrappedPoint(odd);
      // u2 = 1: the sum is the key itself.
      expect(verify(0n, 1n, point).reason).toBe(REASONS.OK);
      expect(verify(0n, 1n, point, { wraps: false }).reason).toBe(REASONS.MISMATCH);
      expect(verify(0n, 1n, point, { r: 12345n, wraps: true }).reason).toBe(REASONS.MISMATCH);
      expect(recover(0n, 1n, point)).toMatchObject({ reason: REASONS.OK, ...point.toAffine() });
    }
  });

  test('a key off the curve, and an x without a point', () => {
    const { x, y } = G.toAffine();
    const off = verify(1n, 1n, G, { x, y: mod(y + 1n, P) });
    expect(off.reason).toBe(REASONS.NOT_ON_CURVE);
    const job = { ...NO_JOB, recovery: true, r: 5n };
    expect(interpret(job, [], generator).reason).toBe(REASONS.NOT_A_SQUARE);
  });

  test('an empty list is infinity', () => {
    expect(verify(0n, 0n, G).reason).toBe(REASONS.INFINITY);
  });
});

describe('size', () => {
  const slots = (run: (random: Random) => { slots: number }) => {
    const random = testRandom('microcode slots');
    const counts = Array.from({ length: 60 }, () => run(random).slots);
    return counts.reduce((total, count) => total + count, 0) / counts.length;
  };
  const anyScalar = (random: Random) => (random.bigint(256) % (N - 1n)) + 1n;

  test('a verify takes about 1,764 slots', () => {
    const mean = slots((random) => verify(anyScalar(random), anyScalar(random), anyKey(random)));
    expect(mean).toBeGreaterThan(1740);
    expect(mean).toBeLessThan(1790);
  });

  test('a recover takes about 2,035 slots', () => {
    const mean = slots((random) => recover(anyScalar(random), anyScalar(random), anyKey(random)));
    expect(mean).toBeGreaterThan(2010);
    expect(mean).toBeLessThan(2060);
  });

  test('no slot outside of the 512 of the ROM, no bits outside of a microinstruction', () => {
    const { slots, words } = program();
    expect(slots.length).toBeLessThanOrEqual(512);
    for (const word of words) expect(word).toBeLessThan(2n ** BigInt(WIDTH));
  });
});

test('every label of the program is visited by some case', () => {
  const q = G.multiply(7n);
  const single = (kind: number, neg: boolean, idx = 0): MicrocodeEntry => ({
    dbl: 0,
    kind,
    neg,
    idx,
  });
  const walk = (...list: MicrocodeEntry[]) =>
    interpret({ ...NO_JOB, ...G.toAffine() }, list, generator);
  const signs = [false, true];
  const runs = [
    verify(5n, 9n, q),
    verify(5n, 9n, q, { r: 3n }),
    verify(5n, 9n, q, { x: 1n, y: 1n }),
    verify(0n, 1n, wrappedPoint(false)),
    interpret({ ...NO_JOB, recovery: true, r: 5n }, [], generator),
    recover(5n, 9n, G),
    recover(5n, 9n, G.negate()),
    recover(0n, 1n, wrappedPoint(true)),
    // Q = G here: an entry of either table meets its own equal and its opposite.
    ...[0, 2].flatMap((kind) =>
      signs.flatMap((neg) => signs.map((other) => walk(single(kind, neg), single(kind, other)))),
    ),
  ];
  const missed = [...program().labels.keys()].filter((label) =>
    runs.every(({ visits }) => (visits.get(label) ?? 0) === 0),
  );
  expect(missed).toEqual([]);
});

describe('assembler', () => {
  const assemble = (write: (asm: Assembler) => void) => () => {
    const asm = new Assembler();
    write(asm);
    return asm.assemble();
  };

  test.each<[string, RegExp, (asm: Assembler) => void]>([
    ['an unknown register', /operand a: .* got U1/, (asm) => asm.op('X', 'U1', 'Y')],
    ['an unknown factor', /operand b1/, (asm) => asm.op('X', 'Y', 'U1')],
    ['an unknown destination', /destination/, (asm) => asm.op('U1', 'X', 'Y')],
    ['an unknown summand', /operand c/, (asm) => asm.op('X', 'Y', 'Z', { add: [1, 'U1'] })],
    ['an unknown subtrahend', /operand b2/, (asm) => asm.op('X', 'Y', 'Z', { sub: [-1, 'U1'] })],
    ['an unknown constant', /constant/, (asm) => asm.op('X', 'Y', 'const P')],
    ['an unknown load', /load/, (asm) => asm.op('X', 'Y', 'load JOB_S')],
    ['a factor that k cannot be', /k: /, (asm) => asm.op('X', 'Y', 'Z', { k: 5 })],
    ['a multiple of the summand', /mc: /, (asm) => asm.op('X', 'Y', 'Z', { add: [3, 'X'] })],
    ['a sum in factor B', /mb: /, (asm) => asm.op('X', 'Y', 'Z', { sub: [1, 'X'] })],
    ['k beside a difference', /k: .*1/, (asm) => asm.op('X', 'Y', 'Z', { k: 2, sub: [-1, 'X'] })],
    ['an unknown branch', /branch/, (asm) => asm.go('CARRY')],
    ['an unknown wait', /wait/, (asm) => asm.go('NEXT', 0, { wait: 'RAIN' })],
    ['an unknown capture', /capture/, (asm) => asm.op([], 'X', 'Y', { capture: 'ALL' })],
    ['a table word that is none', /td/, (asm) => asm.op('table 32', 'X', 'Y')],
    ['an address beyond the ROM', /imm/, (asm) => asm.go('JUMP', 512)],
    ['a label that nobody defines', /NOWHERE is not defined/, (asm) => asm.go('JUMP', 'NOWHERE')],
    [
      'a label twice',
      /HERE is defined twice/,
      (asm) => {
        asm.label('HERE');
        asm.label('HERE');
      },
    ],
    [
      'an address behind',
      /org 0/,
      (asm) => {
        asm.go('NEXT');
        asm.org(0);
      },
    ],
    ['a program too long', /at most 512/, (asm) => asm.org(513)],
  ])('%s is an error', (_, message, write) => {
    expect(assemble(write)).toThrow(message);
  });

  test('a label may be used before it is defined', () => {
    const { words, labels } = assemble((asm) => {
      asm.go('JUMP', 'END');
      asm.org(9);
      asm.label('END');
      asm.go('JUMP', 'END');
    })();
    expect(labels.get('END')).toBe(9);
    expect(words[0]).toBe(words[9]);
    expect(words[5]).toBe(0n);
  });
});
