/**
 * A model's ports as properties over the model's own memory.
 *
 * For each built module a class is generated with literal offsets, so that a read or a write is a few
 * machine instructions: no Proxy, no closure, no call into C.
 */
import type { ModuleDescription, PortDescription } from './description.ts';
import { TestbenchError } from './errors.ts';

/** Where a port lies: byte offset in the memory window. */
export interface PortPlace extends PortDescription {
  readonly offset: number;
}

/** Any module's ports, where no typings say more. Up to 32 bits are numbers, wider ones bigints. */
// biome-ignore lint/suspicious/noExplicitAny: without typings a port may be either
export type AnyPorts = Record<string, any>;

/** Bytes that a port takes in the model: 1, 2, 4, 8, or a multiple of 4. */
export function storageBytes(width: number): number {
  if (width <= 8) return 1;
  if (width <= 16) return 2;
  if (width <= 32) return 4;
  return width <= 64 ? 8 : 4 * Math.ceil(width / 32);
}

export interface PortsClass {
  new (memory: ArrayBuffer): AnyPorts;
}

/**
 * Generates the class of a module's ports.
 *
 * Reads: signed ports are sign-extended. Writes: checked against the width; -1 suits signed ports only.
 *
 * @param places - offsets relative to the start of the memory that the constructor gets, each a
 *   multiple of its storage's word size.
 */
export function generatePortsClass(
  description: ModuleDescription,
  places: readonly PortPlace[],
): PortsClass {
  const source = `
    return class Ports_${description.name} {
      constructor(memory) {
        Object.defineProperties(this, {
          _b: { value: new Uint8Array(memory), writable: true },
          _h: { value: new Uint16Array(memory), writable: true },
          _w: { value: new Uint32Array(memory), writable: true },
          _q: { value: new BigUint64Array(memory), writable: true },
        });
      }
      ${places.map(accessors).join('')}
    };`;
  const make = new Function('outOfRange', 'readOnly', 'readWide', 'writeWide', source);
  return make(outOfRange, readOnly, readWide, writeWide) as PortsClass;
}

/** Cuts the ports off the model's memory: afterwards reads are undefined and writes do nothing. */
export function detachPorts(ports: AnyPorts): void {
  ports._b = new Uint8Array(0);
  ports._h = new Uint16Array(0);
  ports._w = new Uint32Array(0);
  ports._q = new BigUint64Array(0);
}

function accessors(place: PortPlace): string {
  const { name, direction, width, signed, offset } = place;
  const set =
    direction === 'output'
      ? `set ${name}(v) { readOnly('${name}'); }`
      : `set ${name}(v) { ${setter(place)} }`;
  if (width > 64) {
    const words = Math.ceil(width / 32);
    return `get ${name}() { return ${wrap(`readWide(this._w, ${offset / 4}, ${words})`, place)}; }\n${set}\n`;
  }
  if (width > 32) {
    return `get ${name}() { return ${wrap(`this._q[${offset / 8}]`, place)}; }\n${set}\n`;
  }
  const read = narrowWord(width, offset);
  const shift = 32 - width;
  const value = signed ? `(${read} << ${shift}) >> ${shift}` : read;
  return `get ${name}() { return ${value}; }\n${set}\n`;
}

function wrap(read: string, { signed, width }: PortDescription): string {
  return signed ? `BigInt.asIntN(${width}, ${read})` : read;
}

function narrowWord(width: number, offset: number): string {
  if (width <= 8) return `this._b[${offset}]`;
  return width <= 16 ? `this._h[${offset / 2}]` : `this._w[${offset / 4}]`;
}

function setter({ name, width, signed, offset }: PortPlace): string {
  const low = signed ? -(2n ** BigInt(width - 1)) : 0n;
  const high = signed ? 2n ** BigInt(width - 1) - 1n : 2n ** BigInt(width) - 1n;
  if (width <= 32) {
    const mask = 2 ** width - 1;
    return `
      if (!(v >= ${low} && v <= ${high})) outOfRange('${name}', ${width}, ${signed}, v);
      ${narrowWord(width, offset)} = ${signed ? `Number(v) & ${mask}` : 'Number(v)'};`;
  }
  const put =
    width <= 64
      ? `this._q[${offset / 8}] = BigInt.asUintN(${width}, b);`
      : `writeWide(this._w, ${offset / 4}, ${Math.ceil(width / 32)}, BigInt.asUintN(${width}, b));`;
  return `
    const b = typeof v === 'bigint' ? v : BigInt(v);
    if (b < ${low}n || b > ${high}n) outOfRange('${name}', ${width}, ${signed}, v);
    ${put}`;
}

function outOfRange(name: string, width: number, signed: boolean, value: unknown): never {
  throw new TestbenchError(
    'TESTBENCH_ARGUMENT',
    `port ${name}: expected ${width} ${signed ? 'signed' : 'unsigned'} bits, got ${String(value)}`,
  );
}

function readOnly(name: string): never {
  throw new TestbenchError('TESTBENCH_ARGUMENT', `port ${name} is an output: it cannot be written`);
}

function readWide(words: Uint32Array, index: number, count: number): bigint {
  let value = 0n;
  for (let i = count - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[index + i] ?? 0);
  return value;
}

function writeWide(words: Uint32Array, index: number, count: number, value: bigint): void {
  let rest = value;
  for (let i = 0; i < count; i++) {
    words[index + i] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
}
