// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  readonly params?: { readonly subscription: string; readonly event: Event };
}

/** An event as the subscriber gets it. */
export interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A subscriber. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly events: Event[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #answers = new Map<number, (message: Message) => void>();
  #next = 1000;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.params) this.events.push(message.params.event);
      else this.#answers.get(message.id ?? -1)?.(message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  static async open(url: string): Promise<TestSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`);
    const test = new TestSocket(socket);
    await once(socket, 'open');
    return test;
  }

  /** Calls a method. */
  async call(method: string, params?: unknown): Promise<Message> {
    const id = this.#next++;
    const answered = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return answered;
  }

  /** Waits until so many events have come. */
  async received(count: number): Promise<readonly Event[]> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.events;
  }
}
