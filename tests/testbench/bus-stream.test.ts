// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  AXI_STREAM_RULES,
  AxiStreamMonitor,
  type ObservedPacket,
  type Simulation,
  simulate,
} from '../../src/testbench/index.ts';
import { firstViolation } from './helpers/violations.ts';

const FILE = 'tests/testbench/hdl/axis_faulty.sv';

/** Sends random packets through, watched on both sides. */
function exercise(sim: Simulation, form: 'packed' | 'sparse' = 'packed'): ObservedPacket[] {
  const seen: ObservedPacket[] = [];
  const rules = { form, maxBeats: 10, maxWait: 100 };
  new AxiStreamMonitor(sim, 's_axis', rules);
  new AxiStreamMonitor(sim, 'm_axis', { ...rules, onPacket: (packet) => seen.push(packet) });
  const source = sim.source('s_axis', { pause: 0.3 });
  const sink = sim.sink('m_axis', { pause: 0.5, check: false });
  sim.reset(3);
  // Where packets run together, they shall have one id: so that it is their length that shows
  const ids = sim.ports.bug === 9 ? 0 : 15;
  const frames = Array.from({ length: 60 }, () => ({
    data: sim.random.bytes(4 * sim.random.int(1, 9)),
    id: sim.random.int(0, ids),
    dest: sim.random.int(0, ids),
  }));
  if (sim.ports.bug !== 9) {
    for (const frame of frames) frame.data = frame.data.subarray(sim.random.int(0, 3));
  }
  for (const frame of frames) source.enqueue(frame);
  sim.run(sink.receiveMany(frames.length), { max: 5000 });
  for (const [i, { data, id, dest }] of frames.entries()) {
    expect(seen[i]).toMatchObject({ data, id, dest });
  }
  return seen;
}

test('a stream that keeps the rules passes, and every packet is seen', async () => {
  const seen = exercise(await simulate(FILE));
  expect(seen).toHaveLength(60);
  for (const { beats, firstCycle, lastCycle } of seen) {
    expect(lastCycle - firstCycle + 1).toBeGreaterThanOrEqual(beats);
  }
});

const BROKEN = [
  [1, 'VALID_HELD', 'm_axis_tvalid'],
  [2, 'PAYLOAD_STABLE', 'm_axis_tdata'],
  [3, 'RESET_VALID_LOW', 'm_axis_tvalid'],
  [4, 'READY_WITHIN', 's_axis_tready'],
  [5, 'STRB_WITHIN_KEEP', 'm_axis_tstrb'],
  [6, 'KEEP_PACKED', 'm_axis_tkeep'],
  [7, 'KEEP_FULL', 'm_axis_tkeep'],
  [8, 'PACKET_ID', 'm_axis_tid'],
  [9, 'PACKET_LENGTH', 'm_axis_tlast'],
] as const;

test.for(BROKEN)('bug %i breaks %s on %s', async ([bug, rule, signal]) => {
  const sim = await simulate(FILE);
  sim.ports.bug = bug;
  const violation = firstViolation(() => exercise(sim));
  expect(violation).toMatchObject({ rule, signal, cycle: sim.cycle });
  expect(violation.bus).toBe(signal.slice(0, 6));
});

test('every rule has a module that breaks it', () => {
  expect(new Set(BROKEN.map(([, rule]) => rule))).toEqual(new Set(Object.keys(AXI_STREAM_RULES)));
});

test('a sparse stream may have gaps and change its id', async () => {
  for (const bug of [6, 8]) {
    const sim = await simulate(FILE);
    sim.ports.bug = bug;
    // The bytes differ, the rules do not mind
    expect(() => exercise(sim, 'sparse')).toThrow(/toMatchObject|expected/);
  }
});

test('the cycle told is the one in which the rule was broken', async () => {
  const sim = await simulate(FILE);
  new AxiStreamMonitor(sim, 's_axis');
  sim.reset();
  sim.cycles(7);
  const at = sim.cycle;
  sim.ports.s_axis_tvalid = 1;
  sim.ports.s_axis_tkeep = 15;
  sim.ports.s_axis_tdata = 1;
  sim.cycles(3);
  sim.ports.s_axis_tdata = 2;
  expect(() => sim.cycles(5)).toThrow(
    `s_axis, cycle ${at + 3}: s_axis_tdata changed while stalled (PAYLOAD_STABLE)`,
  );
});
