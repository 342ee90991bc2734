// SPDX-License-Identifier: Apache-2.0
// Runs the microprogram on bigints, slot by slot: the oracle for the program, apart from the RTL.
import {
  BRANCHES,
  CAPTURES,
  CONSTANTS,
  K_CODES,
  LOADS,
  MC_CODES,
  SOURCES,
  WAITS,
} from './instruction.js';
import { ENTRY_BASE, program, REASONS, TABLE_POINTS } from './program.js';

/** Field prime of secp256k1 (SEC 2). */
export const P = 2n ** 256n - 2n ** 32n - 977n;
/** Order of its base point. */
export const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** Cube root of one mod P with lambda * (x, y) = (beta x, y). */
export const BETA = 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een;

const mod = (x) => ((x % P) + P) % P;
const inverse = (map) => new Map([...map].map(([value, code]) => [code, BigInt(value)]));
const K = inverse(K_CODES);
const MC = inverse(MC_CODES);
const assembled = program();

/**
 * Runs one job to its end.
 *
 * @param job - recovery, x, y, r, id (recovery id), wraps (r + n < p).
 * @param list - entries { dbl, kind, neg, idx } from the least significant up.
 * @param generator - (hi, idx) => the affine point (2 idx + 1) * 2^(128 hi) * G as { x, y }.
 * @returns reason, x and y of a recovered key, slots that multiplied, and visits by label.
 */
export function interpret(job, list, generator) {
  const { slots, labels } = assembled;
  const registers = Array(16).fill(0n);
  registers[0] = 1n;
  const table = Array(32).fill(0n);
  const load = { JOB_X: job.x, JOB_Y: job.y, JOB_R: job.r, INVERSE: 0n };
  const constants = { BETA, N: mod(N) };
  const key = { x: 0n, y: 0n };
  let [pc, count, top, dbl, infinity, multiplied] = [0, 0, 0, 0, true, 0];
  let entry = null;
  const visits = new Map();
  const pointOfEntry = (coordinate) => {
    if (entry.kind >= 2) return generator(entry.kind - 2, entry.idx)[coordinate];
    if (coordinate === 'y') return table[TABLE_POINTS + entry.idx];
    return table[(entry.kind === 1 ? 2 * TABLE_POINTS : 0) + entry.idx];
  };
  const operandB = (slot) => {
    switch (SOURCES[slot.source]) {
      case 'TABLE':
        return table[slot.b1];
      case 'ENTRY_X':
        return pointOfEntry('x');
      case 'ENTRY_Y':
        return pointOfEntry('y');
      case 'CONST':
        return constants[CONSTANTS[slot.b1]];
      case 'LOAD':
        return load[LOADS[slot.b1]];
      default:
        return registers[slot.b1];
    }
  };
  for (;;) {
    const slot = slots[pc];
    if (slot === null || slot === undefined) throw new Error(`ran into empty slot ${pc}`);
    visits.set(pc, (visits.get(pc) ?? 0) + 1);
    multiplied++;
    if (multiplied > 100_000) throw new Error('the program does not end');
    const b = operandB(slot) - BigInt(slot.mb ?? 0) * registers[slot.b2 ?? 0];
    const product = K.get(slot.k ?? 0) * registers[slot.a] * b;
    const result = mod(product + MC.get(slot.mc ?? 0) * registers[slot.c ?? 0]);
    if (slot.rd_we) registers[slot.rd] = result;
    if (slot.td_we) table[slot.td] = result;
    switch (CAPTURES[slot.capture]) {
      case 'INVERT':
        load.INVERSE = power(result, P - 2n);
        break;
      case 'KEY_X':
        key.x = result;
        break;
      case 'KEY_Y':
        key.y = result;
        break;
    }
    const branch = BRANCHES[slot.branch];
    if (branch === 'DONE') {
      const named = new Map([...labels].map(([name, address]) => [name, visits.get(address) ?? 0]));
      const valid = slot.imm === REASONS.OK && job.recovery;
      return {
        reason: slot.imm,
        ...(valid ? key : { x: 0n, y: 0n }),
        slots: multiplied,
        visits: named,
      };
    }
    if (branch === 'REPEAT') {
      count--;
      if (count === 0) pc++;
    } else if (branch === 'DISPATCH' || branch === 'SET_INF' || branch === 'CLEAR_INF') {
      if (branch !== 'DISPATCH') infinity = branch === 'SET_INF';
      if (!infinity && dbl > 0) {
        dbl--;
        pc = labels.get('DOUBLE');
      } else if (top === 0) {
        pc = labels.get('FINISH');
      } else {
        entry = list[--top];
        dbl = entry.dbl;
        const ofG = entry.kind >= 2;
        pc = ENTRY_BASE + 16 * (4 * (infinity ? 1 : 0) + 2 * (ofG ? 1 : 0) + (entry.neg ? 1 : 0));
      }
    } else {
      if (branch === 'COUNT') count = slot.imm;
      if (branch === 'START') [top, dbl, infinity] = [list.length, 0, true];
      const taken =
        branch === 'JUMP' ||
        (branch === 'ZERO' && result === 0n) ||
        (branch === 'ODD' && Number(result & 1n) !== (job.id & 1)) ||
        (branch === 'RECOVERY' && job.recovery) ||
        (branch === 'ID_LOW' && (job.id & 2) === 0) ||
        (branch === 'NO_WRAP' && !job.wraps) ||
        (branch === 'INFINITE' && infinity);
      pc = taken ? slot.imm : pc + 1;
    }
    if (WAITS[slot.wait] === undefined) throw new Error(`slot ${pc}: unknown wait`);
  }
}

function power(base, exponent) {
  let result = 1n;
  for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}
