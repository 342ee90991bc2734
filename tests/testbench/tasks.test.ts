import { expect, test } from 'vitest';
import {
  delay,
  join,
  SETTLED,
  simulate,
  type Task,
  timeout,
  waitFor,
} from '../../src/testbench/index.ts';

const FILE = 'tests/testbench/hdl/echo.sv';

test('a yield is one cycle', async () => {
  const sim = await simulate(FILE);
  sim.reset();
  const counts = sim.run(function* (): Task<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(sim.ports.count);
      yield;
    }
    return seen;
  });
  expect(counts).toEqual([0, 1, 2]);
});

test('yield SETTLED sees combinational outputs before the edge of the same cycle', async () => {
  const sim = await simulate(FILE);
  const seen = sim.run(function* (): Task<number[]> {
    sim.ports.i8 = 4;
    const cycle = sim.cycle;
    yield SETTLED;
    const values = [sim.ports.sum, sim.cycle - cycle];
    yield;
    return [...values, sim.ports.o8, sim.cycle - cycle];
  });
  expect(seen).toEqual([5, 0, 4, 1]);
});

test('forks run side by side and join', async () => {
  const sim = await simulate(FILE);
  const order: string[] = [];
  function* worker(name: string, cycles: number): Task<string> {
    yield* delay(cycles);
    order.push(name);
    return name;
  }
  const results = sim.run(function* () {
    return yield* join(sim.fork(worker('slow', 9)), sim.fork(worker('fast', 3)));
  });
  expect(order).toEqual(['fast', 'slow']);
  expect(results).toEqual(['slow', 'fast']);
});

test('a fork advances with cycles too, and can be cancelled', async () => {
  const sim = await simulate(FILE);
  let isCleanedUp = false;
  let count = 0;
  const fork = sim.fork(
    (function* (): Task {
      try {
        for (;;) {
          count++;
          yield;
        }
      } finally {
        isCleanedUp = true;
      }
    })(),
  );
  sim.cycles(5);
  fork.cancel();
  sim.cycles(5);
  expect([count, isCleanedUp, fork.isRunning]).toEqual([6, true, false]);
});

test('error: a failure in the background fails the run', async () => {
  const sim = await simulate(FILE);
  function* failing(): Task {
    yield* delay(4);
    throw new Error('background');
  }
  sim.fork(failing());
  expect(() => sim.run(delay(20))).toThrow('background');
});

test('error: limits are in cycles', async () => {
  const sim = await simulate(FILE);
  expect(() => sim.run(waitFor(() => false, { max: 10, what: 'a miracle' }))).toThrow(
    'a miracle did not come in 10 cycles',
  );
  expect(() => sim.run(timeout(delay(50), 20, 'the delay'))).toThrow(
    'the delay did not end in 20 cycles',
  );
  expect(sim.run(timeout(delay(20), 20))).toBeUndefined();
  expect(() => sim.run(delay(50), { max: 10 })).toThrow('did not end in 10 cycles');
});

test('settled outputs, run or until: the streams see every cycle', async () => {
  const sim = await simulate('tests/testbench/hdl/bad_stream.sv');
  const source = sim.source('s_axis');
  const sink = sim.sink('m_axis');
  sim.reset();
  source.enqueue(Uint8Array.of(9));
  sim.until('m_axis_tvalid', { max: 10 });
  sim.cycles(2);
  expect(sink.take().map(({ data }) => [...data])).toEqual([[9]]);
});
