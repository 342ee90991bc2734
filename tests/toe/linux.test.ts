// SPDX-License-Identifier: Apache-2.0
// The card against the kernel's TCP, on a TAP interface and behind passt: the cases of sim/toe/linux at
// small sizes.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Bench } from '../../sim/toe/linux/bench.ts';
import type { Sizes } from '../../sim/toe/linux/case.ts';
import { CASES } from '../../sim/toe/linux/cases.ts';
import { makeTap } from '../../sim/toe/linux/tap.ts';
import { runSeed } from '../../src/testbench/index.ts';

/** Nobody waits here for a minute of TIME-WAIT, or for the last SYN-ACK of a flood. */
const TRANSPORT = { mslMs: 500, synRetries: 2 };
/** Debian's passt of 2023 sends other bytes again where it retransmits: no more than it need not. */
const PASST_BYTES = 30_000;
const SIZES: Sizes = {
  bytes: 300_000,
  sessions: 100,
  aborts: 60,
  closed: 2,
  seconds: 2,
  seed: runSeed(),
};

/** Why there is no TAP interface here, if there is none. */
const refusal = await makeTap().then(
  async (tap) => void (await tap.remove()),
  (error: Error) => error.message,
);

const isMissing = (name: string) => {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
};

test.for(CASES.map((one) => [one.name, one] as const))('%s', async ([, one], context) => {
  if (one.site !== 'passt' && refusal !== undefined) context.skip(refusal);
  const missing = one.programs?.find(isMissing);
  if (missing !== undefined) context.skip(`no ${missing} (src/scripts/setup network)`);
  const bench = await Bench.open({
    transport: TRANSPORT,
    ...(one.site && { site: one.site }),
    ...(one.impair && { impair: one.impair(SIZES) }),
  });
  try {
    const sizes = one.site === 'passt' ? { ...SIZES, bytes: PASST_BYTES } : SIZES;
    const finding = await one.run(bench, sizes);
    expect(finding, finding.detail).toMatchObject({ ok: true });
    expect(await bench.leftovers(new AbortController().signal)).toBeUndefined();
  } finally {
    await bench.close();
  }
});
