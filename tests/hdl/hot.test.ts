// SPDX-License-Identifier: Apache-2.0
// A simulation that takes a second, for hpb hdl profile; see tests/cli/hdl/profile.test.ts.

import { expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

test('counts its cycles', async () => {
  const sim = await simulate('tests/hdl/hdl/hot.sv', { seed: 1 });
  sim.cycles(10_000_000);
  expect(sim.ports.count).toBe(10_000_000);
});
