// SPDX-License-Identifier: Apache-2.0
/** The pages of docs/testbench show code; it must be that of the examples, which run as tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCoverage } from '../../src/testbench/index.ts';

const FOLDER = 'docs/testbench';

function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(FOLDER, page), 'utf8');
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...found].map(([, code = '']) => code);
}

test.for(['fifo', 'uart', 'processor'])('the page of the %s shows code that runs', (example) => {
  const sources = readdirSync(join(FOLDER, example))
    .filter((name) => /\.(ts|sv)$/.test(name))
    .map((name) => readFileSync(join(FOLDER, example, name), 'utf8'));
  const shown = blocks(`${example}/README.md`, 'ts');
  expect(shown.length).toBeGreaterThan(2);
  for (const code of shown) {
    expect(
      sources.some((source) => source.includes(code)),
      `in ${example}:\n${code}`,
    ).toBe(true);
  }
});

test('the form of coverage files on the page is the form that is read', () => {
  const [form = ''] = blocks('README.md', 'json');
  const { groups } = parseCoverage(new TextEncoder().encode(form), 'the page');
  expect(groups[0]?.crosses[0]?.bins[0]).toEqual({ name: '0 x push', hits: 12, goal: 1 });
});
