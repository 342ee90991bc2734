// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import { parameterArguments, parseParameter, readConstant } from '../../src/hdl/parameters.ts';

test.each([
  ['DEPTH=16', 16],
  ['LOW=-1', -1],
  ['MASK=0xff', 255],
  ["WIDE=64'hffff_ffff_ffff_fffe", 0xffff_ffff_ffff_fffen],
  ["BITS='b101", 5],
  ['FILE=rom.hex', 'rom.hex'],
  ['NAME="a b"', 'a b'],
])('%s', (text, value) => {
  expect(parseParameter(text)[1]).toBe(value);
});

test('Verilator gets text in quotes and wide numbers with their width', () => {
  const parameters = { A: 3, FILE: 'rom.hex', WIDE: 2n ** 40n };
  expect(parameterArguments(parameters)).toEqual([
    '-GA=3',
    '-GFILE="rom.hex"',
    "-GWIDE=41'h10000000000",
  ]);
});

test('constants as Verilator writes them are numbers', () => {
  expect(readConstant("32'sh40")).toBe(64n);
  expect(readConstant("8'shff")).toBe(-1n);
  expect(readConstant('"text"')).toBeUndefined();
});

test.each([
  ['DEPTH', 'expected NAME=VALUE, got "DEPTH"'],
  ['=3', 'expected NAME=VALUE'],
  ['A B=3', 'expected NAME=VALUE'],
  ["A=4'd1f", "expected digits of base 10, got 4'd1f"],
  ['A=1; exec rm', 'without quotes and semicolons'],
  [`A=${'1'.repeat(5000)}`, 'expected NAME=VALUE'],
])('error: %s', (text, message) => {
  expect(() => parseParameter(text)).toThrow(message);
});
