// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from '../protocol/types.ts';

/** So long at most a block keeps others waiting. */
const PATIENCE: Milliseconds = 200;

/**
 * Blocks first: while one is on its way through this node, work that has time waits. What it is about can
 * only come into the next block, a slot later; whoever waits for this one waits for nothing else.
 */
export class BlocksFirst {
  readonly #patience: Milliseconds;
  #blocks = 0;
  #through: (() => void) | undefined;
  #calm: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Milliseconds = PATIENCE) {
    this.#patience = patience;
  }

  /** A block is on its way. @returns to be called once when it is through, or refused. */
  begin(): () => void {
    if (this.#blocks++ === 0) {
      this.#calm = new Promise((resolve) => {
        this.#through = resolve;
      });
      this.#timer = setTimeout(() => this.#open(), this.#patience).unref();
    }
    return () => {
      if (--this.#blocks === 0) this.#open();
    };
  }

  /** Settles when no block is on its way, or one has been for too long. */
  async calm(): Promise<void> {
    await this.#calm;
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#through?.();
    this.#calm = undefined;
  }
}
