// SPDX-License-Identifier: Apache-2.0
// The microinstruction of the barrel core: one slot of the field multiplier and where to go next.
//
//   R = k * A * (B1 + mb * B2) + mc * C   mod p
//
// Fields are listed from bit 0 up; sigv_microcode_pkg.sv carries the same positions for the RTL.

/** Working registers of a context; ONE holds the constant 1 and is never written. */
export const REGISTERS = [
  ...['ONE', 'X', 'Y', 'Z', 'R', 'ZG', 'QX', 'QY'],
  ...['T0', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7'],
];

/** Where operand B1 comes from. ENTRY_X and ENTRY_Y: the point that the digit list names. */
export const SOURCES = ['REG', 'TABLE', 'ENTRY_X', 'ENTRY_Y', 'CONST', 'LOAD'];

/** Words of the CONST source. */
export const CONSTANTS = ['BETA', 'N'];

/** Words of the LOAD source: the job's x, y and r, or the inverse that was asked for. */
export const LOADS = ['JOB_X', 'JOB_Y', 'JOB_R', 'INVERSE'];

/** What a slot waits for before it acts; until then the context repeats it as a bubble. */
export const WAITS = ['NONE', 'JOB', 'LIST', 'INVERTER', 'INVERSE', 'OUTPUT'];

/** What follows a slot. */
export const BRANCHES = [
  'NEXT',
  'JUMP', //      to imm
  'ZERO', //      to imm if the result is 0 mod p
  'COUNT', //     sets the repeat counter to imm, then next
  'REPEAT', //    same slot again while the counter, counted down, is not 0
  'DISPATCH', //  double, add the next entry of the list, or finish
  'SET_INF', //   the accumulator is infinity now; then as DISPATCH
  'CLEAR_INF', // the accumulator is a point now; then as DISPATCH
  'START', //     takes the list over: accumulator infinity, nothing to double; then next
  'ODD', //       to imm if the canonical result's parity is not bit 0 of the recovery id
  'RECOVERY', //  to imm if the job is a recovery
  'ID_LOW', //    to imm if bit 1 of the recovery id is clear
  'NO_WRAP', //   to imm unless r + n < p
  'INFINITE', //  to imm if the accumulator is infinity
  'DONE', //      answers imm (a reason code), then idle
];

/** [name, width] from bit 0 up. */
export const FIELDS = [
  ['a', 4],
  ['b1', 5],
  ['source', 3],
  ['b2', 4],
  ['mb', 2],
  ['k', 3],
  ['c', 4],
  ['mc', 3],
  ['rd', 4],
  ['rd_we', 1],
  ['td', 5],
  ['td_we', 1],
  ['wait', 3],
  ['capture', 2],
  ['branch', 4],
  ['imm', 9],
];

/** Width of a microinstruction in bits. */
export const WIDTH = FIELDS.reduce((sum, [, width]) => sum + width, 0);

/** k -> code: bits 1:0 shift left, bit 2 adds the unshifted value once more. */
export const K_CODES = new Map([
  [1, 0],
  [2, 1],
  [4, 2],
  [8, 3],
  [3, 5],
]);

/** mc -> code: bit 0 in use, bit 1 negative, bit 2 twice. */
export const MC_CODES = new Map([
  [0, 0],
  [1, 1],
  [-1, 3],
  [2, 5],
  [-2, 7],
]);

/** What happens to a result besides its registers. */
export const CAPTURES = ['NONE', 'INVERT', 'KEY_X', 'KEY_Y'];

/** Position of a name in a list. @throws {Error} for a name that is not there. */
export function codeOf(list, name, what) {
  const code = list.indexOf(name);
  if (code < 0) throw new Error(`${what}: expected one of ${list.join(' ')}, got ${name}`);
  return code;
}

/** Packs a slot, whose fields are numbers, into the bits of a microinstruction. */
export function encode(slot) {
  let word = 0n;
  let position = 0n;
  for (const [name, width] of FIELDS) {
    const value = slot[name] ?? 0;
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** width) {
      throw new Error(`field ${name}: expected 0..${2 ** width - 1}, got ${value}`);
    }
    word |= BigInt(value) << position;
    position += BigInt(width);
  }
  return word;
}
