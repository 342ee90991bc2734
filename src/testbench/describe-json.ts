// SPDX-License-Identifier: Apache-2.0
/** Reads the tree of `verilator --json-only` (Verilator versions that no longer write XML). */
import type { ModuleDescription, ParameterDescription, PortDescription } from './description.ts';
import { describeNetlist, type Name, type NetlistModule, type NetlistType } from './netlist.ts';

/** One node of the tree; only what is read here. */
interface Node {
  readonly type: string;
  readonly name: string;
  readonly addr: string;
  readonly origName?: string;
  readonly direction?: string;
  readonly isPrimaryIO?: boolean;
  readonly isSigUserRdPublic?: boolean;
  readonly isSigUserRWPublic?: boolean;
  readonly varType?: string;
  readonly dtypep?: string;
  readonly refDTypep?: string;
  readonly modp?: string;
  readonly keyword?: string;
  readonly range?: string;
  readonly declRange?: string;
  readonly signed?: boolean;
  readonly modulesp?: Node[];
  readonly miscsp?: Node[];
  readonly stmtsp?: Node[];
  readonly itemsp?: Node[];
  readonly typesp?: Node[];
  readonly membersp?: Node[];
  readonly valuep?: Node[];
}

interface Meta {
  readonly files: Record<string, { readonly filename: string }>;
}

/**
 * Describes the top module of a tree.
 *
 * @param tree - text of `<prefix>.tree.json`.
 * @param meta - text of `<prefix>.tree.meta.json`.
 * @throws {TestbenchError} `TESTBENCH_BUILD` when there is no top module, or a port's type is not packed.
 */
export function describeJson(tree: string, meta: string): ModuleDescription {
  const root = JSON.parse(tree) as Node;
  const files = Object.values((JSON.parse(meta) as Meta).files).map((file) => file.filename);
  const modules = new Map<string, NetlistModule>();
  const parameters: ParameterDescription[] = [];
  let top: NetlistModule | undefined;
  for (const node of root.modulesp ?? []) {
    if (node.type !== 'MODULE') continue;
    const module: NetlistModule = {
      id: node.addr,
      name: node.origName ?? node.name,
      variables: [],
      instances: [],
    };
    // The first module is the top.
    readItems(node.stmtsp ?? [], module, [], top ? undefined : parameters);
    top ??= module;
    modules.set(module.id, module);
  }
  const table = root.miscsp?.find((node) => node.type === 'TYPETABLE');
  const types = new Map((table?.typesp ?? []).map((node) => [node.addr, convert(node)]));
  return describeNetlist({ top, modules, types, parameters, files });
}

/** Goes through a module's items and its generate blocks. */
function readItems(
  items: readonly Node[],
  module: NetlistModule,
  blocks: readonly Name[],
  parameters: ParameterDescription[] | undefined,
): void {
  for (const node of items) {
    const path = [...blocks, nameOf(node)];
    if (node.type === 'GENBLOCK' || node.type === 'BEGIN') {
      const inside = node.name === '' ? blocks : path;
      readItems([...(node.itemsp ?? []), ...(node.stmtsp ?? [])], module, inside, undefined);
    } else if (node.type === 'CELL') {
      module.instances.push({ path, module: node.modp ?? '' });
    } else if (node.varType === 'GPARAM' || node.varType === 'LPARAM') {
      const value = node.valuep?.[0];
      if (value?.type !== 'CONST') continue;
      const name = node.origName ?? node.name;
      parameters?.push({ name, value: value.name, isLocal: node.varType === 'LPARAM' });
    } else if (node.type === 'VAR') {
      const direction = (node.direction ?? '').toLowerCase() as PortDescription['direction'];
      module.variables.push({
        path,
        type: node.dtypep ?? '',
        direction: node.isPrimaryIO ? direction : undefined,
        isPublic: node.isSigUserRdPublic ?? node.isSigUserRWPublic ?? false,
        isWritable: node.isSigUserRWPublic ?? false,
      });
    }
  }
}

/** `name` is what the source says, `origName` what C++ has. */
function nameOf({ name, origName }: Node): Name {
  const symbol = (origName ?? name).replaceAll('[', '__BRA__').replaceAll(']', '__KET__');
  return { plain: name, symbol };
}

function convert(node: Node): NetlistType {
  const of = node.refDTypep ?? node.dtypep ?? '';
  switch (node.type) {
    case 'BASICDTYPE':
      return { kind: 'bits', width: rangeWidth(node.range), signed: node.signed ?? false };
    case 'REFDTYPE':
    case 'ENUMDTYPE':
    case 'PARAMTYPEDTYPE':
      return { kind: 'alias', of };
    case 'PACKARRAYDTYPE':
    case 'UNPACKARRAYDTYPE': {
      const [left = 0, right = 0] = (node.declRange ?? '').slice(1, -1).split(':').map(Number);
      const kind = node.type === 'PACKARRAYDTYPE' ? 'packed' : 'unpacked';
      return { kind, of, bounds: { left, right } };
    }
    case 'STRUCTDTYPE':
    case 'UNIONDTYPE': {
      const members = (node.membersp ?? []).map((m) => m.refDTypep ?? m.dtypep ?? '');
      return { kind: node.type === 'STRUCTDTYPE' ? 'struct' : 'union', members };
    }
    default:
      return { kind: 'other', name: node.type };
  }
}

/** Width of `left:right`; no range is one bit. */
function rangeWidth(range: string | undefined): number {
  if (range === undefined) return 1;
  const [left = 0, right = 0] = range.split(':').map(Number);
  return Math.abs(left - right) + 1;
}
