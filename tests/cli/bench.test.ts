// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest';
import type { BenchRow } from '../../src/cli/bench/rows.ts';
import { askPart, makeWorkload } from '../../src/cli/bench/workload.ts';
import { type Accelerator, openAccelerator } from '../../src/driver/index.ts';
import { hpb } from './helpers/hpb.ts';

describe('default', () => {
  test('--json has the figures of every backend', async () => {
    const { stdout, exitCode } = await hpb(['bench', 'sigverify', '--count', '24', '--json']);
    expect(exitCode).toBe(0);
    const rows = JSON.parse(String(stdout)) as BenchRow[];
    expect(rows.map(({ backend }) => backend)).toEqual(['software', 'native', 'verilator']);
    for (const row of rows) {
      expect(row.wallPerSecond).toBeGreaterThan(0);
      expect(row.wallPerSecondPerThread).toBeGreaterThan(0);
      expect(row.ratioToSoftware).toBeGreaterThan(0);
      expect(row.workload).toMatchObject({ signatures: 24, corrupted: 3, rounds: 3 });
      expect(row.machine.node).toBe(process.versions.node);
    }
    expect(rows[0]?.ratioToSoftware).toBe(1);
    expect(rows[1]).toMatchObject({
      cyclesPerSignature: null,
      simulatedCyclesPerSecond: null,
      projected: null,
    });
    const card = rows[2]!;
    // With 24 signatures the engine is never full: more cycles than it needs, never fewer.
    expect(card.cyclesPerSignature).toBeGreaterThan(1_500);
    expect(card.cyclesPerSignature).toBeLessThan(20_000);
    expect(card.multiplierUtilisation).toBeGreaterThan(0);
    expect(card.multiplierUtilisation).toBeLessThanOrEqual(1);
    const { clockMHz, clockSource, perSecond, engines } = card.projected!;
    expect(clockSource).toBe('assumed');
    expect(engines).toBe(1);
    expect(perSecond).toBeCloseTo((clockMHz * 1e6) / card.cyclesPerSignature!, 3);
    expect(card.simulatedCyclesPerSecond! / card.cyclesPerSignature!).toBeGreaterThan(
      card.wallPerSecond * 0.5,
    );
    expect(card.driverCost?.map(({ batch, inFlight }) => [batch, inFlight])).toEqual(
      [64, 256, 1024].flatMap((batch) => [1, 2].map((inFlight) => [batch, inFlight])),
    );
    for (const { share } of card.driverCost!) expect(share).toBeLessThan(0.5);
  });

  test('for people, wall clock, cycles and projection are apart and named', async () => {
    const args = ['bench', 'sigverify', '--accel', 'verilator', '--count', '64', '--op', 'recover'];
    const { stdout, exitCode } = await hpb(args);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('secp256k1 recover: 64 signatures, 8 of them corrupted, 3 rounds');
    expect(stdout).toMatch(/wall clock, median of the rounds\):\n.*one thread\/s/);
    expect(stdout).toMatch(/verilator .* - /); // no software to compare with
    expect(stdout).toMatch(/counted by the card itself \(cycles, no wall clock\):\n +cycles a sig/);
    expect(stdout).toMatch(/Projected.*not measured:\n.*200 MHz, assumed/);
  });
});

describe('behavior', () => {
  test('the workload is the same in every run, and one in eight is corrupted', async () => {
    const [first, second] = [await makeWorkload('verify', 16), await makeWorkload('verify', 16)];
    expect(first.records).toEqual(second.records);
    expect([...first.corrupted]).toEqual([...'0000000100000001'].map(Number));
    expect((await makeWorkload('recover', 16)).records).not.toEqual(first.records);
  });

  test.each(['verify', 'recover'] as const)('%s: a single wrong answer is noticed', async (op) => {
    const workload = await makeWorkload(op, 24);
    const software = await openAccelerator({ kind: 'software', threads: 1 });
    await askPart(software, workload, 0, 24);
    for (const wrong of [3, 7]) {
      const signatures = {
        ...software.signatures,
        verifyBatch: async (records: Uint8Array) => {
          const results = await software.signatures.verifyBatch(records);
          results.reasons[wrong] = results.reasons[wrong] === 0 ? 11 : 0;
          return results;
        },
        recoverBatch: async (records: Uint8Array) => {
          const results = await software.signatures.recoverBatch(records);
          // The key of another signer for 3; the signer's own for 7, whose digest was changed.
          const other = workload.keys.subarray(64 * wrong, 64 * wrong + 64);
          const key = wrong === 3 ? new Uint8Array(64) : other;
          results.keys.set(key, 64 * wrong);
          return results;
        },
      };
      const liar = { ...software, signatures } as unknown as Accelerator;
      await expect(askPart(liar, workload, 0, 24)).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(`signature ${wrong} wrongly: expected .*, got `),
      });
    }
    await software.close();
  });

  test('Ctrl-C ends it with code 130', async () => {
    const args = ['bench', 'sigverify', '--accel', 'native', '--count', '100000'];
    const interrupted = async (afterMilliseconds: number) => {
      const child = hpb(args);
      setTimeout(() => child.kill('SIGINT'), afterMilliseconds);
      return await child;
    };
    let outcome = await interrupted(2_000);
    // On a busy machine the command is not listening yet: the signal itself ends it.
    for (let wait = 4_000; outcome.signal === 'SIGINT' && wait < 60_000; wait *= 2) {
      outcome = await interrupted(wait);
    }
    const { stdout, stderr, exitCode } = outcome;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('interrupted');
    expect(stdout).toBe('');
  });
});
