// SPDX-License-Identifier: Apache-2.0
/** What a test that fails or hangs leaves behind, seen from outside: Vitest as a process, in a project of its own. */
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const LIBRARY = resolve('src/testbench');
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hpb-failure-'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  cpSync('tests/testbench/hdl/events.sv', join(root, 'events.sv'));
  const config = { test: { setupFiles: [join(LIBRARY, 'vitest.ts')], testTimeout: 240_000 } };
  writeFileSync(join(root, 'vitest.config.js'), `export default ${JSON.stringify(config)};`);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Writes a test file and runs it. */
async function run(name: string, body: string, env: Record<string, string> = {}) {
  const text = `import { afterEach, describe, expect, test } from 'vitest';
import { delay, simulate } from '${LIBRARY}/index.ts';
${body}`;
  writeFileSync(join(root, `${name}.test.ts`), text);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=junit', '--outputFile.junit=junit.xml'];
  return execa(process.execPath, [vitest, 'run', name, ...reporters], {
    cwd: root,
    env: { ...env, NO_COLOR: '1', VITEST: undefined, VITEST_WORKER_ID: undefined },
    reject: false,
    all: true,
  });
}

const WRONG = `
let sim;
afterEach(() => sim?.close());
describe('a group', () => {
  test('counts (wrongly)', async () => {
    sim = await simulate('events.sv', { signals: ['next'] });
    sim.reset();
    sim.cycles(2500);
    expect(sim.ports.count).toBe(7);
  });
});`;

test('a failing test prints cycle, signals, seed and command, and records its last cycles', async () => {
  const { all, exitCode } = await run('wrong', WRONG, { SEED: '11' });
  expect(exitCode).toBe(1);
  expect(all).toContain('expected 2500 to be 7');
  expect(all).toContain('events in cycle 2502, 25020 ns, seed 11:');
  expect(all).toMatch(/ {2}outputs {2}count=0x9c4 pulse=0 slow=1/);
  expect(all).toMatch(/ {2}signals {2}next=0x9c5/);
  expect(all).toContain(
    "To repeat it: SEED=11 npx vitest run wrong.test.ts -t '^a group counts .wrongly.$'",
  );
  const waves = /waves of the last 1000 cycles: (\S+\.fst)/.exec(all)?.[1] ?? '';
  expect(readFileSync(waves).subarray(0, 9)).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 73]));
  // Start and end time, in the header block of an FST file: big-endian, in ps.
  const header = readFileSync(waves);
  expect(Number(header.readBigUInt64BE(9))).toBeGreaterThanOrEqual(1502 * 10_000 - 5000);
  expect(Number(header.readBigUInt64BE(17))).toBeLessThanOrEqual(2503 * 10_000);
  expect(Number(header.readBigUInt64BE(17))).toBeGreaterThanOrEqual(2501 * 10_000);

  const junit = readFileSync(join(root, 'junit.xml'), 'utf8');
  expect(junit).toMatch(/<testsuites[^>]* tests="1" failures="1"/);
  expect(junit).toContain('events in cycle 2502');
  expect(junit).toContain('SEED=11 npx vitest run');
});

test('the command that it prints fails in the same way', async () => {
  const { exitCode, all } = await execa({
    cwd: root,
    env: { NO_COLOR: '1', TESTBENCH_RERUN: '0', VITEST: undefined },
    reject: false,
    all: true,
    shell: true,
  })`SEED=11 npx vitest run wrong.test.ts -t '^a group counts .wrongly.$'`;
  expect(exitCode).toBe(1);
  expect(all).toContain('events in cycle 2502, 25020 ns, seed 11:');
  expect(all).not.toContain('waves');
});

test('a test that passes says how its time divides, and nothing else', async () => {
  const { all, exitCode } = await run('right', WRONG.replace('7', '2500'));
  expect(exitCode).toBe(0);
  expect(all).toMatch(
    /testbench: 1 simulation, 2,502 cycles in \d+\.\d+ s: model \d+ %, crossings \d+ %, JavaScript \d+ %/,
  );
  expect(all).not.toContain('To repeat');
});

test('a hung test is stopped in its time, in C and in JavaScript, with the state of every task', async () => {
  const { all, exitCode } = await run(
    'hangs',
    `
test('builds first', async () => {
  await simulate('events.sv');
});
test('in C', async () => {
  const sim = await simulate('events.sv');
  sim.fork(function* listener() { yield* sim.rises('never', { max: 4e9 }); });
  sim.run(() => sim.equals('count', 2 ** 32 - 1, { max: 4e9 })[Symbol.iterator](), { max: 4e9, name: 'main' });
}, 10_000);
test('in JavaScript', async () => {
  const sim = await simulate('events.sv');
  sim.fork(function* poller() { for (;;) yield; });
  await sim.start(delay(4e9), { max: 4e9, name: 'sleeper' });
}, 10_000);
test('cycles', async () => {
  const sim = await simulate('events.sv');
  sim.cycles(4e9);
}, 10_000);`,
    { TESTBENCH_RERUN: '0' },
  );
  expect(exitCode).toBe(1);
  expect(
    all.match(/TestbenchError: events was stopped: the test's time is over/g),
    all,
  ).toHaveLength(3);
  expect(all).toMatch(/ {2}listener: waits for never rises since cycle 0, began in cycle 0/);
  expect(all).toMatch(/ {2}main: waits for count = 4294967295 since cycle 0/);
  expect(all).toMatch(/ {2}poller: yields each cycle/);
  expect(all).toMatch(/ {2}sleeper: waits for 4000000000 cycles since cycle 0/);
});

test('a test that depends on more than its seed is told so', async () => {
  const { all } = await run(
    'unsteady',
    `
import { existsSync, writeFileSync } from 'node:fs';
test('unsteady', async () => {
  const sim = await simulate('events.sv');
  sim.cycles(10);
  const isSecond = existsSync('second');
  writeFileSync('second', '');
  expect(isSecond).toBe(true);
});`,
  );
  expect(all).toContain(
    'repeated with the same seed, the test passed: it depends on something else',
  );
  expect(statSync(join(root, 'second')).isFile()).toBe(true);
});
