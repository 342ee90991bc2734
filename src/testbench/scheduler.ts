// SPDX-License-Identifier: Apache-2.0
/**
 * Runs tasks and agents over one model.
 *
 * A slot is a moment in which at least one clock rises; with one clock, a cycle. In each slot, of those whose clock
 * rises: tasks have resumed (after the last edge) and written inputs, agents drive theirs, the model
 * settles, agents and tasks that wait for it look at what the edge will see, then comes the edge.
 */
import { TestbenchError } from './errors.ts';
import { type Agent, Fork, SETTLED, type Task } from './tasks.ts';
import type { Wait } from './trigger.ts';
import { WatchBlock } from './watch-block.ts';

/** The model as the scheduler needs it. */
export interface Clockwork {
  settle(): void;
  edge(): void;
  /** settle and edge in one. */
  slot(): void;
  /** Runs in C until one of the watches has fired or ended, or for `max` cycles of the first clock. */
  watch(block: WatchBlock, max: number): void;
  /** Clocks that rise in the next slot, a bit each. */
  readonly rising: number;
  /** Edges of a clock so far. */
  edges(clock: number): number;
  /** @throws {TestbenchError} `TESTBENCH_TIMEOUT` when the test's time is over. */
  checkTime(): void;
}

export interface ForkOptions {
  /** What reports call it; the function's name unless given. */
  readonly name?: string | undefined;
  /** Number of its clock. */
  readonly clock?: number;
}

/** Slots between two looks at the time. */
const TIME_CHECK = 1024;

export class Scheduler {
  readonly #model: Clockwork;
  readonly #agents: Array<{ readonly agent: Agent; readonly clock: number }> = [];
  readonly #running = new Set<Fork>();
  readonly #watches = new WatchBlock();
  #waiting: Fork[] = [];
  #settledWaiters: Fork[] = [];
  #forks = 0;
  #slots = 0;
  #isBusy = false;

  constructor(model: Clockwork) {
    this.#model = model;
  }

  /** Whether anything wants to see every cycle, or waits for something; noted, since it is asked in every cycle. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The tasks that have not ended, oldest first. */
  get running(): Iterable<Fork> {
    return this.#running;
  }

  add(agent: Agent, clock = 0): void {
    this.#agents.push({ agent, clock });
    this.#noteBusy();
  }

  /** Takes an agent away; it has no further part from the next slot on. */
  remove(agent: Agent): void {
    const at = this.#agents.findIndex((entry) => entry.agent === agent);
    if (at >= 0) this.#agents.splice(at, 1);
    this.#noteBusy();
  }

  /** Starts a task; its first part runs at once. */
  fork<T>(task: Task<T>, { name, clock = 0 }: ForkOptions = {}): Fork<T> {
    this.#forks++;
    const fork = new Fork(task, {
      name: name || `task ${this.#forks}`,
      clock,
      since: this.#model.edges(0),
    });
    this.#running.add(fork as Fork);
    this.#resume(fork as Fork);
    this.#noteBusy();
    return fork;
  }

  /** One slot of everything; tasks have run up to their next `yield` when it returns. */
  step(): void {
    const model = this.#model;
    const agents = this.#agents;
    const rising = model.rising;
    if (++this.#slots % TIME_CHECK === 0) model.checkTime();
    if (agents.length === 0 && this.#settledWaiters.length === 0) model.slot();
    else {
      for (const { agent, clock } of agents) if ((rising >> clock) & 1) agent.drive();
      model.settle();
      for (const { agent, clock } of agents) if ((rising >> clock) & 1) agent.sample();
      this.#resumeSettled(rising);
      model.edge();
    }
    const forks = this.#waiting;
    this.#waiting = [];
    for (const fork of forks) {
      const { wait, clock } = fork;
      if (fork.isRunning && (rising >> clock) & 1 && (!wait || wait.poll(model.edges(clock)))) {
        this.#resume(fork);
      } else if (fork.isRunning) this.#waiting.push(fork);
      else this.#running.delete(fork);
    }
    this.#noteBusy();
  }

  /**
   * One slot, or as many as it takes in C until a task has something to do, when all of them wait for what C
   * can watch.
   *
   * @param max - cycles of the first clock at most.
   */
  advance(max: number): void {
    const isWatched =
      max > 1 &&
      this.#agents.length === 0 &&
      this.#settledWaiters.length === 0 &&
      this.#waiting.length > 0 &&
      this.#waiting.every(({ wait }) => wait?.isNative && !wait.isOfTasksNow);
    if (isWatched) this.#watch(max);
    else this.step();
  }

  /** Runs a task to its end, and all else beside it. */
  run<T>(task: Task<T>, maxCycles: number, options: ForkOptions = {}): T {
    const end = this.#model.edges(0) + maxCycles;
    const fork = this.fork(task, options);
    while (fork.isRunning) {
      const left = end - this.#model.edges(0);
      if (left <= 0) {
        const states = this.describeTasks();
        fork.cancel();
        throw new TestbenchError(
          'TESTBENCH_TIMEOUT',
          `the task did not end in ${maxCycles} cycles\n${states}`,
        );
      }
      this.advance(left);
    }
    return fork.result;
  }

  /** A line for each task that has not ended: its name, what it waits for, and since when. */
  describeTasks(): string {
    const lines = [...this.#running]
      .filter(({ isRunning }) => isRunning)
      .map(({ name, wait, since }) => {
        const what = wait
          ? `waits for ${wait.what} since cycle ${wait.start}`
          : 'yields each cycle';
        return `  ${name}: ${what}, began in cycle ${since}`;
      });
    return lines.length === 0
      ? 'no task is running'
      : `tasks in cycle ${this.#model.edges(0)}:\n${lines.join('\n')}`;
  }

  #watch(max: number): void {
    const model = this.#model;
    const forks = this.#waiting;
    this.#watches.fill(forks);
    model.watch(this.#watches, max);
    this.#waiting = [];
    for (const [at, fork] of forks.entries()) {
      const { wait } = fork;
      if (!fork.isRunning || !wait) continue;
      const came = this.#watches.result(at, wait);
      if (came !== undefined) wait.end(model.edges(fork.clock), came);
      else if (!wait.isOfTasksNow || !wait.poll(model.edges(fork.clock))) {
        this.#waiting.push(fork);
        continue;
      }
      this.#resume(fork);
    }
    this.#noteBusy();
  }

  #noteBusy(): void {
    this.#isBusy =
      this.#agents.length > 0 || this.#waiting.length > 0 || this.#settledWaiters.length > 0;
  }

  #resumeSettled(rising: number): void {
    while (this.#settledWaiters.length > 0) {
      const forks = this.#settledWaiters;
      this.#settledWaiters = forks.filter(({ clock }) => !((rising >> clock) & 1));
      if (this.#settledWaiters.length === forks.length) return;
      for (const fork of forks) if ((rising >> fork.clock) & 1) this.#resume(fork);
    }
  }

  #resume(fork: Fork): void {
    if (!fork.isRunning) return;
    const yielded = fork.resume();
    if (yielded === SETTLED) {
      fork.wait = undefined;
      this.#settledWaiters.push(fork);
    } else if (yielded === 'ended') {
      this.#running.delete(fork);
      // A task that fails alone in the background fails the test too.
      void fork.result;
    } else {
      this.#begin(fork, yielded);
      this.#waiting.push(fork);
    }
  }

  #begin(fork: Fork, wait: Wait | undefined): void {
    fork.wait = wait;
    if (wait) wait.start = this.#model.edges(fork.clock);
  }
}
