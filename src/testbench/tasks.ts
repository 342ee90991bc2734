/**
 * Concurrent test code as generators: `yield` is one clock cycle.
 *
 * Each cycle: tasks resume (after the last edge) and write inputs, streams drive theirs, the model
 * settles, streams and tasks that wait for it look at what the edge will see, then comes the edge.
 */
import { TestbenchError } from './errors.ts';

/** `yield SETTLED` resumes within the same cycle, when all inputs have taken effect, before the edge. */
export const SETTLED = Symbol('settled');

/** Test code that lives in simulated time: a generator. `yield` waits for the next edge. */
export type Task<T = void> = Generator<undefined | typeof SETTLED, T, void>;

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
  #state: 'running' | 'done' | 'failed' | 'cancelled' = 'running';
  #result: T | undefined;
  #error: unknown;

  constructor(task: Task<T>) {
    this.task = task;
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
  resume(): undefined | typeof SETTLED | 'ended' {
    try {
      const { done, value } = this.task.next();
      if (!done) return value as undefined | typeof SETTLED;
      this.#state = 'done';
      this.#result = value as T;
    } catch (error) {
      this.#state = 'failed';
      this.#error = error;
    }
    return 'ended';
  }
}

/** The model as the scheduler needs it. */
export interface Clockwork {
  settle(): void;
  edge(): void;
}

/** Runs tasks and agents over one model. */
export class Scheduler {
  readonly #model: Clockwork;
  readonly #agents: Agent[] = [];
  #waiting: Fork[] = [];
  #settledWaiters: Fork[] = [];

  constructor(model: Clockwork) {
    this.#model = model;
  }

  /** Whether anything wants to see every cycle. */
  get isBusy(): boolean {
    return this.#agents.length > 0 || this.#waiting.length > 0 || this.#settledWaiters.length > 0;
  }

  add(agent: Agent): void {
    this.#agents.push(agent);
  }

  /** Starts a task; its first part runs at once. */
  fork<T>(task: Task<T>): Fork<T> {
    const fork = new Fork(task);
    this.#resume(fork as Fork);
    return fork;
  }

  /** One clock cycle of everything; tasks have run up to their next `yield` when it returns. */
  step(): void {
    for (const agent of this.#agents) agent.drive();
    this.#model.settle();
    for (const agent of this.#agents) agent.sample();
    while (this.#settledWaiters.length > 0) {
      const forks = this.#settledWaiters;
      this.#settledWaiters = [];
      for (const fork of forks) this.#resume(fork);
    }
    this.#model.edge();
    const forks = this.#waiting;
    this.#waiting = [];
    for (const fork of forks) this.#resume(fork);
  }

  /** Runs a task to its end, and all else beside it. */
  run<T>(task: Task<T>, maxCycles: number): T {
    const fork = this.fork(task);
    for (let cycle = 0; fork.isRunning; cycle++) {
      if (cycle >= maxCycles) {
        fork.cancel();
        throw new TestbenchError(
          'TESTBENCH_TIMEOUT',
          `the task did not end in ${maxCycles} cycles`,
        );
      }
      this.step();
    }
    return fork.result;
  }

  #resume(fork: Fork): void {
    if (!fork.isRunning) return;
    const wait = fork.resume();
    if (wait === undefined) this.#waiting.push(fork);
    else if (wait === SETTLED) this.#settledWaiters.push(fork);
    // A task that fails alone in the background fails the test too.
    else if (!fork.isRunning) void fork.result;
  }
}

/** Waits for forks to end. @returns their results, in order. */
export function* join<T>(...forks: Fork<T>[]): Task<T[]> {
  for (const fork of forks) while (fork.isRunning) yield;
  return forks.map((fork) => fork.result);
}

/** Waits a number of cycles. */
export function* delay(cycles: number): Task {
  for (let i = 0; i < cycles; i++) yield;
}

/**
 * Waits until a condition holds, looked at after each edge.
 *
 * @returns the number of cycles waited.
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` after `max` cycles.
 */
export function* waitFor(
  condition: () => boolean,
  { max = 100_000, what = 'the condition' }: { max?: number; what?: string } = {},
): Task<number> {
  for (let cycle = 0; cycle < max; cycle++) {
    if (condition()) return cycle;
    yield;
  }
  throw new TestbenchError('TESTBENCH_TIMEOUT', `${what} did not come in ${max} cycles`);
}

/**
 * Runs a task with a limit.
 *
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` when it has not ended after `cycles` cycles.
 */
export function* timeout<T>(task: Task<T>, cycles: number, what = 'the task'): Task<T> {
  let remaining = cycles;
  for (;;) {
    const { done, value } = task.next();
    if (done) return value as T;
    if (value === undefined && remaining-- <= 0) {
      task.return(undefined as T);
      throw new TestbenchError('TESTBENCH_TIMEOUT', `${what} did not end in ${cycles} cycles`);
    }
    yield value as undefined | typeof SETTLED;
  }
}
