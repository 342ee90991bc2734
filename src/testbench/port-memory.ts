// SPDX-License-Identifier: Apache-2.0
/**
 * A model's ports and signals as properties over the model's own memory.
 *
 * For each built module a class is generated with literal offsets, so that a read or a write is a few
 * machine instructions: no Proxy, no closure, no call into C.
 */
import type { PortDescription, Shape } from './description.ts';
import { TestbenchError } from './errors.ts';
import { PortArray } from './port-array.ts';
import { coerce, readWide, type ValuePlace, writeWide } from './storage.ts';

/** Where a port lies. */
export interface PortPlace extends ValuePlace, PortDescription {}

/**
 * Any module's ports, where no typings say more. Up to 32 bits are numbers, wider ones bigints, unpacked
 * arrays are {@link PortArray}.
 */
// biome-ignore lint/suspicious/noExplicitAny: without typings a port may be either
export type AnyPorts = Record<string, any>;

export interface ValuesClass {
  new (memory: ArrayBuffer): AnyPorts;
}

/** The method that {@link detachValues} calls. */
const DETACH = Symbol('detach');

/**
 * Generates the class of a module's ports, or of its signals.
 *
 * Reads: signed values are sign-extended. Writes: checked against the width; -1 suits signed ports only.
 *
 * @param name - the class's name, seen in debuggers.
 * @param places - offsets relative to the start of the memory that the constructor gets, each a
 *   multiple of its storage's word size.
 */
export function generateValuesClass(name: string, places: readonly ValuePlace[]): ValuesClass {
  const arrays = places.map((place, i) => (place.unpacked.length > 0 ? i : -1));
  const source = `
    return class Ports_${name.replace(/\W/g, '_')} {
      #b; #h; #w; #q; #a;
      constructor(memory) {
        this.#b = new Uint8Array(memory);
        this.#h = new Uint16Array(memory);
        this.#w = new Uint32Array(memory);
        this.#q = new BigUint64Array(memory);
        this.#a = arrays.map((i) => i < 0 ? undefined : new PortArray(places[i], memory));
      }
      [DETACH]() {
        this.#b = new Uint8Array(0);
        this.#h = new Uint16Array(0);
        this.#w = new Uint32Array(0);
        this.#q = new BigUint64Array(0);
        for (const array of this.#a) array?.detach();
      }
      ${places.map(accessors).join('')}
    };`;
  const context = { arrays, places, coerce, readOnly, readWide, writeWide, DETACH, PortArray };
  const make = new Function(...Object.keys(context), source);
  return make(...Object.values(context)) as ValuesClass;
}

/** Cuts values off the model's memory: afterwards reads are undefined and writes do nothing. */
export function detachValues(values: AnyPorts): void {
  (values as unknown as { [DETACH](): void })[DETACH]();
}

function accessors(place: ValuePlace, at: number): string {
  const { width, signed, offset, isWritable, unpacked } = place;
  const name = JSON.stringify(place.name);
  if (unpacked.length > 0) {
    const assign = isWritable ? `this.#a[${at}].assign(v)` : `readOnly(${name})`;
    return `get [${name}]() { return this.#a[${at}]; }\nset [${name}](v) { ${assign}; }\n`;
  }
  const set = `set [${name}](v) { ${isWritable ? setter(place) : `readOnly(${name});`} }`;
  if (width > 64) {
    const words = Math.ceil(width / 32);
    return `get [${name}]() { return ${wrap(`readWide(this.#w, ${offset / 4}, ${words})`, place)}; }\n${set}\n`;
  }
  if (width > 32) {
    return `get [${name}]() { return ${wrap(`this.#q[${offset / 8}]`, place)}; }\n${set}\n`;
  }
  const read = narrowWord(width, offset);
  const shift = 32 - width;
  const value = signed ? `(${read} << ${shift}) >> ${shift}` : read;
  return `get [${name}]() { return ${value}; }\n${set}\n`;
}

function wrap(read: string, { signed, width }: Shape): string {
  return signed ? `BigInt.asIntN(${width}, ${read})` : read;
}

function narrowWord(width: number, offset: number): string {
  if (width <= 8) return `this.#b[${offset}]`;
  return width <= 16 ? `this.#h[${offset / 2}]` : `this.#w[${offset / 4}]`;
}

function setter({ name, width, signed, offset }: ValuePlace): string {
  const check = `coerce(${JSON.stringify(name)}, ${width}, ${signed}, v)`;
  if (width > 64) {
    const words = Math.ceil(width / 32);
    return `writeWide(this.#w, ${offset / 4}, ${words}, BigInt.asUintN(${width}, ${check}));`;
  }
  if (width > 32) return `this.#q[${offset / 8}] = BigInt.asUintN(${width}, ${check});`;
  const high = signed ? 2 ** (width - 1) - 1 : 2 ** width - 1;
  const low = signed ? -(2 ** (width - 1)) : 0;
  // The usual number passes with two compares; all else is looked at more closely.
  const isUsual = signed
    ? `(v | 0) === v${width < 32 ? ` && v >= ${low} && v <= ${high}` : ''}`
    : `(v >>> 0) === v${width < 32 ? ` && v <= ${high}` : ''}`;
  const value = signed && width < 32 ? `v & ${2 ** width - 1}` : 'v';
  return `
    if (!(typeof v === 'number' && ${isUsual})) v = Number(${check});
    ${narrowWord(width, offset)} = ${value};`;
}

function readOnly(name: string): never {
  throw new TestbenchError(
    'TESTBENCH_ARGUMENT',
    `port ${name} is an output, or a signal to be read: it cannot be written`,
  );
}
