// SPDX-License-Identifier: Apache-2.0
/** Reads the netlist of `verilator --xml-only` (Verilator 5.006 up to the last with XML). */
import type { ModuleDescription, ParameterDescription, PortDescription } from './description.ts';
import {
  describeNetlist,
  type Name,
  type NetlistModule,
  type NetlistType,
  type NetlistVariable,
} from './netlist.ts';

type Attributes = Record<string, string>;

interface Dtype {
  readonly tag: string;
  readonly attributes: Attributes;
  /** Members of a struct or union, by data type id. */
  readonly members: string[];
  /** Bounds of an array, as constants. */
  readonly bounds: number[];
}

/** Only tags matter here: the netlist has no text nodes. */
const TAG = /<(\/?)([\w:]+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>/g;

/**
 * Describes the top module of a netlist.
 *
 * @param xml - the file's text.
 * @throws {TestbenchError} `TESTBENCH_BUILD` when there is no top module, or a port's type is not packed.
 */
export function describeXml(xml: string): ModuleDescription {
  const files: string[] = [];
  const parameters: ParameterDescription[] = [];
  const dtypes = new Map<string, Dtype>();
  const modules = new Map<string, NetlistModule>();
  /** Generate blocks around what is read; undefined for blocks without a name. */
  const blocks: (Name | undefined)[] = [];
  let top: NetlistModule | undefined;
  let module: NetlistModule | undefined;
  let inFiles = false;
  let parameter: Attributes | undefined;
  let dtype: Dtype | undefined;

  const pathOf = (name: Name) => [...blocks.filter((block) => block !== undefined), name];
  for (const [, closing, tag = '', text = '', selfClosing] of xml.matchAll(TAG)) {
    const attributes = closing ? {} : parseAttributes(text);
    const isOpen = !closing && !selfClosing;
    if (tag === 'files') inFiles = isOpen;
    else if (tag === 'file' && inFiles && !closing) files.push(attributes.filename ?? '');
    else if (tag === 'module') {
      module = isOpen ? newModule(attributes) : undefined;
      // The first module is the top; cells come after it.
      top ??= module;
      if (module) modules.set(module.id, module);
      blocks.length = 0;
    } else if (tag === 'begin' && module) {
      if (closing) blocks.pop();
      else if (isOpen) blocks.push(attributes.name ? nameOf(attributes) : undefined);
    } else if (tag === 'instance' && module && !closing) {
      module.instances.push({
        path: pathOf(nameOf(attributes)),
        module: attributes.defName ?? '',
      });
    } else if (tag === 'var' && module) {
      if (closing) parameter = undefined;
      else if (attributes.param || attributes.localparam) {
        if (isOpen && module === top) parameter = attributes;
      } else module.variables.push(readVariable(attributes, pathOf(nameOf(attributes))));
    } else if (tag === 'const' && parameter && module) {
      const isLocal = parameter.localparam === 'true';
      parameters.push({ name: parameter.name ?? '', value: attributes.name ?? '', isLocal });
      parameter = undefined;
    } else if (tag === 'memberdtype') {
      if (!closing) dtype?.members.push(attributes.sub_dtype_id ?? '');
    } else if (tag.endsWith('dtype') && !closing && attributes.id !== undefined) {
      dtype = { tag, attributes, members: [], bounds: [] };
      dtypes.set(attributes.id, dtype);
    } else if (tag === 'const' && dtype && !module && !closing) {
      dtype.bounds.push(parseConstant(attributes.name ?? ''));
    }
  }
  const types = new Map([...dtypes].map(([id, type]) => [id, convert(type)]));
  return describeNetlist({ top, modules, types, parameters, files });
}

function newModule(attributes: Attributes): NetlistModule {
  const id = attributes.name ?? '';
  return { id, name: attributes.origName ?? id, variables: [], instances: [] };
}

/** `name` is what the source says, `origName` what C++ has. */
function nameOf({ name = '', origName }: Attributes): Name {
  return { plain: name, symbol: encode(origName ?? name) };
}

/** `g_lane[0]` as Verilator writes it in C++. */
function encode(name: string): string {
  return name.replaceAll('[', '__BRA__').replaceAll(']', '__KET__');
}

function readVariable(attributes: Attributes, path: readonly Name[]): NetlistVariable {
  const isPort = attributes.dir !== undefined && attributes.pinIndex !== undefined;
  return {
    path,
    type: attributes.dtype_id ?? '',
    direction: isPort ? (attributes.dir as PortDescription['direction']) : undefined,
    isPublic: attributes.public_flat_rd === 'true' || attributes.public_flat_rw === 'true',
    isWritable: attributes.public_flat_rw === 'true',
  };
}

function convert({ tag, attributes, members, bounds }: Dtype): NetlistType {
  const of = attributes.sub_dtype_id ?? '';
  const [left = 0, right = 0] = bounds;
  switch (tag) {
    case 'basicdtype': {
      const signed = attributes.signed === 'true';
      if (attributes.left === undefined) {
        return { kind: 'bits', width: keywordWidth(attributes.name), signed };
      }
      const width = Math.abs(Number(attributes.left) - Number(attributes.right)) + 1;
      return { kind: 'bits', width, signed };
    }
    case 'refdtype':
    case 'enumdtype':
    case 'paramtypedtype':
      return { kind: 'alias', of };
    case 'packarraydtype':
      return { kind: 'packed', of, bounds: { left, right } };
    case 'unpackarraydtype':
      return { kind: 'unpacked', of, bounds: { left, right } };
    case 'structdtype':
      return { kind: 'struct', members };
    case 'uniondtype':
      return { kind: 'union', members };
    default:
      return { kind: 'other', name: tag };
  }
}

function keywordWidth(keyword: string | undefined): number {
  const widths: Record<string, number> = {
    byte: 8,
    shortint: 16,
    int: 32,
    integer: 32,
    longint: 64,
    time: 64,
  };
  return widths[keyword ?? ''] ?? 1;
}

/** `32'sh3` and the like; 32 bits signed may be negative: `32'shffffffff`. */
function parseConstant(text: string): number {
  const [, sign, base, digits = text] = /'(s?)([hbod])([\da-f]+)/i.exec(text) ?? [];
  const value = Number.parseInt(digits, { h: 16, b: 2, o: 8 }[base ?? ''] ?? 10);
  return sign === 's' ? value | 0 : value;
}

function parseAttributes(text: string): Attributes {
  const attributes: Attributes = {};
  for (const [, key = '', value = ''] of text.matchAll(/([\w:]+)="([^"]*)"/g)) {
    attributes[key] = value
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
  }
  return attributes;
}
