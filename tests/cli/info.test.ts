// SPDX-License-Identifier: Apache-2.0

import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import type { Info } from '../../src/cli/info.ts';
import { hpb } from './helpers/hpb.ts';
import { installWithoutLibraries } from './helpers/installed.ts';

const installed = installWithoutLibraries();
afterAll(() => installed.remove());
const run = (...args: string[]) =>
  execa(process.execPath, [installed.command, ...args], { reject: false, input: '' });

describe('default', () => {
  test('all backends work in a built checkout, and the card says what it is', async () => {
    const { stdout, exitCode } = await hpb(['info', '--json']);
    const info = JSON.parse(String(stdout)) as Info;
    expect(exitCode).toBe(0);
    expect(info.node).toBe(process.versions.node);
    expect(Object.keys(info.dependencies)).toEqual(['@noble/secp256k1', 'koffi']);
    expect(info.backends.map(({ backend, available }) => [backend, available])).toEqual([
      ['software', true],
      ['native', true],
      ['verilator', true],
      ['pcie', false], // nobody has said which card
    ]);
    const card = info.backends[2]?.capabilities;
    expect(card?.engines).toEqual({ sigverify: true, toe: false, broadcast: false });
    expect(card?.sigverify.engines).toBeGreaterThanOrEqual(1);
    expect(card?.mapHash).toMatch(/^[0-9a-f]{16}$/);
  });

  test('the same for people', async () => {
    const { stdout } = await hpb(['info']);
    expect(stdout).toMatch(/verilator +works/);
    expect(stdout).toMatch(/register map +version/);
    expect(stdout).toMatch(/not on this card +toe, broadcast/);
  });
});

describe('behavior: libraries that are not built', () => {
  test('info says why, and how to build them', async () => {
    const { stdout, exitCode } = await run('info');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/software +works/);
    expect(stdout).toMatch(/native +does not work here: .*libhpbnative\.so.*make build/);
    expect(stdout).toMatch(/verilator +does not work here: .*libhpbcard\.so.*make build/);
    expect(stdout).not.toContain('Card (verilator)');
  });

  test.each(['native', 'verilator'])('verify --accel %s ends with code 69', async (accel) => {
    const { stdout, stderr, exitCode } = await run('verify', '--accel', accel);
    expect(stderr).toMatch(new RegExp(`${accel} does not work here: .*make build`));
    expect(stdout).toBe('');
    expect(exitCode).toBe(69);
  });

  test('bench leaves out what was not asked for by name, and says so', async () => {
    const { stdout, stderr, exitCode } = await run('bench', 'sigverify', '--count', '2', '--json');
    expect(JSON.parse(stdout).map((row: { backend: string }) => row.backend)).toEqual(['software']);
    expect(stderr).toContain('not measured: native does not work here');
    expect(stderr).toContain('not measured: verilator does not work here');
    expect(exitCode).toBe(0);
  });

  test('bench ends with code 69 where it was asked for by name', async () => {
    const { stderr, exitCode } = await run('bench', 'sigverify', '--accel', 'software,verilator');
    expect(stderr).toContain('verilator does not work here');
    expect(exitCode).toBe(69);
  });
});
