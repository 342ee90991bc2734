// SPDX-License-Identifier: Apache-2.0
// The campaign of sim/toe/fuzz, small: mutated frames, live sessions in every state, whole pools in the end.
// FUZZ_FRAMES sets how many; 3,000 unless given.

import { expect, test } from 'vitest';
import { KINDS } from '../../sim/toe/fuzz/mutants.ts';
import { fuzz } from '../../sim/toe/fuzz/run.ts';
import { runSeed } from '../../src/testbench/index.ts';

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 3000);

test(`${FRAMES} mutants: no answer against the RFCs, no session beside harmed, nothing left`, async () => {
  const result = await fuzz({ seed: runSeed(), frames: FRAMES });
  expect(result.mutants).toBeGreaterThanOrEqual(FRAMES);
  // It went where it meant to
  expect(Object.keys(result.kinds).sort()).toEqual(KINDS.toSorted());
  const states = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT'];
  for (const state of states) expect([state, result.states[state] ?? 0]).not.toEqual([state, 0]);
  for (const event of ['accepted', 'opened', 'received', 'sent', 'reset', 'closed', 'bytes read']) {
    expect([event, result.host[event] ?? 0]).not.toEqual([event, 0]);
  }
  expect(result.beside.sessions).toBeGreaterThan(0);
});
