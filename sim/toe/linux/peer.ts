// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Passed } from './stream.ts';

/** What the other end is asked to do; bytes and seeds as in stream.ts. */
export type Question =
  | { op: 'send'; host: string; bytes: number; seed: number }
  | { op: 'receive'; host: string; bytes: number; seed: number; pause: number }
  | { op: 'sessions'; host: string; count: number; seed: number }
  | { op: 'aborts'; host: string; count: number; seed: number }
  | { op: 'hold'; host: string; seed: number }
  | { op: 'release' };

/** What it says. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** What passed, and on which of its ports. */
export interface PassedHere extends Passed {
  readonly localPort: number;
}

/** What became of many sessions. */
export interface SessionsReport {
  readonly opened: number;
  readonly failed: number;
  readonly failure?: string;
  readonly seconds: { readonly open: number; readonly echo: number; readonly close: number };
}

/** The kernel's TCP, in a process of its own: what it does costs the card's driver nothing. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #host: string;

  /** @param script - the compiled peer-process. @param host - the card's address. */
  constructor(script: string, host: string) {
    this.#host = host;
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  send(bytes: number, seed: number): Promise<PassedHere> {
    return this.#ask({ op: 'send', host: this.#host, bytes, seed });
  }

  /** @param pause - milliseconds between the question and the first read. */
  receive(bytes: number, seed: number, pause = 0): Promise<PassedHere> {
    return this.#ask({ op: 'receive', host: this.#host, bytes, seed, pause });
  }

  sessions(count: number, seed: number): Promise<SessionsReport> {
    return this.#ask({ op: 'sessions', host: this.#host, count, seed });
  }

  aborts(count: number, seed: number): Promise<{ readonly connected: number }> {
    return this.#ask({ op: 'aborts', host: this.#host, count, seed });
  }

  hold(seed: number): Promise<unknown> {
    return this.#ask({ op: 'hold', host: this.#host, seed });
  }

  release(): Promise<{ readonly rounds: number; readonly worstMs: number }> {
    return this.#ask({ op: 'release' });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask<T>(question: Question): Promise<T> {
    this.#child.send(question);
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const answer = await Promise.race([
        once(this.#child, 'message', { signal }).then(([message]) => message as Answer),
        once(this.#child, 'exit', { signal }).then(([code, name]): Answer => {
          return { error: `the process ended with ${code ?? name}` };
        }),
      ]);
      if ('error' in answer) throw new Error(`peer, ${question.op}: ${answer.error}`);
      return answer.value as T;
    } finally {
      ended.abort();
    }
  }
}
