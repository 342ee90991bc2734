// SPDX-License-Identifier: Apache-2.0

/** Where text goes, and how much of it has not gone yet; a WebSocket is one. */
export interface TextSink {
  readonly bufferedAmount: number;
  send(text: string): void;
}

/**
 * What waits to be read by one subscriber: bounded. Events beyond the bound are lost, and the
 * subscriber is told how many as soon as there is room.
 */
export class Outbox {
  readonly #sink: TextSink;
  readonly #limit: number;
  #lost = 0;

  /** @param limit - bytes that may wait. */
  constructor(sink: TextSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  /** An answer to a question: its sender decides how many there are. */
  answer(text: string): void {
    this.#sink.send(text);
  }

  /** True while answers must wait for the subscriber to read. */
  get full(): boolean {
    return this.#sink.bufferedAmount > this.#limit;
  }

  /** An event of a subscription. */
  event(subscription: string, event: string): void {
    // An event larger than all room is sent alone, or it would never arrive.
    const waiting = this.#sink.bufferedAmount;
    if (waiting > 0 && waiting + event.length > this.#limit) {
      this.#lost++;
      return;
    }
    if (this.#lost > 0) {
      this.#sink.send(eventText(subscription, `{"type":"lost","count":${this.#lost}}`));
      this.#lost = 0;
    }
    this.#sink.send(eventText(subscription, event));
  }
}

/** A JSON-RPC notification that carries an event. */
function eventText(subscription: string, event: string): string {
  return `{"jsonrpc":"2.0","method":"event","params":{"subscription":"${subscription}","event":${event}}}`;
}
