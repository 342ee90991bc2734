/** Reads the tree of `verilator --json-only` (Verilator versions that no longer write XML). */
import type { ModuleDescription, ParameterDescription, PortDescription } from './description.ts';
import { TestbenchError } from './errors.ts';

/** One node of the tree; only what is read here. */
interface Node {
  readonly type: string;
  readonly name: string;
  readonly addr: string;
  readonly origName?: string;
  readonly direction?: string;
  readonly isPrimaryIO?: boolean;
  readonly varType?: string;
  readonly dtypep?: string;
  readonly refDTypep?: string;
  readonly keyword?: string;
  readonly range?: string;
  readonly declRange?: string;
  readonly signed?: boolean;
  readonly modulesp?: Node[];
  readonly miscsp?: Node[];
  readonly stmtsp?: Node[];
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
  const netlist = JSON.parse(tree) as Node;
  const files = Object.values((JSON.parse(meta) as Meta).files).map((file) => file.filename);
  const top = netlist.modulesp?.find((module) => module.type === 'MODULE');
  if (!top) throw new TestbenchError('TESTBENCH_BUILD', 'no top module in netlist');
  const table = netlist.miscsp?.find((node) => node.type === 'TYPETABLE');
  const dtypes = new Map((table?.typesp ?? []).map((node) => [node.addr, node]));

  const ports: PortDescription[] = [];
  const parameters: ParameterDescription[] = [];
  for (const node of top.stmtsp ?? []) {
    if (node.type !== 'VAR') continue;
    const name = node.origName ?? node.name;
    if (node.varType === 'GPARAM' || node.varType === 'LPARAM') {
      const value = node.valuep?.[0];
      if (value?.type !== 'CONST') continue;
      parameters.push({ name, value: value.name, isLocal: node.varType === 'LPARAM' });
    } else if (node.isPrimaryIO) {
      const direction = (node.direction ?? '').toLowerCase() as PortDescription['direction'];
      ports.push({ name, direction, ...measure(node.dtypep ?? '', dtypes, name) });
    }
  }
  return {
    name: top.origName ?? top.name,
    ports,
    parameters,
    files: files.filter((file) => !file.startsWith('<')),
  };
}

function measure(
  address: string,
  dtypes: Map<string, Node>,
  port: string,
): { width: number; signed: boolean } {
  const node = dtypes.get(address);
  const members = () =>
    (node?.membersp ?? []).map((m) => measure(m.refDTypep ?? m.dtypep ?? '', dtypes, port).width);
  switch (node?.type) {
    case 'BASICDTYPE':
      return { width: rangeWidth(node.range), signed: node.signed ?? false };
    case 'REFDTYPE':
    case 'ENUMDTYPE':
      return measure(node.refDTypep ?? '', dtypes, port);
    case 'PARAMTYPEDTYPE':
      return measure(node.dtypep ?? '', dtypes, port);
    case 'PACKARRAYDTYPE': {
      const element = measure(node.refDTypep ?? '', dtypes, port).width;
      return { width: element * rangeWidth(node.declRange?.slice(1, -1)), signed: false };
    }
    case 'STRUCTDTYPE':
      return { width: members().reduce((sum, width) => sum + width, 0), signed: false };
    case 'UNIONDTYPE':
      return { width: Math.max(...members()), signed: false };
    default:
      throw new TestbenchError(
        'TESTBENCH_BUILD',
        `port ${port}: expected a packed type, got ${node?.type}; flatten it in the module`,
      );
  }
}

/** Width of `left:right`; no range is one bit. */
function rangeWidth(range: string | undefined): number {
  if (range === undefined) return 1;
  const [left = 0, right = 0] = range.split(':').map(Number);
  return Math.abs(left - right) + 1;
}
