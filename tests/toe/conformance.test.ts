// SPDX-License-Identifier: Apache-2.0
// docs/tcp-conformance.md names tests that exist, and leaves no requirement out.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/tcp-conformance.md', 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, what, outcome]) => outcome !== 'outcome' && !what!.startsWith('---'));

test('each MUST of RFC 9293 has a row', () => {
  const musts = rows.map(([, what]) => /^MUST-(\d+) /.exec(what!)?.[1]).filter(Boolean);
  expect(musts.map(Number)).toEqual(Array.from({ length: 69 }, (_, i) => i + 1));
});

test.each(
  rows
    .filter(([, , outcome]) => outcome!.startsWith('met'))
    .map(([, what, , shown]) => [what!, shown!]),
)('%s', (_, shown) => {
  const [, file, name] = /^([\w/-]+): (.+)$/.exec(shown) ?? [];
  expect(file).toBeDefined();
  const path = file!.includes('/') ? file : `toe/${file}`;
  expect(readFileSync(`tests/${path}.test.ts`, 'utf8')).toContain(name);
});
