// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  type Payload,
  ReadyValidMonitor,
  ReadyValidSink,
  ReadyValidSource,
  SETTLED,
  type Simulation,
  simulate,
} from '../../src/testbench/index.ts';
import { firstViolation } from './helpers/violations.ts';

const FILE = 'tests/testbench/hdl/rv_stage.sv';

function randomItems(sim: Simulation, count: number): Payload[] {
  return Array.from({ length: count }, () => ({
    op: sim.random.int(0, 7),
    value: sim.random.bigint(40),
  }));
}

/** Sends random items through, with a monitor on each side, and returns what came out. */
function exercise(sim: Simulation, pause: number, items: readonly Payload[]): Payload[] {
  new ReadyValidMonitor(sim, 'in', { maxWait: 200 });
  const seen: Payload[] = [];
  new ReadyValidMonitor(sim, 'out', { onTransfer: ({ payload }) => seen.push(payload) });
  const source = new ReadyValidSource(sim, 'in', { pause });
  const sink = new ReadyValidSink(sim, 'out', { pause, onViolation: () => {} });
  sim.reset(3);
  for (const item of items) source.enqueue(item);
  sim.run(
    function* () {
      while (sink.transfers.length < items.length) yield;
    },
    { max: 20 * items.length + 400 },
  );
  expect(sink.transfers.map(({ payload }) => payload)).toEqual(seen);
  return seen;
}

for (const pause of [0, 0.5]) {
  test(`a register stage passes everything on, with pauses of ${pause}`, async () => {
    const sim = await simulate(FILE);
    const items = randomItems(sim, 300);
    const start = sim.cycle;
    expect(exercise(sim, pause, items)).toEqual(items);
    // Without pauses one a cycle, or the models are in the way
    if (pause === 0) expect(sim.cycle - start).toBeLessThan(310);
  });
}

test.for([
  [1, 'VALID_HELD', 'out_valid'],
  [2, 'PAYLOAD_STABLE', 'out_op'],
  [3, 'RESET_VALID_LOW', 'out_valid'],
  [4, 'READY_WITHIN', 'in_ready'],
] as const)('bug %i breaks %s on %s', async ([bug, rule, signal]) => {
  const sim = await simulate(FILE);
  sim.ports.bug = bug;
  const violation = firstViolation(() => exercise(sim, 0.5, randomItems(sim, 100)));
  expect(violation).toMatchObject({ rule, signal, cycle: sim.cycle });
});

test('bug 5, a lost item, breaks no rule and is seen by what comes out', async () => {
  const sim = await simulate(FILE);
  sim.ports.bug = 5;
  expect(() => exercise(sim, 0.3, randomItems(sim, 100))).toThrow(/did not end in/);
});

test('while valid is low the payload is random', async () => {
  const sim = await simulate(FILE);
  const source = new ReadyValidSource(sim, 'in', { pause: 0.5 });
  sim.reset();
  sim.ports.out_ready = 1;
  const idle = new Set<bigint>();
  sim.run(function* () {
    for (let i = 0; i < 40; i++) {
      yield* source.send({ op: 1, value: 5n });
      yield SETTLED;
      if (sim.ports.in_valid === 0) idle.add(sim.ports.in_value);
    }
  });
  expect(idle.size).toBeGreaterThan(5);
  expect(idle).not.toContain(5n);
});

test('error: what does not fit the channel is refused', async () => {
  const sim = await simulate(FILE);
  const source = new ReadyValidSource(sim, 'in');
  expect(() => source.enqueue({ size: 1 })).toThrow(/expected fields of op, value, got size/);
  expect(() => new ReadyValidSource(sim, 'job')).toThrow(/no port job_valid/);
  expect(() => new ReadyValidSource(sim, 'in', { fields: ['x'] })).toThrow(/no port in_x/);
  expect(() => new ReadyValidSource(sim, 'out')).toThrow(/expected an input .* got an output/);
  expect(() => {
    source.enqueue({ op: 8 });
    sim.cycles(2);
  }).toThrow(/in_op: expected 3 unsigned bits, got 8/);
});
