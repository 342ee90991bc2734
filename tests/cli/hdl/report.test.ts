// SPDX-License-Identifier: Apache-2.0
// `hpb hdl report` as a process, in a project with something of everything in its history.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryKind } from '../../../src/hdl/history.ts';
import { campaignKey } from '../../../src/hdl/regress.ts';
import { COUNTER, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

const FILE = 'hdl/c/counter.sv';
const project = makeProject({
  [FILE]: COUNTER,
  'hdl/c/plain.sv': 'module plain (output q);\n  assign q = 1;\nendmodule\n',
  'tests/counter.test.ts': "import { simulate } from 'x';\nawait simulate('hdl/c/counter.sv');\n",
});
afterAll(() => project.remove());

const report = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'report', ...args], { cwd: project.root });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

/** SHA-256 over name and contents of the one file that the counter is made of. */
const SOURCES = createHash('sha256').update(`${FILE}\0`).update(COUNTER).update('\0').digest('hex');
const COUNTS = { LUT: 1234, FF: 8, CARRY: 2, DSP: 0, BRAM: 0 };
const INSTANCE = { name: 'counter', module: 'counter', total: COUNTS, own: COUNTS, children: [] };

/** One line of the history. */
function entry(more: object, sources = SOURCES) {
  const revision = { commit: null, dirty: true, sources };
  const time = '2026-01-02T03:04:05.678Z';
  return JSON.stringify({ name: 'counter', file: FILE, parameters: {}, revision, time, ...more });
}

function keep(kind: HistoryKind, ...lines: string[]): void {
  project.write(`.hpb/history/${kind}.jsonl`, lines.map((line) => `${line}\n`).join(''));
}

beforeAll(() => {
  const path = { from: 'a.q', to: 'b.d', ns: 5, logicNs: 2, routingNs: 3 };
  const step = { ns: 5, kind: 'logic', source: `${FILE}:9`, signal: 'count<3>' };
  keep('synth', entry({ family: 'xcup', tool: 'Yosys 1 & 2', instance: INSTANCE }));
  keep(
    'fmax',
    entry(
      {
        ...{ device: 'lfe5u-85f', tool: 'nextpnr-ecp5', best: 201.4, median: 190, worst: 180 },
        ...{ seeds: [{ seed: 1 }, { seed: 2 }], path: { ...path, steps: [step] } },
      },
      'of earlier sources',
    ),
  );
  const proof = { base: 'proven', induction: 'FAILED', cover: 'reached', seconds: 1.25, waves: [] };
  keep('formal', entry({ ...proof, failures: [`${FILE}:7`] }));
  const survivor = { line: 9, what: '+ to -', source: 'if (a < b) <script>alert(1)</script>' };
  const mutants = { seed: 5, tests: [], possible: 30, killed: 7, survived: 1 };
  keep('mutate', entry({ ...mutants, survivors: [survivor] }));
  const line = { module: 'counter', file: FILE, line: 9, source: 'count', share: 0.75, samples: 3 };
  const profiled = {
    test: 'tests/counter.test.ts',
    testsPassed: true,
    seconds: 2,
    modelShare: 0.5,
  };
  keep('profile', entry({ ...profiled, modules: [], lines: [line], cyclesPerSecond: 7.5e6 }));
  const run = { runs: 20, tests: 60, failedSeeds: [3, 14], seconds: 9 };
  const campaign = { name: 'tests/counter.test.ts', file: 'tests/counter.test.ts', ...run };
  keep('regress', entry(campaign, campaignKey(project.root)));
  const share = (hit: number) => ({ hit, total: 8 });
  const covered = { file: FILE, line: share(8), branch: share(4), toggle: share(3) };
  const coverage = { version: 1, modules: [covered] };
  project.write('build/coverage/coverage.json', JSON.stringify(coverage));
});

describe('the page', () => {
  let page = '';
  beforeAll(async () => {
    const { stdout, stderr, exitCode } = await report();
    expect([stderr, exitCode]).toEqual(['', 0]);
    const path = join(project.root, 'build/hdl/report.html');
    expect(stdout).toBe(`${path}\n`);
    page = readFileSync(path, 'utf8');
  });

  test('needs nothing but itself', () => {
    expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\(|https?:|\bon\w+=/i);
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#/);
  });

  test('has a row of figures for each module', () => {
    const row = (name: string) =>
      [...page.matchAll(/<tr><td>.*?<\/tr>/gs)].map(([text]) => text).find((t) => t.includes(name));
    const cells = [...(row('>counter<')?.matchAll(/<td( class="[^"]*")?>(.*?)<\/td>/g) ?? [])];
    expect(cells.slice(1).map(([, kind = '', text]) => `${text}${kind}`)).toEqual([
      ...['1', '2 of 20 failed class="bad"', '100.0 %', '50.0 %', '37.5 %'],
      ...['7 of 8', '0 of 1 class="bad"', '1,234', '8', '0', '0'],
      ...['&ndash; class="none"', '&ndash; class="none"'],
      // Measured of other sources.
      ...['201 MHz lfe5u-85f class="old"', '7.50 M'],
    ]);
    expect(row('>plain<')?.match(/&ndash;/g)).toHaveLength(15);
  });

  test('has every section, and text as text', () => {
    const titles = [...page.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Failing seeds, tests/counter.test.ts',
      'Mutants that no test noticed, seed 5',
      'Proofs',
      'Resources, UltraScale+, -, Yosys 1 &amp; 2',
      'Fmax, lfe5u-85f: 201.4 MHz, median 190.0, worst 180.0 of 2 seeds, nextpnr-ecp5',
      'Simulation time by line, tests/counter.test.ts',
    ]);
    expect(page).toContain('<pre>3 14</pre>');
    expect(page).toContain(
      `${FILE}:9: + to -   in: if (a &lt; b) &lt;script&gt;alert(1)&lt;/script&gt;`,
    );
    expect(page).toContain(`base proven, induction FAILED, cover reached, 1.3 s  ${FILE}:7`);
    expect(page).toContain('count&lt;3&gt;');
    expect(page).toContain(` 75.0 %  ${FILE}:9  count`);
  });
});

test('--json has the same, and what belongs to earlier sources', async () => {
  const { stdout, exitCode } = await report('counter', '--json');
  expect(exitCode).toBe(0);
  const [module, ...others] = JSON.parse(stdout);
  expect(others).toEqual([]);
  expect(module).toMatchObject({
    name: 'counter',
    unit: 'c',
    tests: ['tests/counter.test.ts'],
    resources: [{ isCurrent: true }],
    fmax: [{ isCurrent: false, entry: { best: 201.4 } }],
    regress: [{ isCurrent: true, entry: { failedSeeds: [3, 14] } }],
    coverage: { toggle: { hit: 3, total: 8 } },
  });
});

test('a torn last line is left out, the figure before it counts', async () => {
  const whole = entry({ family: 'xcup', tool: 'Yosys', instance: INSTANCE });
  project.write('.hpb/history/synth.jsonl', `${whole}\n${whole.slice(0, 50)}`);
  const [module] = JSON.parse((await report('counter', '--json')).stdout);
  expect(module.resources).toHaveLength(1);
});

describe('error', () => {
  test.each([
    ['.hpb/history/synth.jsonl', 'no entry\n', /synth\.jsonl:1: expected an entry, got "no entry"/],
    ['build/coverage/coverage.json', '{', /coverage\.json: expected coverage, got /],
    ['build/coverage/coverage.json', '{"version":7}', /expected coverage, got version 7/],
    [
      'build/coverage/coverage.json',
      '{"version":1,"modules":[{"file":"x"}]}',
      /expected coverage, got no shares for x/,
    ],
  ])('%s: %s', async (file, text, message) => {
    const before = readFileSync(join(project.root, file), 'utf8');
    project.write(file, text);
    const { stderr, exitCode } = await report('--out', 'broken.html');
    project.write(file, before);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(existsSync(join(project.root, 'broken.html'))).toBe(false);
  });

  test('no such module, and nowhere to write', async () => {
    const none = await report('nothing');
    expect(none.stderr).toContain('nothing');
    expect(none.exitCode).toBe(2);
    const { stderr, exitCode } = await report('--out', 'package.json/report.html');
    expect(stderr).toContain('cannot write');
    expect(exitCode).toBe(74);
  });
});
