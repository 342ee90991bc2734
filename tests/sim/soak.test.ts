// SPDX-License-Identifier: Apache-2.0
// The judges of the campaigns, and short campaigns with real processes.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { FinalClaims } from '../../sim/network/soak/final-claims.ts';
import { lineThrough } from '../../sim/network/soak/line.ts';
import { memoryOf, timeOf } from '../../sim/network/soak/process.ts';
import { packageRoot } from '../../src/driver/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'hpb-soak-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('claims', () => {
  const open = () => {
    const heard: string[] = [];
    const claims = new FinalClaims(({ height, id }, transactions) => {
      heard.push(`${height} ${id} ${transactions.join('')}`);
    });
    const show = (node: string, height: number, id: string, transactions: readonly string[]) =>
      claims.handle(node, { type: 'block', block: { height, id }, transactions });
    const finish = (node: string, height: number, id: string) =>
      claims.handle(node, { type: 'final', block: { height, id } });
    return { heard, claims, show, finish };
  };

  test('a final block takes along those below it; each is told once', () => {
    const { heard, claims, show, finish } = open();
    for (const node of ['a', 'b']) {
      show(node, 1, 'one', ['x', 'y']);
      show(node, 2, 'two', ['z']);
      show(node, 3, 'three', []);
    }
    finish('a', 2, 'two');
    finish('b', 3, 'three');
    expect(heard).toEqual(['1 one xy', '2 two z', '3 three ']);
    expect([claims.finalOf('a'), claims.finalOf('b'), claims.finalOf('c')]).toEqual([2, 3, 0]);
    expect(claims.contradictions).toEqual([]);
  });

  test('a fork is noticed, whoever is first', () => {
    const { claims, show, finish } = open();
    show('a', 1, 'one', []);
    show('b', 1, 'other', []);
    finish('a', 1, 'one');
    expect(claims.contradictions).toEqual([]);
    finish('b', 1, 'other');
    expect(claims.contradictions[0]).toBe('height 1: a called one final, b other');
  });

  test('a final block that is undone is noticed; one that is not final may be', () => {
    const { claims, show, finish } = open();
    const undo = (height: number, id: string) =>
      claims.handle('a', { type: 'reverted', block: { height, id } });
    show('a', 1, 'one', []);
    show('a', 2, 'two', []);
    finish('a', 1, 'one');
    undo(2, 'two');
    expect(claims.contradictions).toEqual([]);
    undo(1, 'one');
    expect(claims.contradictions).toEqual(['height 1: a called one final and undid it']);
  });

  test('other transactions in the same block are noticed; a status without them is filled in', () => {
    const { heard, claims, show, finish } = open();
    claims.claim('c', 1, 'one');
    expect(heard).toEqual([]);
    show('a', 1, 'one', ['x']);
    finish('a', 1, 'one');
    expect(heard).toEqual(['1 one x']);
    show('b', 1, 'one', ['y']);
    finish('b', 1, 'one');
    expect(claims.contradictions).toEqual(['height 1: b shows other transactions in one']);
  });
});

test('a line: its slope, whatever the level', () => {
  const { slope, at } = lineThrough([1, 2, 3, 4].map((x) => [x, 7 - 2 * x]));
  expect(slope).toBeCloseTo(-2);
  expect(at(10)).toBeCloseTo(-13);
  expect(lineThrough([[1, 5]]).slope).toBe(0);
});

test('a process: its memory, and its time apart from that of its threads of another name', () => {
  const { resident, anonymous, file } = memoryOf(process.pid);
  expect(anonymous + file).toBe(resident);
  expect(anonymous).toBeGreaterThan(10 * 1024 * 1024);
  const { all, threads } = timeOf(process.pid, 'no such thread');
  expect(all).toBeGreaterThan(0);
  expect(threads).toBe(0);
});

describe('processes', () => {
  const soak = (scenario: string, ...args: readonly string[]) => {
    const script = join(packageRoot(), 'src/scripts/run.js');
    const run = [script, join(packageRoot(), 'sim/network/soak.ts'), scenario, ...args];
    const out = ['--out', join(folder, `${scenario}.json`), '--slot-ms', '500', '--rate', '20'];
    return execa(process.execPath, [...run, ...out], {
      reject: false,
      // Their networks live in here: what is left of one is seen.
      env: { TMPDIR: folder },
    });
  };
  const networks = () => readdirSync(folder).filter((name) => name.startsWith('hpb-soak-'));

  test('kill: nodes are killed and come back, and nothing is amiss', async () => {
    const { exitCode, stdout, stderr } = await soak('kill', '--kills', '2', '--limit', '300');
    expect(stderr).toMatch(/^kill: seed \d+$/m);
    expect(stdout).toMatch(/^kill: good/m);
    expect(exitCode).toBe(0);
    const outcome = JSON.parse(readFileSync(join(folder, 'kill.json'), 'utf8'));
    expect(outcome).toMatchObject({ good: true, scenario: 'kill', complete: true });
    expect(outcome.figures.kills).toBeGreaterThanOrEqual(2);
    expect(outcome.figures.load.final).toBeGreaterThan(0);
    expect(networks()).toEqual([]);
  }, 120_000);

  test('Ctrl-C ends it, with what was found so far, and leaves nothing behind', async () => {
    const child = soak('memory', '--seconds', '600', '--limit', '4000');
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text) => String(text).includes('resident') && resolve());
    });
    child.kill('SIGINT');
    const { stdout, exitCode } = await child;
    expect(stdout).toMatch(/^memory: good, .*, stopped before its end$/m);
    expect(exitCode).toBe(130);
    expect(networks()).toEqual([]);
  }, 120_000);
});
