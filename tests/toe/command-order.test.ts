// SPDX-License-Identifier: Apache-2.0
// The pulse that toe_engine has carried out a command comes behind every event of what went before it,
// however closely a segment and the command follow one another.

import { expect, test } from 'vitest';
import { SETTLED } from '../../src/testbench/index.ts';
import { EngineLoad } from './helpers/engine-load.ts';
import { OP } from './helpers/tcp-bench.ts';
import { EVENT } from './helpers/words.ts';

/** From the last beat of a segment to the end of what it does, with room on both sides. */
const FIRST = 20;
const LAST = 80;

test('after an abort is carried out nothing more is told of its session', async () => {
  const load = await EngineLoad.open({ sessionsLog2: 7 });
  load.reads = false;
  load.mayReset = true;
  load.openSessions(LAST - FIRST);
  const { ports } = load.sim;
  const told: { cycle: number; session: number }[] = [];
  let taken = -1;
  load.sim.fork(
    (function* () {
      for (;;) {
        yield SETTLED;
        if (ports.m_cmd_taken) taken = load.sim.cycle;
        if (ports.m_event_valid) {
          const { session } = EVENT.decode(ports.m_event_tdata as bigint);
          told.push({ cycle: load.sim.cycle, session });
        }
        yield;
      }
    })(),
  );

  let [before, never] = [0, 0];
  for (const [i, session] of load.sessions.entries()) {
    told.length = 0;
    taken = -1;
    load.say(session, 'A', 1);
    load.until(() => load.isSaid, 100);
    load.sim.cycles(FIRST + i);
    load.command(OP.abort, session);
    load.sim.cycles(400);
    expect(taken).toBeGreaterThan(0);
    for (const { cycle, session: number } of told) {
      expect(number).toBe(session.number);
      expect(cycle).toBeLessThanOrEqual(taken);
    }
    if (told.length > 0) before++;
    else never++;
  }
  // Both have happened: the segment came first, the command did
  expect(Math.min(before, never)).toBeGreaterThan(3);
});
