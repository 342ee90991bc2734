// SPDX-License-Identifier: Apache-2.0

import type { MessageCode } from '../generated/protocol.ts';
import type { Milliseconds } from '../protocol/types.ts';

/** Questions to one peer at a time. */
const MAX_OPEN = 16;

interface Question {
  readonly kind: MessageCode;
  since: Milliseconds | undefined;
  readonly resolve: (payload: Uint8Array | undefined) => void;
}

/** Questions to a peer, by number, and what it answered. */
export class Questions {
  readonly #patience: Milliseconds;
  readonly #open = new Map<number, Question>();
  #next = 1;
  #closed = false;

  constructor(patience: Milliseconds) {
    this.#patience = patience;
  }

  get open(): number {
    return this.#open.size;
  }

  /**
   * Asks.
   *
   * @param kind - of the answer.
   * @param send - sends the question of this number; returns whether it was sent.
   * @returns the answer's payload; `undefined` when none came in time.
   */
  ask(kind: MessageCode, send: (request: number) => boolean): Promise<Uint8Array | undefined> {
    if (this.#closed || this.#open.size >= MAX_OPEN) return Promise.resolve(undefined);
    const request = this.#next;
    this.#next = request === 0xffff_ffff ? 1 : request + 1;
    return new Promise((resolve) => {
      this.#open.set(request, { kind, since: undefined, resolve });
      if (!send(request)) this.#settle(request, undefined);
    });
  }

  /** Hands an answer over; false when nobody asked. */
  answer(kind: MessageCode, request: number, payload: Uint8Array): boolean {
    if (this.#open.get(request)?.kind !== kind) return false;
    this.#settle(request, payload);
    return true;
  }

  /** Gives up what takes too long. */
  tick(now: Milliseconds): void {
    for (const [request, question] of this.#open) {
      question.since ??= now;
      if (now - question.since > this.#patience) this.#settle(request, undefined);
    }
  }

  close(): void {
    this.#closed = true;
    for (const request of [...this.#open.keys()]) this.#settle(request, undefined);
  }

  #settle(request: number, payload: Uint8Array | undefined): void {
    const question = this.#open.get(request);
    this.#open.delete(request);
    question?.resolve(payload);
  }
}
