// SPDX-License-Identifier: Apache-2.0
// toe_session_counters beside a model: notes back to back, looks between them.

import { expect, test } from 'vitest';
import {
  type AnyPorts,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../src/testbench/index.ts';
import { SessionCounts } from './helpers/session-counts.ts';
import { NOTE, SESSION_COUNTERS, type SessionCounters } from './helpers/words.ts';

const SESSIONS_LOG2 = 4;
const SESSIONS = 2 ** SESSIONS_LOG2;

async function open(sessionsLog2 = SESSIONS_LOG2) {
  const sim = (await simulate('hdl/toe/toe_session_counters.sv', {
    parameters: { SESSIONS_LOG2: sessionsLog2 },
  })) as Simulation<AnyPorts>;
  sim.reset();
  expect(sim.ports.ready).toBe(0);
  sim.until('ready', { max: 2 ** sessionsLog2 });
  return sim;
}

/** What is seen of a session. */
function* look({ ports }: Simulation<AnyPorts>, session: number): Task<SessionCounters> {
  Object.assign(ports, { s_look_session: session, s_look_valid: 1 });
  for (;;) {
    yield SETTLED;
    const taken = ports.s_look_ready === 1;
    yield;
    if (taken) break;
  }
  ports.s_look_valid = 0;
  while (ports.m_counters_valid === 0) yield;
  return SESSION_COUNTERS.decode(ports.m_counters as bigint);
}

test.each([
  ['one session', 1, 1],
  ['two sessions in turns', 2, 1],
  ['few, with pauses', 3, 0.4],
  ['all', SESSIONS, 0.7],
])('notes of %s add up; a look sees all before it, and none behind it', async (_, used, pace) => {
  const sim = await open();
  const { ports } = sim;
  const random = sim.random.fork('notes');
  const model = new SessionCounts();
  let looks = 0;

  function* notes(): Task {
    for (let i = 0; i < 6_000; i++) {
      ports.s_note_valid = 0;
      if (random.chance(pace) && i % 500 < 480) {
        const note = NOTE.decode(random.bigint(NOTE.width));
        Object.assign(note, { session: random.int(used), begins: Number(random.chance(0.002)) });
        ports.s_note_tdata = NOTE.encode(note);
        ports.s_note_valid = 1;
        yield;
        model.add(note);
      } else yield;
    }
    ports.s_note_valid = 0;
  }

  /** The model as it was when the look was taken. */
  function* looker(): Task<never> {
    for (;;) {
      const session = random.int(SESSIONS);
      Object.assign(ports, { s_look_session: session, s_look_valid: 1 });
      let taken = false;
      while (!taken) {
        yield SETTLED;
        taken = ports.s_look_ready === 1;
        yield;
      }
      const expected = model.of(session);
      ports.s_look_valid = 0;
      while (ports.m_counters_valid === 0) yield;
      expect(SESSION_COUNTERS.decode(ports.m_counters as bigint)).toEqual(expected);
      looks++;
    }
  }

  sim.run(function* () {
    sim.fork(looker());
    yield* notes();
    for (let i = 0; i < 20; i++) yield;
  });
  expect(looks).toBeGreaterThan(50);
});

test('48 bits of bytes, 32 of all else; a session that begins counts from zero', async () => {
  const sim = await open(1);
  const { ports } = sim;
  sim.run(function* () {
    const note = (values: Parameters<typeof NOTE.encode>[0]) => {
      ports.s_note_tdata = NOTE.encode({ session: 1, state: 3, ...values });
      ports.s_note_valid = 1;
    };
    for (let i = 0; i < 70_000; i++) {
      note({ received: 1, len: 65_535 });
      yield;
    }
    ports.s_note_valid = 0;
    const bytes = 70_000 * 65_535;
    expect(bytes).toBeGreaterThan(2 ** 32);
    expect(yield* look(sim, 1)).toMatchObject({ segmentsIn: 70_000, bytesIn: bytes, bytesOut: 0 });
    expect(yield* look(sim, 0)).toEqual(SESSION_COUNTERS.decode(0n));
    note({ begins: 1, state: 1 });
    yield;
    ports.s_note_valid = 0;
    expect(yield* look(sim, 1)).toEqual({ ...SESSION_COUNTERS.decode(0n), state: 1 });
  });
});

test('reset clears all, a cycle a session, and who looks meanwhile waits', async () => {
  const sim = await open();
  const { ports } = sim;
  for (let session = 0; session < SESSIONS; session++) {
    ports.s_note_tdata = NOTE.encode({ session, sent: 1, len: 9, state: 3 });
    ports.s_note_valid = 1;
    sim.cycles(1);
  }
  ports.s_note_valid = 0;
  sim.reset();
  const begun = sim.cycle;
  sim.run(function* () {
    for (let session = SESSIONS - 1; session >= 0; session--) {
      expect(yield* look(sim, session)).toEqual(SESSION_COUNTERS.decode(0n));
    }
  });
  expect(sim.cycle - begun).toBeGreaterThan(SESSIONS);
});
