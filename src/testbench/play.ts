// SPDX-License-Identifier: Apache-2.0
/** Stimulus and record of many cycles in one call: columns of values, a row for each cycle. */
import { addressOf } from '../driver/ffi.ts';
import { TestbenchError } from './errors.ts';
import { coerce, storageBytes, type ValuePlace, writeWide } from './storage.ts';

/** One value for each cycle: the typed array of the port's size is used as it is. */
export type Stimulus = ArrayLike<number | bigint>;

/** What a port was in each cycle: the typed array of its size and sign; above 64 bits, limbs row by row. */
export type Recorded =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

/** Typed arrays by the bytes of an element. */
const SIGNED = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as const;
const UNSIGNED = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

/** A column as cpp/model.cpp takes it: index, bytes of a value, address. */
const COLUMN_BYTES = 16;

/** Columns side by side, and the arrays they point to. */
export interface Columns {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly data: readonly Recorded[];
}

/**
 * Lays out stimulus for hpb_tb_play.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT`: fewer values than cycles, or one out of range.
 */
export function driveColumns(
  columns: ReadonlyArray<readonly [ValuePlace, Stimulus]>,
  cycles: number,
): Columns {
  return layOut(
    columns.map(([place, values]) => {
      checkScalar(place);
      if (!place.isWritable) refuse(`port ${place.name} is an output: it cannot be written`);
      if (values.length < cycles) {
        refuse(`port ${place.name}: expected ${cycles} values, got ${values.length}`);
      }
      return [place, isFitting(place, values, cycles) ? values : convert(place, values, cycles)];
    }),
  );
}

/** Makes empty columns of a record. */
export function recordColumns(places: readonly ValuePlace[], cycles: number): Columns {
  return layOut(
    places.map((place) => {
      checkScalar(place);
      return [place, newColumn(place, cycles)];
    }),
  );
}

/**
 * A column's values as they are to be shown: signed ones sign-extended, and 0 from row `rows` on, which a model that
 * stopped has not come to.
 */
export function finishColumn(
  { width, signed }: ValuePlace,
  column: Recorded,
  rows: number,
): Recorded {
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength).fill(
    0,
    rows * storageBytes(width),
  );
  if (!signed || width > 64) return column;
  const { byteOffset, length } = column;
  const buffer = column.buffer as ArrayBuffer;
  if (width > 32) {
    const values = new BigInt64Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) values[i] = BigInt.asIntN(width, values[i] ?? 0n);
    return values;
  }
  const values = new SIGNED[storageBytes(width) as 1 | 2 | 4](buffer, byteOffset, length);
  const shift = 32 - width;
  for (let i = 0; i < length; i++) values[i] = ((values[i] ?? 0) << shift) >> shift;
  return values;
}

function layOut(columns: ReadonlyArray<readonly [ValuePlace, Recorded]>): Columns {
  const bytes = new Uint8Array(Math.max(1, columns.length) * COLUMN_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, [place, data]] of columns.entries()) {
    view.setUint32(i * COLUMN_BYTES, place.index, true);
    view.setUint32(i * COLUMN_BYTES + 4, storageBytes(place.width), true);
    view.setBigUint64(i * COLUMN_BYTES + 8, data.length > 0 ? addressOf(data) : 0n, true);
  }
  return { bytes, count: columns.length, data: columns.map(([, data]) => data) };
}

/** A column whose contents are what was in memory there: each row is to be written. */
function newColumn({ width }: ValuePlace, cycles: number) {
  const bytes = storageBytes(width);
  // Filling it with zeros would cost as much as a small model.
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(cycles * bytes);
  if (bytes === 1) return new Uint8Array(buffer, byteOffset, cycles);
  if (bytes === 2) return new Uint16Array(buffer, byteOffset, cycles);
  if (width > 64) return new Uint32Array(buffer, byteOffset, (cycles * bytes) / 4);
  if (bytes === 4) return new Uint32Array(buffer, byteOffset, cycles);
  return new BigUint64Array(buffer, byteOffset, cycles);
}

/** Whether values are already as the model keeps them, and within the port's width. */
function isFitting(
  { width, signed }: ValuePlace,
  values: Stimulus,
  cycles: number,
): values is Recorded {
  if (values instanceof BigUint64Array) {
    if (width <= 32 || width > 64 || signed) return false;
    const limit = 1n << BigInt(width);
    return width === 64 || values.subarray(0, cycles).every((value) => value < limit);
  }
  const bytes = storageBytes(width);
  if (width > 32 || !(values instanceof (signed ? SIGNED : UNSIGNED)[bytes as 1 | 2 | 4])) {
    return false;
  }
  if (width === bytes * 8) return true;
  // Negative numbers are to be cut to the port's width.
  if (signed) return false;
  const limit = 2 ** width;
  for (let i = 0; i < cycles; i++) if ((values[i] ?? 0) >= limit) return false;
  return true;
}

function convert(place: ValuePlace, values: Stimulus, cycles: number): Recorded {
  const { name, width, signed } = place;
  const column = newColumn(place, cycles);
  if (width <= 32) {
    const numbers = column as Uint32Array;
    const low = signed ? -(2 ** (width - 1)) : 0;
    const high = signed ? 2 ** (width - 1) - 1 : 2 ** width - 1;
    for (let i = 0; i < cycles; i++) {
      const value = values[i];
      const isUsual =
        Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
      const bits = isUsual ? (value as number) : Number(coerce(name, width, signed, value));
      // Of 8 or 16 bits: cut to the width first, to the storage by the array.
      numbers[i] = signed && width < 32 ? bits & (2 ** width - 1) : bits;
    }
    return column;
  }
  const words = storageBytes(width) / 4;
  for (let i = 0; i < cycles; i++) {
    const bits = BigInt.asUintN(width, coerce(name, width, signed, values[i]));
    if (width > 64) writeWide(column as Uint32Array, i * words, words, bits);
    else (column as BigUint64Array)[i] = bits;
  }
  return column;
}

function checkScalar({ name, unpacked }: ValuePlace): void {
  if (unpacked.length > 0) refuse(`port ${name}: expected bits, got an unpacked array`);
}

function refuse(message: string): never {
  throw new TestbenchError('TESTBENCH_ARGUMENT', message);
}
