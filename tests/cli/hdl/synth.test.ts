// SPDX-License-Identifier: Apache-2.0
// `hpb hdl synth` as a process, in a project of its own with commits.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTER, COUNTER_TOP, isInstalled, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

const project = makeProject({ 'hdl/c/counter_top.sv': COUNTER_TOP, 'hdl/c/counter.sv': COUNTER });
beforeAll(() => {
  project.write('.gitignore', 'build/\n.hpb/\n');
  project.git('init', '-q');
  project.git('add', '.');
  project.git('commit', '-qm', 'first');
});
afterAll(() => project.remove());

const synth = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'synth', ...args], { cwd: project.root });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};

interface Instance {
  readonly name: string;
  readonly module: string;
  readonly total: { readonly FF: number };
  readonly children: readonly Instance[];
}

describe.runIf(isInstalled('yosys'))('synth (yosys)', () => {
  test('flip-flops divide among the instances, and add up to the whole', async () => {
    const { stdout, exitCode } = await synth('counter_top', '--json');
    expect(exitCode).toBe(0);
    const rows = JSON.parse(stdout) as Array<{ family: string; instance: Instance }>;
    expect(rows.map(({ family }) => family)).toEqual(['xcup', 'ecp5', 'ice40']);
    for (const { instance } of rows) {
      expect(instance.total.FF).toBe(12);
      expect(instance.children.map(({ name, module, total }) => [name, module, total.FF])).toEqual([
        ['first', 'counter', 4],
        ['g_more[0].second', 'counter', 8],
      ]);
    }
  });

  test('what was counted before is found, until a file changes; the difference is to the commit', async () => {
    const args = ['counter_top', '--family', 'ice40'];
    const [again] = JSON.parse((await synth(...args, '--json')).stdout);
    expect(again).toMatchObject({ isStored: true, against: null, revision: { dirty: false } });
    project.write('hdl/c/counter_top.sv', COUNTER_TOP.replace('.W(8)', '.W(7)'));
    const { stdout } = await synth(...args);
    expect(stdout).toMatch(/\n {2}since [0-9a-f]{8} +-\d+ +-1 /);
    const [changed] = JSON.parse((await synth(...args, '--json')).stdout);
    expect(changed).toMatchObject({ isStored: true, revision: { dirty: true } });
    expect(changed.against.difference).toMatchObject({ FF: -1, DSP: 0 });
    project.git('commit', '-qam', 'second');
    const [committed] = JSON.parse((await synth(...args, '--json')).stdout);
    expect(committed).toMatchObject({ revision: { dirty: false } });
    expect(committed.against.difference.FF).toBe(-1);
  });

  test('a commit that was never counted is synthesized for --against', async () => {
    const args = ['counter', '--family', 'ecp5', '--parameter', 'W=6', '--json'];
    const [row] = JSON.parse((await synth(...args, '--against', 'HEAD~1')).stdout);
    expect(row.total.FF).toBe(6);
    expect(row.against.difference.FF).toBe(0);
  });

  test('behavior: a parameter changes what is counted', async () => {
    const args = ['counter', '--family', 'ice40', '--json'];
    const [five] = JSON.parse((await synth(...args, '--parameter', 'W=5')).stdout);
    const [nine] = JSON.parse((await synth(...args, '--parameter', 'W=9')).stdout);
    expect([five.total.FF, nine.total.FF]).toEqual([5, 9]);
  });

  test('error: what yosys refuses is told with its words; exit code 1', async () => {
    project.write(
      'hdl/c/broken.sv',
      'module broken (output q);\n  missing_cell u (.q(q));\nendmodule\n',
    );
    const { stdout, exitCode } = await synth('broken', '--family', 'ice40');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('missing_cell');
  });
});

test('error: unknown commits and families', async () => {
  const commit = await synth('counter', '--family', 'ice40', '--against', '--help');
  expect(commit.stderr).toContain('expected a commit, got "--help"');
  expect(commit.exitCode).toBe(2);
  const family = await synth('counter', '--family', 'ice41');
  expect(family.stderr).toContain('Expected some of xcup,ecp5,ice40, got "ice41"');
  expect(family.exitCode).toBe(64);
});

test('error: a history that somebody wrote into is not taken for nothing', async () => {
  const path = join(project.root, '.hpb/history/synth.jsonl');
  appendFileSync(path, 'no entry\n{}\n');
  const { stderr, exitCode } = await synth('counter', '--family', 'ice40');
  expect(stderr).toMatch(/synth\.jsonl:\d+: expected an entry, got "no entry"/);
  expect(exitCode).toBe(2);
});
