/** card_sleep and clock_gate: which edges of the clock pass. */
import { expect, test } from 'vitest';
import { simulate, testRandom } from '../../src/testbench/index.ts';

test.each([{ LINGER: 1 }, { LINGER: 7 }])(
  'the clock passes LINGER + 1 quiet cycles more, and again a cycle after it is asked to: %o',
  async ({ LINGER }) => {
    const sim = await simulate('hdl/card/card_sleep.sv', { parameters: { GATING: 1, LINGER } });
    const dut = sim.ports;
    sim.reset();
    const random = testRandom('sleep');
    let quiet = 0; // cycles since the last sign of activity, which was the reset
    let slept = 0;
    for (let gap = 0; gap < 500; gap++) {
      for (let left = random.int(3 * LINGER + 3); left >= 0; left--) {
        const isReset = left === 0 && random.chance(0.1);
        Object.assign(dut, { rst: isReset ? 1 : 0, active: left === 0 && !isReset ? 1 : 0 });
        sim.settle();
        const passes = quiet <= LINGER;
        expect(dut.awake).toBe(passes ? 1 : 0);
        sim.cycles(1);
        // The clock is high now, and so is the gated one if its edge passed.
        expect(dut.gated_clk).toBe(passes ? 1 : 0);
        quiet = left === 0 ? 0 : quiet + 1;
        if (!passes) slept++;
      }
    }
    expect(slept).toBeGreaterThan(500);
  },
);

test('without gating every edge passes', async () => {
  const sim = await simulate('hdl/card/card_sleep.sv', { parameters: { GATING: 0 } });
  const dut = sim.ports;
  sim.reset();
  for (let cycle = 0; cycle < 50; cycle++) {
    sim.cycles(1);
    expect(dut).toMatchObject({ awake: 1, gated_clk: 1 });
  }
});
