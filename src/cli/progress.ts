// SPDX-License-Identifier: Apache-2.0

import type { Terminal } from './terminal.ts';

/** How often a terminal's line is redrawn, and a log gets one. */
const REDRAW_MS = 100;
const LOG_MS = 10_000;
const BAR_CELLS = 20;

/** Something that goes on: one line, redrawn on a terminal; elsewhere a line now and then. */
export class Progress {
  readonly #stream: Terminal['stderr'];
  readonly #interval: number;
  #last: number;
  #drawn = false;

  /** @param stream - standard error: standard output belongs to the answers. */
  constructor(stream: Terminal['stderr'], now = Date.now()) {
    this.#stream = stream;
    this.#interval = stream.isTTY ? REDRAW_MS : LOG_MS;
    // A terminal sees something at once, a log only of what takes long.
    this.#last = stream.isTTY ? 0 : now;
  }

  /**
   * Shows a state, if it is time to.
   *
   * @param text - called only then.
   * @param fraction - 0 to 1 draws a bar; leave it out where the end is not known.
   */
  update(text: () => string, fraction?: number): void {
    const now = Date.now();
    if (now - this.#last < this.#interval) return;
    this.#last = now;
    const line = fraction === undefined ? text() : `${bar(fraction)} ${text()}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#drawn = true;
    } else {
      this.#stream.write(`${line}\n`);
    }
  }

  /** Removes the line, so that something lasting can be written. */
  clear(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[K');
    this.#drawn = false;
  }
}

function bar(fraction: number): string {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.floor(share * BAR_CELLS);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${percent} %`;
}
