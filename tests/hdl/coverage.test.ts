// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFunctional } from '../../src/hdl/coverage/functional.ts';
import { toLcov } from '../../src/hdl/coverage/lcov.ts';
import { toPage } from '../../src/hdl/coverage/page.ts';
import { CoverageData } from '../../src/hdl/coverage/points.ts';
import {
  findMisses,
  functionalShare,
  percent,
  readThresholds,
  summarize,
} from '../../src/hdl/coverage/summary.ts';
import { resolveTarget } from '../../src/hdl/target.ts';

/** A point as Verilator writes it. */
function point(page: string, line: number, name: string, count: number, more = '', path = 'TOP.m') {
  const fields = {
    f: 'hdl/m.sv',
    l: line,
    n: 3,
    page: `${page}/m`,
    o: name,
    ...(more && { S: more }),
    h: path,
  };
  const text = Object.entries(fields).map(([key, value]) => `\u0001${key}\u0002${value}`);
  return `C '${text.join('')}' ${count}\n`;
}
const HEAD = '# SystemC::Coverage-3\n';

function dataOf(...texts: string[]): CoverageData {
  const data = new CoverageData();
  for (const text of texts) data.add(HEAD + text);
  return data;
}

describe('points', () => {
  test('hits of instances and simulations add up', () => {
    const data = dataOf(
      point('v_line', 4, 'block', 3, '4-6,9', 'TOP.m') +
        point('v_line', 4, 'block', 2, '4-6,9', 'TOP.n'),
      point('v_line', 4, 'block', 1, '4-6,9'),
    );
    expect(data.points).toMatchObject([
      { kind: 'line', file: 'hdl/m.sv', line: 4, lines: [4, 5, 6, 9], hits: 6, isCovered: true },
    ]);
  });

  test('a toggle is covered when one instance of one simulation went both ways', () => {
    const up = point('v_toggle', 2, 'q[1]', 1);
    expect(dataOf(up, up).points).toMatchObject([{ hits: 2, isCovered: false }]);
    expect(dataOf(up, point('v_toggle', 2, 'q[1]', 2)).points).toMatchObject([
      { hits: 3, isCovered: true },
    ]);
  });

  test('what was counted before the first cycle is no toggle, but a line that ran', () => {
    const data = new CoverageData();
    const toggle = (count: number) => point('v_toggle', 2, 'q[1]', count);
    const line = (count: number) => point('v_line', 4, 'block', count, '4');
    data.add(HEAD + toggle(2) + line(1), HEAD + toggle(1) + line(1));
    expect(data.points).toMatchObject([
      { kind: 'toggle', hits: 1, isCovered: false },
      { kind: 'line', hits: 1, isCovered: true },
    ]);
  });

  test.each([
    ['', 'expected coverage of Verilator, got ""'],
    ['<html>', 'expected coverage of Verilator, got "<html>"'],
    [`${HEAD}C 'nonsense' 3`, 'expected a coverage point'],
    [HEAD + point('v_line', 1, 'block', 1, '1-99999999'), 'expected lines of a source'],
  ])('error: %j', (text, message) => {
    expect(() => new CoverageData().add(text)).toThrow(message);
  });
});

describe('a module', () => {
  const { points } = dataOf(
    point('v_line', 4, 'block', 5, '4,7') +
      point('v_branch', 5, 'if', 0, '5') +
      point('v_branch', 5, 'else', 5) +
      point('v_line', 8, 'case', 0, '8') +
      point('v_toggle', 2, 'q[0]', 4) +
      point('v_toggle', 2, 'q[1]', 1) +
      point('v_toggle', 3, 'one', 0),
  );
  const module = summarize('m', 'hdl/m.sv', points);

  test('is summed up: lines that ran, branches, toggles', () => {
    expect(module).toMatchObject({
      line: { hit: 2, total: 4 },
      branch: { hit: 1, total: 2 },
      toggle: { hit: 1, total: 3 },
    });
    expect(summarize('n', 'hdl/n.sv', points).line).toEqual({ hit: 0, total: 0 });
    expect(percent({ hit: 0, total: 0 })).toBe(100);
  });

  test('lcov: lines as DA, branches and bits as BRDA', () => {
    expect(toLcov([module])).toBe(
      [
        'TN:m\nSF:hdl/m.sv',
        'BRDA:2,1,0,4\nBRDA:2,1,1,0\nBRDA:3,1,0,0\nBRDA:5,0,0,5\nBRDA:5,0,1,0\nBRF:5\nBRH:2',
        'DA:4,5\nDA:5,0\nDA:7,5\nDA:8,0\nLF:4\nLH:2\nend_of_record\n',
      ].join('\n'),
    );
  });

  test('the page shows the source with hits, and what is missed at its line', () => {
    const source = Array.from({ length: 9 }, (_, i) => `line ${i + 1} <&>`).join('\n');
    const groups = [
      {
        name: 'level',
        file: 'tests/m.test.ts',
        points: [{ name: 'full', isCross: true, bins: [{ name: 'never <b>', hits: 0, goal: 2 }] }],
      },
    ];
    const page = toPage(
      {
        modules: [module],
        groups,
        functional: functionalShare(groups),
        misses: [{ name: 'm', metric: 'toggle', expected: 90, got: 33.3333 }],
        tests: ['tests/m.test.ts'],
        run: { passed: 3, failed: 0, files: [], output: '' },
        simulations: 2,
      },
      () => source,
    );
    expect(page).toContain('<tr class="hit"><td>4</td><td>5</td><td>line 4 &lt;&amp;&gt;</td>');
    expect(page).toContain('<tr class="gap"><td>8</td><td>0</td>');
    expect(page).toContain(
      '<tr class="gap"><td>5</td><td>0</td><td>line 5 &lt;&amp;&gt;</td><td>if never</td>',
    );
    expect(page).toContain('<tr class="part"><td>2</td><td></td>');
    expect(page).toContain('not up and down: q[1]');
    expect(page).toContain('never &lt;b&gt;: 0 of 2');
    expect(page).toContain('m: toggle 33.3 %, expected 90 %');
    expect(page).not.toMatch(/<script|src=|<link|@import|url\(/);
  });
});

describe('files of a project', () => {
  let root: string;
  const write = (file: string, value: unknown) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), typeof value === 'string' ? value : JSON.stringify(value));
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hpb-coverage-'));
    write('package.json', {});
    write('hdl/unit/m.sv', 'module m (input a, output b);\n  assign b = a;\nendmodule\n');
    write('hdl/unit/n.sv', 'module n (input a, output b);\n  assign b = a;\nendmodule\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const group = (hits: number) => ({
    version: 1,
    groups: [
      {
        name: 'levels',
        file: 'tests/m.test.ts',
        points: [
          {
            name: 'level',
            bins: [
              { name: 'empty', hits, goal: 3 },
              { name: 'full', hits: 0 },
            ],
          },
        ],
        crosses: [{ name: 'level x pause', bins: [{ name: 'full, never', hits: 1, goal: 1 }] }],
      },
    ],
  });

  test('functional coverage of several tests is merged, that of older runs left out', () => {
    write('build/coverage/functional/a.json', group(1));
    write('build/coverage/functional/b.json', group(2));
    write('build/coverage/functional/old.json', group(50));
    utimesSync(join(root, 'build/coverage/functional/old.json'), 1000, 1000);
    const groups = readFunctional(root, 2_000_000);
    expect(groups).toHaveLength(1);
    expect(groups[0]!.points).toEqual([
      {
        name: 'level',
        isCross: false,
        bins: [
          { name: 'empty', hits: 3, goal: 3 },
          { name: 'full', hits: 0, goal: 1 },
        ],
      },
      { name: 'level x pause', isCross: true, bins: [{ name: 'full, never', hits: 2, goal: 1 }] },
    ]);
    expect(functionalShare(groups)).toEqual({ hit: 2, total: 3 });
  });

  test.each([
    ['{', /a\.json: /],
    [{ version: 2, groups: [] }, /a\.json: [\s\S]*version/],
    [
      {
        version: 1,
        groups: [
          { name: 'x', file: 'y', points: [{ name: 'p', bins: [{ name: 'b', hits: -1 }] }] },
        ],
      },
      /hits/,
    ],
  ])('error: functional coverage %j', (value, message) => {
    write('build/coverage/functional/a.json', value);
    expect(() => readFunctional(root)).toThrow(message);
  });

  test('thresholds are of the unit, with exceptions by module', () => {
    write('hdl/unit/coverage.json', { line: 100, toggle: 80, modules: { n: { toggle: 20 } } });
    const [m, n] = ['m', 'n'].map((name) => readThresholds(resolveTarget(name, { root })));
    expect([m, n]).toEqual([
      { line: 100, toggle: 80 },
      { line: 100, toggle: 20 },
    ]);
    const module = summarize('m', 'hdl/m.sv', dataOf(point('v_toggle', 2, 'q', 1)).points);
    expect(findMisses(module, m!)).toEqual([{ name: 'm', metric: 'toggle', expected: 80, got: 0 }]);
    expect(findMisses(module, {})).toEqual([]);
  });

  test.each([
    ['no JSON', /hdl\/unit\/coverage\.json: /],
    [{ lines: 3 }, /Unrecognized key.*lines/],
    [{ line: 101 }, /100/],
  ])('error: thresholds %j', (value, message) => {
    write('hdl/unit/coverage.json', value);
    expect(() => readThresholds(resolveTarget('m', { root }))).toThrow(message);
  });
});
