// SPDX-License-Identifier: Apache-2.0

/** What commits and flushes: the root database of LMDB. */
export interface CommitRoot {
  batch(write: () => void): PromiseLike<unknown>;
  /** Settles when the last commit is flushed, and with it all before it; never, where that one failed. */
  readonly flushed: PromiseLike<unknown>;
}

/** Commits, and whether they are flushed also when one of them has failed meanwhile. */
export class Commits {
  readonly #root: CommitRoot;
  readonly #mark: () => void;
  /** Those who wait for a flush: to be told when it will not come. */
  readonly #waiting = new Set<() => void>();
  /** The last commit that has settled failed. */
  #failed = false;

  /** @param mark - writes something of no consequence: a commit that can be flushed. */
  constructor(root: CommitRoot, mark: () => void) {
    this.#root = root;
    this.#mark = mark;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** @throws what the database throws: nothing is written. */
  async commit(write: () => void): Promise<void> {
    try {
      await this.#root.batch(write);
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      for (const tell of this.#waiting) tell();
      throw error;
    }
  }

  /**
   * Settles when all that was committed before survives power loss. After a commit that failed only another
   * one can say so.
   *
   * @throws what the database throws: it cannot be said.
   */
  async flushed(): Promise<void> {
    while (this.#failed || !(await this.#flush())) await this.commit(this.#mark);
  }

  /** Whether it has come to the flush. */
  #flush(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const tell = () => settle(false);
      const settle = (flushed: boolean) => {
        this.#waiting.delete(tell);
        resolve(flushed);
      };
      this.#waiting.add(tell);
      this.#root.flushed.then(() => settle(true), reject);
    });
  }
}
