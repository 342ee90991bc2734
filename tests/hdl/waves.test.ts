// SPDX-License-Identifier: Apache-2.0
// FST files as they are read, and the views made of them.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FstSignal, readFst, unpackLz4 } from '../../src/hdl/fst.ts';
import { groupSignals, toGtkwave, toSurfer } from '../../src/hdl/wave-view.ts';
import { simulate } from '../../src/testbench/index.ts';

let folder: string;
let waves: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hpb-waves-'));
  const sim = await simulate('tests/testbench/hdl/echo.sv', {
    waves: 'build/waves/toolkit-test.fst',
    parameters: { DATA_W: 8 },
  });
  sim.reset();
  sim.ports.i8 = 3;
  sim.cycles(10);
  sim.close();
  waves = join(folder, 'echo.fst');
  copyFileSync(sim.wavesPath!, waves);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('an FST file', () => {
  test('has the times and the signals that were recorded', () => {
    const { start, end, timescale, signals } = readFst(waves);
    // 12 cycles of 10 ns; the edge is in the middle of one.
    expect([start, end, timescale]).toEqual([1, 115_000, -12]);
    const find = (name: string) => signals.find(({ path }) => path.join('.') === name);
    expect(find('TOP.echo.i256')).toMatchObject({ range: '[255:0]', width: 256 });
    expect(find('TOP.echo.odata')).toMatchObject({ range: '[7:0]', width: 8, isParameter: false });
    expect(find('TOP.echo.DATA_W')).toMatchObject({ isParameter: true });
  });

  test('has the same signals as fst2vcd finds', async (context) => {
    const { stdout, exitCode } = await execa('fst2vcd', [waves], { reject: false });
    if (exitCode === undefined) context.skip('fst2vcd (Debian: gtkwave) is not installed');
    const found = [...String(stdout).matchAll(/\$var \w+ +(\d+) \S+ (\S+)/g)];
    const { signals } = readFst(waves);
    expect(signals.map(({ width, path }) => `${width} ${path.at(-1)}`)).toEqual(
      found.map(([, width, name]) => `${width} ${name}`),
    );
  });

  test('error: a file cut off, and one that is none', () => {
    const bytes = readFileSync(waves);
    const cut = join(folder, 'cut.fst');
    for (const length of [0, 5, 100, 400, bytes.length - 40]) {
      writeFileSync(cut, bytes.subarray(0, length));
      expect(() => readFst(cut)).toThrow('is no whole FST file');
    }
    writeFileSync(cut, 'not waves, but a text of some length');
    expect(() => readFst(cut)).toThrow('is no whole FST file');
  });
});

describe('LZ4 blocks', () => {
  // Token: 3 literals, match of 4 + 4; distance 3; then 2 literals
  const BLOCK = Uint8Array.of(0x34, 97, 98, 99, 3, 0, 0x20, 120, 121);

  test('literals, and matches that reach into themselves', () => {
    expect(unpackLz4(BLOCK, 13).toString()).toBe('abcabcabcabxy');
  });

  test('long runs have their length in further bytes', () => {
    const literals = new Uint8Array(300).fill(7);
    const block = Uint8Array.of(0xf0, 255, 30, ...literals);
    expect(unpackLz4(block, 300)).toEqual(Buffer.from(literals));
  });

  test.each([
    ['another length', BLOCK, 12],
    ['more than there is', BLOCK, 14],
    ['a match before the beginning', Uint8Array.of(0x10, 97, 2, 0, 0x10, 97), 6],
    ['an end in the middle', BLOCK.subarray(0, 5), 13],
  ])('error: %s', (_, block, length) => {
    expect(() => unpackLz4(block, length)).toThrow(RangeError);
  });
});

describe('views', () => {
  const signal = (name: string, width = 1): FstSignal => ({
    path: ['TOP', 'dut', name],
    range: width === 1 ? '' : `[${width - 1}:0]`,
    width,
    isParameter: false,
    direction: 'none',
  });
  const PORTS = [
    signal('s_axis_tdata', 64),
    signal('s_axis_tready'),
    signal('s_axis_tvalid'),
    signal('m_axi_wdata', 32),
    signal('m_axi_arvalid'),
    signal('m_axi_awaddr', 32),
    signal('m_axi_awvalid'),
    signal('irq'),
    signal('clk'),
    signal('s_axis_rst_n'),
  ];
  const inside = [signal('state_q', 3), { ...signal('W', 32), isParameter: true }];
  const below = { ...signal('x'), path: ['TOP', 'dut', 'part', 'x'] };
  const top = PORTS.map((port) => ({ ...port, path: ['TOP', port.path[2]!] }));
  const groups = groupSignals([...top, ...PORTS, ...inside, below]);
  const names = groups.map(({ name, signals }) => [name, ...signals.map(({ path }) => path[2])]);

  test('interfaces are groups, their handshakes first, channels of AXI together', () => {
    expect(names).toEqual([
      ['clock', 'clk', 's_axis_rst_n'],
      ['m_axi', 'm_axi_awvalid', 'm_axi_awaddr', 'm_axi_wdata', 'm_axi_arvalid'],
      ['s_axis', 's_axis_tvalid', 's_axis_tready', 's_axis_tdata'],
      ['ports', 'irq'],
      ['inside', 'state_q'],
    ]);
  });

  test('GTKWave opens the groups, but for what is inside', () => {
    const text = toGtkwave('/waves/dut.fst', groups, 500);
    expect(text).toContain('[dumpfile] "/waves/dut.fst"\n[timestart] 500\n');
    expect(text).toContain(
      '@800200\n-s_axis\n@28\nTOP.dut.s_axis_tvalid\n@28\nTOP.dut.s_axis_tready\n' +
        '@22\nTOP.dut.s_axis_tdata[63:0]\n@1000200\n-s_axis\n',
    );
    expect(text).toContain('@c00200\n-inside\n@22\nTOP.dut.state_q[2:0]\n@1401200\n-inside\n');
  });

  test('Surfer gets a divider an interface', () => {
    expect(toSurfer(groups)).toContain('divider_add ports\nvariable_add TOP.dut.irq\nzoom_fit\n');
    expect(toSurfer(groups)).not.toContain('state_q');
  });
});
