// SPDX-License-Identifier: Apache-2.0
// What `make sim` is made of: its questions, its comparison, its page.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareAnswers } from '../../sim/compare.ts';
import { makeFresh } from '../../sim/fresh.ts';
import { type Report, renderPage } from '../../sim/report.ts';
import { readVectors } from '../../sim/vectors.ts';
import { SeededBytes } from '../../src/cli/bench/material.ts';
import { type Accelerator, openAccelerator } from '../../src/driver/index.ts';
import { packageRoot } from '../../src/driver/paths.ts';
import { SEED } from '../driver/helpers/random.ts';

console.info(`SEED=${SEED}`);

const fresh = (operation: 'verify' | 'recover', count: number, allowHighS = false) =>
  makeFresh(operation, count, allowHighS, new SeededBytes(SEED, `sim ${operation}`));

let native: Accelerator;
let card: Accelerator;
beforeAll(async () => {
  native = await openAccelerator({ kind: 'native' });
  card = await openAccelerator({ kind: 'verilator' });
});
afterAll(async () => {
  await Promise.all([native?.close(), card?.close()]);
});

describe('questions', () => {
  test('the published vectors are all there, and no valid one is called malformed', () => {
    const sets = readVectors();
    expect(sets.map(({ set, malformed }) => set.questions.length + malformed)).toEqual([463, 252]);
    expect(sets.flatMap(({ wronglyMalformed }) => wronglyMalformed)).toEqual([]);
  });

  test('the same seed makes the same fresh signatures', () => {
    expect(fresh('verify', 30)).toEqual(fresh('verify', 30));
  });

  test('every corruption appears, and what is known of it is so', async () => {
    for (const operation of ['verify', 'recover'] as const) {
      for (const allowHighS of [false, true]) {
        const set = fresh(operation, 240, allowHighS);
        const names = new Set(set.questions.map(({ name }) => name.replace('high s, ', '')));
        expect(names.size).toBe(operation === 'verify' ? 9 : 8);
        const comparison = await compareAnswers(set, native, [], () => {});
        expect(comparison.differences).toEqual([]);
        expect(comparison.known).toBeGreaterThan(200);
      }
    }
  });
});

describe('comparison', () => {
  test('the card answers fresh signatures as libsecp256k1 does', async () => {
    for (const operation of ['verify', 'recover'] as const) {
      const set = fresh(operation, 120);
      let answered = 0;
      const comparison = await compareAnswers(set, card, [native], (count) => {
        answered += count;
      });
      expect(comparison.differences).toEqual([]);
      expect(comparison.signatures).toBe(120);
      expect(answered).toBe(120);
    }
  });

  test('one wrong reason, validity or byte of a key is a difference', async () => {
    const set = fresh('recover', 24);
    const liar = (change: (reasons: Uint8Array, keys: Uint8Array) => void) =>
      ({
        backend: 'verilator',
        signatures: {
          recoverBatch: async (records: Uint8Array) => {
            const results = await native.signatures.recoverBatch(records);
            change(results.reasons, results.keys);
            return results;
          },
        },
      }) as unknown as Accelerator;
    const wrongKey = liar((_, keys) => {
      keys[64 + 5]! ^= 1;
    });
    const { differences } = await compareAnswers(set, wrongKey, [native], () => {});
    expect(differences).toEqual([expect.stringMatching(/^valid: native says OK .*, the card OK/)]);
    const wrongReason = liar((reasons) => {
      reasons[0] = 9;
    });
    const { differences: both } = await compareAnswers(set, wrongReason, [native], () => {});
    expect(both).toEqual([
      expect.stringMatching(
        /^valid: expected accepted, the card says NOT_A_SQUARE; record [0-9a-f]+$/,
      ),
      expect.stringMatching(/native says OK/),
    ]);
  });
});

describe('report', () => {
  const figures = {
    operation: 'verify',
    threads: 1,
    wallPerSecond: 1000,
    wallPerSecondPerThread: 1000,
    ratioToSoftware: 1,
    ratioToSoftwarePerThread: 1,
    wallPerSecondRange: [900, 1100],
    simulatedCyclesPerSecond: null,
    cyclesPerSignature: null,
    multiplierUtilisation: null,
    multiplicationsPerSignature: null,
    projected: null,
    driverCost: null,
    workload: { signatures: 1, corrupted: 0, seed: 's', rounds: 3 },
    machine: { processor: 'P <1>', processors: 2, arch: 'x64', node: '20', version: '0' },
  } as const;

  const report = (differences: string[]): Report => ({
    created: '2024-01-02T03:04:05.000Z',
    seed: '<seed>',
    comparedWith: ['software'],
    comparisons: [
      { name: 'a set', signatures: 10, accepted: 4, known: 9, malformed: 2, differences },
    ],
    benches: [
      [
        { ...figures, backend: 'software' },
        {
          ...figures,
          backend: 'verilator',
          simulatedCyclesPerSecond: 5e6,
          cyclesPerSignature: 1800,
          multiplierUtilisation: 0.975,
          multiplicationsPerSignature: 1760,
          projected: { clockMHz: 200, clockSource: 'assumed', engines: 1, perSecond: 111_111 },
        },
      ],
    ],
    curves: [{ backend: '</script>', wallPerSecond: [1], cyclesPerSignature: null }],
    card: card.device!.capabilities,
  });

  test('the page is whole: nothing to fetch, nothing left to fill in', () => {
    const page = renderPage(report([]));
    expect(page).not.toMatch(/\{\{/);
    expect(page).not.toMatch(/<(script|link|img)[^>]*(src|href)=/);
    expect(page).toContain('12 cases, 0 wrong answers');
    expect(page).toContain('>1,800<');
    expect(page).toContain('200 MHz, assumed');
    expect(page).toContain('&lt;seed&gt;');
    expect(page).toContain('P &lt;1&gt;');
    expect(page).not.toContain('"</script>"');
  });

  test('wrong answers are shown', () => {
    const page = renderPage(report(['valid: expected <accepted>']));
    expect(page).toContain('1 wrong answers');
    expect(page).toContain('valid: expected &lt;accepted&gt;');
  });

  test('the parts of the page are there', () => {
    for (const name of ['page.html', 'style.css', 'charts.js']) {
      expect(existsSync(join(packageRoot(), 'sim/page', name))).toBe(true);
    }
    expect(readFileSync(join(packageRoot(), 'sim/page/page.html'), 'utf8')).toContain(
      '{{scripts}}',
    );
  });
});
