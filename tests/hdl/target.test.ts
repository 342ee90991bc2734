// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allTargets, resolveTarget, resolveTargets } from '../../src/hdl/target.ts';
import { forgetReach, testReach } from '../../src/hdl/test-reach.ts';

const names = (name: string) => resolveTargets(name).map((target) => target.name);

describe('targets of this project', () => {
  test.each(['axis_fifo', 'hdl/common/axis_fifo.sv', './hdl/common/axis_fifo.sv'])(
    '%s is the module, with what is below it and the tests that simulate it',
    (name) => {
      const target = resolveTarget(name);
      expect(target).toMatchObject({
        name: 'axis_fifo',
        top: 'axis_fifo',
        file: 'hdl/common/axis_fifo.sv',
        unit: 'common',
        tests: ['tests/common/axis_fifo.test.ts'],
      });
      expect(target.sources.files).toEqual(['hdl/common/ram_sdp.sv', 'hdl/common/axis_fifo.sv']);
      expect(target.reachedBy[0]).toBe('tests/common/axis_fifo.test.ts');
      expect(target.reachedBy).toContain('tests/card/registers.test.ts');
    },
  );

  test('packages come first, each after those that it uses, and the top last', () => {
    const { files } = resolveTarget('card_top').sources;
    expect(files.at(-1)).toBe('hdl/card/card_top.sv');
    const firstModule = files.findIndex((file) => !file.endsWith('_pkg.sv'));
    expect(files.slice(firstModule).filter((file) => file.endsWith('_pkg.sv'))).toEqual([]);
    expect(files.slice(0, firstModule)).toContain('hdl/sigverify/sigv_microcode_pkg.sv');
  });

  test('a folder, with hdl/ or without, and part of a path mean all modules of it', () => {
    expect(names('common')).toContain('rr_arbiter');
    expect(names('hdl/common')).toEqual(names('common'));
    expect(names('sizer')).toEqual(['axis_downsizer', 'axis_upsizer']);
  });

  test('all are modules, none a package or for proofs only', () => {
    const all = allTargets();
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ file }) => /_pkg\.sv$|\/formal\//.test(file))).toEqual([]);
  });

  test('what only proofs use is no source', () => {
    expect(resolveTarget('rr_arbiter').sources.files).toEqual(['hdl/common/rr_arbiter.sv']);
  });

  test('error: several modules where one is wanted, and a name that is nothing', () => {
    expect(() => resolveTarget('sizer')).toThrow('expected one module, got 2: axis_downsizer');
    expect(() => resolveTarget('axis_fify')).toThrow(/got "axis_fify" \(there is .*axis_fifo/);
    expect(() => resolveTarget('README.md')).toThrow('expected a file ending in .v or .sv');
    expect(() => resolveTarget('hdl/card/card_pkg.sv')).toThrow('a module, got only card_pkg');
  });
});

describe('tests and what they depend on', () => {
  const reach = new Map(testReach(process.cwd()).map((each) => [each.test, each]));

  test('a test that simulates through a helper depends on the modules named there', () => {
    const { tops, files } = reach.get('tests/sigverify/field.test.ts')!;
    expect([...tops]).toEqual(['hdl/sigverify/sigv_field.sv']);
    expect([...files]).toEqual(
      expect.arrayContaining([
        'tests/sigverify/helpers/field-runner.ts',
        'hdl/sigverify/sigv_mul.sv',
      ]),
    );
  });

  test('a file list says which files, and a stand-in hides what it stands for', () => {
    const { files } = reach.get('tests/card/registers.test.ts')!;
    expect([...files]).toEqual(
      expect.arrayContaining([
        'tests/card/hdl/sigv_top.sv',
        'hdl/card/card.f',
        'hdl/card/card_dma_read.sv',
      ]),
    );
    expect([...files]).not.toContain('hdl/sigverify/sigv_core.sv');
  });

  test('a test without Verilog depends on none', () => {
    const { files } = reach.get('tests/testbench/random.test.ts')!;
    expect([...files].filter((file) => file.endsWith('.sv'))).toEqual([]);
    expect([...files]).toContain('src/testbench/random.ts');
  });
});

describe('any Verilog file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hpb-target-'));
    const files = {
      'uart/uart.v': [
        '// uses fifo_v3 // not rng',
        'module uart #(parameter W = 8) (input clk, output [W-1:0] q);',
        '  `include "uart_defs.vh"',
        '  baud gen(.clk(clk)); initial $display("module nothing (");',
        'endmodule',
      ],
      'uart/parts.sv': [
        'import uart_types::*;',
        'module baud (input clk); endmodule',
        'module other (); endmodule',
      ],
      'uart/types.sv': ['package uart_types; endpackage'],
      'uart/uart_defs.vh': ['`define RATE 3', '`define STEP steps::STEP'],
      'uart/steps.sv': ['package steps; endpackage'],
      'lib/rng.sv': ['module rng (); endmodule'],
      'lib/top.sv': ['module top (); rng r(); uart u(); endmodule'],
      'lib/two.sv': ['module one (); endmodule', 'module another (); endmodule'],
    };
    for (const [name, lines] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('modules and packages are found beside it by the names that they declare', () => {
    const target = resolveTarget(join(folder, 'uart/uart.v'));
    expect(target.root).toBe(join(folder, 'uart'));
    expect(target.sources.files).toEqual(['steps.sv', 'types.sv', 'parts.sv', 'uart.v']);
    expect(target.sources.includes).toEqual(['uart_defs.vh']);
    expect(target.unit).toBeUndefined();
    expect(target.tests).toEqual([]);
  });

  test('further folders and files are looked in, the files first', () => {
    const top = join(folder, 'lib/top.sv');
    const include = [join(folder, 'uart')];
    expect(resolveTarget(top, { include }).sources.files).toEqual([
      '../uart/steps.sv',
      '../uart/types.sv',
      'rng.sv',
      '../uart/parts.sv',
      '../uart/uart.v',
      'top.sv',
    ]);
    const instead = join(folder, 'other-rng.sv');
    writeFileSync(instead, 'module rng (); endmodule\n');
    const { files } = resolveTarget(top, { include, source: [instead] }).sources;
    expect(files).toContain('../other-rng.sv');
    expect(files).not.toContain('rng.sv');
  });

  test('a file of several modules has the top that is asked for', () => {
    const file = join(folder, 'lib/two.sv');
    expect(resolveTarget(file, { top: 'another' }).top).toBe('another');
    expect(() => resolveTarget(file)).toThrow(
      'two.sv: expected one module, got one, another; say which with --top',
    );
    expect(() => resolveTarget(file, { top: 'third' })).toThrow('a module third, got one, another');
  });

  test('a change is seen once what was known is forgotten', () => {
    const file = join(folder, 'lib/rng.sv');
    writeFileSync(join(folder, 'lib/late.sv'), 'module late (); endmodule\n');
    writeFileSync(file, 'module rng (); late l(); endmodule\n');
    forgetReach();
    expect(resolveTarget(file).sources.files).toEqual(['late.sv', 'rng.sv']);
  });

  test('error: a folder or file that is not there', () => {
    const file = join(folder, 'lib/rng.sv');
    expect(() => resolveTarget(file, { include: ['no/such'] })).toThrow(
      'expected a folder, got "no/such"',
    );
    expect(() => resolveTarget(file, { source: [folder] })).toThrow('expected a file, got');
    expect(() => resolveTarget(join(folder, 'lib/none.sv'))).toThrow('got "');
  });
});
