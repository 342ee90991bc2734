// SPDX-License-Identifier: Apache-2.0
// toe_engine in cycles: openings, small segments, full ones either way and both, on one session and on
// many. SESSIONS sets how many; FIGURES=1 prints what was measured.

import { beforeAll, expect, test } from 'vitest';
import { EngineLoad, FULL_FRAME_CYCLES, type LoadSession, MSS } from './helpers/engine-load.ts';

const SESSIONS = Number(process.env.SESSIONS ?? 100);
if (!Number.isInteger(SESSIONS) || SESSIONS < 2 || SESSIONS > 16_384) {
  throw new RangeError(`SESSIONS=${process.env.SESSIONS}: expected 2 to 16384`);
}
/** Cycles of a full frame at 95 % of the line's rate. */
const MOST = FULL_FRAME_CYCLES / 0.95;

let load: EngineLoad;
let opened = 0;
beforeAll(async () => {
  const sessionsLog2 = Math.max(6, Math.ceil(Math.log2(SESSIONS)));
  load = await EngineLoad.open({ sessionsLog2 });
  opened = load.openSessions(SESSIONS);
});

function figure(name: string, cycles: number): number {
  if (process.env.FIGURES) console.log(`${name}: ${cycles.toFixed(1)} cycles`);
  return cycles;
}

/** Cycles between events, on average. */
function between(cycles: readonly number[]): number {
  return (cycles.at(-1)! - cycles[0]!) / (cycles.length - 1);
}

const spread = () => load.sessions;
const alone = () => [load.sessions[0]!];
const groups: [string, () => LoadSession[]][] = [
  ['one session', alone],
  [`${SESSIONS} sessions`, spread],
];

test('SYN to established: at most 400 cycles', () => {
  figure('each of many openings, back to back', opened);
  const start = load.sim.cycle;
  const synAcks = load.synAckCycles.length;
  load.openSessions(1);
  const answered = load.synAckCycles[synAcks]! - start;
  const established = load.eventCycles.at(-1)! - start;
  figure('SYN in to SYN-ACK out', answered);
  figure('SYN in to established, the peer answers at once', established);
  expect(established).toBeLessThanOrEqual(400);
  load.sessions.pop();
});

test.each(groups)('a byte a segment, in to %s: at most 16 cycles each', (name, group) => {
  const count = 400;
  load.eventCycles.length = 0;
  load.reads = false;
  const sessions = group();
  for (let i = 0; i < count; i++) load.say(sessions[i % sessions.length]!, 'A', 1);
  load.until(() => load.eventCycles.length === count, 40_000);
  const cycles = figure(`a byte a segment, in to ${name}`, between(load.eventCycles));
  load.reads = true;
  load.until(() => sessions.every(({ sent, read }) => read === sent), 100_000);
  expect(cycles).toBeLessThanOrEqual(16);
});

test.each(groups)('full segments in to %s: no slower than 0.95 of the line', (name, group) => {
  const sessions = group();
  const count = Math.max(300, sessions.length);
  const before = load.bytesRead;
  let next = load.sim.cycle;
  let said = 0;
  const cycles = load.until(() => {
    if (said < count && load.sim.cycle >= next) {
      load.say(sessions[said++ % sessions.length]!, 'A', MSS);
      next += FULL_FRAME_CYCLES;
    }
    return load.bytesRead - before === count * MSS;
  }, count * 1000);
  expect(figure(`full segments in to ${name}, each`, cycles / count)).toBeLessThan(MOST);
});

test.each(groups)('full segments out of %s: no slower than 0.95 of the line', (name, group) => {
  const sessions = group();
  const count = Math.max(600, sessions.length);
  load.dataCycles.length = 0;
  let written = 0;
  load.until(() => {
    if (written < count && load.writesWaiting === 0) {
      const session = sessions[written % sessions.length]!;
      const segments = sessions.length === 1 ? 10 : 1;
      if (session.written - session.known <= 200_000) {
        load.write(session, segments * MSS);
        written += segments;
      }
    }
    const isOut = load.dataCycles.length >= count;
    return isOut && sessions.every((session) => session.known === session.written);
  }, count * 1000);
  // Slow start is over
  const cycles = between(load.dataCycles.slice(Math.min(200, count / 3)));
  if (process.env.FIGURES) console.log(`${load.refused} writes found no room, and were made again`);
  expect(figure(`full segments out of ${name}, each`, cycles)).toBeLessThan(MOST);
});

test.each(groups)(
  'full segments both ways of %s: no slower than 0.95 of the line',
  (name, group) => {
    const sessions = group();
    const segments = sessions.length === 1 ? 10 : 1;
    load.acknowledgesEvery = Number.POSITIVE_INFINITY; // what the peer says goes with its bytes
    let next = load.sim.cycle;
    let said = 0;
    let written = 0;
    const start = load.dataSegments;
    const goOn = () => {
      if (load.sim.cycle >= next) {
        const [session = sessions[said % sessions.length]!] = load.unacknowledged;
        load.say(session, 'A', MSS);
        said++;
        next += FULL_FRAME_CYCLES;
      }
      const session = sessions[written % sessions.length]!;
      // Not so far ahead that all buffers are taken
      if (load.writesWaiting === 0 && start + written - load.dataSegments < 60) {
        load.write(session, segments * MSS);
        written += segments;
      }
    };
    const done = () => ({ cycle: load.sim.cycle, in: load.bytesRead, out: load.dataSegments });
    const run = (count: number) => {
      const before = done();
      load.until(() => {
        goOn();
        const isIn = load.bytesRead - before.in >= count * MSS;
        return isIn && load.dataSegments - before.out >= count;
      }, count * 1000);
      const after = done();
      const least = Math.min((after.in - before.in) / MSS, after.out - before.out);
      return (after.cycle - before.cycle) / least;
    };
    run(150); // slow start, the first writes
    const cycles = figure(
      `full segments both ways of ${name}, each pair`,
      run(Math.max(300, sessions.length)),
    );
    load.until(() => sessions.every(({ sent, read }) => sent === read), 100_000);
    expect(cycles).toBeLessThan(MOST);
  },
);
