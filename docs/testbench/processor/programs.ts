// SPDX-License-Identifier: Apache-2.0
/** Random programs: an assembler for the few formats of RV32I, and what a legal program is. */
import fc from 'fast-check';

/** What an instruction of a program is, before its place is known. */
export interface Instruction {
  readonly name: string;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  /** Of arithmetic 12 bits, signed; of a jump or branch, instructions ahead. */
  readonly immediate: number;
}

const ARITHMETIC = ['add', 'sll', 'slt', 'sltu', 'xor', 'srl', 'or', 'and'];
const BRANCHES: Record<string, number> = { beq: 0, bne: 1, blt: 4, bge: 5, bltu: 6, bgeu: 7 };

/** All names that a program is made of. */
export const NAMES: readonly string[] = [
  ...ARITHMETIC,
  'sub',
  'sra',
  ...ARITHMETIC.map((name) => `${name}i`),
  'srai',
  ...Object.keys(BRANCHES),
  ...['lui', 'auipc', 'jal', 'jalr', 'lw', 'sw', 'lw (rs1)', 'sw (rs1)', 'illegal'],
];

/** Where programs keep data: an offset that fits an immediate, after the longest program. */
const DATA = 0x400;
/** Bytes of memory; what is beyond, the bus refuses. */
export const MEMORY_BYTES = 0x800;

/** Registers x0 to x7, which the program's first instructions fill. */
const register = fc.integer({ min: 0, max: 7 });

const instruction: fc.Arbitrary<Instruction> = fc.record({
  // Rarely one that may stop the machine: most programs shall run to their end
  name: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...NAMES.slice(0, -3)) },
    { weight: 1, arbitrary: fc.constantFrom(...NAMES.slice(-3)) },
  ),
  rd: register,
  rs1: register,
  rs2: register,
  immediate: fc.oneof(fc.integer({ min: -2048, max: 2047 }), fc.constantFrom(0, 1, -1, 31)),
});

/** A program: the values of x1 to x7, and what comes after. */
export interface Program {
  readonly registers: readonly number[];
  readonly body: readonly Instruction[];
}

const word = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)),
);

export const programs: fc.Arbitrary<Program> = fc.record({
  registers: fc.array(word, { minLength: 7, maxLength: 7 }),
  body: fc.array(instruction, { maxLength: 60, size: 'max' }),
});

/** A program's memory: its code from address 0 on, then ECALLs up to the data. */
export function assemble({ registers, body }: Program): Uint8Array {
  const words: number[] = [];
  for (const [i, value] of registers.entries()) {
    // The lower half is signed: the upper one makes up for it
    words.push(((value + 0x800) & ~0xfff) | ((i + 1) << 7) | 0x37);
    words.push(typeI(0x13, 0, i + 1, i + 1, (value << 20) >> 20));
  }
  for (const each of body) words.push(encode(each, 4 * words.length));
  const memory = new Uint8Array(MEMORY_BYTES);
  const view = new DataView(memory.buffer);
  for (let at = 0; at < DATA; at += 4) view.setUint32(at, (words[at / 4] ?? 0x73) >>> 0, true);
  for (let at = DATA; at < MEMORY_BYTES; at += 4) view.setUint32(at, at * 0x9e3779b1, true);
  return memory;
}

function encode({ name, rd, rs1, rs2, immediate }: Instruction, pc: number): number {
  // Forward only, and not far: programs end
  const ahead = 4 * (1 + (immediate & 7));
  const data = DATA + 4 * (immediate & 31);
  const branch = BRANCHES[name];
  if (branch !== undefined) return typeB(branch, rs1, rs2, ahead);
  const register = ARITHMETIC.indexOf(name);
  if (register >= 0) return typeR(0, register, rd, rs1, rs2);
  const small = ARITHMETIC.indexOf(name.replace(/i$/, ''));
  const isShift = small === 1 || small === 5;
  if (small >= 0) return typeI(0x13, small, rd, rs1, isShift ? immediate & 31 : immediate);
  switch (name) {
    case 'sub':
      return typeR(32, 0, rd, rs1, rs2);
    case 'sra':
      return typeR(32, 5, rd, rs1, rs2);
    case 'srai':
      return typeI(0x13, 5, rd, rs1, 0x400 | (immediate & 31));
    case 'lui':
      return (immediate << 12) | (rd << 7) | 0x37;
    case 'auipc':
      return (immediate << 12) | (rd << 7) | 0x17;
    case 'jal':
      return typeJ(rd, ahead);
    case 'jalr':
      return typeI(0x67, 0, rd, 0, pc + ahead);
    case 'lw':
      return typeI(0x03, 2, rd, 0, data);
    case 'sw':
      return typeS(2, 0, rs2, data);
    case 'lw (rs1)':
      return typeI(0x03, 2, rd, rs1, immediate);
    case 'sw (rs1)':
      return typeS(2, rs1, rs2, immediate);
    default:
      return 0x0000_100f; // FENCE.I, which this processor does not have
  }
}

function typeR(funct7: number, funct3: number, rd: number, rs1: number, rs2: number): number {
  return (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | 0x33;
}

function typeI(opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number {
  return (immediate << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}

function typeS(funct3: number, rs1: number, rs2: number, immediate: number): number {
  const [high, low] = [(immediate >> 5) & 127, immediate & 31];
  return (high << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (low << 7) | 0x23;
}

/** @param offset - forward, below 2 KiB. */
function typeB(funct3: number, rs1: number, rs2: number, offset: number): number {
  const [high, low] = [(offset >> 5) & 63, (offset >> 1) & 15];
  return (high << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (low << 8) | 0x63;
}

/** @param offset - forward, below 2 KiB. */
function typeJ(rd: number, offset: number): number {
  return (((offset >> 1) & 1023) << 21) | (rd << 7) | 0x6f;
}
