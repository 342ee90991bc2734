// SPDX-License-Identifier: Apache-2.0
/** How Verilator keeps a value: its size, its words, and which values fit. */
import { elementCount, type Shape } from './description.ts';
import { TestbenchError } from './errors.ts';

/** Where a value lies: byte offset in the memory window. */
export interface ValuePlace extends Shape {
  readonly name: string;
  /** Number by which C knows it: ports first, then signals. */
  readonly index: number;
  readonly offset: number;
  readonly isWritable: boolean;
}

/** Bytes that a value of a width takes in the model: 1, 2, 4, 8, or a multiple of 4. */
export function storageBytes(width: number): number {
  if (width <= 8) return 1;
  if (width <= 16) return 2;
  if (width <= 32) return 4;
  return width <= 64 ? 8 : 4 * Math.ceil(width / 32);
}

/** Bytes that a value takes in the model, all elements of an array. */
export function placeBytes({ width, unpacked }: Shape): number {
  return storageBytes(width) * elementCount(unpacked);
}

/** The value as a bigint, once it is known to fit. */
export function coerce(name: string, width: number, signed: boolean, value: unknown): bigint {
  const low = signed ? -(2n ** BigInt(width - 1)) : 0n;
  const high = signed ? 2n ** BigInt(width - 1) - 1n : 2n ** BigInt(width) - 1n;
  const isValue =
    typeof value === 'bigint' || typeof value === 'boolean' || Number.isInteger(value);
  const bits = isValue ? BigInt(value as bigint | boolean | number) : undefined;
  if (bits !== undefined && bits >= low && bits <= high) return bits;
  throw new TestbenchError(
    'TESTBENCH_ARGUMENT',
    `port ${name}: expected ${width} ${signed ? 'signed' : 'unsigned'} bits, got ${String(value)}`,
  );
}

/** The bigint in 32-bit words, lowest first. */
export function readWide(words: Uint32Array, index: number, count: number): bigint {
  let value = 0n;
  for (let i = count - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[index + i] ?? 0);
  return value;
}

/** Puts a bigint into 32-bit words, lowest first. */
export function writeWide(words: Uint32Array, index: number, count: number, value: bigint): void {
  let rest = value;
  for (let i = 0; i < count; i++) {
    words[index + i] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
}
