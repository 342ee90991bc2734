// SPDX-License-Identifier: Apache-2.0
// Values of module parameters, as people write them and as Verilator wants them.

import { formatParameter, type ParameterValue } from '../testbench/build.ts';
import { HdlError } from './errors.ts';

/** Longest value, in characters. */
const MAX_LENGTH = 4096;
const RADIX = { h: 16, d: 10, o: 8, b: 2 } as const;

/**
 * Reads `NAME=VALUE`: an integer (`64`, `-1`, `0xff`), a Verilog constant (`8'hff`), or text.
 *
 * @throws {HdlError} `HDL_ARGUMENT`.
 */
export function parseParameter(text: string): [name: string, value: ParameterValue] {
  const [, name, value] = /^([a-zA-Z_]\w*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || value.length > MAX_LENGTH) {
    const got = JSON.stringify(text.slice(0, 80));
    throw new HdlError('HDL_ARGUMENT', `expected NAME=VALUE, got ${got}`);
  }
  return [name, parseValue(value)];
}

function parseValue(text: string): ParameterValue {
  if (/^-?\d+$|^0x[\da-f]+$/i.test(text)) return small(BigInt(text));
  const [, base, digits] = /^\d*'s?([hdob])([\da-f_]+)$/i.exec(text) ?? [];
  if (base !== undefined && digits !== undefined) {
    const radix = RADIX[base.toLowerCase() as keyof typeof RADIX];
    return small(parseDigits(digits.replaceAll('_', ''), radix, text));
  }
  const [, quoted] = /^"([^"\\\n]*)"$/.exec(text) ?? [];
  const word = quoted ?? text;
  if (/["\\\n;]/.test(word)) {
    const got = JSON.stringify(text);
    throw new HdlError(
      'HDL_ARGUMENT',
      `expected a value without quotes and semicolons, got ${got}`,
    );
  }
  return word;
}

function parseDigits(digits: string, radix: number, text: string): bigint {
  let value = 0n;
  for (const digit of digits) {
    const number = Number.parseInt(digit, 16);
    if (number >= radix) {
      throw new HdlError('HDL_ARGUMENT', `expected digits of base ${radix}, got ${text}`);
    }
    value = value * BigInt(radix) + BigInt(number);
  }
  return value;
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Verilator's arguments for values of the top's parameters. */
export function parameterArguments(parameters: Readonly<Record<string, ParameterValue>>): string[] {
  return Object.entries(parameters).map(([name, value]) => `-G${name}=${formatParameter(value)}`);
}

/** The yosys commands that set them, for a module that was read and not elaborated yet. */
export function parameterCommands(
  top: string,
  parameters: Readonly<Record<string, ParameterValue>>,
): string[] {
  return Object.entries(parameters).map(
    ([name, value]) => `chparam -set ${name} ${formatParameter(value)} ${top}`,
  );
}

/** The number that a constant of Verilog stands for: `32'sh40` is 64; undefined for text. */
export function readConstant(text: string): bigint | undefined {
  const [, width, sign, base, digits] = /^(\d*)'(s?)([hdob])([\da-f_]+)$/i.exec(text.trim()) ?? [];
  if (base === undefined || digits === undefined) {
    return /^-?\d+$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
  }
  const radix = RADIX[base.toLowerCase() as keyof typeof RADIX];
  const value = parseDigits(digits.replaceAll('_', ''), radix, text);
  return sign ? BigInt.asIntN(Number(width || 32), value) : value;
}
