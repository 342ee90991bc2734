// SPDX-License-Identifier: Apache-2.0
/** Concurrent test code as generators: `yield` is one cycle of the task's clock. */
import { TestbenchError } from './errors.ts';
import { elapsed, Trigger, Wait } from './trigger.ts';

/** `yield SETTLED` resumes within the same cycle, when all inputs have taken effect, before the edge. */
export const SETTLED = Symbol('settled');

/** What a task may yield: nothing for the next edge, SETTLED, or what a {@link Trigger} waits for. */
export type Yielded = undefined | typeof SETTLED | Wait;

/** Test code that lives in simulated time: a generator. `yield` waits for the next edge. */
export type Task<T = void> = Generator<Yielded, T, void>;

/** Something that acts in every cycle: a stream's source or sink, a monitor. */
export interface Agent {
  /** After the edge: write inputs. */
  drive(): void;
  /** Inputs have taken effect: look at outputs; what is seen here is what the edge sees. */
  sample(): void;
}

/** A task that runs beside others. */
export class Fork<T = unknown> {
  readonly task: Task<T>;
  /** What reports call it. */
  readonly name: string;
  /** Number of the clock whose edges `yield` waits for. */
  readonly clock: number;
  /** Cycle in which it began. */
  readonly since: number;
  /** What it waits for, unless that is the next edge. */
  wait: Wait | undefined;
  #state: 'running' | 'done' | 'failed' | 'cancelled' = 'running';
  #result: T | undefined;
  #error: unknown;

  constructor(task: Task<T>, { name = 'task', clock = 0, since = 0 } = {}) {
    this.task = task;
    this.name = name;
    this.clock = clock;
    this.since = since;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** What the task returned. @throws what the task threw. */
  get result(): T {
    if (this.#state === 'failed') throw this.#error;
    if (this.#state !== 'done') throw new Error(`the task is ${this.#state}`);
    return this.#result as T;
  }

  /** Ends the task where it waits; its `finally` blocks run. */
  cancel(): void {
    if (!this.isRunning) return;
    this.#state = 'cancelled';
    this.task.return(undefined as T);
  }

  /** Resumes the task. @returns what it waits for; 'ended' when it has ended. */
  resume(): Yielded | 'ended' {
    try {
      const { done, value } = this.task.next();
      if (!done) return value as Yielded;
      this.#state = 'done';
      this.#result = value as T;
    } catch (error) {
      this.#state = 'failed';
      this.#error = error;
    }
    return 'ended';
  }
}

/** Waits for forks to end. @returns their results, in order. */
export function* join<T>(...forks: Fork<T>[]): Task<T[]> {
  const names = forks.map(({ name }) => name).join(', ');
  const areDone = () => forks.every(({ isRunning }) => !isRunning);
  yield* new Trigger({
    what: `the end of ${names}`,
    condition: areDone,
    isOfTasks: true,
    limit: Number.POSITIVE_INFINITY,
  });
  return forks.map((fork) => fork.result);
}

/** Waits a number of cycles. */
export function* delay(cycles: number): Task {
  yield* elapsed(cycles);
}

/**
 * Waits until a condition holds, looked at after each edge.
 *
 * A single signal is better watched by `sim.rises()`, `sim.falls()`, `sim.changes()` or `sim.equals()`, in C.
 *
 * @returns the number of cycles waited.
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` after `max` cycles.
 */
export function* waitFor(
  condition: () => boolean,
  { max = 100_000, what = 'the condition' }: { max?: number; what?: string } = {},
): Task<number> {
  return yield* new Trigger({ what, condition, limit: max });
}

/**
 * Runs a task with a limit.
 *
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` when it has not ended after `cycles` cycles.
 */
export function* timeout<T>(task: Task<T> | Trigger, cycles: number, what = 'the task'): Task<T> {
  const inner = (task instanceof Trigger ? task[Symbol.iterator]() : task) as Task<T>;
  let remaining = cycles;
  for (;;) {
    const { done, value } = inner.next();
    if (done) return value as T;
    const wait = value as Yielded;
    if (wait instanceof Wait) {
      const isShortened = wait.limit > remaining;
      if (isShortened) wait.limit = remaining;
      yield wait;
      remaining -= wait.waited;
      if (!isShortened || wait.came >= 0) continue;
    } else if (wait === SETTLED || remaining-- > 0) {
      yield wait;
      continue;
    }
    inner.return(undefined as T);
    throw new TestbenchError('TESTBENCH_TIMEOUT', `${what} did not end in ${cycles} cycles`);
  }
}
