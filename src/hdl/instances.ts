// SPDX-License-Identifier: Apache-2.0
// How a flattened netlist's cells divide among the instances that it was made of.
//
// A cell belongs to the instance that declares what it drives: the innermost of those that know the signal, but
// for those that only get it by an input. A cell whose output nobody declared is named by yosys' autoname after
// a neighbour, and counts there. So what is shared across a border counts on one side, and the parts add up.

import { type Counts, type Family, noCounts, RESOURCES, resourceOf } from './families.ts';
import {
  type Bit,
  type Netlist,
  type NetlistCell,
  type NetlistModule,
  plainName,
} from './netlist.ts';

/** An instance and what is below it. */
export interface Instance {
  /** Name in its parent; the module's for the top. */
  readonly name: string;
  readonly module: string;
  /** With what is below. */
  readonly total: Counts;
  /** Without. */
  readonly own: Counts;
  readonly children: readonly Instance[];
}

interface Draft {
  name: string;
  module: string;
  own: Record<keyof Counts, number>;
  /** By name in this module; generate blocks' names are in it, with dots. */
  children: Map<string, Draft>;
  /** Ports by which it gets signals. */
  inputs: ReadonlySet<string>;
  depth: number;
}

/**
 * Divides cells among instances.
 *
 * @param hierarchy - modules with their instances, before flattening.
 * @param flat - the mapped netlist, flattened.
 * @param top - the module's name.
 */
export function divideCells(
  hierarchy: Netlist,
  flat: Netlist,
  top: string,
  family: Family,
): Instance {
  const tree = growTree(hierarchy, top, top, new Set(), 0);
  const module = Object.values(flat.modules).find((m) => 'top' in m.attributes);
  if (!module) return finish(tree);
  const owners = findOwners(tree, module);
  for (const [name, cell] of Object.entries(module.cells)) {
    const resource = resourceOf(family, cell.type);
    if (resource) (ownerOf(cell, owners) ?? findInstance(tree, name).instance).own[resource] += 1;
  }
  return finish(tree);
}

/** The instance that declares each bit. */
function findOwners(tree: Draft, { netnames }: NetlistModule): Map<Bit, Draft> {
  const owners = new Map<Bit, Draft>();
  for (const [name, net] of Object.entries(netnames)) {
    // Written in the source: yosys keeps the path apart of the names that flattening made.
    if (name.includes('.') && net.attributes.hdlname === undefined) continue;
    const { instance, local } = findInstance(tree, name);
    if (instance.inputs.has(local)) continue;
    for (const bit of net.bits) {
      const before = owners.get(bit);
      if (!before || before.depth < instance.depth) owners.set(bit, instance);
    }
  }
  return owners;
}

function ownerOf(
  { connections, port_directions = {} }: NetlistCell,
  owners: ReadonlyMap<Bit, Draft>,
): Draft | undefined {
  for (const [port, bits] of Object.entries(connections)) {
    if (port_directions[port] !== 'output') continue;
    const bit = bits.find((each) => owners.has(each));
    if (bit !== undefined) return owners.get(bit);
  }
  return undefined;
}

function growTree(
  hierarchy: Netlist,
  type: string,
  name: string,
  inputs: ReadonlySet<string>,
  depth: number,
): Draft {
  const children = new Map<string, Draft>();
  for (const [child, cell] of Object.entries(hierarchy.modules[type]?.cells ?? {})) {
    // Names with characters that Verilog escapes begin with a backslash.
    const own = child.replace(/^\\/, '');
    if (cell.type in hierarchy.modules || /^\$paramod/.test(cell.type)) {
      const ports = Object.entries(cell.port_directions ?? {});
      const got = new Set(ports.filter(([, way]) => way === 'input').map(([port]) => port));
      children.set(own, growTree(hierarchy, cell.type, own, got, depth + 1));
    }
  }
  return { name, module: plainName(type), own: noCounts(), children, inputs, depth };
}

/** The innermost instance that a name begins with, and the rest of the name. */
function findInstance(top: Draft, name: string): { instance: Draft; local: string } {
  let instance = top;
  let rest = name;
  for (;;) {
    const next = longestChild(instance, rest);
    if (next === undefined) return { instance, local: rest };
    instance = next;
    rest = rest.slice(next.name.length + 1);
  }
}

/** `engine[0].core` before `engine[0]`: both may be names. */
function longestChild({ children }: Draft, path: string): Draft | undefined {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const child = children.get(path.slice(0, dot));
    if (child) return child;
  }
  return undefined;
}

function finish({ name, module, own, children }: Draft): Instance {
  const finished = [...children.values()].map(finish);
  const total = { ...own };
  for (const child of finished) {
    for (const resource of RESOURCES) total[resource] += child.total[resource];
  }
  return { name, module, own, total, children: finished };
}
