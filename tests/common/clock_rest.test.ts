// SPDX-License-Identifier: Apache-2.0
/** clock_rest: which edges of the clock pass. */
import { expect, test } from 'vitest';
import { simulate, testRandom } from '../../src/testbench/index.ts';

test.each([{ LINGER: 1 }, { LINGER: 7 }, { LINGER: 31 }])(
  'an edge passes with `active` and in LINGER cycles behind it, no other does: %o',
  async ({ LINGER }) => {
    const sim = await simulate('hdl/common/clock_rest.sv', { parameters: { GATING: 1, LINGER } });
    const dut = sim.ports;
    sim.reset();
    const random = testRandom('rest');
    let quiet = 0; // cycles since the last active one, which was the reset
    let rested = 0;
    for (let gap = 0; gap < 300; gap++) {
      for (let left = random.int(3 * LINGER + 3); left >= 0; left--) {
        const isReset = left === 0 && random.chance(0.1);
        const isActive = left === 0 && !isReset;
        Object.assign(dut, { rst: isReset ? 1 : 0, active: isActive ? 1 : 0 });
        sim.cycles(1);
        // The clock is high now, and so is the gated one if its edge passed.
        const passes = left === 0 || quiet < LINGER;
        expect(dut.gated_clk).toBe(passes ? 1 : 0);
        quiet = left === 0 ? 0 : quiet + 1;
        if (!passes) rested++;
      }
    }
    expect(rested).toBeGreaterThan(100);
  },
);

test('without gating every edge passes', async () => {
  const sim = await simulate('hdl/common/clock_rest.sv', { parameters: { GATING: 0 } });
  const dut = sim.ports;
  sim.reset();
  for (let cycle = 0; cycle < 50; cycle++) {
    sim.cycles(1);
    expect(dut.gated_clk).toBe(1);
  }
});

test('a rest of no cycles is refused', async () => {
  const parameters = { LINGER: 0 };
  await expect(simulate('hdl/common/clock_rest.sv', { parameters })).rejects.toThrow('LINGER=0');
});
