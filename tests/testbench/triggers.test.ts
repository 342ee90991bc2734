// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, test } from 'vitest';
import {
  delay,
  elapsed,
  first,
  join,
  type Simulation,
  simulate,
  type Task,
  type Trigger,
  timeout,
  waitFor,
} from '../../src/testbench/index.ts';

const FILE: string = 'tests/testbench/hdl/events.sv';

let sim: Simulation;
afterEach(() => sim?.close());

/** Looked at in C, or, with an agent that wants every cycle, in steps: the same must come out. */
const WAYS = ['in C', 'in steps'] as const;

async function open(way: (typeof WAYS)[number]): Promise<void> {
  sim = await simulate(FILE);
  if (way === 'in steps') sim.attach({ drive() {}, sample() {} });
  sim.reset();
}

describe.each(WAYS)('%s', (way) => {
  test('edges, values and changes come in their cycle', async () => {
    await open(way);
    const cycles = sim.run(function* (): Task<number[]> {
      const waited: number[] = [];
      waited.push(yield* sim.rises('pulse')); // count 16
      waited.push(yield* sim.falls('pulse')); // 17
      waited.push(yield* sim.equals('count', 40));
      waited.push(yield* sim.equals('count', 40)); // so already
      waited.push(yield* sim.changes('slow')); // count[5:0] wraps: 64
      waited.push(yield* sim.rises('pulse'));
      waited.push(yield* sim.equals('mirrored', 2n ** 63n + 99n)); // a cycle after count
      return waited;
    });
    expect(cycles).toEqual([16, 1, 23, 0, 24, 16, 20]);
  });

  test('a rise needs a fall before it: a signal that is high already does not count', async () => {
    await open(way);
    sim.until('pulse');
    expect(sim.run(sim.rises('pulse'))).toBe(16);
  });

  test('the first of several comes; what comes with the limit has come', async () => {
    await open(way);
    const which = (...parts: Trigger[]) => sim.run(first(...parts));
    expect(which(sim.equals('count', 900), sim.rises('pulse'))).toBe(1);
    expect(sim.ports.count).toBe(16);
    expect(which(sim.rises('pulse'), elapsed(5))).toBe(1);
    expect(sim.ports.count).toBe(21);
    expect(which(sim.equals('count', 26), elapsed(5))).toBe(0);
    expect(sim.ports.count).toBe(26);
  });

  test('tasks wake in their own cycles, and each other', async () => {
    await open(way);
    const log: string[] = [];
    function* sleeper(name: string, cycles: number): Task {
      yield* delay(cycles);
      log.push(`${name} ${sim.ports.count}`);
    }
    function* watcher(): Task {
      for (let i = 0; i < 3; i++) {
        yield* sim.rises('pulse');
        log.push(`pulse ${sim.ports.count}`);
      }
    }
    const forks = [sim.fork(sleeper('long', 30)), sim.fork(watcher), sim.fork(sleeper('short', 7))];
    sim.run(join(...forks));
    expect(log).toEqual(['short 7', 'pulse 16', 'long 30', 'pulse 32', 'pulse 48']);
    expect(sim.ports.count).toBe(48);
  });

  test('error: what does not come within its limit, with the cycles', async () => {
    await open(way);

    const never = { max: 20 };
    expect(() => sim.run(sim.equals('count', 5000, never))).toThrow(
      'count = 5000 did not come in 20 cycles',
    );
    expect(sim.ports.count).toBe(20);
    expect(() => sim.run(timeout(sim.falls('never'), 30, 'the fall'))).toThrow(
      'the fall did not end in 30 cycles',
    );
    expect(sim.ports.count).toBe(50);
    sim.run(timeout(delay(30), 30));
    expect(() => sim.run(waitFor(() => false, { max: 10, what: 'a miracle' }))).toThrow(
      'a miracle did not come in 10 cycles',
    );
  });

  test('a run that hangs is stopped, with the state of every task', async () => {
    await open(way);
    sim.fork(function* listener() {
      yield* delay(7);
      yield* sim.rises('never');
    });
    sim.fork(
      (function* () {
        for (;;) yield;
      })(),
      { name: 'poller' },
    );
    const stuck = sim.fork(function* stuck() {
      yield* first(sim.equals('count', 5000), sim.changes('never'));
    });
    const start = sim.cycle;
    const report = [
      'the task did not end in 300 cycles',
      `tasks in cycle ${start + 300}:`,
      `  listener: waits for never rises since cycle ${start + 7}, began in cycle ${start}`,
      `  poller: yields each cycle, began in cycle ${start}`,
      `  stuck: waits for count = 5000 or never changes since cycle ${start}, began in cycle ${start}`,
      `  main: waits for the end of stuck since cycle ${start}, began in cycle ${start}`,
    ].join('\n');
    const main = () => sim.run(join(stuck), { max: 300, name: 'main' });
    expect(main).toThrow(report);
  });
});

test('a task that waits for one signal runs in C: far faster than one that yields', async () => {
  await open('in C');
  const CYCLES = 400_000;
  const time = (body: () => void) => {
    const start = performance.now();
    body();
    return performance.now() - start;
  };
  const target = () => (sim.ports.count as number) + CYCLES;
  const watched = time(() => sim.run(sim.equals('count', target(), { max: CYCLES })));
  const end = target();
  const polled = time(() =>
    sim.run(function* (): Task {
      while (sim.ports.count < end) yield;
    }),
  );
  expect(watched * 2).toBeLessThan(polled);
});

test('error: triggers of signals that are not there, or have no edges', async () => {
  await open('in C');
  expect(() => sim.rises('nothing')).toThrow(/events has no port nothing; it has clk, rst/);
  expect(() => sim.rises('count')).toThrow('count rises: expected 1 bit, count is 32 bits');
  expect(() => sim.equals('count', 1, { max: -1 })).toThrow(/expected a whole number/);
});
