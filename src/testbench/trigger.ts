// SPDX-License-Identifier: Apache-2.0
/**
 * What a task can wait for besides the next cycle: edges and values of signals, conditions, time.
 *
 * While all tasks of a model wait for such things, it runs in C until the first of them comes.
 */
import { TestbenchError } from './errors.ts';
import type { ValuePlace } from './storage.ts';
import type { Task, Yielded } from './tasks.ts';

/** Kinds of cpp/model.cpp, by number. */
export const WatchKind = { EQUAL: 0, RISE: 1, FALL: 2, CHANGE: 3 } as const;

/** One signal that is watched; the number of bits is at most 64 where C watches it. */
export interface Watch {
  readonly place: ValuePlace;
  readonly kind: (typeof WatchKind)[keyof typeof WatchKind];
  /** Bits to compare with, for EQUAL. */
  readonly value: bigint;
  /** The signal's bits now. */
  readonly read: () => bigint;
}

/** What {@link Trigger} is made of. */
export interface TriggerParts {
  /** Says what is waited for, in reports: `done rises`. */
  readonly what: string;
  readonly watches?: readonly Watch[];
  /** Looked at after each edge. */
  readonly condition?: () => boolean;
  /** Cycles of the task's clock after which it ends. */
  readonly limit: number;
  /** Ends at its limit without an error. */
  readonly isTime?: boolean;
  /** The condition changes only when another task of this model runs: C need not be stopped for it. */
  readonly isOfTasks?: boolean;
}

/**
 * Something to wait for: `yield* sim.rises('done')`. The value is the number of cycles waited.
 *
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` from the `yield*` when it has not come within its limit.
 */
export class Trigger implements Iterable<Yielded, number, void> {
  readonly parts: TriggerParts;

  constructor(parts: TriggerParts) {
    this.parts = parts;
  }

  *[Symbol.iterator](): Task<number> {
    yield* first(this);
    return lastWaited;
  }

  /** Whether a value or a condition is so already: such a trigger takes no cycle. */
  get isSo(): boolean {
    const { watches = [], condition, limit, isTime } = this.parts;
    if (isTime && limit <= 0) return true;
    if (condition?.()) return true;
    return watches.some(({ kind, value, read }) => kind === WatchKind.EQUAL && read() === value);
  }
}

/** Cycles that the last {@link first} waited: read at once, before any other task runs. */
let lastWaited = 0;

/**
 * One task's waiting, as the scheduler sees it: it ends when one of its triggers comes, or at the limit.
 */
export class Wait {
  readonly triggers: readonly Trigger[];
  readonly what: string;
  /** Cycles left at most; {@link timeout} shortens it. */
  limit: number;
  /** Cycles waited, set when it ends. */
  waited = 0;
  /** Index of the trigger that came; -1 when it was the limit. */
  came = -1;
  /** Edges of the task's clock when it began; set by the scheduler. */
  start = 0;
  /** Signals as they were at the last edge of the task's clock, trigger by trigger. */
  readonly last: bigint[][];

  constructor(triggers: readonly Trigger[]) {
    this.triggers = triggers;
    this.what = triggers.map(({ parts }) => parts.what).join(' or ');
    this.limit = Math.min(...triggers.map(({ parts }) => parts.limit));
    this.last = triggers.map(({ parts }) => (parts.watches ?? []).map(({ read }) => read()));
  }

  /** Whether C can watch all of it. */
  get isNative(): boolean {
    return this.triggers.every(
      ({ parts: { condition, isOfTasks, watches = [] } }) =>
        (condition === undefined || isOfTasks) && watches.every(({ place }) => isNarrow(place)),
    );
  }

  /** Whether a condition about other tasks holds: it is to be looked at in the next slot. */
  get isOfTasksNow(): boolean {
    return this.triggers.some(({ parts }) => parts.isOfTasks && parts.condition?.());
  }

  /**
   * Looks after an edge of the task's clock.
   *
   * @param edges - edges of that clock so far.
   * @returns whether it has ended.
   */
  poll(edges: number): boolean {
    for (const [t, { parts }] of this.triggers.entries()) {
      let isCome = parts.condition?.() ?? false;
      for (const [w, watch] of (parts.watches ?? []).entries()) {
        const last = this.last[t] ?? [];
        const is = watch.read();
        if (hasCome(watch, last[w] ?? 0n, is)) isCome = true;
        last[w] = is;
      }
      if (isCome) return this.end(edges, t);
    }
    return edges - this.start >= this.limit ? this.end(edges, -1) : false;
  }

  end(edges: number, came: number): true {
    this.waited = edges - this.start;
    this.came = came;
    return true;
  }
}

function isNarrow({ width, unpacked }: ValuePlace): boolean {
  return width <= 64 && unpacked.length === 0;
}

function hasCome({ kind, value }: Watch, was: bigint, is: bigint): boolean {
  switch (kind) {
    case WatchKind.EQUAL:
      return is === value;
    case WatchKind.RISE:
      return was === 0n && is !== 0n;
    case WatchKind.FALL:
      return was !== 0n && is === 0n;
    default:
      return is !== was;
  }
}

/**
 * Waits for the first of several triggers.
 *
 * @returns its index.
 * @throws {TestbenchError} `TESTBENCH_TIMEOUT` when none came within the shortest limit.
 *
 * @example
 * const which = yield* first(sim.rises('done'), sim.rises('error'), elapsed(500));
 */
export function* first(...triggers: readonly Trigger[]): Task<number> {
  lastWaited = 0;
  const now = triggers.findIndex((trigger) => trigger.isSo);
  if (now >= 0) return now;
  const wait = new Wait(triggers);
  const { limit } = wait;
  yield wait;
  lastWaited = wait.waited;
  if (wait.came >= 0) return wait.came;
  const time = triggers.findIndex(({ parts }) => parts.isTime && parts.limit === limit);
  if (time >= 0) return time;
  throw new TestbenchError('TESTBENCH_TIMEOUT', `${wait.what} did not come in ${limit} cycles`);
}

/** A number of cycles, beside other triggers; alone it is {@link delay}. */
export function elapsed(cycles: number): Trigger {
  return new Trigger({ what: `${cycles} cycles`, limit: cycles, isTime: true });
}
