// SPDX-License-Identifier: Apache-2.0
// toe_tcp_ingress: segments and ICMP errors with the sessions of their tuples, in order and in turns.

import { expect, test } from 'vitest';
import { type AnyPorts, type Simulation, simulate } from '../../src/testbench/index.ts';
import { ICMP_ERROR, SEGMENT, TUPLE } from './helpers/words.ts';

const SESSIONS = 64;
const remoteIp = 0x0a4d_0009;

/** What toe_lookup says of a remote port: every third one is nobody's. */
const isFound = (remotePort: number) => remotePort % 3 !== 0;

interface Out {
  readonly isError: boolean;
  readonly remotePort: number;
  readonly word: ReturnType<typeof SEGMENT.decode>;
}

/** Gives both in as fast as they are taken, answers finds, and looks at what comes out. */
function run(sim: Simulation<AnyPorts>, segments: number[], errors: number[]): Out[] {
  const { ports } = sim;
  const waiting = { seg: [...segments], error: [...errors] };
  const asked: { at: number; remotePort: number }[] = [];
  const out: Out[] = [];
  let nextFind = 0;
  for (let cycle = 0; out.length < segments.length + errors.length; cycle++) {
    if (cycle > 5000) throw new Error(`${out.length} came out`);
    const [segment] = waiting.seg;
    const [error] = waiting.error;
    ports.s_seg_valid = Number(segment !== undefined);
    if (segment !== undefined) {
      ports.s_seg_tdata = SEGMENT.encode({ remoteIp, remotePort: segment, len: segment });
    }
    ports.s_error_valid = Number(error !== undefined);
    if (error !== undefined) {
      const about = { remoteIp, remotePort: error, localPort: 80 };
      ports.s_error_tdata = ICMP_ERROR.encode({ ...about, kind: 3, code: 4, mtu: 576, seq: 77 });
    }
    // A find every 5 cycles, its answer 15 later, as toe_lookup does
    ports.m_find_ready = Number(cycle >= nextFind);
    const due = asked[0]?.at === cycle ? asked.shift() : undefined;
    ports.s_found_valid = Number(due !== undefined);
    ports.s_found_found = Number(due !== undefined && isFound(due.remotePort));
    ports.s_found_session = (due?.remotePort ?? 0) % SESSIONS;
    ports.m_seg_ready = sim.random.int(2);
    sim.settle();
    if (ports.m_find_valid && ports.m_find_ready) {
      nextFind = cycle + 5;
      const { remotePort } = TUPLE.decode(ports.m_find_tuple as bigint);
      asked.push({ at: cycle + 15, remotePort });
    }
    if (ports.s_seg_valid && ports.s_seg_ready) waiting.seg.shift();
    if (ports.s_error_valid && ports.s_error_ready) waiting.error.shift();
    if (ports.m_seg_valid && ports.m_seg_ready) {
      const word = SEGMENT.decode(ports.m_seg_tdata as bigint);
      const { remotePort } = word;
      out.push({ isError: ports.m_seg_error === 1, remotePort, word });
      expect(ports.m_seg_found).toBe(Number(isFound(remotePort)));
      if (isFound(remotePort)) expect(ports.m_seg_session).toBe(remotePort % SESSIONS);
    }
    sim.cycles(1);
  }
  return out;
}

async function open(): Promise<Simulation<AnyPorts>> {
  const sim = await simulate('hdl/toe/toe_tcp_ingress.sv', { parameters: { SESSIONS_LOG2: 6 } });
  sim.reset();
  return sim as Simulation<AnyPorts>;
}

test('an error comes out as a word of its own: sequence number, MTU, type and code', async () => {
  const [out] = run(await open(), [], [5]);
  expect(out).toMatchObject({
    isError: true,
    word: { remoteIp, remotePort: 5, localPort: 80, ack: 77, window: 576, urgent: 0x304, len: 0 },
  });
});

test('segments and errors keep their order, and take turns while both wait', async () => {
  const segments = Array.from({ length: 40 }, (_, i) => 1000 + i);
  const errors = Array.from({ length: 10 }, (_, i) => 2000 + i);
  const out = run(await open(), segments, errors);
  const of = (isError: boolean) =>
    out.filter((o) => o.isError === isError).map(({ remotePort }) => remotePort);
  expect(of(false)).toEqual(segments);
  expect(of(true)).toEqual(errors);
  expect(out.slice(0, 20).map(({ isError }) => isError)).toEqual(
    Array.from({ length: 20 }, (_, i) => i % 2 === 1),
  );
});
