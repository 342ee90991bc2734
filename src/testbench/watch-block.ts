// SPDX-License-Identifier: Apache-2.0
/** What several tasks wait for, laid out for hpb_tb_watch of cpp/model.cpp. */
import type { Fork } from './tasks.ts';
import type { Wait } from './trigger.ts';

/** Bytes of a Watch: index, kind, value, last, deadline, clock, fired. */
const BYTES = 40;
/** Index of a watch that looks at time only. */
const TIME_ONLY = 0xffff_ffff;

/** Whose row it is: the task's place among those that wait, its trigger (-1 for its limit), that one's watch. */
interface Row {
  readonly fork: number;
  readonly trigger: number;
  readonly w: number;
}

/** A block that is filled anew before each run in C. */
export class WatchBlock {
  bytes = new Uint8Array(8 * BYTES);
  #view = new DataView(this.bytes.buffer);
  count = 0;
  #rows: Row[] = [];

  /** Takes in what the tasks wait for; all of it must be native. */
  fill(forks: readonly Fork[]): void {
    this.count = 0;
    this.#rows = [];
    for (const [at, { wait, clock }] of forks.entries()) {
      if (!wait) continue;
      const deadline = wait.start + wait.limit;
      for (const [trigger, { parts }] of wait.triggers.entries()) {
        for (const [w, { place, kind, value }] of (parts.watches ?? []).entries()) {
          const last = wait.last[trigger]?.[w] ?? 0n;
          this.#add({ fork: at, trigger, w }, place.index, { kind, value, last, clock });
        }
      }
      // Last: what comes in the cycle of the limit has come.
      if (deadline < Number.POSITIVE_INFINITY) {
        this.#add({ fork: at, trigger: -1, w: 0 }, TIME_ONLY, { clock, deadline });
      }
    }
  }

  /**
   * What has ended a task's wait: its trigger's index, -1 for the limit; undefined if nothing has.
   *
   * The signals' values of the last edge go back to the wait.
   */
  result(at: number, wait: Wait): number | undefined {
    let came: number | undefined;
    for (const [i, { fork, trigger, w }] of this.#rows.entries()) {
      if (fork !== at) continue;
      if (this.#view.getUint32(i * BYTES + 36, true) !== 0) came ??= trigger;
      const last = wait.last[trigger];
      if (last) last[w] = this.#view.getBigUint64(i * BYTES + 16, true);
    }
    return came;
  }

  #add(
    row: Row,
    index: number,
    {
      kind = 0,
      value = 0n,
      last = 0n,
      deadline = Number.POSITIVE_INFINITY,
      clock = 0,
    }: { kind?: number; value?: bigint; last?: bigint; deadline?: number; clock?: number },
  ): void {
    const at = this.count++ * BYTES;
    if (at + BYTES > this.bytes.length) {
      const bytes = new Uint8Array(this.bytes.length * 2);
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#rows.push(row);
    const view = this.#view;
    view.setUint32(at, index, true);
    view.setUint32(at + 4, kind, true);
    view.setBigUint64(at + 8, value, true);
    view.setBigUint64(at + 16, last, true);
    view.setFloat64(at + 24, deadline, true);
    view.setUint32(at + 32, clock, true);
    view.setUint32(at + 36, 0, true);
  }
}
