// SPDX-License-Identifier: Apache-2.0

import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatNumber, formatSeconds, formatTable } from '../../src/cli/format.ts';
import { Progress } from '../../src/cli/progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function screen(isTTY: boolean, columns = 60) {
  const stream = new Writable({
    write(chunk, _, done) {
      text.push(String(chunk));
      done();
    },
  });
  const text: string[] = [];
  return { text, stream: Object.assign(stream, { isTTY, columns }) };
}

describe('Progress', () => {
  test('on a terminal: one line, redrawn ten times a second, removed at the end', () => {
    const { text, stream } = screen(true);
    const progress = new Progress(stream);
    progress.update(() => 'half', 0.5);
    progress.update(() => 'too soon', 0.6);
    vi.advanceTimersByTime(100);
    progress.update(() => 'no end known');
    progress.clear();
    progress.clear();
    expect(text).toEqual([
      '\r\x1b[K[##########..........]  50 % half',
      '\r\x1b[Kno end known',
      '\r\x1b[K',
    ]);
  });

  test('on a terminal: never wider than the terminal', () => {
    const { text, stream } = screen(true, 20);
    new Progress(stream).update(() => 'x'.repeat(100), 1);
    expect(text[0]!.replace('\r\x1b[K', '')).toHaveLength(19);
  });

  test('elsewhere: a plain line every ten seconds, none for what is quick', () => {
    const { text, stream } = screen(false);
    const progress = new Progress(stream);
    progress.update(() => 'quick');
    for (let second = 0; second < 25; second++) {
      vi.advanceTimersByTime(1_000);
      progress.update(() => `after ${second + 1} s`);
    }
    progress.clear();
    expect(text).toEqual(['after 10 s\n', 'after 20 s\n']);
  });
});

describe('format', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [1.2345, '1.23'],
    [99.96, '100'],
    [123.4, '123'],
    [1_234_567.8, '1,234,568'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test.each([
    [0.0123, '12 ms'],
    [1.26, '1.3 s'],
    [59.99, '1 min 0 s'],
    [125, '2 min 5 s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test('tables are aligned', () => {
    expect(
      formatTable([
        ['', 'a'],
        ['name', '1,000'],
        ['n', '1'],
      ]),
    ).toBe('          a\nname  1,000\nn         1\n');
  });
});
