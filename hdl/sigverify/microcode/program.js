// SPDX-License-Identifier: Apache-2.0
// The program that every context of the barrel core runs: ECDSA verify and recover on secp256k1.
//
// Formulas: doubling dbl-2009-l and mixed addition madd (8M+3S) of the Explicit-Formulas Database;
// table of odd multiples by co-Z additions (Meloni 2007); the common Z of the table is kept in ZG and
// folded into the additions of G's multiples (the "effective affine" technique).
// A digit list ends at 0; walking it, the accumulator (X, Y, Z) lives on the curve that is isomorphic
// by ZG, so its true Z is Z * ZG.
import { Assembler } from './assembler.js';

/** Answers of the engine; the card's register description carries the same numbers. */
export const REASONS = {
  OK: 0,
  NOT_ON_CURVE: 7,
  NOT_A_SQUARE: 9,
  INFINITY: 10,
  MISMATCH: 11,
};

/** Points in the table of a key: 1Q, 3Q, .. 15Q (window 5). */
export const TABLE_POINTS = 8;
const TABLE_X = (i) => `table ${i}`;
const TABLE_Y = (i) => `table ${TABLE_POINTS + i}`;
const TABLE_BETA_X = (i) => `table ${2 * TABLE_POINTS + i}`;

/** First slot of the routine that takes in an entry: {1, accumulator at infinity, of G, negative}. */
export const ENTRY_BASE = 256;
const ENTRY_SLOTS = 16;

/** Assembles the whole program. */
export function program() {
  const asm = new Assembler();
  load(asm);
  liftX(asm);
  buildTable(asm);
  walk(asm);
  finish(asm);
  for (const infinity of [0, 1]) {
    for (const ofG of [0, 1]) {
      for (const negative of [0, 1]) {
        asm.org(ENTRY_BASE + ENTRY_SLOTS * (4 * infinity + 2 * ofG + negative));
        if (infinity) takePoint(asm, ofG, negative);
        else addPoint(asm, ofG, negative);
      }
    }
  }
  return asm.assemble();
}

/** Ends early, but not before the job's digit list has come: the context's next job must not meet it. */
function reject(asm, reason) {
  asm.go('START', 0, { wait: 'LIST' });
  asm.go('DONE', reason);
}

/** Takes a job; a verification's key must lie on the curve. */
function load(asm) {
  asm.label('IDLE');
  asm.op('QX', 'ONE', 'load JOB_X', { wait: 'JOB' });
  asm.op('QY', 'ONE', 'load JOB_Y');
  asm.op('R', 'ONE', 'load JOB_R', { branch: ['RECOVERY', 'RECOVER'] });
  cubePlusSeven(asm, 'T1');
  asm.op([], 'QY', 'QY', { add: [-1, 'T1'], branch: ['ZERO', 'TABLE'] });
  reject(asm, REASONS.NOT_ON_CURVE);
}

/** to = QX^3 + 7; uses T0. */
function cubePlusSeven(asm, to) {
  asm.op('T0', 'ONE', 'ONE', { k: 8, add: [-1, 'ONE'] });
  asm.op(to, 'QX', 'QX');
  asm.op(to, to, 'QX', { add: [1, 'T0'] });
}

/** Recovery: Q's place is taken by the point R with x = r or r + n and the parity asked for. */
function liftX(asm) {
  asm.label('RECOVER');
  asm.op('QX', 'ONE', 'R', { branch: ['ID_LOW', 'CUBE'] });
  asm.op('QX', 'ONE', 'const N', { add: [1, 'R'] });
  asm.label('CUBE');
  cubePlusSeven(asm, 'T1');
  // sqrt(T1) = T1^((p+1)/4); the exponent has runs of 223, 22 and 2 ones. Xn = T1^(2^n - 1).
  const square = (to, from, times) => {
    if (times === 1) {
      asm.op(to, from, from);
      return;
    }
    asm.op(to, from, from, { branch: ['COUNT', times - 1] });
    asm.op(to, to, to, { branch: ['REPEAT'] });
  };
  const run = (to, from, times, by) => {
    square(to, from, times);
    asm.op(to, to, by);
  };
  run('T2', 'T1', 1, 'T1'); //  X2
  run('T3', 'T2', 1, 'T1'); //  X3
  run('T0', 'T3', 3, 'T3'); //  X6
  run('T0', 'T0', 3, 'T3'); //  X9
  run('T0', 'T0', 2, 'T2'); //  X11
  run('T4', 'T0', 11, 'T0'); // X22
  run('T5', 'T4', 22, 'T4'); // X44
  run('T6', 'T5', 44, 'T5'); // X88
  run('T0', 'T6', 88, 'T6'); // X176
  run('T0', 'T0', 44, 'T5'); // X220
  run('T0', 'T0', 3, 'T3'); //  X223
  run('T0', 'T0', 23, 'T4');
  run('T0', 'T0', 6, 'T2');
  square('QY', 'T0', 2);
  asm.op([], 'QY', 'QY', { add: [-1, 'T1'], branch: ['ZERO', 'PARITY'] });
  reject(asm, REASONS.NOT_A_SQUARE);
  asm.label('PARITY');
  asm.op([], 'ONE', 'QY', { branch: ['ODD', 'NEGATE'] });
  asm.go('JUMP', 'TABLE');
  asm.label('NEGATE');
  asm.op('QY', 'ONE', 'QY', { add: [-2, 'QY'] });
}

/**
 * Odd multiples of Q = (QX, QY), all with the same Z, which ends in ZG.
 *
 * A co-Z addition of D = 2Q and P = (2i-1)Q costs six products and the two differences; D comes out
 * rescaled to the new Z, with its Y negated at each second step (which `sign` follows).
 */
function buildTable(asm) {
  asm.label('TABLE');
  const [DX, DY, PX, PY] = ['X', 'Y', 'T0', 'T1'];
  asm.op('T3', 'QX', 'QX', { k: 3 });
  asm.op('T2', 'QY', 'QY');
  asm.op([PX, TABLE_X(0)], 'QX', 'T2', { k: 4 });
  asm.op([PY, TABLE_Y(0)], 'T2', 'T2', { k: 8 });
  asm.op(DX, 'T3', 'T3', { add: [-2, PX] });
  asm.op(DY, 'T3', PX, { sub: [-1, DX], add: [-1, PY] });
  let sign = 1;
  for (let i = 1; i < TABLE_POINTS; i++) {
    // The ratio of the new Z to the old, kept where beta * x will stand.
    asm.op(['T2', TABLE_BETA_X(i)], 'ONE', DX, { sub: [-1, PX] });
    asm.op('T3', 'T2', 'T2');
    asm.op(DX, DX, 'T3');
    asm.op('T4', PX, 'T3', { add: [1, DX] });
    if (sign > 0) asm.op('T5', 'ONE', DY, { sub: [-1, PY] });
    else asm.op('T5', 'ONE', DY, { add: [1, PY] });
    asm.op([PX, TABLE_X(i)], 'T5', 'T5', { add: [-1, 'T4'] });
    asm.op(DY, DY, 'T4', { sub: [-2, DX] });
    if (sign > 0) asm.op([PY, TABLE_Y(i)], 'T5', DX, { sub: [-1, PX], add: [1, DY] });
    else asm.op([PY, TABLE_Y(i)], 'T5', PX, { sub: [-1, DX], add: [-1, DY] });
    sign = -sign;
  }
  // Brings the points to the last Z: T2 is the product of the ratios that follow.
  for (let i = TABLE_POINTS - 2; i >= 0; i--) {
    if (i < TABLE_POINTS - 2) asm.op('T2', 'T2', TABLE_BETA_X(i + 1));
    asm.op('T3', 'T2', 'T2');
    asm.op('T4', 'T3', 'T2');
    asm.op(TABLE_X(i), 'T3', TABLE_X(i));
    asm.op(TABLE_Y(i), 'T4', TABLE_Y(i));
  }
  asm.op('ZG', 'QY', 'T2', { k: 2 });
  asm.op('T0', 'ONE', 'const BETA');
  for (let i = 0; i < TABLE_POINTS; i++) asm.op(TABLE_BETA_X(i), 'T0', TABLE_X(i));
}

/** Walks the digit list: START and DISPATCH come back to DOUBLE, the entry routines and FINISH. */
function walk(asm) {
  asm.go('START', 0, { wait: 'LIST' });
  asm.go('DISPATCH');
  asm.label('DOUBLE');
  asm.op('T0', 'X', 'X', { k: 3 });
  asm.op('T1', 'Y', 'Y');
  asm.op('Z', 'Y', 'Z', { k: 2 });
  asm.op('T2', 'X', 'T1', { k: 4 });
  asm.op('X', 'T0', 'T0', { add: [-2, 'T2'] });
  asm.op('T1', 'T1', 'T1', { k: 8 });
  asm.op('Y', 'T0', 'T2', { sub: [-1, 'X'], add: [-1, 'T1'], branch: ['DISPATCH'] });
  // An entry whose x equals the accumulator's: T5 holds i, zero if the points are equal.
  for (const ofG of [0, 1]) {
    for (const negative of [0, 1]) {
      asm.label(`SAME_X_${ofG}${negative}`);
      differenceOfY(asm, ofG, negative, { branch: ['ZERO', 'DOUBLE'] });
      asm.go('SET_INF');
    }
  }
}

/** T5 = +-(entry y) in the accumulator's scale - Y, negated for a negative entry; uses T4. */
function differenceOfY(asm, ofG, negative, more = {}) {
  asm.op('T4', 'T0', 'entry y');
  asm.op('T5', ofG ? 'T6' : 'Z', 'T4', { add: [negative ? 1 : -1, 'Y'], ...more });
}

/** Adds an entry to the accumulator: 11 products, 12 for a multiple of G. */
function addPoint(asm, ofG, negative) {
  if (ofG) asm.op('T6', 'Z', 'ZG');
  const z = ofG ? 'T6' : 'Z';
  asm.op('T0', z, z);
  asm.op('T1', 'T0', 'entry x', { add: [-1, 'X'], branch: ['ZERO', `SAME_X_${ofG}${negative}`] });
  differenceOfY(asm, ofG, negative);
  asm.op('Z', 'Z', 'T1');
  asm.op('T2', 'T1', 'T1');
  asm.op('T3', 'X', 'T2');
  asm.op('T2', 'T1', 'T2', { add: [2, 'T3'] });
  asm.op('X', 'T5', 'T5', { add: [-1, 'T2'] });
  asm.op('T1', 'Y', 'T2', { sub: [-2, 'T3'] });
  const [from, less] = negative ? ['X', 'T3'] : ['T3', 'X'];
  asm.op('Y', 'T5', from, { sub: [-1, less], add: [-1, 'T1'], branch: ['DISPATCH'] });
}

/** The accumulator, infinity so far, becomes the entry. */
function takePoint(asm, ofG, negative) {
  let [scaleX, scaleY] = ['ONE', 'ONE'];
  if (ofG) {
    [scaleX, scaleY] = ['T0', 'T1'];
    asm.op('T0', 'ZG', 'ZG');
    asm.op('T1', 'T0', 'ZG');
  }
  asm.op('X', scaleX, 'entry x');
  asm.op('Y', scaleY, 'entry y');
  if (negative) asm.op('Y', 'ONE', 'Y', { add: [-2, 'Y'] });
  asm.op('Z', 'ONE', 'ONE', { branch: ['CLEAR_INF'] });
}

/** Verify: x = r or r + n, projectively. Recover: the point in affine coordinates. */
function finish(asm) {
  asm.label('FINISH');
  asm.op('T0', 'Z', 'ZG', { branch: ['INFINITE', 'AT_INFINITY'] });
  asm.go('RECOVERY', 'AFFINE');
  asm.op('T0', 'T0', 'T0');
  asm.op([], 'T0', 'R', { add: [-1, 'X'], branch: ['ZERO', 'VALID'] });
  asm.op('T1', 'ONE', 'const N', { add: [1, 'R'], branch: ['NO_WRAP', 'INVALID'] });
  asm.op([], 'T0', 'T1', { add: [-1, 'X'], branch: ['ZERO', 'VALID'] });
  asm.label('INVALID');
  asm.go('DONE', REASONS.MISMATCH);
  asm.label('VALID');
  asm.go('DONE', REASONS.OK);
  asm.label('AT_INFINITY');
  asm.go('DONE', REASONS.INFINITY);
  asm.label('AFFINE');
  asm.op([], 'ONE', 'T0', { wait: 'INVERTER', capture: 'INVERT' });
  asm.op('T0', 'ONE', 'load INVERSE', { wait: 'INVERSE' });
  asm.op('T1', 'T0', 'T0');
  asm.op([], 'T1', 'X', { wait: 'OUTPUT', capture: 'KEY_X' });
  asm.op('T1', 'T1', 'T0');
  asm.op([], 'T1', 'Y', { capture: 'KEY_Y' });
  asm.go('DONE', REASONS.OK);
}
