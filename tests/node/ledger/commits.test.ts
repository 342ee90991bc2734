// SPDX-License-Identifier: Apache-2.0
// Nothing is said to be flushed before the database has said so, whichever commit fails meanwhile.

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Commits } from '../../../src/node/ledger/commits.ts';

interface Commit {
  readonly wrote: string;
  settle(error?: Error): void;
  flush(): void;
}

/** A database whose commits settle and are flushed when a test says so. */
class FakeRoot {
  readonly commits: Commit[] = [];
  flushed: Promise<void> = Promise.resolve();
  #wrote = '';

  write(what: string): void {
    this.#wrote = what;
  }

  batch(write: () => void): Promise<void> {
    write();
    let flush = () => {};
    this.flushed = new Promise((resolve) => {
      flush = resolve;
    });
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => (error ? reject(error) : resolve());
      this.commits.push({ wrote: this.#wrote, settle, flush });
    });
  }
}

function setUp() {
  const root = new FakeRoot();
  const commits = new Commits(root, () => root.write('mark'));
  const commit = (what: string) => commits.commit(() => root.write(what));
  return { root, commits, commit };
}

/** How a promise stands once all that can happen has. */
async function stateOf(promise: Promise<void>): Promise<string> {
  const waiting = setImmediate('waiting');
  return Promise.race([
    promise.then(
      () => 'flushed',
      (error: Error) => error.message,
    ),
    waiting,
  ]);
}

test('flushed waits for the last commit', async () => {
  const { root, commits, commit } = setUp();
  expect(await stateOf(commits.flushed())).toBe('flushed');
  const first = commit('first');
  root.commits[0]!.settle();
  await first;
  const flushed = commits.flushed();
  expect(await stateOf(flushed)).toBe('waiting');
  root.commits[0]!.flush();
  expect(await stateOf(flushed)).toBe('flushed');
});

test('a commit that fails while another is being flushed does not stand for its flush', async () => {
  const { root, commits, commit } = setUp();
  const first = commit('first');
  const second = commit('second');
  root.commits[0]!.settle();
  await first;
  // What is asked for now is the flush of the second, which never comes.
  const flushed = commits.flushed();
  root.commits[1]!.settle(new Error('full'));
  await expect(second).rejects.toThrow('full');
  expect(await stateOf(flushed)).toBe('waiting');
  expect(root.commits[2]?.wrote).toBe('mark');
  root.commits[2]!.settle();
  expect(await stateOf(flushed)).toBe('waiting');
  root.commits[2]!.flush();
  expect(await stateOf(flushed)).toBe('flushed');
});

test('after a commit that failed a flush is not believed, and not said while none succeeds', async () => {
  const { root, commits, commit } = setUp();
  const first = commit('first');
  root.commits[0]!.settle(new Error('full'));
  await expect(first).rejects.toThrow('full');
  expect(commits.failed).toBe(true);
  const flushed = commits.flushed();
  expect(await stateOf(flushed)).toBe('waiting');
  root.commits[1]!.settle(new Error('still full'));
  expect(await stateOf(flushed)).toBe('still full');
  const again = commits.flushed();
  expect(await stateOf(again)).toBe('waiting');
  root.commits[2]!.settle();
  root.commits[2]!.flush();
  expect(await stateOf(again)).toBe('flushed');
  expect(commits.failed).toBe(false);
});
