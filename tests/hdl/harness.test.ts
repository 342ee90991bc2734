// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { writeHarness } from '../../src/hdl/harness.ts';
import type { ModuleDescription, PortDescription } from '../../src/testbench/index.ts';

const port = (
  name: string,
  direction: PortDescription['direction'],
  width = 1,
): PortDescription => ({ name, direction, width, signed: false, symbol: name, unpacked: [] });

const module = (...ports: PortDescription[]): ModuleDescription => ({
  name: 'm',
  ports,
  parameters: [],
  signals: [],
  files: [],
});

describe('the harness of a module', () => {
  test('every input has a bit of the shift register, every output a register', () => {
    const { text, clocks, flipFlops } = writeHarness(
      module(
        port('clk', 'input'),
        port('a', 'input', 3),
        port('b', 'input'),
        port('q', 'output', 5),
      ),
      { W: '5' },
    );
    expect(clocks).toEqual(['clk']);
    expect(flipFlops).toBe(4 + 4 + 10);
    expect(text).toContain('m #(.W(5)) dut (');
    expect(text).toContain('.a(hpb_in_q[2:0])');
    expect(text).toContain('.b(hpb_in_q[3:3])');
    expect(text).toContain('.q(hpb_out[4:0])');
  });

  test('several clocks are pins; the first drives the registers', () => {
    const { text, clocks } = writeHarness(
      module(port('rx', 'input'), port('tx', 'input'), port('d', 'input'), port('q', 'output')),
      {},
      ['tx', 'rx'],
    );
    expect(clocks).toEqual(['tx', 'rx']);
    expect(text).toContain('always @(posedge tx)');
    expect(text).toContain('.rx(rx)');
    expect(text).not.toContain('.rx(hpb_in_q');
  });

  test('a combinational module is between registers of the harness', () => {
    const { clocks, text } = writeHarness(module(port('a', 'input'), port('q', 'output')), {});
    expect(clocks).toEqual(['hpb_clk']);
    expect(text).toContain('always @(posedge hpb_clk)');
  });

  test('error: a clock that is no input of one bit, and inout ports', () => {
    const ports = [port('clk', 'input'), port('d', 'input', 2)];
    expect(() => writeHarness(module(...ports), {}, ['d'])).toThrow(
      'm: expected clock "d" among the inputs of one bit, clk',
    );
    expect(() => writeHarness(module(port('io', 'inout')), {})).toThrow('got inout io');
  });

  test('error: a port that is an unpacked array', () => {
    const unpacked = [
      { left: 0, right: 3 },
      { left: 1, right: 0 },
    ];
    const table = { ...port('table_in', 'input', 8), unpacked };
    expect(() => writeHarness(module(port('clk', 'input'), table), {})).toThrow(
      'm: expected ports that are bits, got the array table_in [0:3][1:0]; yosys reads none as a port',
    );
  });
});
