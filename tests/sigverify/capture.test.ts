/** sigv_capture: takes a result pair by pair and makes it canonical. */
import { expect, test } from 'vitest';
import { simulate, testRandom } from '../../src/testbench/index.ts';
import { anyElement, ELEMENT_EDGES } from './helpers/elements.ts';
import { mod, P } from './helpers/scalars.ts';
import { Timeline } from './helpers/timeline.ts';

/** From the last pair to `valid`. */
const LATENCY = 11;
const PAIR = 2n ** 52n - 1n;

const open = () => simulate('hdl/sigverify/sigv_capture.sv');
type Capture = Awaited<ReturnType<typeof open>>;

/** Values one after the other, the next one `rest` cycles after the one before has become valid. */
function capture(sim: Capture, values: readonly bigint[], rest: () => number) {
  const dut = sim.ports;
  const random = testRandom('capture noise');
  const timeline = new Timeline(() => {
    const above = random.chance(0.5) ? 1 : 0;
    Object.assign(dut, { take: 0, limbs: random.bigint(260), above });
  });
  const got: bigint[] = [];
  const validity: number[] = [];
  let cycle = 0;
  for (const value of values) {
    for (let i = 0; i < 5; i++) {
      const noise = random.bigint(260);
      const here = PAIR << BigInt(52 * i);
      timeline.input(cycle + i, () => {
        Object.assign(dut, { take: 1 << i, limbs: (noise & ~here) | (value & here) });
        if (i === 4) dut.above = value >= P ? 1 : 0;
      });
    }
    const done = cycle + 4 + LATENCY;
    const pause = rest();
    // From the first pair on nothing is valid; then the value stays.
    for (let at = cycle + 1; at <= done + pause; at++) {
      timeline.output(at, () => validity.push(dut.valid === (at >= done ? 1 : 0) ? 1 : 0));
    }
    timeline.output(done, () => got.push(dut.value));
    timeline.output(done + pause, () => got.push(dut.value));
    cycle = done + pause;
  }
  timeline.run(sim);
  return { got, isValidInTime: validity.every((right) => right === 1) };
}

test('every kind of representation becomes canonical, in time, and stays', async () => {
  const sim = await open();
  sim.reset();
  expect(sim.ports.valid).toBe(0);
  const random = testRandom('capture');
  const values = [
    ...ELEMENT_EDGES,
    ...Array.from({ length: 300 }, () => anyElement(random)),
  ].filter(
    // What sigv_fold gives: p is taken off once
    (value) => value < 2n * P,
  );
  const { got, isValidInTime } = capture(sim, values, () => random.int(0, 3));
  const expected = values.map((value) => mod(value, P));
  expect(got).toEqual(expected.flatMap((value) => [value, value]));
  expect(isValidInTime).toBe(true);
});

test('reset drops a value, finished or not', async () => {
  const sim = await open();
  for (const wait of [2, 7, 20]) {
    sim.reset();
    capture(sim, [5n], () => 0);
    for (let i = 0; i < 5; i++) Object.assign(sim.ports, { take: 1 << i }) && sim.cycles(1);
    sim.ports.take = 0;
    sim.cycles(wait);
    sim.reset();
    for (let i = 0; i < 20; i++) {
      sim.cycles(1);
      expect(sim.ports.valid).toBe(0);
    }
  }
});
