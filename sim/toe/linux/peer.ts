// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Ports } from './services.ts';
import type { Site } from './site.ts';
import type { Passed } from './stream.ts';

/** Where the card's services are. */
export type Entrance = Pick<Site, 'host' | 'shift'>;

/** What the other end is asked to do; bytes and seeds as in stream.ts. */
export type Question =
  | ({ op: 'send'; bytes: number; seed: number } & Entrance)
  | ({ op: 'receive'; bytes: number; seed: number; pause: number } & Entrance)
  | ({ op: 'sessions'; count: number; seed: number } & Entrance)
  | ({ op: 'aborts'; count: number; seed: number } & Entrance)
  | ({ op: 'hold'; seed: number } & Entrance)
  | { op: 'release' }
  | { op: 'serve' }
  | { op: 'passed' };

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
  readonly #entrance: Entrance;

  /** @param script - the compiled peer-process. */
  constructor(script: string, { host, shift }: Entrance) {
    this.#entrance = { host, shift };
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  send(bytes: number, seed: number): Promise<PassedHere> {
    return this.#ask({ op: 'send', ...this.#entrance, bytes, seed });
  }

  /** @param pause - milliseconds between the question and the first read. */
  receive(bytes: number, seed: number, pause = 0): Promise<PassedHere> {
    return this.#ask({ op: 'receive', ...this.#entrance, bytes, seed, pause });
  }

  sessions(count: number, seed: number): Promise<SessionsReport> {
    return this.#ask({ op: 'sessions', ...this.#entrance, count, seed });
  }

  aborts(count: number, seed: number): Promise<{ readonly connected: number }> {
    return this.#ask({ op: 'aborts', ...this.#entrance, count, seed });
  }

  hold(seed: number): Promise<unknown> {
    return this.#ask({ op: 'hold', ...this.#entrance, seed });
  }

  release(): Promise<{ readonly rounds: number; readonly worstMs: number }> {
    return this.#ask({ op: 'release' });
  }

  /** Opens the services of services.ts on the kernel's TCP; on which ports. */
  serve(): Promise<Ports> {
    return this.#ask({ op: 'serve' });
  }

  /** What passed through them, and is forgotten then. */
  passed(): Promise<readonly Passed[]> {
    return this.#ask({ op: 'passed' });
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
