// SPDX-License-Identifier: Apache-2.0
// What a service did.

import type { TransportSocket } from '../../driver/index.ts';

/** Counts of one service. */
export interface Counts {
  /** Connections accepted, and those open now. */
  readonly connections: number;
  readonly open: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connections that ended with an error, by its code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Follows the connections of one service. */
export class Tally {
  readonly #open = new Set<TransportSocket>();
  #connections = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #errors: Record<string, number> = {};

  add(socket: TransportSocket): void {
    this.#connections++;
    this.#open.add(socket);
    socket.on('error', (error: Error & { code?: string }) => {
      const code = error.code ?? error.name;
      this.#errors[code] = (this.#errors[code] ?? 0) + 1;
    });
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#bytesIn += socket.bytesRead;
      this.#bytesOut += socket.bytesWritten;
    });
  }

  /** Connections that are open. */
  get sockets(): Iterable<TransportSocket> {
    return this.#open;
  }

  get counts(): Counts {
    const sum = (of: (socket: TransportSocket) => number) =>
      [...this.#open].reduce((total, socket) => total + of(socket), 0);
    return {
      connections: this.#connections,
      open: this.#open.size,
      bytesIn: this.#bytesIn + sum((socket) => socket.bytesRead),
      bytesOut: this.#bytesOut + sum((socket) => socket.bytesWritten),
      errors: { ...this.#errors },
    };
  }
}
