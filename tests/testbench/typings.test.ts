import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
