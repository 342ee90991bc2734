import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeJson } from '../../src/testbench/describe-json.ts';
import { describeXml } from '../../src/testbench/describe-xml.ts';
import { writeTypings } from '../../src/testbench/typings.ts';

const fixture = (name: string) => readFileSync(`tests/testbench/netlists/${name}`, 'utf8');

/** shapes.sv, which both netlists were made from; the JSON is cut to what is read. */
const SHAPES = {
  name: 'shapes',
  files: ['shapes.sv'],
  ports: [
    { name: 'clk', direction: 'input', width: 1, signed: false },
    { name: 'rst', direction: 'input', width: 1, signed: false },
    { name: 'a', direction: 'input', width: 64, signed: false },
    { name: 'level', direction: 'input', width: 16, signed: true },
    { name: 'matrix', direction: 'input', width: 32, signed: false },
    { name: 'pair', direction: 'input', width: 12, signed: false },
    { name: 'number', direction: 'input', width: 32, signed: true },
    { name: 'wide', direction: 'output', width: 256, signed: false },
    { name: 'keep', direction: 'output', width: 8, signed: false },
  ],
} as const;

test('XML of Verilator 5.006 gives ports, widths and signs', () => {
  const description = describeXml(fixture('shapes.xml'));
  expect(description).toMatchObject(SHAPES);
  expect(description.parameters).toContainEqual({
    name: 'DATA_W',
    value: "32'sh40",
    isLocal: false,
  });
});

test('JSON of Verilator 5.048 gives the same', () => {
  const description = describeJson(fixture('shapes.tree.json'), fixture('shapes.tree.meta.json'));
  expect(description).toMatchObject({ ...SHAPES, files: expect.arrayContaining(['shapes.sv']) });
  expect(description.parameters.map(({ name }) => name)).toContain('DATA_W');
});

test('typings: numbers to 32 bits, bigints above, any where a parameter decides', () => {
  const text = writeTypings('hpb-accel/testbench', [
    {
      file: 'hdl/shapes.sv',
      description: describeXml(fixture('shapes.xml')),
      source: fixture('shapes.sv'),
    },
  ]);
  expect(text).toContain("declare module 'hpb-accel/testbench'");
  expect(text).toContain("'hdl/shapes.sv': {");
  expect(text).toContain('get rst(): number;\n      set rst(value: number | bigint);');
  expect(text).toContain('/** input, 16 signed bits by default */\n      get level(): number;');
  expect(text).toContain('/** output, 256 bits by default */\n      readonly wide: bigint;');
  expect(text).toContain('      a: any;');
  expect(text).toContain('readonly keep: any;');
  expect(text).toContain('pair: any;');
});

describe('unpacked arrays and marked signals', () => {
  const xml = describeXml(fixture('arrays.xml'));
  const json = describeJson(fixture('arrays.tree.json'), fixture('arrays.tree.meta.json'));

  test('both formats tell the same', () => {
    expect(json.ports).toEqual(xml.ports);
    expect(json.signals).toEqual(xml.signals);
  });

  test('bounds are as declared, signals have their path', () => {
    const port = (name: string) => xml.ports.find((candidate) => candidate.name === name);
    expect(port('levels_in')).toMatchObject({
      width: 5,
      signed: true,
      unpacked: [{ left: 3, right: 1 }],
    });
    expect(port('grid_in')?.unpacked).toEqual([
      { left: 1, right: 0 },
      { left: 2, right: 0 },
    ]);
    expect(port('dotted.name')?.symbol).toBe('dotted__02ename');
    expect(xml.signals.map(({ name, isWritable }) => [name, isWritable])).toEqual([
      ['memory', false],
      ['poked', true],
      ['g_lane[0].u_lane.held_q', false],
      ['g_lane[1].u_lane.held_q', false],
      ['g_lane[2].u_lane.held_q', false],
    ]);
  });

  test('typings of both', () => {
    const text = writeTypings('hpb-accel/testbench', [
      {
        file: 'hdl/arrays.sv',
        description: xml,
        source: readFileSync('tests/testbench/hdl/arrays.sv', 'utf8'),
      },
    ]);
    expect(text).toContain('/** input, 8 bits [0:3] by default */');
    expect(text).toContain('get table_in(): PortArray<number>;');
    expect(text).toContain('set table_in(value: Iterable<number | bigint>);');
    expect(text).toContain('readonly wide_out: PortArray<bigint>;');
    expect(text).toContain('get "dotted.name"(): number;');
    expect(text).toContain('readonly lane_out: any;');
    expect(text).toContain('interface Signals {');
    expect(text).toContain('readonly memory: PortArray<number>;');
    expect(text).toContain('      poked: number;');
    expect(text).toContain('readonly "g_lane[2].u_lane.held_q": number;');
  });
});
