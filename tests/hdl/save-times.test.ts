// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest';
import { covered, SaveClock } from '../../src/hdl/save-times.ts';

describe('covered', () => {
  test.each([
    ['nothing', [], 0],
    [
      'apart',
      [
        [0, 5],
        [10, 12],
      ],
      7,
    ],
    [
      'overlapping, in any order',
      [
        [4, 10],
        [0, 5],
      ],
      10,
    ],
    [
      'one inside of the other',
      [
        [0, 10],
        [2, 3],
        [9, 12],
      ],
      12,
    ],
    [
      'end to end',
      [
        [0, 5],
        [5, 6],
      ],
      6,
    ],
  ] as const)('%s', (_, spans, ms) => {
    expect(covered(spans)).toBe(ms);
  });
});

describe('the time after a save', () => {
  test('counts from the save; what runs beside each other counts in each', () => {
    const clock = new SaveClock(1000);
    clock.lint(1000, 1300);
    clock.lint(1100, 1400);
    clock.built('a', { start: 1050, verilated: 1150, end: 1500 });
    clock.built('b', { start: 1100, verilated: 1250, end: 1600 });
    clock.test(1050, 1900, 1700);
    clock.test(1900, 2000, 1950);
    expect(clock.times(2000)).toEqual({
      first: 700,
      all: 1000,
      lint: 400,
      verilate: 200,
      compile: 450,
      tests: 400, // from 1600 on: before that the tests waited for their models
    });
  });

  test('builds from before it do not count, and none counts twice', () => {
    const clock = new SaveClock(1000);
    clock.built('old', { start: 900, verilated: 1100, end: 1200 });
    clock.built('a', { start: 1000, verilated: 1010, end: 1030 });
    clock.built('a', { start: 1000, verilated: 1010, end: 1030 });
    expect(clock.times(1100)).toMatchObject({ first: null, verilate: 10, compile: 20, tests: 0 });
  });
});
