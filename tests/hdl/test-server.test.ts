// SPDX-License-Identifier: Apache-2.0
// Vitest kept ready, in a project of somebody else's.

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestServer } from '../../src/hdl/test-server.ts';
import { makeProject, type Project } from './helpers/project.ts';

const ONE = `import { expect, test } from 'vitest';
import { two } from './helper.ts';
test('one', () => {});
test('two', () => expect(two).toBe(2));
`;
const HELPER = 'export const two = 2;\n';

let project: Project;
let server: TestServer;
beforeAll(() => {
  project = makeProject({
    'tests/one.test.ts': ONE,
    'tests/helper.ts': HELPER,
    'tests/pid.test.ts': `import { writeFileSync } from 'node:fs';
      import { test } from 'vitest';
      test('is slow', () => { writeFileSync('pid', String(process.pid)); for (;;); });\n`,
    'tests/none.spec.txt': '',
  });
  server = new TestServer(project.root);
});
afterAll(() => {
  server.close();
  project.remove();
});

const signal = new AbortController().signal;
const run = (file: string, changed: string[] = []) => server.run(file, changed, { signal });

/** Ids of processes that work in the project. */
function processes(): string[] {
  const ids = existsSync('/proc/self/cwd') ? readdirSync('/proc').filter(Number) : [];
  return ids.filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/cwd`).startsWith(project.root);
    } catch {
      return false;
    }
  });
}

test('a test file runs again as it is now, in the Vitest that runs', async () => {
  await server.warm(['tests/one.test.ts']);
  const [vitest] = processes();
  const before = Date.now();
  const first = await run('tests/one.test.ts');
  expect(first).toMatchObject({
    passed: 2,
    failed: 0,
    files: [{ file: 'tests/one.test.ts', tests: [{ name: 'one' }, { name: 'two' }] }],
  });
  expect(first.firstAt).toBeGreaterThanOrEqual(before);
  expect(first.firstAt).toBeLessThanOrEqual(Date.now());

  project.write('tests/helper.ts', 'export const two = 3;\n');
  const wrong = await run('tests/one.test.ts', ['tests/helper.ts']);
  expect(wrong).toMatchObject({ passed: 1, failed: 1 });
  expect(wrong.output).toContain('expected 3 to be 2');

  project.write('tests/helper.ts', HELPER);
  project.write('tests/one.test.ts', `${ONE}test('three', () => {});\n`);
  const mended = await run('tests/one.test.ts', ['tests/helper.ts', 'tests/one.test.ts']);
  expect(mended).toMatchObject({ passed: 3, failed: 0 });
  expect(mended.output).not.toContain('expected 3');
  if (vitest !== undefined) expect(processes()).toContain(vitest);
});

test('a file that does not load has failed; one that is no test is an error', async () => {
  project.write('tests/new.test.ts', "import 'nowhere';\n");
  const broken = await run('tests/new.test.ts', ['tests/new.test.ts']);
  expect(broken).toMatchObject({ passed: 0, failed: 1, firstAt: null });
  expect(broken.output).toContain('nowhere');
  await expect(run('tests/none.spec.txt')).rejects.toThrow(
    /without a result: tests\/none\.spec\.txt: expected a file that Vitest's configuration includes/,
  );
});

test.each([
  ['the configuration has changed', 'vitest.config.js', []],
  ['a source has changed that may have to be compiled', 'src/a.ts', ['src/a.ts']],
])('a new Vitest runs when %s', async (_, file, changed) => {
  await run('tests/one.test.ts');
  const [vitest] = processes();
  const path = join(project.root, file);
  project.write(file, `${existsSync(path) ? readFileSync(path, 'utf8') : ''}// 1\n`);
  expect(await run('tests/one.test.ts', changed)).toMatchObject({ failed: 0 });
  if (vitest !== undefined) expect(processes()).not.toContain(vitest);
});

test('a run that is given up ends with its processes; the next one works', async () => {
  const giveUp = new AbortController();
  const running = server.run('tests/pid.test.ts', [], giveUp).catch((error) => error);
  const path = join(project.root, 'pid');
  const pid = await vi.waitUntil(() => existsSync(path) && Number(readFileSync(path)), {
    timeout: 60_000,
  });
  giveUp.abort(new Error('given up'));
  // Before the old processes have ended.
  const next = run('tests/one.test.ts');
  expect(await running).toEqual(new Error('given up'));
  const { passed, failed } = await next;
  expect([passed > 0, failed]).toEqual([true, 0]);
  await vi.waitUntil(() => !existsSync(`/proc/${pid}`), { timeout: 60_000 });
});

test('error: Vitest ends by itself, or is not there', async () => {
  await run('tests/one.test.ts');
  const running = run('tests/pid.test.ts').catch((error) => error);
  await vi.waitUntil(() => processes().length > 0, { timeout: 60_000 });
  process.kill(Number(processes()[0]), 'SIGKILL');
  expect(String(await running)).toContain('the tests ended without a result');
  const nowhere = new TestServer('/');
  await expect(nowhere.warm([])).rejects.toThrow('vitest is not installed in /');
});

test('closed while a run is given up, nothing of it is left', async () => {
  const giveUp = new AbortController();
  const running = server.run('tests/one.test.ts', [], giveUp).catch((error) => error);
  giveUp.abort(new Error('given up'));
  server.close();
  expect(await running).toEqual(new Error('given up'));
  await vi.waitUntil(() => processes().length === 0, { timeout: 60_000 });
  await expect(run('tests/one.test.ts')).rejects.toThrow('the tests have been ended');
});
