// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  CoverGroup,
  FUNCTIONAL_FOLDER,
  type FunctionalCoverage,
  flushCoverage,
  illegal,
  mergeCoverage,
  parseCoverage,
  ranges,
  readFunctionalCoverage,
} from '../../src/testbench/index.ts';

interface Burst {
  readonly type: 'FIXED' | 'INCR' | 'WRAP';
  readonly beats: number;
}

const makeGroup = (name: string) =>
  new CoverGroup<Burst>(name, { file: 'tests/testbench/checks-coverage.test.ts' })
    .point('type', ({ type }) => type, ['FIXED', 'INCR', 'WRAP'])
    .point('beats', ({ beats }) => beats, [
      ...ranges([1, 1], [2, 16], [17, 256]),
      illegal<number | bigint>('no beats', (beats) => beats === 0),
    ])
    .cross('type by beats', ['type', 'beats'], {
      ignore: (type, beats) => type !== 'INCR' && beats === '17..256',
    });

describe('points and crosses', () => {
  test('count what comes', () => {
    const group = makeGroup('counts');
    group.sample({ type: 'INCR', beats: 200 });
    group.sample({ type: 'INCR', beats: 1 });
    group.sample({ type: 'WRAP', beats: 16 });
    // Beyond every bin: the type counts, beats and the cross do not
    group.sample({ type: 'WRAP', beats: 999 });
    const { points, crosses } = group.count('');
    expect(points.map(({ bins }) => bins.map(({ hits }) => hits))).toEqual([
      [0, 2, 2],
      [1, 1, 1],
    ]);
    expect(crosses[0]?.bins.filter(({ hits }) => hits > 0)).toEqual([
      { name: 'INCR x 1', hits: 1, goal: 1 },
      { name: 'INCR x 17..256', hits: 1, goal: 1 },
      { name: 'WRAP x 2..16', hits: 1, goal: 1 },
    ]);
    expect(crosses[0]?.bins).toHaveLength(7);
    expect(group.samples).toBe(4);
    expect(group.covered).toBeCloseTo((2 + 3 + 3) / 13);
    expect(group.holes()).toContain('type by beats: FIXED x 1 0 of 1');
    expect(() => group.expectFull()).toThrow(
      /counts: 61.5 % after 4 samples\n {2}type: FIXED 0 of 1/,
    );
  });

  test('are full when all goals are reached', () => {
    const group = new CoverGroup<number>('goals').point('value', (value) => value, [
      { name: 'odd', holds: (value) => value % 2 === 1, goal: 2 },
      { name: 'even', holds: () => true },
    ]);
    for (const value of [1, 2]) group.sample(value);
    expect(group.holes()).toEqual(['value: odd 1 of 2']);
    group.sample(3);
    group.expectFull();
  });

  test('error: an illegal value, names given twice, a point that is not there', () => {
    const group = makeGroup('errors');
    expect(() => group.sample({ type: 'INCR', beats: 0 })).toThrow('errors: beats is 0: no beats');
    expect(() => group.point('type', () => 1, [1])).toThrow(/got type twice/);
    expect(() => group.point('new', () => 1, [1, 1])).toThrow(/got 1 twice/);
    expect(() => group.point('none', () => 1, [])).toThrow(/none has no bins/);
    expect(() => group.cross('c', ['type', 'size'])).toThrow(/points of type, beats, got size/);
  });
});

describe('files', () => {
  const root = mkdtempSync(join(tmpdir(), 'coverage-'));
  afterEach(() => rmSync(join(root, 'build'), { recursive: true, force: true }));

  const document = (hits: number, goal = 1): FunctionalCoverage => ({
    version: 1,
    groups: [
      {
        name: 'g',
        file: 'f.test.ts',
        points: [{ name: 'p', bins: [{ name: 'a', hits, goal }] }],
        crosses: [{ name: 'c', points: ['p', 'p'], bins: [{ name: 'a x a', hits, goal }] }],
      },
    ],
  });

  test('are written by themselves, and read back', async () => {
    const group = makeGroup('written');
    group.sample({ type: 'FIXED', beats: 3 });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const find = () => readFunctionalCoverage('.').groups.find(({ name }) => name === 'written');
    expect(find()).toEqual(group.count(''));
    group.sample({ type: 'FIXED', beats: 3 });
    flushCoverage();
    expect(find()?.points[0]?.bins[0]).toEqual({ name: 'FIXED', hits: 2, goal: 1 });
  });

  test('merge: hits are added, the highest goal counts', () => {
    const other = { ...document(1), groups: document(1).groups.map((g) => ({ ...g, name: 'h' })) };
    const { groups } = mergeCoverage([document(2), document(3, 9), other]);
    expect(groups.map(({ name }) => name)).toEqual(['g', 'h']);
    expect(groups[0]?.points[0]?.bins).toEqual([{ name: 'a', hits: 5, goal: 9 }]);
    expect(groups[0]?.crosses[0]).toEqual({
      name: 'c',
      points: ['p', 'p'],
      bins: [{ name: 'a x a', hits: 5, goal: 9 }],
    });
  });

  test('of a folder are merged; no folder is no coverage', () => {
    expect(readFunctionalCoverage(root)).toEqual({ version: 1, groups: [] });
    const folder = join(root, FUNCTIONAL_FOLDER);
    mkdirSync(folder, { recursive: true });
    for (const name of ['a.json', 'b.json']) {
      writeFileSync(join(folder, name), JSON.stringify(document(4)));
    }
    writeFileSync(join(folder, 'c.json.123'), 'half written');
    expect(readFunctionalCoverage(root).groups[0]?.points[0]?.bins[0]?.hits).toBe(8);
    expect(existsSync(join(folder, 'c.json.123'))).toBe(true);
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toContain('"version":1');
  });

  const edit = (from: string, to: string) => JSON.stringify(document(1)).replace(from, to);
  test.for([
    ['{', /x.json: expected JSON, got/],
    ['[]', /document: expected an object, got \[\]/],
    [edit('"version":1', '"version":2'), /version: expected 1, got 2/],
    [edit('"hits":1', '"hits":-1'), /groups\[0\].points\[0\].bins\[0\].hits: expected an integer/],
    [edit('"hits":1', '"hits":1e30'), /hits: expected an integer from 0 on, got 1e\+30/],
    [edit('"name":"g"', '"name":7'), /groups\[0\].name: expected a string, got 7/],
    [edit('"points":[', '"dots":['), /groups\[0\].points: expected an array, got undefined/],
  ] as const)('error: %s is refused', ([text, message]) => {
    expect(() => parseCoverage(new TextEncoder().encode(text), 'x.json')).toThrow(message);
  });
});
