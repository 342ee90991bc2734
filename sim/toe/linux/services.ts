// SPDX-License-Identifier: Apache-2.0
// What listens on the card: simple services whose outcome can be asked for.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transport, TransportListener, TransportSocket } from '../../../src/driver/index.ts';
import { type Passed, receive, send } from './stream.ts';

/** Ports of the services. */
export const PORT = { echo: 7, sink: 9, source: 19 } as const;

/** A port of each. */
export type Ports = Readonly<Record<keyof typeof PORT, number>>;

/** Bytes of the question to `source`: how many bytes, which seed. */
const QUESTION = 12;

/** Echo, a sink that digests, a source that sends what it is asked for. */
export class Services {
  /** What the sink took in and the source gave out, by the other end's port. */
  readonly passed = new Map<number, Passed>();
  /** Milliseconds for which the sink does not read, after a connection came. */
  sinkPause = 0;
  /** Connections that ended with an error, by its code. */
  readonly errors = new Map<string, number>();
  readonly #listeners: TransportListener[] = [];

  /** Opens all of them. */
  static async open(transport: Transport, host: string, ports: Ports = PORT): Promise<Services> {
    const services = new Services();
    const handlers = [
      [ports.echo, (socket: TransportSocket) => services.#echo(socket)],
      [ports.sink, (socket: TransportSocket) => services.#sink(socket)],
      [ports.source, (socket: TransportSocket) => services.#source(socket)],
    ] as const;
    for (const [port, handler] of handlers) {
      services.#listeners.push(
        await transport.listen({ host, port }, (socket) => services.#serve(socket, handler)),
      );
    }
    return services;
  }

  /** Where they are. */
  get ports(): Ports {
    const [echo, sink, source] = this.#listeners.map(({ port }) => port);
    return { echo: echo!, sink: sink!, source: source! };
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  #serve(socket: TransportSocket, handler: (socket: TransportSocket) => Promise<void>): void {
    socket.on('error', ({ code = 'no code' }: NodeJS.ErrnoException) => {
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    });
    handler(socket).catch(() => socket.destroy());
  }

  async #echo(socket: TransportSocket): Promise<void> {
    socket.pipe(socket);
    await once(socket, 'close');
  }

  async #sink(socket: TransportSocket): Promise<void> {
    const { remotePort } = socket;
    if (this.sinkPause > 0) await delay(this.sinkPause);
    this.passed.set(remotePort!, await receive(socket));
    socket.end();
  }

  async #source(socket: TransportSocket): Promise<void> {
    const { remotePort } = socket;
    let question = Buffer.alloc(0);
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      question = Buffer.concat([question, piece as Buffer]);
      if (question.length >= QUESTION) break;
    }
    const bytes = Number(question.readBigUInt64LE(0));
    this.passed.set(remotePort!, await send(socket, bytes, question.readUInt32LE(8)));
    socket.end();
  }
}

/** The question to `source`. */
export function questionFor(bytes: number, seed: number): Buffer {
  const question = Buffer.alloc(QUESTION);
  question.writeBigUInt64LE(BigInt(bytes));
  question.writeUInt32LE(seed >>> 0, 8);
  return question;
}
