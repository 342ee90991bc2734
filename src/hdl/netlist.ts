// SPDX-License-Identifier: Apache-2.0
// Netlists as yosys writes them with write_json.

import { readFileSync } from 'node:fs';
import { HdlError } from './errors.ts';

/** A wire of one bit: its number, or a constant. */
export type Bit = number | '0' | '1' | 'x' | 'z';

export interface NetlistCell {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly port_directions?: Readonly<Record<string, 'input' | 'output' | 'inout'>>;
  readonly connections: Readonly<Record<string, readonly Bit[]>>;
}

export interface NetlistModule {
  readonly attributes: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<string, NetlistCell>>;
  readonly netnames: Readonly<
    Record<string, { readonly bits: readonly Bit[]; readonly attributes: Record<string, string> }>
  >;
}

export interface Netlist {
  readonly modules: Readonly<Record<string, NetlistModule>>;
}

/** Reads a netlist that yosys wrote. @throws {HdlError} `HDL_FAILED` when it is none. */
export function readNetlist(path: string): Netlist {
  try {
    const netlist = JSON.parse(readFileSync(path, 'utf8')) as Netlist;
    if (typeof netlist.modules === 'object') return netlist;
  } catch (error) {
    const message = `cannot read the netlist ${path}: ${(error as Error).message}`;
    throw new HdlError('HDL_FAILED', message, { cause: error });
  }
  throw new HdlError('HDL_FAILED', `${path}: expected a netlist with modules`);
}

/**
 * The module's name as it was written: yosys names one with parameters
 * `$paramod\rr_arbiter\PORTS=32'..` or `$paramod$0123456789abcdef..\axis_fifo`.
 */
export function plainName(type: string): string {
  const [, hashed, written] = /^\$paramod(?:\$[\da-f]+\\(\w+)|\\(\w+))/.exec(type) ?? [];
  return hashed ?? written ?? type.replace(/^\\/, '');
}
