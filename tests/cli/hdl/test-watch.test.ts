// SPDX-License-Identifier: Apache-2.0
// `hpb hdl test` and `hpb hdl watch` as processes, in a project of somebody else's.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNTER, COUNTER_TEST, makeProject, type Project } from '../../hdl/helpers/project.ts';
import { hpb } from '../helpers/hpb.ts';

const ABOVE = `module pair (input clk, input rst, output [7:0] q);
  counter #(.WIDTH(8)) c (.clk(clk), .rst(rst), .enable(1'b1), .count(q));
endmodule
`;
const ABOVE_TEST = COUNTER_TEST.replace('hdl/counter.sv', 'hdl/pair.sv')
  .replace('sim.ports.enable = 1;', '')
  .replace('sim.ports.count', 'sim.ports.q');

const WIRES = 'module wires (input a, output b);\n  assign b = a;\nendmodule\n';
const WIRES_TEST = `
import { expect, test } from 'vitest';
import { simulate } from 'hpb-accel/testbench';

test('passes on', async () => {
  const sim = await simulate('docs/example/wires.sv');
  sim.ports.a = 1;
  sim.settle();
  expect(sim.ports.b).toBe(1);
});
`;

let project: Project;
beforeAll(() => {
  project = makeProject({
    'hdl/counter.sv': COUNTER,
    'hdl/pair.sv': ABOVE,
    'docs/example/wires.sv': WIRES,
    'docs/example/wires.test.ts': WIRES_TEST,
    'hdl/lonely.sv': 'module lonely (input a, output b);\n  assign b = a;\nendmodule\n',
    'tests/counter.test.js': '// no TypeScript: not looked at\n',
    'tests/counter.test.ts': COUNTER_TEST,
    'tests/pair.test.ts': ABOVE_TEST,
  });
});
afterAll(() => project.remove());
// A test that fails is not repeated with waves: nobody looks at them here.
const env = { TESTBENCH_RERUN: '0' };
const run = (...args: string[]) => hpb(['hdl', ...args], { cwd: project.root, env });

/** Ids of processes that work in a folder; where there is no /proc, none are seen. */
function processesIn(folder: string): string[] {
  const ids = existsSync('/proc/self/cwd') ? readdirSync('/proc').filter(Number) : [];
  return ids.filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

describe('test', () => {
  test('the tests that simulate a module itself; --reached those above it, too', async () => {
    const own = await run('test', 'counter', '--json');
    expect(JSON.parse(String(own.stdout))).toMatchObject({
      targets: ['hdl/counter.sv'],
      passed: 1,
      failed: 0,
      files: [{ file: 'tests/counter.test.ts', tests: [{ name: 'counts', state: 'passed' }] }],
    });
    expect(own.exitCode).toBe(0);
    const both = await run('test', 'counter', '--reached');
    expect(String(both.stdout)).toMatch(/\n2 passed, 0 failed\n$/);
  });

  test('a failing test ends with code 1, and is shown', async () => {
    project.write('tests/counter.test.ts', COUNTER_TEST.replace('toBe(3)', 'toBe(4)'));
    const { stdout, exitCode } = await run('test', 'counter');
    project.write('tests/counter.test.ts', COUNTER_TEST);
    expect(String(stdout)).toMatch(/expected 3 to be 4[\s\S]*0 passed, 1 failed\n$/);
    expect(exitCode).toBe(1);
  });

  test('a test file that does not load has failed', async () => {
    project.write('tests/counter.test.ts', `${COUNTER_TEST}\nimport 'nowhere';\n`);
    const { stdout, exitCode } = await run('test', 'counter', '--json');
    project.write('tests/counter.test.ts', COUNTER_TEST);
    expect(JSON.parse(String(stdout))).toMatchObject({ passed: 0, failed: 1 });
    expect(exitCode).toBe(1);
  });

  test('error: no test, and a pattern that is none', async () => {
    const { stderr, exitCode } = await run('test', 'lonely');
    expect(stderr).toContain('expected a test that simulates lonely, got none');
    expect(exitCode).toBe(1);
    expect(await run('test', 'counter', '--name', '(')).toMatchObject({ exitCode: 64 });
    const none = await run('test', 'counter', '--name', 'no such test');
    expect(none.exitCode).toBe(1);
  });

  test('Ctrl-C ends it with code 130', async () => {
    const slow = COUNTER_TEST.replace('sim.reset()', 'for (;;) sim.cycles(1000)');
    project.write('tests/counter.test.ts', slow);
    const child = run('test', 'counter', '--json');
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    setTimeout(() => child.kill('SIGINT'), 1500);
    const { exitCode } = await child;
    project.write('tests/counter.test.ts', COUNTER_TEST);
    expect(exitCode).toBe(130);
    expect(processesIn(project.root)).toEqual([]);
  });
});

describe('watch', () => {
  /** Starts it; `next` waits for an event of a kind. */
  function start(args: readonly string[] = ['watch']) {
    const child = run(...args, '--json');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async (kind: string) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`watch ended before ${kind}`);
        const event = JSON.parse(value);
        if (event.event === kind) return event;
      }
    };
    return { child, next };
  }

  test('a saved module is linted, and the tests that it reaches run, nearest first', async () => {
    const { child, next } = start();
    await next('waiting');
    project.write('hdl/counter.sv', COUNTER.replace("1'b1;", "1'b1 + 1'b1;"));
    expect(await next('saved')).toMatchObject({
      files: ['hdl/counter.sv'],
      direct: ['tests/counter.test.ts'],
      others: ['tests/pair.test.ts'],
    });
    expect((await next('lint')).result).toMatchObject({ name: 'counter' });
    const broken = await next('test');
    expect(broken).toMatchObject({ file: 'tests/counter.test.ts', run: { passed: 0, failed: 1 } });
    expect(broken.run.output).toContain('expected 6 to be 3');
    const near = await next('done');
    expect(await next('test')).toMatchObject({ file: 'tests/pair.test.ts', run: { failed: 1 } });
    const { tests, ms } = await next('done');
    expect([near.tests, tests]).toEqual(['direct', 'all']);
    expect(near.ms.all).toBeLessThan(ms.all);
    expect(Object.keys(ms)).toEqual(['first', 'all', 'lint', 'verilate', 'compile', 'tests']);
    for (const time of Object.values(ms)) expect(time).toBeGreaterThan(0);
    expect(ms.first).toBeLessThan(ms.all);

    await next('waiting');
    project.write('hdl/counter.sv', COUNTER);
    await next('saved');
    expect(await next('test')).toMatchObject({ run: { passed: 1, failed: 0 } });
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(0);
    await expect.poll(() => processesIn(project.root)).toEqual([]);
  });

  test('in words: how long it took from saving, and what for; docs/ has tests, too', async () => {
    const child = run('watch', 'docs/example/wires.sv');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async (pattern: RegExp) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`watch ended before ${pattern}`);
        if (pattern.test(value)) return value;
      }
    };
    await next(/^waiting/);
    project.write('docs/example/wires.sv', WIRES.replace('b = a', 'b = !(!a)'));
    expect(await next(/^named/)).toBe('named in docs/example/wires.test.ts');
    expect(await next(/^test/)).toMatch(/1 passed, 0 failed/);
    expect(await next(/^from saving/)).toMatch(
      /^from saving: first result [\d.]+ m?s, all [\d.]+ m?s \(beside each other: lint .*, verilator .*, g\+\+ .*, tests .*\)$/,
    );
    child.kill('SIGINT');
    await child;
  });

  test('a save meanwhile begins anew, and what was not looked at is looked at then', async () => {
    // The same as `hpb hdl watch --no-lint --direct`
    const { child, next } = start(['test', '--watch']);
    await next('waiting');
    project.write('hdl/counter.sv', `${COUNTER}// 1\n`);
    await next('saved');
    project.write('hdl/pair.sv', `${ABOVE}// 1\n`);
    expect(await next('saved')).toMatchObject({
      files: ['hdl/pair.sv'],
      direct: ['tests/counter.test.ts', 'tests/pair.test.ts'],
      others: [],
    });
    expect(await next('test')).toMatchObject({ file: 'tests/counter.test.ts' });
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(0);
  });

  test('with a target, what has nothing to do with it is nothing', async () => {
    const { child, next } = start(['watch', 'pair']);
    await next('waiting');
    project.write(
      'hdl/lonely.sv',
      'module lonely (input a, output b);\n  assign b = !a;\nendmodule\n',
    );
    await new Promise((resolve) => setTimeout(resolve, 1500));
    project.write('tests/pair.test.ts', `${ABOVE_TEST}// 1\n`);
    expect(await next('saved')).toMatchObject({
      files: ['tests/pair.test.ts'],
      direct: ['tests/pair.test.ts'],
    });
    child.kill('SIGINT');
    await child;
  });
});

test.each([['test'], ['watch']])('%s --help has an example', async (command) => {
  const { stdout } = await run(command, '--help');
  expect(stdout).toMatch(/Examples:\n {2}hpb hdl /);
});
