// SPDX-License-Identifier: Apache-2.0
/** The modules that are measured: five writes and two reads of each, in C++ and in TypeScript. */
import type { AnyPorts } from '../../src/testbench/index.ts';
import type { PlainBody } from './plain.ts';

type ColumnKind =
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor
  | Uint32ArrayConstructor
  | Int32ArrayConstructor;

export interface Subject {
  readonly file: string;
  readonly what: string;
  readonly plain: PlainBody;
  /** Typed arrays of the inputs' sizes and signs, and the bits of a column's number that are written. */
  readonly inputs: Readonly<Record<string, readonly [kind: ColumnKind, mask: number]>>;
  readonly outputs: readonly [string, string];
  write(dut: AnyPorts, i: number): void;
  read(dut: AnyPorts): number;
}

const MIXER: Omit<Subject, 'file' | 'what'> = {
  plain: {
    write:
      'top->valid = i & 1; top->gain = i; top->sample = i; top->offset = i; top->take = i >> 1 & 1',
    read: 'top->sum + top->level',
  },
  inputs: {
    valid: [Uint8Array, 1],
    gain: [Uint8Array, -1],
    sample: [Uint16Array, -1],
    offset: [Uint32Array, -1],
    take: [Uint8Array, 1],
  },
  outputs: ['sum', 'level'],
  write(dut, i) {
    dut.valid = i & 1;
    dut.gain = i & 255;
    dut.sample = i & 65535;
    dut.offset = i;
    dut.take = (i >> 1) & 1;
  },
  read: (dut) => dut.sum + dut.level,
};

export const SUBJECTS: readonly Subject[] = [
  {
    file: 'tests/testbench/hdl/echo.sv',
    what: 'a dozen registers and a counter: as small as a module gets',
    plain: {
      write: 'top->i1 = i & 1; top->i8 = i; top->i16 = i; top->i32 = i; top->is32 = i',
      read: 'top->o32 + top->count',
    },
    inputs: {
      i1: [Uint8Array, 1],
      i8: [Uint8Array, -1],
      i16: [Uint16Array, -1],
      i32: [Uint32Array, -1],
      is32: [Int32Array, -1],
    },
    outputs: ['o32', 'count'],
    write(dut, i) {
      dut.i1 = i & 1;
      dut.i8 = i & 255;
      dut.i16 = i & 65535;
      dut.i32 = i;
      dut.is32 = i;
    },
    read: (dut) => dut.o32 + dut.count,
  },
  {
    file: 'tests/testbench/hdl/mixer.sv',
    what: 'a small filter of 16 taps and a FIFO behind it',
    ...MIXER,
  },
  {
    file: 'tests/testbench/hdl/mixer_falling.sv',
    what: 'the same with a register on the falling edge, which is to be evaluated then',
    ...MIXER,
  },
];
