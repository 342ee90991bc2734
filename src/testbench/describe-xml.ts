/** Reads the netlist of `verilator --xml-only` (Verilator 5.006 up to the last with XML). */
import type { ModuleDescription, ParameterDescription, PortDescription } from './description.ts';
import { TestbenchError } from './errors.ts';

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
  const ports: Array<{ attributes: Attributes }> = [];
  const parameters: ParameterDescription[] = [];
  const dtypes = new Map<string, Dtype>();
  let name: string | undefined;
  let isInTop = false;
  let inFiles = false;
  let parameter: Attributes | undefined;
  let dtype: Dtype | undefined;

  for (const [, closing, tag = '', text = '', selfClosing] of xml.matchAll(TAG)) {
    const attributes = closing ? {} : parseAttributes(text);
    const isOpen = !closing && !selfClosing;
    if (tag === 'files') inFiles = isOpen;
    else if (tag === 'file' && inFiles && !closing) files.push(attributes.filename ?? '');
    else if (tag === 'module') {
      // The first module is the top; cells come after it.
      isInTop = isOpen && name === undefined;
      if (isInTop) name = attributes.origName ?? attributes.name;
    } else if (tag === 'var' && isInTop) {
      if (closing) parameter = undefined;
      else if (attributes.dir && attributes.pinIndex) ports.push({ attributes });
      else if (isOpen && (attributes.param || attributes.localparam)) parameter = attributes;
    } else if (tag === 'const' && parameter && isInTop) {
      const isLocal = parameter.localparam === 'true';
      parameters.push({ name: parameter.name ?? '', value: attributes.name ?? '', isLocal });
      parameter = undefined;
    } else if (tag === 'memberdtype') {
      if (!closing) dtype?.members.push(attributes.sub_dtype_id ?? '');
    } else if (tag.endsWith('dtype') && !closing && attributes.id !== undefined) {
      dtype = { tag, attributes, members: [], bounds: [] };
      dtypes.set(attributes.id, dtype);
    } else if (tag === 'const' && dtype && !isInTop && !closing) {
      dtype.bounds.push(parseConstant(attributes.name ?? ''));
    }
  }
  if (name === undefined) throw new TestbenchError('TESTBENCH_BUILD', 'no top module in netlist');
  return {
    name,
    files: files.filter((file) => !file.startsWith('<')),
    parameters,
    ports: ports.map(({ attributes }) => describePort(attributes, dtypes)),
  };
}

function describePort(attributes: Attributes, dtypes: Map<string, Dtype>): PortDescription {
  const name = attributes.origName ?? attributes.name ?? '';
  const { width, signed } = measure(attributes.dtype_id ?? '', dtypes, name);
  return { name, direction: attributes.dir as PortDescription['direction'], width, signed };
}

function measure(
  id: string,
  dtypes: Map<string, Dtype>,
  port: string,
): { width: number; signed: boolean } {
  const dtype = dtypes.get(id);
  const { attributes = {}, tag = 'unknown', bounds = [], members = [] } = dtype ?? {};
  const inner = () => measure(attributes.sub_dtype_id ?? '', dtypes, port);
  switch (tag) {
    case 'basicdtype': {
      const signed = attributes.signed === 'true';
      if (attributes.left === undefined) return { width: keywordWidth(attributes.name), signed };
      return { width: Math.abs(Number(attributes.left) - Number(attributes.right)) + 1, signed };
    }
    case 'refdtype':
    case 'enumdtype':
    case 'paramtypedtype':
      return inner();
    case 'packarraydtype': {
      const [left = 0, right = 0] = bounds;
      return { width: inner().width * (Math.abs(left - right) + 1), signed: false };
    }
    case 'structdtype': {
      const widths = members.map((member) => measure(member, dtypes, port).width);
      return { width: widths.reduce((sum, width) => sum + width, 0), signed: false };
    }
    case 'uniondtype':
      return {
        width: Math.max(...members.map((member) => measure(member, dtypes, port).width)),
        signed: false,
      };
    default:
      throw new TestbenchError(
        'TESTBENCH_BUILD',
        `port ${port}: expected a packed type, got ${tag}; flatten it in the module`,
      );
  }
}

function keywordWidth(keyword: string | undefined): number {
  const widths: Record<string, number> = {
    byte: 8,
    shortint: 16,
    int: 32,
    integer: 32,
    longint: 64,
  };
  return widths[keyword ?? ''] ?? 1;
}

function parseConstant(text: string): number {
  const [, base, digits = text] = /'s?([hbod])([\da-f]+)/i.exec(text) ?? [];
  return Number.parseInt(digits, { h: 16, b: 2, o: 8 }[base ?? ''] ?? 10);
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
