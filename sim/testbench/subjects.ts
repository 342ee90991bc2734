// SPDX-License-Identifier: Apache-2.0
/** The modules that are measured: five writes and two reads of each, in C++ and in TypeScript. */
import type { AnyPorts } from '../../src/testbench/index.ts';
import type { PlainBody } from './plain.ts';

export interface Subject {
  readonly file: string;
  readonly what: string;
  readonly plain: PlainBody;
  /** Typed arrays of the inputs' sizes. */
  readonly inputs: Readonly<Record<string, 8 | 16 | 32>>;
  readonly outputs: readonly [string, string];
  write(dut: AnyPorts, i: number): void;
  read(dut: AnyPorts): number;
}

export const SUBJECTS: readonly Subject[] = [
  {
    file: 'tests/testbench/hdl/echo.sv',
    what: 'a dozen registers and a counter: as small as a module gets',
    plain: {
      write: 'top->i1 = i & 1; top->i8 = i; top->i16 = i; top->i32 = i; top->is32 = i',
      read: 'top->o32 + top->count',
    },
    inputs: { i1: 8, i8: 8, i16: 16, i32: 32, is32: 32 },
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
    plain: {
      write:
        'top->valid = i & 1; top->gain = i; top->sample = i; top->offset = i; top->take = i >> 1 & 1',
      read: 'top->sum + top->level',
    },
    inputs: { valid: 8, gain: 8, sample: 16, offset: 32, take: 8 },
    outputs: ['sum', 'level'],
    write(dut, i) {
      dut.valid = i & 1;
      dut.gain = i & 255;
      dut.sample = i & 65535;
      dut.offset = i;
      dut.take = (i >> 1) & 1;
    },
    read: (dut) => dut.sum + dut.level,
  },
];
