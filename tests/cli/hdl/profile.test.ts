// SPDX-License-Identifier: Apache-2.0
// `hpb hdl profile` as a process, on a module of which it is known where the time goes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { hpb } from '../helpers/hpb.ts';

const store = mkdtempSync(join(tmpdir(), 'hpb-profile-test-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

const profile = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'profile', ...args], {
    cwd: packageRoot(),
    env: { HPB_STORE: store },
  });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};
const HOT = ['tests/hdl/hdl/hot.sv', '--test', 'tests/hdl/hot.test.ts'];

test('the block with the divisions takes the time, the counter does not', async () => {
  const { stdout, exitCode } = await profile(...HOT, '--json');
  expect(exitCode).toBe(0);
  const entry = JSON.parse(stdout);
  expect(entry.testsPassed).toBe(true);
  expect(entry.modelShare).toBeGreaterThan(0);
  expect(entry.modelShare).toBeLessThan(1);
  const [hottest] = entry.lines;
  expect(hottest).toMatchObject({ module: 'hot', file: 'tests/hdl/hdl/hot.sv' });
  expect(hottest.line).toBeGreaterThanOrEqual(15);
  expect(hottest.line).toBeLessThanOrEqual(17);
  expect(hottest.share).toBeGreaterThan(0.15);
  const counter = entry.lines.find(({ line }: { line: number }) => line === 13);
  expect(counter?.share ?? 0).toBeLessThan(hottest.share / 4);
  const all = entry.modules.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
  expect(all).toBeCloseTo(1, 6);
});

test('error: no test, and a test without a model', async () => {
  expect((await profile('hdl/common/clock_gate.sv')).exitCode).not.toBe(0);
  const none = await profile('axis_fifo', '--test', 'tests/hdl/mutations.test.ts');
  expect(none.stderr).toContain(
    'expected time in a model, got none with tests/hdl/mutations.test.ts',
  );
  expect(none.exitCode).toBe(1);
});
