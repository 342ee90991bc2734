// SPDX-License-Identifier: Apache-2.0
/** What a module looks like from outside, whichever Verilator said it. */
export interface ModuleDescription {
  readonly name: string;
  readonly ports: readonly PortDescription[];
  /** Internal signals marked in the source, `/*verilator public_flat_rd*\/`, or by name. */
  readonly signals: readonly SignalDescription[];
  readonly parameters: readonly ParameterDescription[];
  /** Every source file read, as Verilator names it. */
  readonly files: readonly string[];
}

/** Bounds of an unpacked dimension as declared: `[left:right]`, `[size]` is `[0:size-1]`. */
export interface Bounds {
  readonly left: number;
  readonly right: number;
}

/** A value's shape: bits, and the array it is an element of. */
export interface Shape {
  /** Width in bits; packed arrays and structs are flattened. Of one element, for unpacked arrays. */
  readonly width: number;
  readonly signed: boolean;
  /** Unpacked dimensions, outermost first; empty unless it is an array. */
  readonly unpacked: readonly Bounds[];
}

export interface PortDescription extends Shape {
  readonly name: string;
  /** The port's name in Verilator's C++: differs for escaped names and words of C++. */
  readonly symbol: string;
  readonly direction: 'input' | 'output' | 'inout';
}

export interface SignalDescription extends Shape {
  /** Path below the top module: `u_fifo.count_q`, `g_lane[0].state_q`. */
  readonly name: string;
  /** The path's parts as Verilator encodes them in C++. */
  readonly symbols: readonly string[];
  /** Whether it may be written: marked `public_flat_rw`. */
  readonly isWritable: boolean;
}

export interface ParameterDescription {
  readonly name: string;
  /** The value as Verilog text, for example `32'sh40`. */
  readonly value: string;
  readonly isLocal: boolean;
}

/** Number of elements of an unpacked array; 1 for anything else. */
export function elementCount(unpacked: readonly Bounds[]): number {
  return unpacked.reduce((product, { left, right }) => product * (Math.abs(left - right) + 1), 1);
}
