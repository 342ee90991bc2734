/** sigv_capture: takes a result and makes it canonical. */
import { expect, test } from 'vitest';
import { simulate, testRandom } from '../../src/testbench/index.ts';
import { anyElement, ELEMENT_EDGES } from './helpers/elements.ts';
import { mod, P } from './helpers/scalars.ts';
import { Timeline } from './helpers/timeline.ts';

/** From `take` to `valid`, at most. */
const LATENCY = 7;

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
  const latencies = new Set<number>();
  let [cycle, isKept] = [0, true];
  for (const value of values) {
    const taken = cycle;
    timeline.input(taken, () => {
      Object.assign(dut, { take: 1, limbs: value, above: value >= P ? 1 : 0 });
    });
    const done = taken + LATENCY + rest();
    let since: number | undefined;
    // From `take` on nothing is valid; once it is, it stays, and so does the value.
    for (let at = taken + 1; at <= done; at++) {
      timeline.output(at, () => {
        if (!dut.valid) isKept &&= since === undefined;
        else if (since === undefined) {
          since = at;
          latencies.add(at - taken);
          got.push(canonical(dut));
        } else isKept &&= canonical(dut) === got.at(-1);
      });
    }
    cycle = done;
  }
  timeline.run(sim);
  return { got, latencies: [...latencies], isKept };
}

/** Bits above the value have no meaning. */
const canonical = (dut: Capture['ports']) => BigInt.asUintN(256, BigInt(dut.value));

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
  const { got, latencies, isKept } = capture(sim, values, () => random.int(0, 3));
  expect(got).toEqual(values.map((value) => mod(value, P)));
  expect(latencies.length).toBe(1);
  expect(latencies[0]).toBeLessThanOrEqual(LATENCY);
  expect(isKept).toBe(true);
});

test('reset drops a value, finished or not', async () => {
  const sim = await open();
  for (const wait of [2, 7, 20]) {
    sim.reset();
    capture(sim, [5n], () => 0);
    sim.ports.take = 1;
    sim.cycles(1);
    sim.ports.take = 0;
    sim.cycles(wait);
    sim.reset();
    for (let i = 0; i < 20; i++) {
      sim.cycles(1);
      expect(sim.ports.valid).toBe(0);
    }
  }
});
