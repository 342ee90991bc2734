// SPDX-License-Identifier: Apache-2.0
/** A netlist as both of Verilator's formats tell it, and the description made from it. */
import type {
  Bounds,
  ModuleDescription,
  ParameterDescription,
  PortDescription,
  Shape,
  SignalDescription,
} from './description.ts';
import { TestbenchError } from './errors.ts';

/** More marked signals than anybody reads: a netlist that multiplies itself is stopped here. */
const MAX_SIGNALS = 20_000;

/** A name, plain and as Verilator encodes it for C++. */
export interface Name {
  readonly plain: string;
  readonly symbol: string;
}

export interface NetlistVariable {
  /** Generate blocks around it and its own name. */
  readonly path: readonly Name[];
  readonly type: string;
  readonly direction: PortDescription['direction'] | undefined;
  readonly isPublic: boolean;
  readonly isWritable: boolean;
}

export interface NetlistModule {
  /** What instances call it: parameterized copies have names of their own. */
  readonly id: string;
  readonly name: string;
  readonly variables: NetlistVariable[];
  readonly instances: Array<{ readonly path: readonly Name[]; readonly module: string }>;
}

/** A data type, one level of it. */
export type NetlistType =
  | { readonly kind: 'bits'; readonly width: number; readonly signed: boolean }
  | { readonly kind: 'alias'; readonly of: string }
  | { readonly kind: 'packed' | 'unpacked'; readonly of: string; readonly bounds: Bounds }
  | { readonly kind: 'struct' | 'union'; readonly members: readonly string[] }
  | { readonly kind: 'other'; readonly name: string };

export interface Netlist {
  readonly top: NetlistModule | undefined;
  readonly modules: ReadonlyMap<string, NetlistModule>;
  readonly types: ReadonlyMap<string, NetlistType>;
  readonly parameters: readonly ParameterDescription[];
  readonly files: readonly string[];
}

/**
 * Describes the top module of a netlist.
 *
 * @throws {TestbenchError} `TESTBENCH_BUILD` when there is no top module, or a port is neither packed nor an
 *   unpacked array of what is packed.
 */
export function describeNetlist(netlist: Netlist): ModuleDescription {
  const { top, types, files, parameters } = netlist;
  if (!top) throw new TestbenchError('TESTBENCH_BUILD', 'no top module in netlist');
  const ports = top.variables.flatMap(({ path, type, direction }): PortDescription[] => {
    if (direction === undefined) return [];
    const { plain = '', symbol = '' } = path.at(-1) ?? {};
    return [{ name: plain, symbol, direction, ...measure(type, types, plain) }];
  });
  return {
    name: top.name,
    ports,
    signals: listSignals(netlist, top),
    parameters,
    files: files.filter((file) => !file.startsWith('<')),
  };
}

function listSignals({ modules, types }: Netlist, top: NetlistModule): SignalDescription[] {
  const signals: SignalDescription[] = [];
  const visit = (module: NetlistModule, above: readonly Name[]) => {
    for (const { path, type, direction, isPublic, isWritable } of module.variables) {
      if (!isPublic || (direction !== undefined && above.length === 0)) continue;
      const names = [...above, ...path];
      const name = names.map(({ plain }) => plain).join('.');
      const shape = shapeOf(type, types);
      // Marked, but of no kind that can be shown: events, strings, classes.
      if (!shape) continue;
      if (signals.length === MAX_SIGNALS) {
        throw new TestbenchError(
          'TESTBENCH_BUILD',
          `expected at most ${MAX_SIGNALS} marked signals below ${top.name}, got more: ${name}`,
        );
      }
      signals.push({ name, symbols: names.map(({ symbol }) => symbol), isWritable, ...shape });
    }
    for (const { path, module: id } of module.instances) {
      const below = modules.get(id);
      if (below && hasPublic(below, modules)) visit(below, [...above, ...path]);
    }
  };
  visit(top, []);
  return signals;
}

/** Whether a module or one below it has a marked signal: others are not gone through, copy by copy. */
function hasPublic(module: NetlistModule, modules: Netlist['modules']): boolean {
  let known = publicModules.get(module);
  if (known === undefined) {
    known =
      module.variables.some(({ isPublic }) => isPublic) ||
      module.instances.some(({ module: id }) => {
        const below = modules.get(id);
        return below !== undefined && hasPublic(below, modules);
      });
    publicModules.set(module, known);
  }
  return known;
}
const publicModules = new WeakMap<NetlistModule, boolean>();

function measure(type: string, types: Netlist['types'], port: string): Shape {
  const shape = shapeOf(type, types);
  if (shape) return shape;
  const found = types.get(type);
  const got = found?.kind === 'other' ? found.name : (found?.kind ?? 'an unknown one');
  throw new TestbenchError(
    'TESTBENCH_BUILD',
    `port ${port}: expected a packed type or an array of it, got ${got}; flatten it in the module`,
  );
}

/** A type's shape; undefined when it is no value of bits. */
function shapeOf(id: string, types: Netlist['types']): Shape | undefined {
  const type = types.get(id);
  switch (type?.kind) {
    case 'bits':
      return { width: type.width, signed: type.signed, unpacked: [] };
    case 'alias':
      return shapeOf(type.of, types);
    case 'packed': {
      const element = packedWidth(type.of, types);
      const { left, right } = type.bounds;
      if (element === undefined) return undefined;
      return { width: element * (Math.abs(left - right) + 1), signed: false, unpacked: [] };
    }
    case 'unpacked': {
      const element = shapeOf(type.of, types);
      return element && { ...element, unpacked: [type.bounds, ...element.unpacked] };
    }
    case 'struct':
    case 'union': {
      const widths = type.members.map((member) => packedWidth(member, types));
      if (!widths.every((width) => width !== undefined)) return undefined;
      const sum = widths.reduce((total, width) => total + width, 0);
      const width = type.kind === 'struct' ? sum : Math.max(...widths);
      return { width, signed: false, unpacked: [] };
    }
    default:
      return undefined;
  }
}

function packedWidth(id: string, types: Netlist['types']): number | undefined {
  const shape = shapeOf(id, types);
  return shape?.unpacked.length === 0 ? shape.width : undefined;
}
