// SPDX-License-Identifier: Apache-2.0
/** Unpacked arrays among a module's ports and signals. */
import { type Bounds, elementCount } from './description.ts';
import { TestbenchError } from './errors.ts';
import { coerce, readWide, storageBytes, type ValuePlace, writeWide } from './storage.ts';

/** What an element is: number up to 32 bits, bigint above. */
export type ArrayElement = number | bigint;

/**
 * An unpacked array in the model's memory, by the indices that the module declares.
 *
 * @example
 * dut.table.set(3, 0xff); // input wire [7:0] table [0:15]
 * dut.grid.at(1, 2); // output logic [7:0] grid [1:0][2:0]
 * dut.table = [1, 2, 3, 4]; // all elements, from the lowest index up
 */
export class PortArray<T extends ArrayElement = ArrayElement> implements Iterable<T> {
  readonly name: string;
  /** Number of elements, of all dimensions together. */
  readonly length: number;
  readonly bounds: readonly Bounds[];
  readonly #place: ValuePlace;
  readonly #stride: number;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(place: ValuePlace, memory: ArrayBuffer) {
    this.#place = place;
    this.name = place.name;
    this.bounds = place.unpacked;
    this.length = elementCount(place.unpacked);
    this.#stride = storageBytes(place.width);
    this.#bytes = new Uint8Array(memory, place.offset, this.length * this.#stride);
    this.#view = new DataView(memory, place.offset, this.length * this.#stride);
  }

  /**
   * An element, by one index for each dimension.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when an index is out of its bounds.
   */
  at(...indices: number[]): T {
    return this.#read(this.#position(indices));
  }

  /**
   * Writes an element: `set(index, value)`, `set(row, column, value)`.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when an index or the value is out of its bounds.
   */
  set(...indicesAndValue: [...indices: number[], value: T | number | bigint]): void {
    const value = indicesAndValue.at(-1);
    this.#write(this.#position(indicesAndValue.slice(0, -1) as number[]), value);
  }

  /** An element's bytes in place, lowest first; bits above the width must stay zero. */
  bytes(...indices: number[]): Uint8Array {
    const start = this.#position(indices) * this.#stride;
    return this.#bytes.subarray(start, start + ((this.#place.width + 7) >> 3));
  }

  /** Writes all elements, in the order of {@link toArray}. */
  assign(values: Iterable<number | bigint>): void {
    const list = [...values];
    if (list.length !== this.length) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `port ${this.name}: expected ${this.length} elements, got ${list.length}`,
      );
    }
    for (const [position, value] of list.entries()) this.#write(position, value);
  }

  /** All elements from the lowest index up, whichever way the module declares it; the last index fastest. */
  toArray(): T[] {
    return Array.from({ length: this.length }, (_, position) => this.#read(position));
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }

  /** Cuts the array off the model's memory, when that is freed. */
  detach(): void {
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#view = new DataView(this.#bytes.buffer as ArrayBuffer);
  }

  #position(indices: readonly number[]): number {
    if (indices.length !== this.bounds.length) {
      const got = `${indices.length}: [${indices.join('][')}]`;
      this.#refuse(`expected an index for each of ${this.bounds.length} dimensions, got ${got}`);
    }
    let position = 0;
    for (const [dimension, { left, right }] of this.bounds.entries()) {
      const index = indices[dimension] ?? 0;
      const low = Math.min(left, right);
      const size = Math.abs(left - right) + 1;
      if (!Number.isInteger(index) || index < low || index >= low + size) {
        this.#refuse(`expected an index from ${low} to ${low + size - 1}, got ${index}`);
      }
      position = position * size + index - low;
    }
    return position;
  }

  #read(position: number): T {
    const { width, signed } = this.#place;
    const at = position * this.#stride;
    if (width > 32) {
      const count = Math.ceil(width / 32);
      const bits = readWide(this.#words(), at / 4, count);
      return (signed ? BigInt.asIntN(width, bits) : bits) as T;
    }
    let value: number;
    if (width <= 8) value = this.#view.getUint8(at);
    else if (width <= 16) value = this.#view.getUint16(at, true);
    else value = this.#view.getUint32(at, true);
    const shift = 32 - width;
    return (signed ? (value << shift) >> shift : value) as T;
  }

  #write(position: number, value: unknown): void {
    const { name, width, signed, isWritable } = this.#place;
    if (!isWritable) this.#refuse('an output, or a signal to be read: it cannot be written');
    const bits = BigInt.asUintN(width, coerce(name, width, signed, value));
    const at = position * this.#stride;
    if (width > 32) writeWide(this.#words(), at / 4, this.#stride / 4, bits);
    else if (width <= 8) this.#view.setUint8(at, Number(bits));
    else if (width <= 16) this.#view.setUint16(at, Number(bits), true);
    else this.#view.setUint32(at, Number(bits), true);
  }

  #words(): Uint32Array {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return new Uint32Array(buffer, byteOffset, byteLength / 4);
  }

  #refuse(why: string): never {
    throw new TestbenchError('TESTBENCH_ARGUMENT', `port ${this.name}: ${why}`);
  }
}
