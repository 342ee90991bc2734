/** toe_timer against a Map of deadlines. */
import { describe, expect, test } from 'vitest';
import { SETTLED, type Simulation, simulate, type Task } from '../../src/testbench/index.ts';

const FILE = 'hdl/toe/toe_timer.sv';

interface Command {
  readonly set: boolean;
  readonly session: number;
  readonly timer: number;
  readonly at: number;
}

/** Milliseconds from `from` to `to`, as far as 2^31 either way. */
const until = (from: number, to: number) => (to - from) | 0;

/** Armed timers, and what a report or a command does to them. */
class Model {
  readonly deadlines = new Map<string, number>();

  apply({ set, session, timer, at }: Command): void {
    if (set) this.deadlines.set(`${session}.${timer}`, at);
    else this.deadlines.delete(`${session}.${timer}`);
  }

  /** A report was taken: the timer was armed, its deadline was there. */
  take(session: number, timer: number, now: number): void {
    const key = `${session}.${timer}`;
    const at = this.deadlines.get(key);
    if (at === undefined) throw new Error(`timer ${key} is reported at ${now} and not armed`);
    if (until(now, at) > 0) throw new Error(`timer ${key} is due at ${at}, reported at ${now}`);
    this.deadlines.delete(key);
  }

  /** Milliseconds to the first deadline; Infinity without one. */
  first(now: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (const at of this.deadlines.values()) first = Math.min(first, until(now, at));
    return first;
  }
}

async function open(sessionsLog2: number, start: number) {
  const sim = await simulate(FILE, { parameters: { SESSIONS_LOG2: sessionsLog2 } });
  sim.ports.now = start;
  sim.reset();
  expect(sim.ports.ready).toBe(0);
  sim.until('ready', { max: 2 ** Math.max(sessionsLog2 - 3, 6) });
  return sim;
}

/** Sends commands as fast as they are taken. */
function setAll(sim: Simulation, commands: readonly Command[]): void {
  const { ports } = sim;
  for (const { set, session, timer, at } of commands) {
    Object.assign(ports, { s_valid: 1, s_set: set ? 1 : 0, s_session: session, s_timer: timer });
    ports.s_at = at;
    sim.until('s_ready', { max: 20 });
    sim.cycles(1);
  }
  ports.s_valid = 0;
  sim.until('busy', { value: 0 });
}

describe.for([
  { log2: 4, sessions: 16, start: 0, takes: 1, quiet: 600 },
  { log2: 4, sessions: 16, start: 2 ** 32 - 500, takes: 0.05, quiet: 3000 },
  { log2: 4, sessions: 3, start: 2 ** 31 - 500, takes: 0.3, quiet: 600 },
  { log2: 14, sessions: 2 ** 14, start: 2 ** 32 - 700, takes: 0.5, quiet: 7000 },
])('2^$log2 sessions, $sessions used, from $start ms, taken with $takes', (setup) => {
  test('random commands: each expiry once, never early, none after it was cleared', async () => {
    const { log2, sessions, start, takes, quiet } = setup;
    const sim = await open(log2, start);
    const { ports } = sim;
    const random = sim.random.fork('commands');
    const model = new Model();
    const used = Array.from({ length: 60 }, () => random.int(sessions));
    const counts = { taken: 0, withdrawn: 0, quiet: 0, longestWait: 0 };

    function* drive(cycles: number, isSending: () => boolean): Task {
      let next: Command | undefined;
      /** What is reported and not taken. */
      let shown: Pick<Command, 'session' | 'timer'> | undefined;
      let waited = 0;
      for (let i = 0; i < cycles; i++) {
        if (random.chance(0.02)) {
          const step = random.chance(0.9) ? 1 : random.int(40);
          ports.now = (ports.now + step) >>> 0;
        }
        if (next === undefined && isSending()) {
          const ahead = random.chance(0.5) ? random.int(-2, 5) : random.int(0, 200);
          next = {
            set: random.chance(0.6),
            session: random.pick(used),
            timer: random.int(3),
            ...(shown !== undefined && random.chance(0.3) && shown),
            at: (ports.now + ahead) >>> 0,
          };
        }
        ports.s_valid = next === undefined ? 0 : 1;
        if (next !== undefined) {
          ports.s_set = next.set ? 1 : 0;
          ports.s_session = next.session;
          ports.s_timer = next.timer;
          ports.s_at = next.at;
        }
        ports.m_ready = random.chance(takes) ? 1 : 0;
        yield SETTLED;
        const { m_valid, m_session, m_timer } = ports;
        if (m_valid === 1 && ports.m_ready === 1) {
          model.take(m_session, m_timer, ports.now);
          counts.taken++;
        }
        const stands = m_valid === 1 && ports.m_ready === 0;
        shown = stands ? { session: m_session, timer: m_timer } : undefined;
        if (next !== undefined && ports.s_ready === 1) {
          if (stands) {
            const isSame = m_session === next.session && m_timer === next.timer;
            counts.withdrawn += isSame ? 1 : 0;
          }
          model.apply(next);
          next = undefined;
          waited = 0;
        } else if (next !== undefined) counts.longestWait = Math.max(counts.longestWait, ++waited);
        yield;
        if (ports.busy === 0 && ports.m_valid === 0) {
          const first = model.first(ports.now);
          if (first < Number.POSITIVE_INFINITY) {
            expect(ports.next_valid, `cycle ${sim.cycle}`).toBe(1);
            expect(until(ports.now, ports.next_at)).toBeLessThanOrEqual(first);
          }
          counts.quiet++;
        }
      }
    }
    let phase = 0;
    sim.run(function* () {
      // Bursts of commands, and silence in which what is due has to come
      for (let round = 0; round < 25; round++) {
        const density = random.pick([0.02, 0.3, 1]);
        yield* drive(400, () => random.chance(density));
        phase = ports.now;
        yield* drive(quiet, () => false);
        expect(model.first(phase), 'what was due a while ago').toBeGreaterThan(0);
      }
    });
    expect(counts.taken).toBeGreaterThan(50);
    expect(counts.quiet).toBeGreaterThan(50);
    if (takes < 0.2) expect(counts.withdrawn).toBeGreaterThan(0);
    expect(counts.longestWait).toBeLessThanOrEqual(8);
  });
});

describe('2^14 sessions', () => {
  const total = 2 ** 14;

  test('a timer far away costs nothing, one that is due a few hundred cycles', async () => {
    const sim = await open(14, 1000);
    const { ports } = sim;
    const commands: Command[] = [];
    for (let session = 0; session < 10_000; session++) {
      commands.push({ set: true, session, timer: 2, at: 61_000 + (session >> 3) });
    }
    setAll(sim, commands);
    expect({ valid: ports.next_valid, at: ports.next_at }).toEqual({ valid: 1, at: 61_000 });
    for (let i = 0; i < 1000; i++) {
      ports.now++;
      sim.cycles(3);
      expect(ports.busy).toBe(0);
    }
    setAll(sim, [{ set: true, session: 1234, timer: 0, at: 2100 }]);
    ports.now = 2100;
    sim.cycles(1);
    expect(sim.until('m_valid', { max: 100 })).toBeLessThan(100);
    expect([ports.m_session, ports.m_timer]).toEqual([1234, 0]);
    ports.m_ready = 1;
    // 48 groups, 32 words, the word with its only timer
    const cost = sim.until('busy', { value: 0 });
    expect(cost).toBeLessThan(110);
    expect({ valid: ports.next_valid, at: ports.next_at }).toEqual({ valid: 1, at: 61_000 });
  });

  test('all 49,152 timers at once come within the cycles that the header promises', async () => {
    const sim = await open(14, 7);
    const { ports } = sim;
    const commands: Command[] = [];
    for (let timer = 0; timer < 3; timer++) {
      for (let session = 0; session < total; session++) {
        commands.push({ set: true, session, timer, at: 10 });
      }
    }
    setAll(sim, commands);
    expect(ports.m_valid).toBe(0);
    ports.now = 10;
    ports.m_ready = 1;
    const seen = new Set<number>();
    const start = sim.cycle;
    let last = start;
    const limit = 3 * total + 11 * 1536 + 48 * 40 + 60;
    while (sim.cycle - start < limit + 10) {
      sim.cycles(1);
      if (ports.m_valid === 1) {
        seen.add(ports.m_timer * total + ports.m_session);
        last = sim.cycle;
      }
    }
    expect(seen.size).toBe(3 * total);
    expect(last - start).toBeLessThanOrEqual(limit);
    expect({ busy: ports.busy, valid: ports.next_valid }).toEqual({ busy: 0, valid: 0 });
  });
});

test('reset forgets armed timers and the report that waits', async () => {
  const sim = await open(4, 5);
  const { ports } = sim;
  setAll(sim, [
    { set: true, session: 3, timer: 1, at: 9 },
    { set: true, session: 4, timer: 0, at: 20 },
  ]);
  ports.now = 9;
  sim.until('m_valid');
  sim.reset();
  expect(ports.m_valid).toBe(0);
  sim.until('ready');
  ports.now = 30;
  for (let i = 0; i < 300; i++) {
    sim.cycles(1);
    expect([ports.m_valid, ports.next_valid]).toEqual([0, 0]);
  }
});

test('error: sizes that make no sense stop the build', async () => {
  await expect(simulate(FILE, { parameters: { SESSIONS_LOG2: 17 } })).rejects.toThrow(
    /SESSIONS_LOG2=17 is not from 4 to 16/,
  );
});
